"""XML is text once it is known to be well-formed; a value is written by the words of its schema."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mock_server.contract.documents.document import Document, Node
from mock_server.contract.files.source import Source
from mock_server.contract.messages.codecs import codec_of
from mock_server.contract.messages.content_types import content_type
from mock_server.contract.messages.media import Media
from mock_server.contract.schemas.schema import Schema

XML = "application/xml"
CODEC = codec_of(XML)


def read(content, header=XML):
    return CODEC.read(content, content_type(header))


def written(value, schemas):
    source = Source(Path("api.json"), json.dumps({"openapi": "3.1.0", "components": {"schemas": schemas}}))
    document = Document.from_source(source)
    node = Node(document, document.main, "", document.main.value)["components"]["schemas"]["Shelf"]
    return CODEC.write(value, Media(XML, Schema(node))).decode().partition("?>\n")[2]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"<a/>", "<a/>"),
        ("<a>ü</a>".encode(), "<a>ü</a>"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\xfc</a>', '<?xml version="1.0" encoding="ISO-8859-1"?><a>ü</a>'),
        ("\ufeff<a>ü</a>".encode("utf-16-le"), "<a>ü</a>"),
        (b'<a xmlns:b="urn:b"><b:c d="&lt;&#10;"/></a>', '<a xmlns:b="urn:b"><b:c d="&lt;&#10;"/></a>'),
    ],
)
def test_well_formed_xml_is_its_text(content, text):
    assert read(content) == text


def test_the_charset_of_the_content_type_goes_before_that_of_the_text():
    assert read(b'<?xml version="1.0" encoding="utf-8"?><a>\xfc</a>', f"{XML}; charset=iso-8859-1").endswith("<a>ü</a>")


BOMB = "<!DOCTYPE a [" + "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9)) + "]><a>&e9;</a>"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no element found"),
        (b"<a>", "no element found"),
        (b"<a></b>", "mismatched tag"),
        (b"<a/><b/>", "junk"),
        (b"<a>\xff</a>", "not well-formed"),
        (b"<a>&b;</a>", "undefined entity"),
        (b'{"a": 1}', "not well-formed"),
        (b'<?xml version="1.0" encoding="zlib"?><a/>', "encoding"),
        (b'<?xml version="1.0" encoding="nothing"?><a/>', "encoding"),
        (BOMB.encode(), "document type"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', "document type"),
        (b'<!DOCTYPE a SYSTEM "http://example.com/a.dtd"><a/>', "document type"),
    ],
)
def test_what_is_not_well_formed_or_declares_entities_has_no_value(content, message):
    with pytest.raises(ValueError, match=message):
        read(content)


def test_a_deep_text_is_read():
    assert read(b"<a>" * 100_000 + b"</a>" * 100_000)


SHELVES = {
    "Shelf": {
        "type": "object",
        "properties": {
            "id": {"type": "integer", "xml": {"attribute": True, "name": "no"}},
            "books": {"type": "array", "items": {"$ref": "#/components/schemas/Book"}},
            "tags": {"type": "array", "xml": {"wrapped": True}, "items": {"type": "string", "xml": {"name": "tag"}}},
            "open": {"type": "boolean", "xml": {"name": "is open"}},
        },
    },
    "Book": {"xml": {"name": "book"}, "properties": {"title": {"type": "string"}}},
}


def test_a_value_is_written_by_the_words_of_its_schema():
    value = {"id": 7, "books": [{"title": "<A & B>"}, {"title": "\x00"}], "tags": ["x", "y"], "open": True, "none": None}

    assert written(value, SHELVES) == (
        '<Shelf no="7"><book><title>&lt;A &amp; B&gt;</title></book><book><title>\ufffd</title></book>'
        "<tags><tag>x</tag><tag>y</tag></tags><is_open>true</is_open><none/></Shelf>"
    )


def test_without_a_schema_names_are_taken_as_they_are_where_they_can_be():
    content = CODEC.write({"a": [1, [2, 3]], "1b": {"c d": 0.5}, "": "x", "e": {}}, None)
    root = ElementTree.fromstring(content)

    assert [child.tag for child in root] == ["a", "a", "_1b", "_", "e"]
    assert ElementTree.tostring(root) == (
        b"<root><a>1</a><a><item>2</item><item>3</item></a><_1b><c_d>0.5</c_d></_1b><_>x</_><e /></root>"
    )


def test_a_text_is_written_as_it_is():
    assert CODEC.write("<a>ü</a>") == "<a>ü</a>".encode()
