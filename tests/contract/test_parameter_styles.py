"""Values in the styles of parameters: written as OpenAPI and RFC 6570 have it, and read as what they were."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import pytest
import uritemplate
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.contract.messages.model import Parameter
from mock_server.contract.messages.request_head import RequestHead
from mock_server.contract.messages.request_writing import written_parameters
from mock_server.engine.loading import load_contract

TEXT, WHOLE, NUMBER, TRUTH = ({"type": name} for name in ("string", "integer", "number", "boolean"))
TEXTS, WHOLES = {"type": "array", "items": TEXT}, {"type": "array", "items": WHOLE}
COLOR = {"type": "object", "properties": {"R": WHOLE, "G": WHOLE, "B": WHOLE}}
NAMED = {"type": "object", "additionalProperties": TEXT}
TREE = {"type": "object", "properties": {"text": TEXT, "whole": WHOLE, "truths": {"type": "array", "items": TRUTH}}}
TREE["properties"] |= {"tree": {"$ref": "#/components/schemas/Tree"}}
TREE["properties"] |= {"trees": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}
SCHEMAS = {"Text": TEXT, "Whole": WHOLE, "Number": NUMBER, "Truth": TRUTH, "Texts": TEXTS, "Wholes": WHOLES}
SCHEMAS |= {"Color": COLOR, "Named": NAMED, "Tree": TREE, "Maybe": {"type": ["integer", "null"]}}

BRIEFLY = settings(max_examples=40, deadline=None)

STYLES = [
    *[("path", style, explode) for style in ("simple", "label", "matrix") for explode in (False, True)],
    *[("query", style, explode) for style in ("form", "spaceDelimited", "pipeDelimited") for explode in (False, True)],
    ("query", "deepObject", True),
    *[("header", "simple", explode) for explode in (False, True)],
    *[("cookie", "form", explode) for explode in (False, True)],
]


def name_of(location: str, style: str, explode: bool, schema: str) -> str:
    return f"{location}-{style}-{'exploded' if explode else 'plain'}-{schema}"


@pytest.fixture(scope="module")
def operations(tmp_path_factory):
    """Return operations by name, each with one parameter called `color`."""
    paths = {}
    for location, style, explode in STYLES:
        for schema in SCHEMAS:
            parameter = {"name": "color", "in": location, "style": style, "explode": explode}
            parameter |= {"schema": {"$ref": f"#/components/schemas/{schema}"}, "required": location == "path"}
            name = name_of(location, style, explode, schema)
            operation = {"operationId": name, "parameters": [parameter], "responses": {"200": {"description": "x"}}}
            paths[f"/{name}/{{color}}" if location == "path" else f"/{name}"] = {"get": operation}
    document = {"openapi": "3.1.0", "info": {"title": "Styles", "version": "1"}, "paths": paths}
    file = tmp_path_factory.mktemp("styles") / "styles.yaml"
    file.write_text(yaml.safe_dump({**document, "components": {"schemas": SCHEMAS}}))
    return {operation.id: operation for operation in load_contract(file, strict=True).operations}


@dataclass
class Carrier:
    """What carries the values of one parameter."""

    operation: object

    @property
    def parameter(self) -> Parameter:
        (parameter,) = self.operation.parameters
        return parameter

    def write(self, value) -> str:
        """Return the part of a request that holds the parameter."""
        written = written_parameters(self.operation, {(self.parameter.location, "color"): value})
        match self.parameter.location:
            case "path":
                return written.path.removeprefix(f"/{self.operation.id}/")
            case "query":
                return written.query
            case "cookie":
                return written.cookies
        return dict(written.headers)["color"]

    def read(self, text: str):
        """Return the value that such a part holds."""
        headers = {b"cookie" if self.parameter.location == "cookie" else b"color": text.encode("latin-1")}
        head = RequestHead({"color": text}, text if self.parameter.location == "query" else "", headers)
        return self.parameter.style.read(self.parameter.style.find(head))


@pytest.fixture(scope="module")
def carrier(operations):
    return lambda *place: Carrier(operations[name_of(*place)])


BLUE, BLACK, RGB = "blue", ["blue", "black", "brown"], {"R": 100, "G": 200, "B": 150}

# OpenAPI 3.1.1, section 4.8.12.4, "Style Examples", row by row: empty, text, list, object
TABLE = [
    ("path", "matrix", False, ";color=", ";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"),
    ("path", "matrix", True, ";color=", ";color=blue", ";color=blue;color=black;color=brown", ";R=100;G=200;B=150"),
    ("path", "label", False, ".", ".blue", ".blue,black,brown", ".R,100,G,200,B,150"),
    ("path", "label", True, ".", ".blue", ".blue.black.brown", ".R=100.G=200.B=150"),
    ("path", "simple", False, "", "blue", "blue,black,brown", "R,100,G,200,B,150"),
    ("path", "simple", True, "", "blue", "blue,black,brown", "R=100,G=200,B=150"),
    ("query", "form", False, "color=", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"),
    ("query", "form", True, "color=", "color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"),
    ("query", "spaceDelimited", False, None, None, "color=blue%20black%20brown", "color=R%20100%20G%20200%20B%20150"),
    ("query", "pipeDelimited", False, None, None, "color=blue%7Cblack%7Cbrown", "color=R%7C100%7CG%7C200%7CB%7C150"),
    ("query", "deepObject", True, None, None, None, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
    ("header", "simple", False, "", "blue", "blue,black,brown", "R,100,G,200,B,150"),
    ("header", "simple", True, "", "blue", "blue,black,brown", "R=100,G=200,B=150"),
    ("cookie", "form", False, "color=", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"),
    ("cookie", "form", True, "color=", "color=blue", "color=blue; color=black; color=brown", "R=100; G=200; B=150"),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: "-".join(map(str, row[:3])))
def test_values_are_written_and_read_as_the_table_of_openapi_has_them(carrier, row):
    location, style, explode, *cells = row
    for schema, value, text in zip(("Text", "Text", "Texts", "Color"), ("", BLUE, BLACK, RGB), cells, strict=True):
        if text is not None:
            carries = carrier(location, style, explode, schema)
            assert carries.write(value) == text
            assert carries.read(text) == value


def test_an_empty_matrix_may_lack_its_sign(carrier):
    assert [carrier("path", "matrix", explode, "Text").read(";color") for explode in (False, True)] == ["", ""]


# --- any value that a style can carry --------------------------------------------------------------------------------

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
PLAIN = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=",;="), max_size=8)
WORD = st.text("abcdefghXYZ019_-", min_size=1, max_size=6)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False).filter(lambda n: n == 0 or 1e-30 < abs(n) < 1e60)


def texts_of(location: str, style: str) -> st.SearchStrategy[str]:
    """Return texts that may be elements or members: those that separate cannot stand in them where nothing is encoded."""
    if location == "header":
        return PLAIN
    lacking = {"label": ".", "spaceDelimited": " ", "pipeDelimited": "|"}.get(style, "")
    return ANY.filter(lambda text: not set(lacking) & set(text))


def values_of(location: str, style: str, explode: bool, schema: str) -> st.SearchStrategy:
    """Return values of a schema that a style can carry: OpenAPI has no way to write some empty ones."""
    texts = texts_of(location, style)
    in_fields = explode and location in ("query", "cookie")
    names = {"header": PLAIN.filter(bool), "cookie": WORD}.get(location, texts.filter(bool))
    if style == "deepObject":
        names = names.filter(lambda name: not set("[]") & set(name))
    least = 1 if in_fields or location == "path" else 0
    lists = st.lists(texts, min_size=least, max_size=4).filter(lambda value: in_fields or value != [""])
    colors = st.dictionaries(st.sampled_from("RGB"), st.integers(), min_size=least)
    if style == "deepObject":
        colors = colors.filter(bool)
    return {
        "Text": (PLAIN if location == "header" else ANY).filter(lambda text: location != "path" or text),
        "Whole": st.integers(),
        "Number": NUMBERS,
        "Truth": st.booleans(),
        "Texts": lists,
        "Wholes": st.lists(st.integers(), min_size=least, max_size=4),
        "Color": colors,
        "Named": st.dictionaries(names, texts, min_size=1, max_size=3),
        "Maybe": st.integers() if location == "path" else st.none() | st.integers(),
    }[schema]


TREES = st.deferred(lambda: st.fixed_dictionaries({}, optional=MEMBERS).filter(bool))
MEMBERS = {"text": ANY, "whole": st.integers(), "truths": st.lists(st.booleans(), min_size=1, max_size=3)}
MEMBERS |= {"tree": TREES, "trees": st.lists(TREES, min_size=1, max_size=2)}

CARRIED = [(*place, schema) for place in STYLES for schema in SCHEMAS if schema != "Tree"]


def is_same(read, value) -> bool:
    """Say whether two values are the same, with 1.0 for 1: both are one number in JSON."""
    if isinstance(value, float) or isinstance(read, float):
        return type(read) in (int, float) and math.isclose(read, value, rel_tol=0)
    return json.dumps(read, sort_keys=True) == json.dumps(value, sort_keys=True)


@pytest.mark.parametrize("place", CARRIED, ids=lambda place: name_of(*place))
def test_what_is_written_is_read_as_it_was(carrier, place):
    carries = carrier(*place)

    @BRIEFLY
    @given(values_of(*place))
    def check(value):
        assert is_same(carries.read(carries.write(value)), value), carries.write(value)

    check()


@BRIEFLY
@given(tree=TREES)
def test_an_object_of_any_depth_is_read_as_it_was(carrier, tree):
    carries = carrier("query", "deepObject", True, "Tree")

    assert is_same(carries.read(carries.write(tree)), tree)


# --- an independent reading of RFC 6570 ------------------------------------------------------------------------------

OPERATORS = {"simple": "{color%s}", "label": "{.color%s}", "matrix": "{;color%s}", "form": "{?color%s}"}
EXPANDED = [
    (*place, schema)
    for place in STYLES
    for schema in ("Text", "Texts", "Wholes", "Color", "Named")
    if place[0] in ("path", "query") and place[1] in OPERATORS
]


@pytest.mark.parametrize("place", EXPANDED, ids=lambda place: name_of(*place))
def test_styles_are_those_of_uri_templates(carrier, place):
    _, style, explode, _ = place
    template = uritemplate.URITemplate(OPERATORS[style] % ("*" if explode else ""))
    carries = carrier(*place)

    @BRIEFLY
    @given(values_of(*place).filter(lambda value: value not in ({}, [])))
    def check(value):
        given = value
        if isinstance(value, list):
            given = [str(element) for element in value]
        elif isinstance(value, dict):
            given = {name: str(value[name]) for name in sorted(value)}  # which that library sorts
        expanded = template.expand(color=given).removeprefix("?")

        assert is_same(carries.read(expanded), value), expanded
        if expanded not in (";color", ";color="):  # OpenAPI differs there from RFC 6570
            assert carries.write(dict(sorted(value.items())) if isinstance(value, dict) else value) == expanded

    check()
