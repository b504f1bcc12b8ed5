"""Discriminators: an object is held to the schema that it names, and what is wrong is told of that one alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from mock_server.contract.decisions import Assumption
from mock_server.contract.documents.document import Document
from mock_server.contract.files.flaws import Severity
from mock_server.contract.files.source import Source
from mock_server.contract.schemas.checks import NoChoice, Schemas
from mock_server.contract.schemas.inclusion import Inclusion
from mock_server.contract.schemas.schema import Schema

COURSES = """
    Soup: {type: object, required: [course, liters], properties: {course: {type: string}, liters: {type: number}}}
    Salad: {type: object, required: [course, leaves], properties: {course: {type: string}, leaves: {type: integer}}}
    Bread: {type: object, required: [course], properties: {course: {enum: [rye, wheat]}, slices: {type: integer}}}
"""
BRANCHES = "oneOf: [{$ref: '#/components/schemas/Soup'}, {$ref: '#/components/schemas/Salad'}]"
MAPPED = "mapping: {hot: '#/components/schemas/Soup', cold: Salad}"


def document_of(schemas: str) -> Document:
    value = {"components": {"schemas": yaml.safe_load(schemas)}}
    return Document(Source(Path("some.json"), json.dumps(value)))


def checked(schemas: str, name: str = "Asked"):
    document = document_of(schemas)
    known = Schemas(document, {})
    known.check_all(None)
    return known.check(Schema(document.root["components"]["schemas"][name]))


def violations(check, value):
    return [(violation.pointer, violation.rule) for violation in check.violations(value, NoChoice())]


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"course": "hot", "liters": 1}, []),
        ({"course": "cold", "leaves": 1}, []),
        ({"course": "hot", "leaves": 1}, [("/liters", "required")]),
        ({"course": "cold", "leaves": "many"}, [("/leaves", "type")]),
        ({"course": "hot", "liters": "x", "leaves": 1}, [("/liters", "type")]),
        ({"course": "lukewarm", "liters": 1}, [("/course", "enum")]),
        ({"course": "Soup", "liters": 1}, [("/course", "enum")]),
        ({"liters": 1}, [("/course", "required")]),
        ("hot", [("", "type")]),
    ],
)
def test_an_object_is_held_to_the_branch_that_the_mapping_names(keyword, value, told):
    branches = BRANCHES.replace("oneOf", keyword)
    check = checked(f"    Asked: {{{branches}, discriminator: {{propertyName: course, {MAPPED}}}}}{COURSES}")

    assert violations(check, value) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"course": "Soup", "liters": 1}, []),
        ({"course": "Salad"}, [("/leaves", "required")]),
        ({"course": "Stew", "liters": 1}, [("/course", "enum")]),
    ],
)
def test_without_a_mapping_schemas_go_by_their_own_names(value, told):
    check = checked(f"    Asked: {{{BRANCHES}, discriminator: {{propertyName: course}}}}{COURSES}")

    assert violations(check, value) == told


def test_a_value_that_names_nothing_is_told_with_all_that_would_be_right():
    check = checked(f"    Asked: {{{BRANCHES}, discriminator: {{propertyName: course, {MAPPED}}}}}{COURSES}")

    (violation,) = check.violations({"course": "dessert"}, NoChoice())

    assert violation.message == "this value is not one of 'hot', 'cold'"


def test_a_branch_that_lists_the_values_of_the_property_goes_by_these():
    branches = "oneOf: [{$ref: '#/components/schemas/Soup'}, {$ref: '#/components/schemas/Bread'}]"
    check = checked(f"    Asked: {{{branches}, discriminator: {{propertyName: course}}}}{COURSES}")

    assert violations(check, {"course": "rye"}) == []
    assert violations(check, {"course": "wheat", "slices": "two"}) == [("/slices", "type")]
    assert violations(check, {"course": "Bread"}) == [("/course", "enum")]


def test_where_a_mapping_contradicts_what_a_branch_lists_the_branch_is_right():
    mapping = "mapping: {loaf: Bread, hot: Soup}"
    branches = "oneOf: [{$ref: '#/components/schemas/Soup'}, {$ref: '#/components/schemas/Bread'}]"
    check = checked(f"    Asked: {{{branches}, discriminator: {{propertyName: course, {mapping}}}}}{COURSES}")

    assert violations(check, {"course": "rye"}) == []
    assert violations(check, {"course": "loaf"}) == [("/course", "enum")]


def test_branches_that_stand_in_the_schema_are_told_apart_by_what_they_list():
    inline = "{type: object, required: [a], properties: {kind: {const: one}, a: {type: string}}}"
    other = "{type: object, required: [b, c], properties: {kind: {enum: [two, three]}}}"
    check = checked(f"    Asked: {{oneOf: [{inline}, {other}], discriminator: {{propertyName: kind}}}}")

    assert violations(check, {"kind": "one", "a": "x"}) == []
    assert violations(check, {"kind": "three"}) == [("/b", "required"), ("/c", "required")]
    assert violations(check, {"a": "x"}) == [("/kind", "required")]


def test_other_branches_let_through_what_is_no_object():
    branches = BRANCHES.replace("]", ", {type: 'null'}]")
    check = checked(f"    Asked: {{{branches}, discriminator: {{propertyName: course, {MAPPED}}}}}{COURSES}")

    assert violations(check, None) == []
    assert violations(check, {"course": "hot"}) == [("/liters", "required")]


def test_the_mapping_may_name_what_a_branch_consists_of():
    either = "Either: {oneOf: [{$ref: '#/components/schemas/Soup'}, {$ref: '#/components/schemas/Salad'}]}"
    branches = "oneOf: [{$ref: '#/components/schemas/Either'}, {$ref: '#/components/schemas/Bread'}]"
    discriminator = "discriminator: {propertyName: course, mapping: {hot: Soup, rye: Bread}}"
    check = checked(f"    Asked: {{{branches}, {discriminator}}}\n    {either}{COURSES}")

    assert violations(check, {"course": "hot", "liters": 1}) == []
    assert violations(check, {"course": "wheat"}) == [("/course", "enum")]


def test_two_branches_of_one_name_are_a_choice_still():
    sheet = "Sheet: {type: object, required: [course, baked], properties: {course: {enum: [rye]}}}"
    branches = "anyOf: [{$ref: '#/components/schemas/Sheet'}, {$ref: '#/components/schemas/Bread'}]"
    check = checked(f"    Asked: {{{branches}, discriminator: {{propertyName: course}}}}\n    {sheet}{COURSES}")

    assert violations(check, {"course": "rye"}) == []
    assert violations(check, {"course": "wheat", "slices": 1}) == []


GUESTS = """
    Guest:
      type: object
      required: [kind]
      properties: {kind: {type: string}, host: {$ref: '#/components/schemas/Guest'}}
      discriminator: {propertyName: kind%s}
    Member: {allOf: [{$ref: '#/components/schemas/Guest'}, {required: [number]}]}
    Chair: {allOf: [{$ref: '#/components/schemas/Member'}, {required: [since]}]}
    Table: {properties: {guests: {items: {$ref: '#/components/schemas/Guest'}}}}
"""


@pytest.mark.parametrize(
    ("mapping", "value", "told"),
    [
        ("", {"kind": "Member", "number": 1}, []),
        ("", {"kind": "Member"}, [("/number", "required")]),
        ("", {"kind": "Chair"}, [("/number", "required"), ("/since", "required")]),
        ("", {"kind": "Guest"}, []),
        ("", {"kind": "stranger"}, []),
        ("", {}, [("/kind", "required")]),
        ("", {"kind": "Guest", "host": {"kind": "Member"}}, [("/host/number", "required")]),
        (", mapping: {m: Member}", {"kind": "m"}, [("/number", "required")]),
        (", mapping: {m: '#/components/schemas/Member'}", {"kind": "m", "number": 1}, []),
        (", mapping: {m: Member}", {"kind": "stranger"}, [("/kind", "enum")]),
        (", mapping: {m: Member}", {"kind": "Guest"}, []),
        (", mapping: {m: Member, g: Guest}", {"kind": "g"}, []),
    ],
)
def test_an_object_is_held_to_the_schema_that_extends_the_one_asked_for(mapping, value, told):
    assert violations(checked(GUESTS % mapping, "Guest"), value) == told
    assert violations(checked(GUESTS % mapping, "Table"), {"guests": [value]}) == [
        (f"/guests/0{at}", rule) for at, rule in told
    ]


def test_what_extends_a_schema_is_not_held_to_what_extends_that_as_well():
    check = checked(GUESTS % "", "Member")

    assert violations(check, {"kind": "Chair", "number": 1}) == []
    assert violations(check, {"kind": "Member"}) == [("/number", "required")]
    assert violations(check, {"number": 1}) == [("/kind", "required")]


def test_branches_that_extend_the_choice_itself_come_to_an_end():
    check = checked("""
    Asked:
      required: [kind]
      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
      discriminator: {propertyName: kind}
    Cat: {allOf: [{$ref: '#/components/schemas/Asked'}, {required: [lives]}]}
    Dog: {allOf: [{$ref: '#/components/schemas/Asked'}, {required: [tail]}]}
    """)

    assert violations(check, {"kind": "Dog", "tail": 1}) == []
    assert violations(check, {"kind": "Dog", "lives": 9}) == [("/tail", "required")]
    assert violations(check, {"kind": "Cow", "lives": 9}) == [("/kind", "enum")]


@pytest.mark.parametrize("value", ["Nobody", "'#/components/schemas/Nobody'"])
def test_a_mapping_that_leads_nowhere_is_a_warning_and_its_name_is_not_known(value):
    document = document_of(
        f"    Asked: {{{BRANCHES}, discriminator: {{propertyName: course, mapping: {{hot: Soup, odd: {value}}}}}}}{COURSES}"
    )
    schemas = Schemas(document, {})
    schemas.check_all(None)
    check = schemas.check(Schema(document.root["components"]["schemas"]["Asked"]))

    (warning,) = document.flaws.told(Severity.WARNING)[0]
    assert "leads nowhere" in warning.message
    assert "/mapping/odd" in warning.pointer
    assert violations(check, {"course": "odd", "liters": 1}) == [("/course", "enum")]


def test_a_response_that_only_its_discriminator_refuses_is_not_taken_for_proven():
    document = document_of(
        f"    Asked: {{{BRANCHES}, discriminator: {{propertyName: course, {MAPPED}}}}}\n    Plain: {{{BRANCHES}}}{COURSES}"
    )
    named = {name: Schema(node) for name, node in document.root["components"]["schemas"].items()}

    assert Inclusion().obstacle(named["Plain"], named["Asked"]) is not None
    assert Inclusion().obstacle(named["Asked"], named["Plain"]) is None
    assert Inclusion().obstacle(named["Asked"], named["Asked"]) is None


@pytest.mark.parametrize(("choice", "told"), [("lenient", []), ("strict", [("/number", "minimum")])])
def test_a_choice_that_a_named_schema_depends_on_is_consulted(choice, told):
    strictly = "{properties: {number: {x-when: {numbering: {strict: {minimum: 1}}}}}}"
    document = document_of(f"{GUESTS % ''}    Numbered: {{allOf: [{{$ref: '#/components/schemas/Guest'}}, {strictly}]}}")
    numbering = Assumption("numbering", {"lenient": "", "strict": ""}, "lenient", "Not said.")
    schemas = Schemas(document, {"numbering": numbering})
    schemas.check_all(lambda name, node, key: numbering)
    check = schemas.check(Schema(document.root["components"]["schemas"]["Guest"]))

    found = check.violations({"kind": "Numbered", "number": 0}, Choosing(choice))

    assert [(violation.pointer, violation.rule) for violation in found] == told
    assert check.violations({"kind": "Numbered", "number": 1}, NoChoice()) == ()


class Choosing:
    def __init__(self, choice):
        self.choice = choice

    def of(self, assumption):
        return self.choice
