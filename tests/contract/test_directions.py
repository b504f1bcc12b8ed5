"""What is `readOnly` need not be in a request, and what is `writeOnly` not in a response."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from mock_server.contract.documents.document import Document
from mock_server.contract.files.source import Source
from mock_server.contract.schemas.checks import NoChoice, Schemas
from mock_server.contract.schemas.schema import Schema

THING = """
    Asked: {type: object, required: [id, name, secret], properties: {id: {type: string, readOnly: true}, name: {}, secret: {writeOnly: true}}}
    Within: {items: {properties: {thing: {$ref: '#/components/schemas/Asked'}}}}
    Referring: {required: [id], properties: {id: {$ref: '#/components/schemas/Id'}}}
    Id: {type: string, readOnly: true}
    Parts: {allOf: [{$ref: '#/components/schemas/Base'}, {required: [id, name]}]}
    Base: {properties: {id: {readOnly: true}}}
    Free: {required: [readOnly], properties: {readOnly: {type: boolean}}}
"""


@pytest.fixture
def schemas():
    text = json.dumps({"components": {"schemas": yaml.safe_load(THING)}})
    return Schemas(Document(Source(Path("some.json"), text)), {})


def named(schemas, name):
    return Schema(schemas.document.root["components"]["schemas"][name])


def violations(schemas, name, direction, value):
    found = schemas.check(named(schemas, name), direction).violations(value, NoChoice())
    return [(violation.pointer, violation.rule) for violation in found]


@pytest.mark.parametrize(
    ("name", "direction", "value", "missing"),
    [
        ("Asked", "request", {}, ["/name", "/secret"]),
        ("Asked", "response", {}, ["/id", "/name"]),
        ("Asked", None, {}, ["/id", "/name", "/secret"]),
        ("Within", "request", [{"thing": {}}], ["/0/thing/name", "/0/thing/secret"]),
        ("Within", "response", [{"thing": {}}], ["/0/thing/id", "/0/thing/name"]),
        ("Referring", "request", {}, []),
        ("Referring", "response", {}, ["/id"]),
        ("Parts", "request", {}, ["/name"]),
        ("Parts", "response", {}, ["/id", "/name"]),
        ("Free", "request", {}, ["/readOnly"]),
    ],
)
def test_what_is_not_sent_in_a_direction_is_not_required_there(schemas, name, direction, value, missing):
    assert [pointer for pointer, _ in violations(schemas, name, direction, value)] == missing


def test_what_is_sent_all_the_same_is_held_to_its_schema(schemas):
    assert violations(schemas, "Asked", "request", {"id": 1, "name": "", "secret": ""}) == [("/id", "type")]


def test_schemas_that_ask_for_the_same_in_both_directions_are_checked_alike(schemas):
    assert schemas.check(named(schemas, "Free"), "request") is schemas.check(named(schemas, "Free"))
    assert schemas.check(named(schemas, "Asked"), "request") is not schemas.check(named(schemas, "Asked"))


def test_a_schema_tells_what_is_required_in_a_direction(schemas):
    assert named(schemas, "Asked").required_in("request") == {"name", "secret"}
    assert named(schemas, "Asked").required_in("response") == {"id", "name"}
