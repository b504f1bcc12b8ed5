"""The fields of a form make an object, whose values are of the types that the schema has; and the other way round."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.contract.documents.document import Document, Node
from mock_server.contract.files.source import Source
from mock_server.contract.messages.codecs import codec_of
from mock_server.contract.messages.content_types import FORM, content_type
from mock_server.contract.messages.media import Encoding, Media
from mock_server.contract.messages.request_head import MOST_FIELDS
from mock_server.contract.schemas.schema import Schema

CODEC = codec_of(FORM)
TEXTS = {"type": "array", "items": {"type": "string"}}
NUMBERS = {"type": "array", "items": {"type": "integer"}}
POINT = {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "number"}}}
NO_CARD = {"type": "string", "enum": [""]}


def media(properties, encoding=None, **more):
    schema = {"type": "object", "properties": properties, **more}
    document = Document.from_source(Source(Path("api.json"), json.dumps({"openapi": "3.1.0"})))
    return Media(FORM, Schema(Node(document, document.main, "/s", schema)), encoding=encoding or {})


def read(content, properties=None, encoding=None, **more):
    return CODEC.read(content.encode(), content_type(FORM), None if properties is None else media(properties, encoding, **more))


@pytest.mark.parametrize(
    ("schema", "content", "value"),
    [
        ({"type": "integer"}, "p=007", "007"),
        ({"type": "integer"}, "p=-7", -7),
        ({"type": "integer"}, "p=7.0", 7.0),
        ({"type": "number"}, "p=1e3", 1000.0),
        ({"type": "boolean"}, "p=true", True),
        ({"type": "boolean"}, "p=yes", "yes"),
        ({"type": "string"}, "p=7", "7"),
        ({"type": "string"}, "p=a+b%26%C3%BC", "a b&ü"),
        ({"type": ["integer", "null"]}, "p=", None),
        ({"type": ["string", "null"]}, "p=", ""),
        ({}, "p=7", "7"),
        ({"enum": [1, 2, "x"]}, "p=2", 2),
        ({"enum": [1, 2, "x"]}, "p=x", "x"),
        ({"enum": ["7", 8]}, "p=7", "7"),
        ({"const": True}, "p=true", True),
        ({"anyOf": [{"type": "integer"}, NO_CARD]}, "p=", ""),
        ({"anyOf": [{"type": "integer"}, NO_CARD]}, "p=5", 5),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "p=5", "5"),
        ({"oneOf": [{"type": "boolean"}, {"type": "string", "format": "date"}]}, "p=2026-01-01", "2026-01-01"),
        ({"oneOf": [{"type": "boolean"}, {"type": "string", "format": "date"}]}, "p=false", False),
        (TEXTS, "p=a", ["a"]),
        (TEXTS, "p=a&p=b", ["a", "b"]),
        (TEXTS, "p[]=a&p[]=b", ["a", "b"]),
        (TEXTS, "p%5B1%5D=b&p%5B0%5D=a", ["a", "b"]),
        (TEXTS, "p=a,b", ["a,b"]),
        (NUMBERS, "p=1&p=2", [1, 2]),
        (NUMBERS, "p=[1,2]", [1, 2]),
        (NUMBERS, "p[10]=3&p[9]=2", [2, 3]),
        (POINT, "p[x]=1&p[y]=2.5&p[z]=3", {"x": 1, "y": 2.5, "z": "3"}),
        (POINT, 'p={"x": 1}', {"x": 1}),
        (POINT, "p=none", "none"),
        ({"anyOf": [POINT, NO_CARD]}, "p=", ""),
        ({"anyOf": [POINT, NO_CARD]}, "p[x]=1", {"x": 1}),
        ({"anyOf": [{"properties": {"x": {"type": "string"}, "k": {}}}, POINT]}, "p[x]=1&p[y]=2", {"x": 1, "y": 2.0}),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "p[a b]=1&p[1]=2", {"a b": 1, "1": 2}),
        ({"type": "array", "items": POINT}, "p[0][x]=1&p[1][x]=2&p[0][y]=3", [{"x": 1, "y": 3.0}, {"x": 2}]),
        ({"type": "array", "items": POINT}, "p[][x]=1&p[][y]=3&p[][x]=2", [{"x": 1, "y": 3.0}, {"x": 2}]),
        (
            {"type": "array", "items": {"type": "object", "properties": {"t": NUMBERS}}},
            "p[0][t][]=1&p[0][t][]=2",
            [{"t": [1, 2]}],
        ),
        ({"type": "string"}, "p=a&p=b", ["a", "b"]),
    ],
)
def test_a_text_is_what_its_schema_takes_it_for(schema, content, value):
    found = read(content, {"p": schema})["p"]

    assert (found, type(found)) == (value, type(value))


def test_without_a_schema_everything_is_text():
    assert read("a=1&b=2&b=3&c[d]=4&e[]=5&f") == {"a": "1", "b": ["2", "3"], "c": {"d": "4"}, "e": ["5"], "f": ""}


def test_a_name_that_the_schema_has_is_no_path():
    assert read("ids[]=1&ids[]=2", {"ids[]": NUMBERS}) == {"ids[]": [1, 2]}
    assert read("a[b=1&]=2&[x]=3&=4", {}) == {"a[b": "1", "]": "2", "[x]": "3", "": "4"}


@pytest.mark.parametrize(
    ("schema", "encoding", "content", "value"),
    [
        (TEXTS, Encoding("form", False), "p=a,b", ["a", "b"]),
        (NUMBERS, Encoding("pipeDelimited", False), "p=1%7C2", [1, 2]),
        (NUMBERS, Encoding("spaceDelimited", False), "p=1%202", [1, 2]),
        (TEXTS, Encoding("form", True), "p=a&p=b", ["a", "b"]),
        (POINT, Encoding("deepObject", True), "p[x]=1&p[y]=2.5", {"x": 1, "y": 2.5}),
        (NUMBERS, Encoding("deepObject", True), "p[0]=1&p[1]=2", [1, 2]),
        (POINT, Encoding("form", True), "x=1&y=2.5", {"x": 1, "y": 2.5}),
        (POINT, Encoding("form", False), "p=x,1,y,2.5", {"x": 1, "y": 2.5}),
        (POINT, Encoding(), 'p={"x":1}', {"x": 1}),
        (NUMBERS, Encoding(), "p=1&p=2", [1, 2]),
    ],
)
def test_an_encoding_says_how_a_property_is_written(schema, encoding, content, value):
    how = media({"p": schema}, {"p": encoding})

    assert CODEC.read(content.encode(), content_type(FORM), how) == {"p": value}
    assert CODEC.read(CODEC.write({"p": value}, how), content_type(FORM), how) == {"p": value}


def test_what_is_written_is_percent_encoded():
    assert CODEC.write({"a b": "ü&=", "n": None, "t": True, "l": [1, 2], "o": {"x": 1}}) == (
        b"a+b=%C3%BC%26%3D&n=&t=true&l=1&l=2&o=%7B%22x%22%3A1%7D"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a=1&a[b]=2", "'a' is given both as a whole and in parts"),
        ("a[b][c]=1&a[b]=2", "'a' is given both"),
        ("&".join(["a=1"] * (MOST_FIELDS + 1)), "more than 1000 fields"),
        ("a" + "[b]" * 21 + "=1", "'a' has members that lie too deep"),
        ("a=%FF", "can't decode"),
    ],
)
def test_a_form_that_contradicts_itself_or_is_too_large_has_no_value(content, message):
    with pytest.raises(ValueError, match=message):
        read(content)


NAMES = st.text("abc", min_size=1, max_size=3)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
VALUES = st.recursive(
    TEXT | st.lists(TEXT, min_size=1, max_size=3),
    lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3),
    max_leaves=8,
)


def schema_of(value):
    if isinstance(value, dict):
        return {"type": "object", "properties": {name: schema_of(member) for name, member in value.items()}}
    return TEXTS if isinstance(value, list) else {"type": "string"}


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_nested_objects_and_lists_of_texts_come_out_as_they_went_in(value):
    how = media(schema_of(value)["properties"], {name: Encoding("deepObject", True) for name in value})

    assert CODEC.read(CODEC.write(value, how), content_type(FORM), how) == value
