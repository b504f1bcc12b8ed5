"""Schemas of large documents, in which nearly each leads to nearly all others: what is done for them is done once."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

from mock_server.contract.documents.document import Document, subschemas
from mock_server.contract.files.flaws import Severity
from mock_server.contract.files.source import Source
from mock_server.contract.schemas import compiled
from mock_server.contract.schemas.checks import NoChoice, Schemas
from mock_server.contract.schemas.schema import Schema

SIZE = 60


def dense_graph() -> dict[str, object]:
    """Return schemas that all lead to each other, in branches of `anyOf`."""
    return {
        f"S{number}": {
            "type": "object",
            "properties": {
                "id": {"type": "string"},
                **{
                    f"p{link}": {"anyOf": [{"type": "string"}, {"$ref": f"#/components/schemas/S{(number * 5 + link) % SIZE}"}]}
                    for link in range(5)
                },
            },
        }
        for number in range(SIZE)
    }


def document_of(schemas: dict[str, object]) -> Document:
    return Document(Source(Path("some.json"), json.dumps({"components": {"schemas": schemas}})))


def named(document: Document, name: str) -> Schema:
    return Schema(document.root["components"]["schemas"][name])


@pytest.fixture
def compilations(monkeypatch):
    """Return the list of all schemas that are compiled from now on."""
    schemas = []

    class Counting:
        def __getattr__(self, name):
            return getattr(jsonschema_rs, name)

        def validator_for(self, schema, **options):
            schemas.append(schema)
            return jsonschema_rs.validator_for(schema, **options)

    monkeypatch.setattr(compiled, "jsonschema_rs", Counting())
    return schemas


def test_nothing_is_compiled_before_a_value_is_held_to_it(compilations):
    document = document_of(dense_graph())
    schemas = Schemas(document, {})

    schemas.check_all(None)
    checks = [schemas.check(named(document, f"S{number}")) for number in range(SIZE)]

    assert len(checks) == SIZE
    assert compilations == []


def test_schemas_that_refer_to_each_other_are_compiled_once_for_all_of_them(compilations):
    document = document_of(dense_graph())
    schemas = Schemas(document, {})

    for number in range(SIZE):
        check = schemas.check(named(document, f"S{number}"))
        assert check.violations({"p1": {"p2": {"id": "a"}}, "p3": "b"}, NoChoice()) == ()
        assert [violation.pointer for violation in check.violations({"id": 1}, NoChoice())] == ["/id"]

    assert len(compilations) == 1


def test_schemas_inside_others_are_compiled_at_once_when_they_are_asked_for_beforehand(compilations):
    document = document_of(dense_graph())
    schemas = Schemas(document, {})

    checks = [schemas.check(named(document, f"S{number}").properties["p1"]) for number in range(SIZE)]

    assert not any(check.strictest.is_valid(1) for check in checks)
    assert all(check.strictest.is_valid({"p1": {}}) for check in checks)
    assert len(compilations) == 1


def test_a_schema_that_refers_to_none_is_compiled_by_itself(compilations):
    document = document_of({**dense_graph(), "Name": {"type": "string"}})

    assert Schemas(document, {}).check(named(document, "Name")).violations("Ann", NoChoice()) == ()
    assert compilations == [{"$ref": "contract:///some.json#/components/schemas/Name"}]


def test_no_schema_is_searched_for_choices_in_a_document_that_has_none(monkeypatch):
    document = document_of(dense_graph())
    monkeypatch.setattr("mock_server.contract.documents.document.Graph", None)  # of large documents, this would take minutes
    schemas = Schemas(document, {"some": None})

    schemas.check_all(None)

    assert schemas.check(named(document, "S1")).violations({"p1": {"p1": "text"}}, NoChoice()) == ()


def test_which_schemas_are_sound_is_worked_out_in_one_walk_over_the_document(monkeypatch):
    graph = dense_graph()
    graph["Broken"] = {"items": {"$ref": "#/components/schemas/Nowhere"}}
    graph["Leading"] = {"properties": {"a": {"$ref": "#/components/schemas/Broken"}, "b": {"$ref": "#/components/schemas/S1"}}}
    document = document_of(graph)
    count = len(list(document.schemas()))
    walked = []

    def counted(schema):
        walked.append(schema.place)
        return subschemas(schema)

    monkeypatch.setattr("mock_server.contract.documents.document.subschemas", counted)
    Schemas(document, {}).check_all(None)
    sound = {name: node.is_sound for name, node in document.root["components"]["schemas"].items()}

    assert sound == {name: name not in ("Broken", "Leading") for name in graph}
    assert len(walked) == len(set(walked)) == count


def test_what_is_wrong_in_a_schema_inside_many_others_is_looked_at_once(monkeypatch):
    nested = {"type": "no such type"}
    for _ in range(30):
        nested = {"properties": {"a": nested}}
    document = document_of({"Deep": nested})
    added = []
    monkeypatch.setattr(document, "drop", lambda source, pointer, *told: added.append(pointer))

    Schemas(document, {}).check_all(None)

    assert added == ["/components/schemas/Deep" + "/properties/a" * 30 + "/type"]


def test_one_schema_that_cannot_be_compiled_leaves_the_others_usable():
    graph = dense_graph()
    graph["Odd"] = {"properties": {"a": {"$ref": "#/components/schemas/S1"}, "b": {"pattern": r"\p{NoSuchProperty}"}}}
    document = document_of(graph)
    schemas = Schemas(document, {})

    assert schemas.check(named(document, "S1")).violations({"id": 1}, NoChoice())
    assert schemas.check(named(document, "Odd")).violations({}, NoChoice()) == ()
    assert [flaw.message for flaw in document.flaws.told(Severity.WARNING)[0]] == [
        'this schema cannot be compiled, so that values are not held to it: this value is not a "regex"'
    ]


@pytest.mark.parametrize(
    ("schema", "place"),
    [({"pattern": r"\p{NoSuchProperty}"}, "/pattern"), ({"patternProperties": {"(a{1,999}){1,999}": {}}}, "/patternProperties/(a{1,999}){1,999}")],
)  # fmt: skip
def test_a_regular_expression_that_cannot_be_used_is_told_at_its_place(schema, place):
    document = document_of({"Odd": schema})

    Schemas(document, {}).check_all(None)

    (flaw,) = document.flaws.told(Severity.WARNING)[0]
    assert flaw.pointer == f"/components/schemas/Odd{place}"
    assert "cannot be used" in flaw.message


@pytest.mark.parametrize(
    ("value", "pointers"),
    [
        ({"own": {"id": 1}}, ["/own/id"]),
        ({"own": {}, "list": [{"id": ""}, {"id": 1}]}, ["/list/1/id"]),
        ({}, ["/own"]),
        ({"own": {}, "x/y": 1}, ["/x~1y"]),
        ({"own": {}, "either": {"own": 3}}, ["/either/own"]),
    ],
)
def test_places_are_those_in_the_value_whichever_schemas_are_compiled_with_its_own(value, pointers):
    thing = {"$ref": "#/components/schemas/Thing"}
    owner = {
        "required": ["own"],
        "properties": {
            "own": thing,
            "list": {"items": thing},
            "either": {"anyOf": [{"type": "string"}, {"required": ["own"], "properties": {"own": thing}}]},
        },
        "additionalProperties": False,
    }
    document = document_of(
        {"Owner": owner, "Thing": {"type": "object", "properties": {"id": {"type": "string"}, "near": thing}}}
    )

    found = Schemas(document, {}).check(named(document, "Owner")).violations(value, NoChoice())

    assert [violation.pointer for violation in found] == pointers


def test_what_is_found_broken_later_is_not_sound_any_more():
    document = document_of({"Outer": {"items": {"$ref": "#/components/schemas/Inner"}}, "Inner": {"type": "string"}})
    outer, inner = (document.root["components"]["schemas"][name] for name in ("Outer", "Inner"))
    before = outer.is_sound

    inner.breaks("is wrong")
    document.break_parts()

    assert (before, outer.is_sound) == (True, False)
