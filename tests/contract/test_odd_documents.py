"""Documents that are odd, and no reason to fail: they are served as far as they go, in bounded time."""

from __future__ import annotations

import json

import pytest

from mock_server.server.check import Check
from mock_server.server.mock import Mock
from mock_server.server.settings import Settings
from mock_server.server.welcome import curl_lines

A = "#/components/schemas/A"
SCHEMAS = {
    "three members of its own kind": {"type": "object", "required": ["a", "b", "c"], "properties": {"a": {"$ref": A}, "b": {"$ref": A}, "c": {"$ref": A}}},
    "counts with a fraction of nothing": {"type": "object", "properties": {"l": {"type": "array", "minItems": 2.0, "items": {"type": "string", "minLength": 1.0}}}, "required": ["l"]},
    "a whole number beyond a double": {"type": "integer", "default": 10**400},
    "listed numbers beyond a double": {"type": "integer", "enum": [10**400, 1]},
    "more properties than there can be": {"type": "object", "minProperties": 10**9},
    "a very long pattern": {"type": "string", "pattern": "x" * 100_000},
    "names by a pattern that cannot be used": {"patternProperties": {"\\p{L}{1000}": {"type": "integer"}}},
    "a reference to a list of schemas": {"allOf": [{"$ref": f"{A}/allOf"}]},
    "a reference to the name of a type": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"$ref": f"{A}/properties/a/type"}}},
    "itself": {"$ref": A},
    "all of itself": {"allOf": [{"$ref": A}]},
    "one of itself": {"oneOf": [{"$ref": A}]},
}  # fmt: skip


def document(schema: object, **members: object) -> dict[str, object]:
    content = {"application/json": {"schema": {"$ref": A}}}
    operation = {"requestBody": {"content": content}, "responses": {"200": {"description": "A", "content": content}}}
    plain = {"get": {"responses": {"204": {"description": "A"}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "A", "version": "1"},
        "paths": {"/a": {"post": operation}, "/plain": plain},
        "components": {"schemas": {"A": schema}},
        **members,
    }


@pytest.fixture
def served(write):
    """Return the mock of a document, after a check of it and all that a start does."""

    def served(value: object) -> Mock:
        mock = Mock.from_settings(Settings(write(json.dumps(value), name="api.json")))
        assert str(Check.of(mock.contract))
        assert len(list(curl_lines(mock, "http://localhost", mock.contract.operations))) == len(mock.contract.operations)
        return mock

    return served


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_a_document_with_an_odd_schema_is_served_and_its_other_operations_are_not_touched(served, schema):
    mock = served(document(schema))

    assert "GET /plain" not in {str(operation) for operation in mock.contract.unsupported}


def test_a_reference_into_a_schema_leaves_what_it_leads_to_as_it_is(served):
    healthy = {"type": "string", "maxLength": 3}
    odd = {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Healthy/maxLength"}}}
    value = document(odd)
    value["components"]["schemas"]["Healthy"] = healthy
    value["paths"]["/healthy"] = {
        "get": {"responses": {"200": {"description": "A", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Healthy"}}}}}}
    }  # fmt: skip
    mock = served(value)
    (operation,) = [one for one in mock.contract.operations if one.path == "/healthy"]
    check = mock.contract.schemas.check(operation.responses["200"].content[0].schema)

    assert not check.strictest.is_valid("long")
    assert [str(one) for one in mock.contract.unsupported] == ["POST /a"]


@pytest.mark.parametrize("url", ["http://[", "http://[::1", "//[", "http://a:b:c", "{x}", ""])
def test_an_address_of_a_server_that_is_none_is_ignored(served, url):
    flows = {"clientCredentials": {"tokenUrl": "/token", "scopes": {}}}
    value = document({}, servers=[{"url": url}], security=[{"o": []}])
    value["components"]["securitySchemes"] = {"o": {"type": "oauth2", "flows": flows}}

    assert served(value).contract.unsupported == ()


@pytest.mark.parametrize(
    "parameter",
    [
        {"in": "formData", "name": "a", "type": "array", "items": {"type": "string"}, "collectionFormat": []},
        {"in": "query", "name": "a", "type": "array", "items": {"type": "string"}, "collectionFormat": {}},
        {"in": "formData", "name": "a", "$ref": {}},
        {"in": "formData", "name": []},
        {"in": []},
        [],
        None,
    ],
    ids=str,
)
def test_an_odd_parameter_of_swagger_2_breaks_its_operation_at_most(served, parameter):
    mock = served(
        {
            "swagger": "2.0",
            "info": {"title": "A", "version": "1"},
            "paths": {
                "/a": {"post": {"parameters": [parameter], "responses": {"204": {"description": "A"}}}},
                "/plain": {"get": {"responses": {"204": {"description": "A"}}}},
            },
        }
    )

    assert {str(operation) for operation in mock.contract.unsupported} <= {"POST /a"}


def test_a_behaviour_that_looks_up_by_what_cannot_be_read_is_not_supported(served):
    value = document({"type": "object", "properties": {"id": {"type": "string"}}, "x-resource": {}})
    value["paths"]["/a/{id}"] = {
        "parameters": [{}],
        "get": {
            "responses": {"200": {"description": "A", "content": {"application/json": {"schema": {"$ref": A}}}}},
            "x-behaviour": [{"find": "A", "where": {"id": "$request.path.id"}, "as": "a"}, {"answer": "$a"}],
        },
    }

    assert [str(one) for one in served(value).contract.unsupported] == ["GET /a/{id}"]
