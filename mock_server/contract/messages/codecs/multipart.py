"""Forms with files: a part for each field (RFC 7578). A body is there whole, so it is cut at its boundary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode

from mock_server.contract.files.json_values import read_json
from mock_server.contract.files.source import Json
from mock_server.contract.messages.codecs.codec import Codec
from mock_server.contract.messages.codecs.fields import PLAIN, KnownValue, Text, styled_fields, value_of_fields
from mock_server.contract.messages.codecs.json import JsonCodec
from mock_server.contract.messages.codecs.text import charset_of
from mock_server.contract.messages.content_types import JSON, MULTIPART, ContentType, content_type, parameters_of
from mock_server.contract.messages.media import Encoding, Media
from mock_server.contract.messages.request_head import MOST_FIELDS
from mock_server.contract.messages.text_types import text_of
from mock_server.contract.schemas.schema import Schema

BOUNDARY = "understudy-4d8f2a6c9b1e7f3a5c0d"
"""What stands between the parts of a body that was written."""

LONGEST_BOUNDARY = 70  # RFC 2046 section 5.1.1
LONGEST_HEAD = 8192
ESCAPES = {"%22": '"', "%0D": "\r", "%0A": "\n"}  # https://html.spec.whatwg.org/#multipart-form-data


class FormPart(NamedTuple):
    """One part of a form."""

    name: str
    filename: str | None
    type: ContentType | None
    headers: dict[str, str]
    content: bytes


class MultipartCodec(Codec):
    """Forms with files (RFC 7578). The value of a file is its text, or a text with a character for each of its octets."""

    name = "a form with files"
    expected = f"at most {MOST_FIELDS} parts, each with its name ({MULTIPART}, RFC 7578)"

    def __init__(self, json: JsonCodec) -> None:
        self._json = json

    def takes(self, essence: str) -> bool:
        """Say whether bodies of a media type are forms with files."""
        return essence == MULTIPART

    def unreadable(self, given: ContentType) -> str:
        """Return whether there is no boundary that could be."""
        boundary = given.parameters.get("boundary", "")
        is_usable = boundary.isascii() and 0 < len(boundary) <= LONGEST_BOUNDARY
        return "" if is_usable else "it needs a boundary=… between its parts, of at most 70 characters"

    def read(self, content: bytes, given: ContentType, media: Media | None = None) -> Json:
        """Return the object that the parts make."""
        parts = parts_of(content, given.parameters.get("boundary", BOUNDARY).encode())
        encodings = media.encoding if media else {}
        schema = media.schema if media else None
        fields = []
        for part in parts:
            name = part.name.partition("[")[0]
            _check(part, encodings.get(part.name) or encodings.get(name, PLAIN))
            member = schema.properties.get(part.name) if schema else None
            fields.append((part.name, self._text(part, is_file=part.filename is not None or is_binary(member))))
        texts = [(name, text) for name, text in fields if isinstance(text, str)]
        return value_of_fields(fields, urlencode(texts, safe=",", errors="replace"), media)

    def write(self, value: Json, media: Media | None = None) -> bytes:
        """Return a part for each member of an object, and for each element of a list."""
        written = [self._part(*part, media) for part in self._members(value, media)]
        return b"".join([*written, f"--{BOUNDARY}--\r\n".encode()])

    def sent_as(self, media_type: str) -> str:
        """Return the media type with the boundary."""
        return f"{MULTIPART}; boundary={BOUNDARY}"

    def _text(self, part: FormPart, *, is_file: bool) -> Text:
        """Return what a part holds: JSON by its type, else a text; octets that are none stand for themselves."""
        kind = part.type
        if kind is not None and self._json.takes(kind.essence):
            try:
                return KnownValue(read_json(part.content))
            except ValueError as error:
                raise ValueError(f"the part {part.name!r:.60} is not JSON: {error}") from None
        try:
            charset = (charset_of(kind) or "utf-8") if kind else "utf-8"
            is_text = kind is None or kind.essence.startswith("text/")
            text = part.content.decode(charset if is_text else "latin-1")
        except ValueError:
            text = part.content.decode("latin-1")
        return KnownValue(text) if is_file else text

    def _members(self, value: Json, media: Media | None) -> Iterator[tuple[str, Json]]:
        for name, member in value.items() if isinstance(value, dict) else ():
            fields = styled_fields(name, member, media)
            if fields is not None:
                yield from fields
            else:
                yield from ((name, element) for element in (member if isinstance(member, list) else [member]))

    def _part(self, name: str, value: Json, media: Media | None) -> bytes:
        encoding = media.encoding.get(name, PLAIN) if media else PLAIN
        member = media.schema.properties.get(name) if media and media.schema else None
        member = member.items or member if member else None
        label = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        head = [f'Content-Disposition: form-data; name="{label}"']
        content = text_of(value).encode("utf-8", "replace")
        if isinstance(value, str) and is_binary(member):
            head[0] += f'; filename="{label}"'
            kind = content_type(encoding.content_types[0]).concrete if encoding.content_types else "application/octet-stream"
            head.append(f"Content-Type: {kind}")
        elif encoding.content_types:
            head.append(f"Content-Type: {content_type(encoding.content_types[0]).concrete}")
        elif isinstance(value, (dict, list)):
            head.append(f"Content-Type: {JSON}")
        head += [f"{header}: text" for header in encoding.required_headers]
        return b"".join([f"--{BOUNDARY}\r\n".encode(), "\r\n".join(head).encode(), b"\r\n\r\n", content, b"\r\n"])


def parts_of(content: bytes, boundary: bytes) -> list[FormPart]:
    """Return the parts of a body; raise `ValueError` where it is not made of parts, each with a name, and an end."""
    sections = (b"\r\n" + content).split(b"\r\n--" + boundary, MOST_FIELDS + 2)[1:]
    ends = [index for index, section in enumerate(sections) if section.startswith(b"--")]
    if not sections:
        raise ValueError("it does not begin with its boundary")
    if len(sections) > MOST_FIELDS + 1:
        raise ValueError(f"it has more than {MOST_FIELDS} parts")
    if not ends:
        raise ValueError("it has no end: its boundary followed by --")
    return [_part_of(section) for section in sections[: ends[0]]]


def _part_of(section: bytes) -> FormPart:
    padding, _, rest = section.partition(b"\r\n")
    if padding.strip():
        raise ValueError("behind a boundary stands something else")
    head, separator, content = rest.partition(b"\r\n\r\n")
    if not separator or len(head) > LONGEST_HEAD:
        raise ValueError("the headers of a part have no end, or are too long")
    headers = {}
    for line in re.split(r"\r\n(?![ \t])", _decoded(head)) if head else ():
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    disposition = headers.get("content-disposition", "")
    parameters = parameters_of(disposition)
    if "name" not in parameters or disposition.partition(";")[0].strip().lower() != "form-data":
        raise ValueError('a part has no header Content-Disposition: form-data; name="…"')
    name = re.sub("%22|%0D|%0A", lambda found: ESCAPES[found[0]], parameters["name"])
    kind = content_type(headers["content-type"]) if headers.get("content-type") else None
    return FormPart(name, parameters.get("filename"), kind, headers, content)


def is_binary(schema: Schema | None) -> bool:
    """Say whether the texts of a schema, or of its elements, stand for files."""
    said = [one for one in (schema, schema.items if schema else None) if one]
    return any("binary" in one.formats or one.content_media_types for one in said)


def _check(part: FormPart, encoding: Encoding) -> None:
    """Raise `ValueError` for a part that is not encoded as documented. One that does not say what it is may be anything."""
    kinds = encoding.content_types
    if kinds and part.type is not None and not any(content_type(kind).covers(part.type) for kind in kinds):
        raise ValueError(f"the part {part.name!r:.60} is {part.type.essence:.60}, and has to be {' or '.join(kinds)}")
    for name in encoding.required_headers:
        if name not in part.headers:
            raise ValueError(f"the part {part.name!r:.60} has no header {name}")


def _decoded(head: bytes) -> str:
    try:
        return head.decode()
    except UnicodeDecodeError:
        return head.decode("latin-1")
