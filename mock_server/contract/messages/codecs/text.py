"""Text: plain, as tables, and as streams of events."""

from __future__ import annotations

import codecs
import csv
import io

from mock_server.contract.files.json_values import read_json, write_json
from mock_server.contract.files.source import Json
from mock_server.contract.messages.codecs.codec import Codec
from mock_server.contract.messages.content_types import ContentType, content_type
from mock_server.contract.messages.media import Media
from mock_server.contract.messages.text_types import TextType, text_of

CHARSETS = frozenset(
    """
    ascii utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6
    iso8859-7 iso8859-8 iso8859-9 iso8859-10 iso8859-13 iso8859-14 iso8859-15 iso8859-16
    cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256
    cp1257 cp1258 koi8-r koi8-u shift_jis euc_jp iso2022_jp gb2312 gbk gb18030 big5 euc_kr
    """.split()  # noqa: SIM905 (reads better)
)
"""The charsets that texts are read in, by the names that Python has for them. It knows others that are no charsets."""

EVENT_FIELDS = ("event", "id", "retry", "data")


class TextCodec(Codec):
    """Any other text. One whose schema lets no text through is a number, a boolean, or JSON."""

    name = "text"
    expected = "text"

    def takes(self, essence: str) -> bool:
        """Say whether bodies of a media type are text."""
        return essence.startswith("text/")

    def unreadable(self, given: ContentType) -> str:
        """Return whether the charset is none that is known."""
        charset = given.parameters.get("charset", "utf-8")
        return "" if charset_of(given) else f"the charset {charset!r:.40} is not known"

    def read(self, content: bytes, given: ContentType, media: Media | None = None) -> Json:
        """Return the text, or what its schema takes it for."""
        text = content.decode(charset_of(given) or "utf-8")
        schema = media.schema if media else None
        if schema is None or "string" in schema.types:
            return text
        try:
            return read_json(text.encode()) if schema.types & {"object", "array"} else TextType(schema).read([text.strip()])
        except ValueError:
            return text  # which the schema refuses

    def write(self, value: Json, media: Media | None = None) -> bytes:
        """Return a text as it is, and any other value as JSON."""
        if not isinstance(value, str):
            return write_json(value)
        charset = charset_of(content_type(media.type)) if media else None
        return value.encode(charset or "utf-8", "replace")


class TableCodec(TextCodec):
    """Tables whose columns are separated by commas (RFC 4180). What is read is text."""

    name = "CSV"
    is_structured = False

    def takes(self, essence: str) -> bool:
        """Say whether bodies of a media type are tables."""
        return essence in ("text/csv", "application/csv")

    def read(self, content: bytes, given: ContentType, media: Media | None = None) -> Json:
        """Return the text."""
        return content.decode(charset_of(given) or "utf-8")

    def write(self, value: Json, media: Media | None = None) -> bytes:
        """Return a text as it is, and a list as a table: of objects with a head, of lists without one."""
        rows = value if isinstance(value, list) else [value]
        if isinstance(value, str) or not all(isinstance(row, (dict, list)) for row in rows):
            return super().write(value, media)
        names = list(dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row))
        lines = [names] if names else []
        lines += [[row.get(name) for name in names] if isinstance(row, dict) else row for row in rows]
        table = io.StringIO()
        csv.writer(table).writerows([[text_of(cell) for cell in line] for line in lines])
        return super().write(table.getvalue(), media)


class EventStreamCodec(TextCodec):
    """Streams of events (https://html.spec.whatwg.org/multipage/server-sent-events.html). What is read is text."""

    name = "events"
    is_structured = False

    def takes(self, essence: str) -> bool:
        """Say whether bodies of a media type are streams of events."""
        return essence == "text/event-stream"

    def read(self, content: bytes, given: ContentType, media: Media | None = None) -> Json:
        """Return the text."""
        return content.decode()

    def write(self, value: Json, media: Media | None = None) -> bytes:
        """Return a text as it is, and the elements of a list as events; any other value is one event.

        What has `data`, and nothing that an event does not have, is an event; anything else is the data of one.
        """
        if isinstance(value, str):
            return super().write(value, media)
        return b"".join(self._event(event) for event in (value if isinstance(value, list) else [value]))

    def _event(self, event: Json) -> bytes:
        is_event = isinstance(event, dict) and "data" in event and event.keys() <= set(EVENT_FIELDS)
        fields = event if is_event else {"data": event}
        lines = []
        for name in EVENT_FIELDS:
            if fields.get(name) is not None:
                lines += [f"{name}: {line}\n" for line in text_of(fields[name]).splitlines() or [""]]
        return "".join([*lines, "\n"]).encode()


class OpaqueCodec(TextCodec):
    """Anything else: octets. The value is a text with a character for each, the one of its number."""

    name = "octets"
    expected = "octets"
    is_structured = False

    def takes(self, essence: str) -> bool:
        """Say that octets may be anything."""
        return True

    def unreadable(self, given: ContentType) -> str:
        """Return that nothing is wrong."""
        return ""

    def read(self, content: bytes, given: ContentType, media: Media | None = None) -> Json:
        """Return a text that stands for the octets."""
        return content.decode("latin-1")

    def write(self, value: Json, media: Media | None = None) -> bytes:
        """Return what a text stands for, in UTF-8 where it has characters that stand for no octet."""
        if not isinstance(value, str):
            return write_json(value)
        try:
            return value.encode("latin-1")
        except UnicodeEncodeError:
            return value.encode("utf-8", "replace")


def charset_of(given: ContentType) -> str | None:
    """Return the charset of a content type by the name that Python has for it; None where it is none that is known."""
    try:
        name = codecs.lookup(given.parameters.get("charset", "utf-8")).name
    except (LookupError, ValueError):
        return None
    return name if name in CHARSETS else None
