"""Reading the bodies of requests: which documented media type one is of, its value, and whether that fits its schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mock_server.contract.files.source import Json
from mock_server.contract.messages.bodies import violations_of
from mock_server.contract.messages.codecs import Codec, codec_of
from mock_server.contract.messages.codecs.compression import TooLargeError, decompressed
from mock_server.contract.messages.content_types import ContentType, content_type, nearest
from mock_server.contract.messages.media import Media
from mock_server.contract.model import Operation
from mock_server.contract.problems import Refused
from mock_server.contract.schemas.checks import SchemaCheck, Violation
from mock_server.engine.choices import Choices
from mock_server.engine.values import ABSENT, Absent
from mock_server.exchange.messages import Request

LONGEST_BODY = 1_048_576
"""How many bytes a body has at most once it is decompressed, unless the exchange is told otherwise."""


class BodyFormat(NamedTuple):
    """How bodies of one content type are read, and what they are held to."""

    codec: Codec
    given: ContentType
    media: Media
    check: SchemaCheck | None


class RequestBodyReader:
    """Reads the bodies of the requests of one operation."""

    def __init__(self, operation: Operation, longest: int = LONGEST_BODY) -> None:
        self._body = operation.body
        self._longest = longest
        self._content: Mapping[str, Media] = operation.body.content if operation.body else {}
        self._objects = operation.body.objects if operation.body and operation.behaviour else {}
        """The media types that a behaviour can take: it names parts of the body. Any, where this is empty."""

        # Content types compare as the bytes that they come in, as long as they are written as in the document.
        self._formats = {
            name.encode(): format
            for name, media in self._content.items()
            if "*" not in name and not isinstance(format := self._format(media, content_type(name)), str)
        }

    def read(self, request: Request, choices: Choices, violations: list[Violation]) -> Json | Absent:
        """Return the value of a body and add what it breaks; raise `Refused` where it has none."""
        sent = request.body
        if sent is None:
            raise Refused("too-large", "The body is larger than this server accepts.")
        expected = self._body
        if expected is None:
            return ABSENT
        if not sent:
            if expected.required:
                violations.append(Violation("body", "", "required", "a body is required"))
            return ABSENT
        headers = request.headers
        format = self._formats.get(headers.get(b"content-type", b""))
        if format is None or b"content-encoding" in headers:
            format = self._format_of(request)
            sent = self._decompressed(request, sent)
        codec, given, media, check = format
        try:
            body = codec.read(sent, given, media)
        except ValueError as error:
            raise Refused("malformed", f"The body is not {codec.name}: {error}.") from None
        if check is not None and not check.strictest.is_valid(body):
            violations.extend(violations_of(body, check, codec, choices))
        return body

    def _format_of(self, request: Request) -> BodyFormat:
        """Return how the body of a request is read; raise `Refused` where it is of no type that this operation takes."""
        header = request.header(b"content-type")
        name = nearest(header, self._content)
        found = None if name is None else self._format(self._content[name], content_type(header))
        if isinstance(found, BodyFormat):
            return found
        raise Refused("unsupported-media-type", self._told(header, found))

    def _format(self, media: Media, given: ContentType) -> BodyFormat | str:
        """Return how bodies of a content type are read; a text that says why they cannot be."""
        codec = codec_of(given.essence)
        check = self._body.checks.get(media.type) if self._body else None
        if check is not None and not codec.holds(check.schema):
            check = None
        if self._objects and (check is None or media.type not in self._objects):
            return "what this operation does needs a body whose parts have names"
        return codec.unreadable(given) or BodyFormat(codec, given, media, check)

    def _decompressed(self, request: Request, sent: bytes) -> bytes:
        encoding = request.header(b"content-encoding")
        try:
            return decompressed(sent, encoding, self._longest)
        except LookupError:
            told = f"A body in the content encoding {encoding!r:.100} is not accepted; {self._takes}, plain, gzip or deflate."
            raise Refused("unsupported-media-type", told) from None
        except TooLargeError:
            raise Refused("too-large", "The body, decompressed, is larger than this server accepts.") from None
        except ValueError as error:
            raise Refused("malformed", f"The body is not {encoding:.20}: {error}.") from None

    def _told(self, header: str, why: str | None) -> str:
        told = f"{header!r:.100} is not accepted" if header else "There is no Content-Type"
        if not header and self._body and self._body.media:
            return f"{told}; {self._takes}: send the header Content-Type: {self._body.media.sent_as}."
        return f"{told}: {why}; {self._takes}." if why else f"{told}; {self._takes}."

    @property
    def _takes(self) -> str:
        return f"this operation takes {' or '.join(self._objects or self._content)}"
