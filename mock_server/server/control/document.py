"""The OpenAPI document of the control API, made of the table of its endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pydantic import BaseModel

from mock_server.contract.files.source import Json
from mock_server.server.control.bodies import schema_of
from mock_server.server.control.endpoint import Endpoint
from mock_server.server.control.guard import SCHEME
from mock_server.server.mock import Mock

PREFIX = "/__admin"

FLAW: Json = {
    "type": "object",
    "properties": {
        "line": {"type": "integer"},
        "column": {"type": "integer"},
        "pointer": {"type": "string"},
        "message": {"type": "string"},
        "hint": {"type": "string"},
    },
    "required": ["line", "column", "pointer", "message", "hint"],
}
PROBLEM: Json = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "flaws": {"type": "array", "items": FLAW},
    },
    "required": ["type", "title", "status", "detail"],
}


def document(mock: Mock, endpoints: Iterable[Endpoint], *, needs_token: bool) -> Json:
    """Return the document for the mock that is served: its operations, organizations and assumptions are written into it."""
    paths: dict[str, dict[str, Json]] = {}
    for endpoint in endpoints:
        paths.setdefault(PREFIX + endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, mock, needs_token)
    told: dict[str, Json] = {
        "openapi": "3.1.0",
        "info": {
            "title": "Understudy's control API",
            "version": "1",
            "description": "Controls a mock: its state, its choices, its clock, what goes wrong, and what it was asked.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "This mock."}],
        "paths": paths,
        "components": {"schemas": {"Problem": PROBLEM}},
    }
    if needs_token:
        told["components"]["securitySchemes"] = {SCHEME.name: dict(SCHEME.declaration)}
        told["security"] = [{SCHEME.name: []}]
    return told


def _operation(endpoint: Endpoint, mock: Mock, needs_token: bool) -> Json:
    media = {endpoint.media_type: {"schema": endpoint.answer}}
    told: dict[str, Json] = {
        "operationId": endpoint.id,
        "summary": endpoint.summary,
        "responses": {
            str(endpoint.status): {"description": endpoint.summary, **({"content": media} if endpoint.answer else {})}
        },
    }
    if endpoint.id == "health":
        told["security"] = []
    parameters = [*_path_parameters(endpoint), *_query_parameters(endpoint.query)]
    if parameters:
        told["parameters"] = parameters
    refusals = {
        400: "The request cannot be read.",
        403: "The request does not come from this machine.",
        422: "It does not fit.",
    }
    refusals.update(endpoint.refusals)
    if needs_token:
        refusals[401] = "The admin token is needed."
    if endpoint.may_lack:
        refusals[404] = endpoint.may_lack
    if endpoint.schema is not None:
        refusals |= {413: "The body is too large.", 415: "The body is of another type."}
        types = ["application/json", *(["application/yaml"] if endpoint.takes_yaml else [])]
        schema = endpoint.schema(mock)
        told["requestBody"] = {"required": endpoint.needs_body, "content": {name: {"schema": schema} for name in types}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, description in sorted(refusals.items()):
        told["responses"][str(status)] = {"description": description, "content": problem}
    return told


def _path_parameters(endpoint: Endpoint) -> list[Json]:
    names = re.findall(r"\{(\w+)\}", endpoint.path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for name in names]


def _query_parameters(model: type[BaseModel]) -> list[Json]:
    members = schema_of(model).get("properties", {})
    return [{"name": name, "in": "query", "required": False, "schema": _present(schema)} for name, schema in members.items()]


def _present(schema: Json) -> Json:
    """Return what a query parameter is where it stands: absence is not null there."""
    arms = [arm for arm in schema.get("anyOf", []) if arm != {"type": "null"}]
    if len(arms) == 1:
        return arms[0]
    return schema
