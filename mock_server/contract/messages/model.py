"""Parameters and bodies as a document describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mock_server.contract.files.source import Json
from mock_server.contract.messages.codecs import codec_of, is_json
from mock_server.contract.messages.content_types import nearest
from mock_server.contract.messages.media import Media
from mock_server.contract.messages.parameter_styles import ParameterStyle
from mock_server.contract.messages.response_headers import ResponseHeader
from mock_server.contract.schemas.checks import SchemaCheck
from mock_server.contract.schemas.schema import Schema


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """A path, query, header or cookie parameter. `style` finds it in requests, reads and writes it."""

    name: str
    pointer: str
    location: str
    required: bool
    """Whether a request has to send it."""

    may_be_empty: bool
    """Whether a request may send an empty text that does not fit the schema. It counts as if it were not sent."""

    has_default: bool
    default: Json
    """What it is where a request does not send it, if `has_default`."""

    style: ParameterStyle
    check: SchemaCheck
    examples: tuple[Json, ...] = ()

    @property
    def may_be_absent(self) -> bool:
        """Whether it may have no value in a request that is let through."""
        return not self.has_default and (not self.required or self.may_be_empty)


@dataclass(frozen=True, slots=True, eq=False)
class RequestBody:
    """The body of a request, by media type. Those without a check are held to no schema."""

    required: bool
    content: Mapping[str, Media]
    checks: Mapping[str, SchemaCheck]

    def media_of(self, content_type: str) -> Media | None:
        """Return the most specific of its media types that a `Content-Type` is of; None where it is of none."""
        name = nearest(content_type, self.content)
        return None if name is None else self.content[name]

    @property
    def media(self) -> Media | None:
        """The media type that a body is best sent as: JSON, or the first whose schema tells what it holds."""
        ranked = sorted(self.content.values(), key=lambda one: (not is_json(one.type), one.type not in self.checks))
        return next(iter(ranked), None)

    @property
    def objects(self) -> Mapping[str, Schema]:
        """The schemas of those media types whose bodies are objects, JSON first: the bodies that have parts by name."""
        ranked = sorted(self.checks, key=lambda name: not is_json(name))
        schemas = {name: self.checks[name].schema for name in ranked if codec_of(name).is_structured}
        return {name: schema for name, schema in schemas.items() if "object" in schema.types}

    @property
    def schema(self) -> Schema | None:
        """The schema of the JSON body, or of the first body that has parts by name; else of the first that has any."""
        return next(iter([*self.objects.values(), *(check.schema for check in self.checks.values())]), None)


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """A documented answer of one status. `assumed` tells that the documents do not say so themselves."""

    status: str
    assumed: bool
    content: tuple[Media, ...]
    headers: tuple[ResponseHeader, ...]
    unsupported: tuple[str, ...] = ()
    """Why it cannot be given; nothing where it can."""

    @property
    def media(self) -> Media | None:
        """The media type that is answered where nobody asks for another: JSON, or the first."""
        return next(iter(sorted(self.content, key=lambda media: not is_json(media.type))), None)

    def media_of(self, content_type: str) -> Media | None:
        """Return the most specific of its media types that a `Content-Type` is of; None where it is of none."""
        by_name = {media.type: media for media in self.content}
        name = nearest(content_type, by_name)
        return None if name is None else by_name[name]
