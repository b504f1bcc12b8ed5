from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_document import SMALL, edited

from mock_server.contract.documents.overlay import overlaid
from mock_server.contract.files.flaws import FlawedInput, Severity
from mock_server.contract.files.source import Source
from mock_server.engine.loading import load_contract

PLAIN = """\
info: {title: Plain}
tags: [{name: a}, {name: b}, {name: c}]
paths:
  /a: {get: {tags: [a, x]}}
  /b: {get: {tags: [b]}, post: {tags: [x]}}
"""
"""No OpenAPI document: what an overlay makes of it does not depend on that."""


def overlay(*actions: object, extends: str = "base.yaml", **more: object) -> str:
    return json.dumps(
        {"overlay": "1.1.0", "info": {"title": "Ours", "version": "1"}, "extends": extends, "actions": actions, **more}
    )


@pytest.fixture
def changed(write):
    """Return what the actions of an overlay make of a document."""

    def changed(*actions, base=PLAIN):
        return overlaid(Source.from_path(write(overlay(*actions), {"base.yaml": base}, name="ours.overlay.yaml"))).value

    return changed


@pytest.fixture
def flaws(write):
    """Return what is wrong with an overlay, or with the document that it makes."""

    def flaws(text, base=SMALL):
        with pytest.raises(FlawedInput) as raised:
            load_contract(write(text, {"base.yaml": base}, name="ours.overlay.yaml"), strict=True)
        return raised.value.flaws

    return flaws


def without_extensions(document):
    """Split a document: what a vendor would publish, and the extensions as actions of an overlay."""
    actions = []

    def strip(value, path):
        if isinstance(value, dict):
            ours = {key: value.pop(key) for key in list(value) if key.startswith("x-")}
            if ours:
                actions.append({"target": "$" + "".join(f"[{json.dumps(step)}]" for step in path), "update": ours})
            for key, part in value.items():
                strip(part, [*path, key])

    strip(document, [])
    return document, actions


def test_a_contract_may_be_a_vendors_document_and_an_overlay_with_the_extensions(write):
    whole = load_contract(write(SMALL))
    vendors, actions = without_extensions(Source(Path("api.yaml"), SMALL).value)
    contract = load_contract(write(overlay(*actions), {"base.yaml": json.dumps(vendors)}, name="ours.overlay.yaml"))

    assert contract.assumptions.keys() == whole.assumptions.keys()
    assert contract.resources.keys() == whole.resources.keys()
    assert [operation.behaviour is None for operation in contract.operations] == [False] * 3
    assert contract.document.main.value == whole.document.main.value


@pytest.mark.parametrize(
    ("action", "path", "result"),
    [
        ({"target": "$.info", "update": {"x-a": {"b": 1}}}, ("info",), {"title": "Plain", "x-a": {"b": 1}}),
        ({"target": "$", "update": {"info": {"title": "Ours"}}}, ("info",), {"title": "Ours"}),
        ({"target": "$.info.title", "update": "Ours"}, ("info",), {"title": "Ours"}),
        ({"target": "$.paths.*.get", "update": {"tags": ["n"]}}, ("paths", "/a", "get", "tags"), ["a", "x", "n"]),
        ({"target": "$.paths.*.get.tags", "update": "n"}, ("paths", "/b", "get", "tags"), ["b", "n"]),
        ({"target": "$.tags", "update": [{"name": "d"}]}, ("tags", 3), {"name": "d"}),
        ({"target": "$.tags[?@.name == 'b']", "update": {"x": 1}}, ("tags", 1), {"name": "b", "x": 1}),
        ({"target": "$.tags[?@.name != 'b']", "remove": True}, ("tags",), [{"name": "b"}]),
        ({"target": "$..tags[?@ == 'x']", "remove": True}, ("paths", "/b", "post"), {"tags": []}),
        ({"target": "$.paths['/b'].post", "remove": True}, ("paths", "/b"), {"get": {"tags": ["b"]}}),
        ({"target": "$.nowhere", "remove": True}, ("info",), {"title": "Plain"}),
        ({"target": "$.paths['/a'].get", "copy": "$.paths['/b'].post"}, ("paths", "/a", "get", "tags"), ["a", "x", "x"]),
    ],
)
def test_an_action_changes_what_its_target_selects(changed, action, path, result):
    value = changed(action)
    for key in path:
        value = value[key]

    assert value == result


def test_actions_apply_in_order(changed):
    value = changed(
        {"target": "$.paths", "update": {"/new": {}}},
        {"target": "$.paths['/new']", "copy": "$.paths['/b']"},
        {"target": "$.paths['/b']", "remove": True},
        {"target": "$.paths['/new'].get", "update": {"summary": "New"}},
    )

    assert value["paths"] == {
        "/a": {"get": {"tags": ["a", "x"]}},
        "/new": {"get": {"tags": ["b"], "summary": "New"}, "post": {"tags": ["x"]}},
    }


def test_parts_that_an_action_changed_alike_can_be_changed_apart(changed):
    value = changed(
        {"target": "$.paths.*.get", "update": {"x-a": {"list": []}}},
        {"target": "$.paths['/a'].get.x-a.list".replace(".x-a", "['x-a']"), "update": 1},
    )

    assert [path["get"]["x-a"] for path in value["paths"].values()] == [{"list": [1]}, {"list": []}]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (overlay(), "/actions", "needs at least 1"),
        (overlay({"target": "$.info"}), "/actions/0", "an action has to have one of `update`, `copy` or `remove: true`"),
        (overlay({"target": "$.info", "update": {}, "copy": "$"}), "/actions/0", "one of `update`, `copy`"),
        (overlay({"update": {}}), "/actions/0/target", "'target' is missing"),
        (overlay({"target": "$.info", "updates": {}}), "/actions/0/updates", "'updates' is not known here"),
        (overlay({"target": "$.info", "remove": "yes"}), "/actions/0/remove", "has to be true or false"),
        (overlay({"target": "$.info[", "remove": True}), "/actions/0/target", "is not a JSONPath expression"),
        (overlay({"target": "paths", "remove": True}), "/actions/0/target", "is not a JSONPath expression"),
        (overlay({"target": "$.path", "update": {}}), "/actions/0/target", "'$.path' selects nothing"),
        (overlay({"target": "$.info", "copy": "$.paths.*"}), "/actions/0/copy", "selects 2 parts of the document"),
        (overlay({"target": "$.info", "copy": "$.x"}), "/actions/0/copy", "selects 0 parts"),
        (overlay({"target": "$", "remove": True}), "/actions/0", "the whole document cannot be removed"),
        (overlay({"target": "$.info", "update": [1]}), "/actions/0/update", "a list cannot be merged with a mapping"),
        (
            overlay({"target": "$.info", "update": {"title": {}}}),
            "/actions/0/update/title",
            "a mapping cannot be merged with 'A guest book'",
        ),
        (
            overlay({"target": "$.paths", "update": {"/guests": None}}),
            "/actions/0/update/~1guests",
            "null cannot be merged with a mapping",
        ),
        (overlay({"target": "$.info", "copy": "$.security"}), "/actions/0/copy", "a list cannot be merged with a mapping"),
        (overlay({"target": "$", "update": {}}, overlay="1.2.0"), "/overlay", "'1.2.0' of overlays is not supported"),
        (overlay({"target": "$", "update": {}}, extends="other.yaml"), "/extends", "there is no file 'other.yaml'"),
        (overlay({"target": "$", "update": {}}, extends="../base.yaml"), "/extends", "lies outside"),
        (overlay({"target": "$", "update": {}}, extends="https://example.com/base.yaml"), "/extends", "is not read"),
        (overlay({"target": "$", "update": {}}, extends="ours.overlay.yaml"), "", "there is no `openapi` at its top"),
        (
            json.dumps({"overlay": "1.0.0", "info": {"title": "", "version": ""}, "actions": [{}]}),
            "/extends",
            "'extends' is missing",
        ),
    ],
)
def test_a_mistake_in_an_overlay_is_told_at_its_place(flaws, text, place, message):
    found = flaws(text)

    assert [(Path(flaw.file).name, flaw.pointer) for flaw in found if message in flaw.message] == [("ours.overlay.yaml", place)]


def test_all_mistakes_of_an_overlay_are_told_at_once(flaws):
    wrong = [{"target": "$.path", "update": {}}, {"target": "$[", "remove": True}, {"target": "$.info", "update": 1}]

    assert [flaw.pointer for flaw in flaws(overlay(*wrong))] == ["/actions/0/target", "/actions/1/target", "/actions/2/update"]


def test_a_key_may_stand_twice_in_the_document_beneath_but_not_in_the_overlay(write):
    base = SMALL.replace("title: A guest book", "title: A book, title: A guest book")
    ours = json.dumps({"overlay": "1.1.0", "info": {"title": "Ours", "version": "1"}, "extends": "base.yaml", "actions": []})
    actions = '"actions": [{"target": "$.info", "update": {"version": "2"}}]'

    contract = load_contract(write(ours.replace('"actions": []', actions), {"base.yaml": base}, name="ours.overlay.yaml"))
    with pytest.raises(FlawedInput) as raised:
        load_contract(
            write(ours.replace('"actions": []', f"{actions}, {actions}"), {"base.yaml": base}, name="ours.overlay.yaml")
        )

    assert (contract.title, contract.version) == ("A guest book", "2")
    [flaw] = contract.document.flaws.told(Severity.WARNING)[0]
    assert (Path(flaw.file).name, flaw.line, flaw.pointer) == ("base.yaml", 2, "/info/title")
    assert [(Path(flaw.file).name, flaw.pointer) for flaw in raised.value.flaws] == [("ours.overlay.yaml", "/actions")]


def test_what_an_overlay_changes_is_changed_nowhere_else_for_an_alias_stands_for_a_copy(changed):
    base = "a: &name {x: 1}\nb: *name\n"

    assert changed({"target": "$.a", "update": {"x": 2}}, base=base) == {"a": {"x": 2}, "b": {"x": 1}}


def test_a_mistake_in_what_an_overlay_adds_is_told_in_the_overlay(flaws):
    found = flaws("""\
overlay: 1.0.0
info: {title: Ours, version: '1'}
extends: base.yaml
actions:
  - target: $.paths['/guests'].post['x-behaviour']
    update:
      - find: Gest
        where: {id: x}
""")

    assert [(Path(flaw.file).name, flaw.line, flaw.pointer) for flaw in found if "'Gest'" in flaw.message] == [
        ("ours.overlay.yaml", 7, "/actions/0/update/0/find")
    ]


def test_a_mistake_in_the_document_beneath_is_told_there_even_where_elements_have_moved(flaws):
    base = edited(
        SMALL, ("security: [{token: []}]\n", "security: [{token: []}]\ntags:\n  - {name: a}\n  - {name: b}\n  - {nam: c}\n")
    )
    found = flaws(overlay({"target": "$.tags[0]", "remove": True}), base)

    assert {(Path(flaw.file).name, flaw.line, flaw.pointer[:7]) for flaw in found} == {("base.yaml", 7, "/tags/2")}


@pytest.mark.parametrize(
    "actions",
    [
        [{"target": "$", "update": {"x-bomb": {"a": 1}}}, *[{"target": "$['x-bomb']", "copy": "$"}] * 40],
        [{"target": "$", "update": {"x-bomb": [0]}}, *[{"target": "$['x-bomb']", "copy": "$['x-bomb']"}] * 40],
        [{"target": "$", "update": {"x-bomb": {}}}, *[{"target": "$..['x-bomb']", "copy": "$"}] * 40],
    ],
)
def test_actions_cannot_blow_up_a_document(flaws, actions):
    assert "this adds too much" in flaws(overlay(*actions))[-1].message


def test_both_files_of_an_overlaid_document_are_watched(write):
    path = write(overlay({"target": "$.info", "update": {"x-note": 1}}), {"base.yaml": SMALL}, name="ours.overlay.yaml")

    assert [file.name for file in load_contract(path).document.paths_read()] == ["base.yaml", "ours.overlay.yaml"]


def test_references_lead_from_the_document_beneath(write):
    moved = edited(SMALL, ("schema: {$ref: '#/components/schemas/NewGuest'}", "schema: {$ref: parts.yaml#/NewGuest}"))
    guest = "NewGuest: {type: object, required: [email], properties: {email: {type: string}}}"
    parts = {"vendor/base.yaml": moved, "vendor/parts.yaml": guest}
    text = overlay({"target": "$.info", "update": {"x-note": 1}}, extends="vendor/base.yaml")

    assert len(load_contract(write(text, parts, name="ours.overlay.yaml")).operations) == 3
