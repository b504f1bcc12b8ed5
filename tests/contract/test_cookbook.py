"""Every recipe of the cookbook is read without a mistake where it may stand."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import pytest
import yaml
from places import ROOT

from mock_server.engine.loading import load_contract

RECIPES = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "cookbook.md").read_text(), re.DOTALL)
TITLES = [f"{number} {next(iter(yaml.safe_load(text)))}" for number, text in enumerate(RECIPES)]

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
ANY_TEXT = {"type": ["string", "null"]}


def object_of(required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required.split(), "properties": properties}


TASK = object_of(
    "id title state project_id",
    id=NUMBER,
    title=TEXT,
    state={"type": "string", "enum": ["open", "done", "dropped"], "default": "open"},
    project_id={"type": "integer", "default": 1},
    author_id={"type": ["integer", "null"]},
    slug=TEXT,
    name={"type": "string", "default": "x"},
    note_count=NUMBER,
    label=TEXT,
    href=TEXT,
    phase=TEXT,
    created_at={"type": ["string", "null"], "format": "date-time"},
    made_at=NUMBER,
    changed_at={"type": ["integer", "null"]},
)
NOTE = object_of("text", text=TEXT)
SCHEMAS: dict[str, Any] = {
    "Task": {**TASK, "x-resource": {"owner": "organization"}},
    "Project": {**object_of("id name", id=NUMBER, name=TEXT), "x-resource": {"owner": "organization"}},
    "Note": {
        **object_of("id text task_id", id=NUMBER, text=TEXT, task_id=NUMBER),
        "x-resource": {"owner": "organization"},
    },
    "Hook": {**object_of("id url", id=NUMBER, url=TEXT), "x-resource": {"owner": "organization"}},
    "User": {
        **object_of("id email", id=NUMBER, email=TEXT, role=TEXT),
        "x-resource": {"owner": "organization", "stored": {"password": {"type": "string"}}},
    },
    "Session": {
        **object_of("id token expires_at", id=NUMBER, token=TEXT, expires_at={"type": "string", "format": "date-time"}),
        "x-resource": {
            "owner": "organization",
            "stored": {"user_id": {"type": "integer"}},
            "credential": {"scheme": "token", "secret": "token", "expires": "expires_at", "user": "user_id"},
        },
    },
    "TaskCard": {
        **object_of("kind title", kind={"const": "task"}, title=TEXT),
        "x-view": {"of": "Task", "set": {"kind": "task"}},
    },
    "ProjectCard": {
        **object_of("kind name", kind={"const": "p"}, name=TEXT),
        "x-view": {"of": "Project", "set": {"kind": "p"}},
    },
}
BODY = object_of(
    "title email password",
    title=TEXT,
    email=TEXT,
    password=TEXT,
    project_id=NUMBER,
    notes={"type": "array", "items": NOTE},
)
SHOWN: Any = {"description": "Something.", "content": {"application/json": {"schema": {}}}}
CALLBACK = {"post": {"requestBody": {"content": {"application/json": {"schema": {}}}}, "responses": {"204": SHOWN}}}


def query(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


def document() -> dict[str, Any]:
    """Return a document in which each recipe may stand."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Recipes", "version": "1"},
        "security": [{"token": []}],
        "paths": {
            "/tried/{id}": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": NUMBER},
                    {"name": "Idempotency-Key", "in": "header", "schema": TEXT},
                    query("state", type="array", items=TEXT),
                    *(query(name, type="string") for name in ("q", "sort")),
                    query("force", type="boolean", default=False),
                    *(query(name, type="integer") for name in ("limit", "offset", "starting_after", "ending_before")),
                ],
                "post": {
                    "operationId": "tried",
                    "requestBody": {"required": True, "content": {"application/json": {"schema": BODY}}},
                    "responses": {"200": SHOWN, "201": SHOWN},
                    "callbacks": {"taskDone": {"{$request.body#/title}": CALLBACK}},
                },
            }
        },
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}, "schemas": deepcopy(SCHEMAS)},
    }


def test_there_are_recipes():
    assert len(RECIPES) > 20


@pytest.mark.parametrize("recipe", RECIPES, ids=TITLES)
def test_a_recipe_is_read_where_it_stands(tmp_path, recipe):
    whole, declared = document(), yaml.safe_load(recipe)
    tried = whole["paths"]["/tried/{id}"]["post"]
    if "x-resource" in declared:
        whole["components"]["schemas"]["Task"]["x-resource"] = declared["x-resource"]
    elif "x-behaviour" in declared:
        tried["x-behaviour"] = declared["x-behaviour"]
        if declared["x-behaviour"][0].get("anywhere"):
            tried["security"] = []
    else:
        whole.update(declared)
        tried["x-behaviour"] = [{"create": "Task", "from": "$request.body"}]
    file = tmp_path / "recipe.yaml"
    file.write_text(yaml.safe_dump(whole))

    contract = load_contract(file)

    assert contract.resources.keys() == {"Task", "Project", "Note", "Hook", "User", "Session"}
    assert "x-behaviour" not in declared or contract.operations[0].behaviour is not None
