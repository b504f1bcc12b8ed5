"""What a schema answers when it is asked: the same wherever the document says it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from mock_server.contract.documents.document import Document
from mock_server.contract.files.source import Source
from mock_server.contract.schemas.keywords import conjuncts
from mock_server.contract.schemas.schema import Schema

SHARED = {
    "Name": {"type": "string", "minLength": 2, "maxLength": 9, "default": "Ann"},
    "Tree": {"type": "object", "properties": {"left": {"$ref": "#/shared/Tree"}, "size": {"type": "integer"}}},
}


def schema(text: str) -> Schema:
    text = json.dumps({"asked": yaml.safe_load(text), "shared": SHARED})
    return Schema(Document(Source(Path("some.json"), text)).root["asked"])


ANSWERS = [
    # schema, question, answer
    ("{type: [string, 'null']}", "types", {"string", "null"}),
    ("{anyOf: [{type: integer}, {type: 'null'}]}", "nullable", True),
    ("{$ref: '#/shared/Name'}", "nullable", False),
    ("{type: integer}", "whole", True),
    ("{type: [integer, 'null']}", "whole", True),
    ("{type: [integer, number]}", "whole", False),
    ("{enum: [a, b]}", "values", ("a", "b")),
    ("{const: null}", "values", (None,)),
    ("{type: string}", "values", None),
    ("{$ref: '#/shared/Name', pattern: ^a, title: A name}", "rules", {"type", "minLength", "maxLength", "pattern"}),
    ("{type: integer, format: int32}", "rules", {"type"}),
    ("{allOf: [{format: email}, {format: int64}]}", "formats", {"email", "int64"}),
    ("{allOf: [{pattern: a}, {pattern: b}]}", "patterns", ("b", "a")),
    ("{$ref: '#/shared/Name', minLength: 1}", "min_length", 2),
    ("{$ref: '#/shared/Name', maxLength: 5}", "max_length", 5),
    ("{type: string}", "min_length", 0),
    ("{type: string}", "max_length", None),
    ("{allOf: [{minimum: 1}, {minimum: 3}]}", "minimum", 3),
    ("{allOf: [{maximum: 1}, {maximum: 3}]}", "maximum", 1),
    ("{minimum: 0}", "minimum", 0),
    ("{required: [a], allOf: [{required: [b]}]}", "required", {"a", "b"}),
    ("{properties: {a: {}}, additionalProperties: false}", "closed", True),
    ("{properties: {a: {}}, additionalProperties: {}}", "closed", False),
    ("{readOnly: true}", "read_only", True),
    ("{readOnly: false}", "read_only", False),
    ("{writeOnly: true}", "write_only", True),
    ("{$ref: '#/shared/Name'}", "default", "Ann"),
    ("{$ref: '#/shared/Name'}", "has_default", True),
    ("{default: null}", "has_default", True),
    ("{type: string}", "has_default", False),
    ("{example: 1, examples: [2, 3]}", "examples", (1, 2, 3)),
]


@pytest.mark.parametrize(("text", "question", "answer"), ANSWERS)
def test_a_schema_answers_whichever_of_its_parts_says_it(text, question, answer):
    assert getattr(schema(text), question) == answer


def test_the_properties_of_all_parts_are_there_and_lead_on():
    tree = schema("{allOf: [{$ref: '#/shared/Tree'}], properties: {name: {$ref: '#/shared/Name'}}}")

    assert set(tree.properties) == {"left", "size", "name"}
    assert tree.properties["name"].max_length == 9
    assert tree.properties["left"].properties["left"].properties["size"].whole


def test_elements_and_branches_are_schemas_too():
    listed = schema("{type: array, items: {oneOf: [{type: string}, {$ref: '#/shared/Tree'}]}}")

    assert listed.items is not None
    assert [variant.types for variant in listed.items.variants] == [{"string"}, {"object"}]
    assert schema("{type: string}").items is None
    assert schema("{type: string}").variants == ()


def test_what_a_choice_adds_is_a_schema_by_assumption_and_choice():
    asked = schema("{type: string, x-when: {email-syntax: {strict: {format: email}, lax: {minLength: 1}}}}")

    assert asked.conditions["email-syntax"]["strict"].formats == {"email"}
    assert asked.formats == frozenset()


def test_the_schemas_of_unnamed_properties_are_not_told_where_a_pattern_may_name_them():
    assert [one.types for one in schema("{additionalProperties: {type: string}}").unnamed] == [{"string"}]
    assert schema("{additionalProperties: false, patternProperties: {a: {}}}").unnamed == ()


def test_schemas_are_equal_where_they_stand_at_one_place():
    one = schema("{properties: {a: {$ref: '#/shared/Name'}, b: {$ref: '#/shared/Name'}}}")

    assert one.properties["a"] != one.properties["b"]
    assert one.properties["a"].target == one.properties["b"].target
    assert len({one.properties["a"].target, one.properties["b"].target}) == 1


def test_schemas_that_lead_in_circles_are_the_same_however_they_are_reached():
    tree = schema("{allOf: [{$ref: '#/shared/Tree'}]}")

    assert tree.properties["left"].properties["left"] is tree.properties["left"]


def test_the_types_of_schemas_that_lead_to_each_other_are_worked_out_once(monkeypatch):
    size = 200
    chain = {f"S{number}": {"anyOf": [{"$ref": f"#/S{(number + 1) % size}"}]} for number in range(size)}
    chain["S7"] = {"oneOf": [{"type": "integer"}, {"$ref": "#/S8"}]}
    root = Document(Source(Path("some.json"), json.dumps(chain))).root
    looked_at = []
    monkeypatch.setattr(
        "mock_server.contract.schemas.keywords.conjuncts", lambda node: looked_at.append(node.place) or conjuncts(node)
    )

    assert all(Schema(root[name]).types == {"number"} for name in chain)
    assert len(looked_at) == len(set(looked_at)) <= 3 * size


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("{anyOf: [{$ref: '#/asked'}, {type: string}]}", {"string"}),
        ("{anyOf: [{$ref: '#/asked'}]}", set()),
        ("{anyOf: [{type: [string, integer]}, {type: array}], oneOf: [{type: string}, {type: array}], type: [string, object]}", {"string"}),
    ],
)  # fmt: skip
def test_the_types_of_a_choice_are_those_of_its_branches_that_all_of_its_parts_let_through(text, types):
    assert schema(text).types == types
