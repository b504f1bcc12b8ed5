"""The media types of bodies as a document declares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mock_server.contract.files.source import Json
from mock_server.contract.messages.content_types import content_type
from mock_server.contract.schemas.schema import Schema


@dataclass(frozen=True, slots=True)
class Encoding:
    """How one property of a form is written. What is None is left to the media type."""

    style: str | None = None
    explode: bool | None = None
    content_types: tuple[str, ...] = ()
    """The media types that a part may have; ranges among them."""

    required_headers: tuple[str, ...] = ()
    """The headers that a part has to have, in lower case."""


@dataclass(frozen=True, slots=True)
class Media:
    """One media type of a body. `only_when` names the (assumption, choice) under which it is the one in use."""

    type: str
    schema: Schema | None
    only_when: tuple[str, str] | None = None
    examples: Mapping[str, Json] = field(default_factory=dict)
    encoding: Mapping[str, Encoding] = field(default_factory=dict)

    @property
    def sent_as(self) -> str:
        """What a body of it is sent as: itself, or one of its types where it is a range."""
        return content_type(self.type).concrete if "*" in self.type else self.type
