"""XML: read as text once it is known to be well-formed, and written from a value by the words of the schema."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from xml.parsers import expat

from mock_server.contract.files.source import Json
from mock_server.contract.messages.codecs.codec import Codec
from mock_server.contract.messages.codecs.text import charset_of
from mock_server.contract.messages.content_types import ContentType
from mock_server.contract.messages.media import Media
from mock_server.contract.messages.text_types import text_of
from mock_server.contract.schemas.schema import Schema

ROOT = "root"
NOT_IN_NAMES = re.compile(r"[^\w.-]", re.ASCII)
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
DEEPEST = 200


class XmlCodec(Codec):
    """XML (https://www.w3.org/TR/xml/), without a document type. The value is its text; no schema is held against it."""

    name = "XML"
    expected = "well-formed XML without a document type"
    is_structured = False

    def takes(self, essence: str) -> bool:
        """Say whether bodies of a media type are XML."""
        return essence in ("application/xml", "text/xml") or (essence.endswith("+xml") and not essence.startswith("image/"))

    def holds(self, schema: Schema) -> bool:
        """Say that a schema, which tells of values, is not held against XML."""
        return False

    def unreadable(self, given: ContentType) -> str:
        """Return whether the charset is none that is known."""
        return "" if charset_of(given) else f"the charset {given.parameters['charset']!r:.40} is not known"

    def read(self, content: bytes, given: ContentType, media: Media | None = None) -> Json:
        """Return the text; raise `ValueError` where it is not well-formed, or declares entities."""
        charset = charset_of(given) if "charset" in given.parameters else None
        parser = expat.ParserCreate(charset)
        declared = ["utf-8"]

        def note_declaration(version: str, encoding: str | None, standalone: int) -> None:
            declared[0] = encoding or "utf-8"

        parser.XmlDeclHandler = note_declaration
        parser.StartDoctypeDeclHandler = _refuse_doctype
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            raise ValueError(str(error)) from None
        except LookupError as error:
            raise ValueError(f"its encoding is not known: {error}") from None
        charset = charset or charset_of(ContentType("", {"charset": declared[0]})) or "utf-8"
        return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else charset, "replace")

    def write(self, value: Json, media: Media | None = None) -> bytes:
        """Return a text as it is, and any other value as an element of the name that its schema has."""
        if isinstance(value, str):
            return value.encode("utf-8", "replace")
        schema = media.schema if media else None
        name = (schema.xml.get("name") or schema.component if schema else "") or ROOT
        return ('<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(_element(name, value, schema, 0))).encode()


def _element(name: str, value: Json, schema: Schema | None, depth: int) -> Iterator[str]:
    tag = _name(name)
    if depth > DEEPEST or value is None or value in ({}, []):
        yield f"<{tag}/>"
    elif isinstance(value, dict):
        schemas = {key: _member(schema, key) for key in value}
        attributes = [key for key, member in schemas.items() if member and member.xml.get("attribute") is True]
        told = [f' {_name(_called(key, schemas[key]))}="{escape(_text(value[key]))}"' for key in attributes]
        yield f"<{tag}{''.join(told)}>"
        for key, part in value.items():
            if key not in attributes:
                yield from _part(key, part, schemas[key], depth + 1)
        yield f"</{tag}>"
    elif isinstance(value, list):
        items = schema.items if schema else None
        yield f"<{tag}>"
        for part in value:
            yield from _element(_called(items.component if items else "item", items) or "item", part, items, depth + 1)
        yield f"</{tag}>"
    else:
        yield f"<{tag}>{escape(_text(value), quote=False)}</{tag}>"


def _part(key: str, value: Json, schema: Schema | None, depth: int) -> Iterator[str]:
    """Yield the elements of a member: a list is one element for each of its own, unless it is wrapped."""
    name = _called(key, schema)
    if not isinstance(value, list):
        yield from _element(name, value, schema, depth)
        return
    items = schema.items if schema else None
    is_wrapped = schema is not None and schema.xml.get("wrapped") is True
    inner = _called(name if is_wrapped else key, items)
    elements = "".join(text for part in value for text in _element(inner, part, items, depth + 1))
    yield f"<{_name(name)}>{elements}</{_name(name)}>" if is_wrapped else elements


def _member(schema: Schema | None, key: str) -> Schema | None:
    variants = [schema, *schema.variants] if schema else []
    return next((one.properties[key] for one in variants if key in one.properties), None)


def _called(key: str, schema: Schema | None) -> str:
    return str(schema.xml.get("name") or key) if schema else key


def _name(name: str) -> str:
    cleaned = NOT_IN_NAMES.sub("_", name) or "_"
    return cleaned if cleaned[0].isalpha() or cleaned[0] == "_" else f"_{cleaned}"


def _text(value: Json) -> str:
    return NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text_of(value))


def _refuse_doctype(*told: object) -> None:
    raise ValueError("it has a document type, which could declare entities")
