"""Plain requests and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mock_server.contract.files.source import Json
from mock_server.contract.messages.codecs import JSON_CODEC, codec_of, value_of
from mock_server.contract.messages.media import Media
from mock_server.contract.model import Operation
from mock_server.contract.schemas.checks import Violation
from mock_server.engine.outgoing import Outgoing
from mock_server.engine.store import Change
from mock_server.engine.values import ABSENT, Absent

BODILESS = frozenset({204, 205, 304})
"""The statuses whose answers have no body (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5)."""

SINGLE = frozenset({b"authorization", b"content-encoding", b"content-length", b"content-type", b"host"})
"""Headers that have one value: of several, the last one counts."""


def headers_by_name(fields: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return headers by name; those that come several times are one, as a list is (RFC 9110 section 5.3)."""
    headers = dict(fields)
    if len(headers) != len(fields):
        values: dict[bytes, list[bytes]] = {}
        for name, value in fields:
            values.setdefault(name, []).append(value)
        for name in values.keys() - SINGLE:
            headers[name] = (b"; " if name == b"cookie" else b", ").join(values[name])
    return headers


@dataclass(slots=True)
class Request:
    """A request as it came. `path` is still percent-encoded; header names are lower case; `body` is None when too large."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[bytes, bytes] = field(default_factory=dict)
    body: bytes | None = b""

    def header(self, name: bytes) -> str:
        """Return the value of a header, or an empty text."""
        return self.headers.get(name, b"").decode("latin-1")

    def value(self, operation: Operation | None = None) -> Json:
        """Return what the body holds, to an operation that types the texts of forms; raise `ValueError` where it cannot be
        read."""
        header = self.header(b"content-type")
        media = operation.body.media_of(header) if operation and operation.body else None
        return value_of(self.body or b"", header, media)


@dataclass(slots=True)
class Answer:
    """An answer, and what it came from: the operation, the choices it rested on, its changes, or why it refuses."""

    status: int
    body: Json | Absent
    media_type: str
    headers: list[tuple[str, str]]
    rested_on: Mapping[str, str]
    operation: Operation | None = None
    changes: list[Change] = field(default_factory=list)
    problem: str | None = None
    detail: str = ""
    violations: tuple[Violation, ...] = ()
    messages: tuple[Outgoing, ...] = ()
    """What is sent to others once it is sent."""

    @property
    def media(self) -> Media | None:
        """The documented media type of its body; None where it is none."""
        response = self.operation.response(self.status) if self.operation else None
        return response.media_of(self.media_type) if response else None

    def content(self) -> bytes:
        """Return the body as its media type writes it; nothing where there is none, or where the status has none."""
        body = self.body
        if body is ABSENT or self.status in BODILESS:
            return b""
        codec = codec_of(self.media_type)
        if codec is JSON_CODEC:  # which writes any value in one way, and is in haste
            return codec.write(body)
        return codec.write(body, self.media)
