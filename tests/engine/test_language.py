"""What editors and people read of the language is what documents are held to."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from places import DOCUMENTS, ROOT

from mock_server.contract.documents.vocabulary import EXTENSIONS
from mock_server.engine import language
from mock_server.engine.language import _meanings, overlay_schema, reference

OVERLAY = """\
overlay: 1.0.0
info: {title: What it does, version: '1'}
extends: api.yaml
actions:
  - target: $.components.schemas.Task
    update: {x-resource: {owner: organization, created: created_at, key: [name], key-case: {assumption: name-case}}}
  - target: $.paths['/tasks'].get
    update: {x-behaviour: [{list: Task, as: tasks}, {answer: {items: $tasks}, headers: {X-Total: 1}}]}
"""

MEANINGS = Path(language.__file__).with_name("meanings.json")

MISTAKES = {
    "an unknown key of a resource": ("created:", "creatd:"),
    "an unknown outcome": ("{assumption: name-case}", "ignored"),
    "an unknown verb": ("list: Task", "lists: Task"),
    "an unknown key of a step": ("as: tasks", "name: tasks"),
    "a key that is no list": ("[name]", "name"),
}


def test_the_pages_and_the_schema_in_the_docs_are_those_of_the_code():
    assert (ROOT / "docs" / "reference.md").read_text() == reference(), "run scripts/reference"
    assert json.loads((ROOT / "docs" / "overlay.schema.json").read_text()) == overlay_schema(), "run scripts/reference"


def test_a_good_overlay_satisfies_the_schema():
    jsonschema_rs.meta.validate(overlay_schema())

    assert jsonschema_rs.validator_for(overlay_schema()).is_valid(yaml.safe_load(OVERLAY))


@pytest.mark.parametrize("mistake", MISTAKES)
def test_an_editor_would_mark_the_mistake(mistake):
    right, wrong = MISTAKES[mistake]
    assert right in OVERLAY

    assert not jsonschema_rs.validator_for(overlay_schema()).is_valid(yaml.safe_load(OVERLAY.replace(right, wrong, 1)))


def test_every_extension_and_every_verb_is_told():
    told = reference()

    assert [name for name in EXTENSIONS if f"`{name}`" not in told] == []
    assert all(f"### `{verb}`" in told for verb in ("find", "find-or-create", "create", "update", "delete", "list"))


def test_no_meaning_stands_twice_so_that_the_last_one_would_hold():
    """Readers of JSON keep the last of several members with a name."""
    names = re.findall(r'^  "([^"]+)":', MEANINGS.read_text(), re.MULTILINE)

    assert sorted(names) == sorted(_meanings())


def test_no_meaning_is_of_a_key_that_is_gone():
    keys = {key for definition in overlay_schema()["$defs"].values() for key in definition.get("properties", {})}

    assert {name.rpartition(".")[2] for name in _meanings()} - keys == set()


def test_the_behaviours_of_our_own_documents_satisfy_the_schema():
    definitions = overlay_schema()
    step = jsonschema_rs.validator_for({**definitions, "$ref": "#/$defs/step"})
    steps = [
        one
        for document in DOCUMENTS.glob("*.yaml")
        for item in (yaml.safe_load(document.read_text()).get("paths") or {}).values()
        for operation in item.values()
        if isinstance(operation, dict)
        for one in operation.get("x-behaviour", [])
    ]

    assert len(steps) > 20
    assert [one for one in steps if not step.is_valid(one)] == []
