"""JSON, and lines of JSON."""

from __future__ import annotations

from mock_server.contract.files.json_values import read_json, write_json
from mock_server.contract.files.source import Json
from mock_server.contract.messages.codecs.codec import Codec
from mock_server.contract.messages.content_types import JSON, ContentType
from mock_server.contract.messages.media import Media
from mock_server.contract.schemas.schema import Schema

RECORD_SEPARATOR = b"\x1e"
MOST_LINES = 100_000


class JsonCodec(Codec):
    """JSON (RFC 8259), and what has its structure: types that end in `+json` (RFC 6839 section 3.1)."""

    name = "JSON"
    expected = "JSON in UTF-8 (RFC 8259)"

    def takes(self, essence: str) -> bool:
        """Say whether bodies of a media type are JSON."""
        return essence in (JSON, "text/json", "application/x-json") or (essence.endswith("+json") and "/" in essence)

    def read(self, content: bytes, given: ContentType, media: Media | None = None) -> Json:
        """Return the value of a JSON text."""
        return read_json(content)

    def write(self, value: Json, media: Media | None = None) -> bytes:
        """Return the JSON text of a value."""
        return write_json(value)


class JsonLinesCodec(Codec):
    """A list of JSON texts: one a line (NDJSON, JSON Lines), or each behind a record separator (RFC 7464)."""

    name = "lines of JSON"
    expected = "a JSON text in UTF-8 on each line"
    _types = frozenset(
        f"{kind}/{subtype}"
        for kind in ("application", "text")
        for subtype in ("x-ndjson", "ndjson", "jsonl", "x-jsonl", "jsonlines", "x-jsonlines", "json-seq", "x-json-stream")
    )

    def takes(self, essence: str) -> bool:
        """Say whether bodies of a media type are lines of JSON."""
        return essence in self._types or essence.endswith("+json-seq") or essence == "application/stream+json"

    def read(self, content: bytes, given: ContentType, media: Media | None = None) -> Json:
        """Return the values of all lines."""
        lines = content.split(RECORD_SEPARATOR if RECORD_SEPARATOR in content else b"\n", MOST_LINES)
        if len(lines) > MOST_LINES:
            raise ValueError(f"it has more than {MOST_LINES:,} lines")
        values = []
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    values.append(read_json(line))
                except ValueError as error:
                    raise ValueError(f"line {number}: {error}") from None
        return values

    def write(self, value: Json, media: Media | None = None) -> bytes:
        """Return the elements of a list as lines; any other value is one line."""
        before = RECORD_SEPARATOR if media is not None and "json-seq" in media.type else b""
        return b"".join(before + write_json(line) + b"\n" for line in (value if isinstance(value, list) else [value]))

    def elements(self, value: Json, schema: Schema) -> list[Json] | None:
        """Return the values of the lines, where the schema is that of a line and not of the list."""
        return value if isinstance(value, list) and "array" not in schema.types else None
