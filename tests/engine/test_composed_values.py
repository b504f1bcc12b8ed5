"""Values that are made of others: texts, operators, computed fields, views, headers."""

from __future__ import annotations

import re

import pytest
import yaml
from places import CELLAR

from mock_server.contract.files.flaws import FlawedInput
from mock_server.engine.generating import SECOND
from mock_server.engine.loading import load_contract

NOON = 1_768_478_400 * SECOND  # 2026-01-15T12:00:00Z


@pytest.fixture
def cellar_of(talk_about):
    """Start a conversation about a cellar in which it is always noon."""

    def started(document):
        cellar = talk_about(document)
        cellar.generator.clock = lambda: NOON
        return cellar

    return started


@pytest.fixture
def cellar(cellar_of):
    return cellar_of(CELLAR)


def test_a_text_has_what_its_expressions_come_to(cellar):
    rack = cellar.ask("POST", "/racks", {"name": "North"})

    assert rack.body["label"] == "Rack North"
    assert dict(rack.headers)["Location"] == f"/racks/{rack.body['id']}"
    assert rack.body["self"] == {"href": f"/racks/{rack.body['id']}", "title": "North"}


def test_an_object_is_made_of_what_is_sent_and_what_is_fixed(cellar):
    assert cellar.ask("POST", "/racks", {"name": "North", "room": "2"}).body["place"] == {"room": "2", "house": "main"}
    assert cellar.ask("POST", "/racks", {"name": "South"}).body["place"] == {"house": "main"}


def test_a_count_has_what_belongs_to_the_record_now(cellar):
    north, south = (cellar.ask("POST", "/racks", {"name": name}).body["id"] for name in ("North", "South"))
    bottles = [cellar.ask("POST", f"/racks/{rack}/bottles", {"wine": "Red"}) for rack in (north, north, south)]
    cellar.ask("POST", "/racks", {"name": "Elsewhere"}, token="globex-token")

    assert [dict(bottle.headers)["X-Rack-Count"] for bottle in bottles] == ["1", "2", "1"]
    assert [rack["bottles"] for rack in cellar.ask("GET", "/racks").body] == [2, 1]
    assert cellar.ask("DELETE", f"/bottles/{bottles[0].body['id']}").status == 204
    assert cellar.ask("GET", f"/racks/{north}").body["bottles"] == 1
    assert cellar.ask("GET", "/stock").body["racks"] == 2


def test_a_time_may_be_later_than_the_request(cellar):
    rack = cellar.ask("POST", "/racks", {"name": "North"}).body
    bottle = cellar.ask("POST", f"/racks/{rack['id']}/bottles", {"wine": "Red"}).body

    assert rack["made_at"] == "2026-01-15T12:00:00.000000Z"
    assert bottle["drink_by"] == "2026-01-15T13:00:00.000000Z"
    assert re.fullmatch("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", bottle["slot"])


def test_views_show_several_resources_one_after_the_other(cellar):
    rack = cellar.ask("POST", "/racks", {"name": "North"}).body["id"]
    red = cellar.ask("POST", f"/racks/{rack}/bottles", {"wine": "Red", "year": 1999}).body["id"]
    white = cellar.ask("POST", f"/racks/{rack}/bottles", {"wine": "White"}).body["id"]

    assert cellar.ask("GET", "/stock").body["items"] == [
        {"kind": "rack", "id": rack, "title": "North", "bottles": 2},
        {"kind": "bottle", "id": red, "title": "Red, 1999"},
        {"kind": "bottle", "id": white, "title": "White"},
    ]


def test_what_is_computed_is_not_stored(cellar):
    cellar.ask("POST", "/racks", {"name": "North"})

    (rack,) = cellar.store.scan("Rack", "acme")
    assert rack.keys() == {"id", "name", "place", "made_at"}


def test_lists_are_filtered_and_ordered_by_what_is_computed(cellar_of, tmp_path):
    document = yaml.safe_load(CELLAR.read_text())
    listing = document["paths"]["/racks"]["get"]
    listing["parameters"] = [{"name": name, "in": "query", "schema": {"type": "integer"}} for name in ("bottles", "least")]
    listing["x-behaviour"] = [
        {
            "list": "Rack",
            "where": {"bottles": {"equals": "$request.query.bottles", "at-least": "$request.query.least"}},
            "order": ["-bottles"],
        }
    ]
    file = tmp_path / "cellar.yaml"
    file.write_text(yaml.safe_dump(document))
    cellar = cellar_of(file)
    for name, count in (("North", 1), ("South", 2), ("West", 0)):
        rack = cellar.ask("POST", "/racks", {"name": name}).body["id"]
        for _ in range(count):
            cellar.ask("POST", f"/racks/{rack}/bottles", {"wine": "Red"})

    assert [rack["name"] for rack in cellar.ask("GET", "/racks").body] == ["South", "North", "West"]
    assert [rack["name"] for rack in cellar.ask("GET", "/racks?least=1").body] == ["South", "North"]
    assert [rack["name"] for rack in cellar.ask("GET", "/racks?bottles=0").body] == ["West"]


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("seconds", NOON // SECOND),
        ("milliseconds", NOON // SECOND * 1000),
        ("date", "2026-01-15"),
        ("date-time", "2026-01-15T12:00:00.000000Z"),
    ],
)
def test_the_time_is_told_in_each_form(cellar_of, tmp_path, form, value):
    document = yaml.safe_load(CELLAR.read_text())
    document["components"]["schemas"]["Rack"]["properties"]["label"] = {}
    document["components"]["schemas"]["Rack"]["x-resource"]["computed"]["label"] = {"$now": form}
    file = tmp_path / "cellar.yaml"
    file.write_text(yaml.safe_dump(document))

    assert cellar_of(file).ask("POST", "/racks", {"name": "North"}).body["label"] == value


def test_a_field_is_given_the_time_as_it_holds_times(cellar_of, tmp_path):
    document = yaml.safe_load(CELLAR.read_text())
    document["components"]["schemas"]["Bottle"]["properties"]["drink_by"] = {"type": "integer", "readOnly": True}
    file = tmp_path / "cellar.yaml"
    file.write_text(yaml.safe_dump(document))
    cellar = cellar_of(file)

    rack = cellar.ask("POST", "/racks", {"name": "North"}).body["id"]
    assert cellar.ask("POST", f"/racks/{rack}/bottles", {"wine": "Red"}).body["drink_by"] == NOON // SECOND + 3600


def test_what_an_object_or_a_list_has_of_a_result_is_the_record_as_it_was_shown_then(cellar_of, tmp_path):
    document = yaml.safe_load(CELLAR.read_text())
    document["components"]["schemas"]["Bottle"]["properties"]["history"] = {"type": "object", "readOnly": True}
    create = next(step for step in document["paths"]["/racks/{rack_id}/bottles"]["post"]["x-behaviour"] if "create" in step)
    create["set"]["history"] = {"first": "$rack", "racks": ["$rack"]}
    file = tmp_path / "cellar.yaml"
    file.write_text(yaml.safe_dump(document))
    cellar = cellar_of(file)
    rack = cellar.ask("POST", "/racks", {"name": "North"}).body
    first, second = (cellar.ask("POST", f"/racks/{rack['id']}/bottles", {"wine": "Red"}).body for _ in range(2))

    assert first["history"] == {"first": rack, "racks": [rack]}
    assert second["history"]["first"] == {**rack, "bottles": 1}
    assert first["rack_id"] == rack["id"]


@pytest.mark.parametrize(
    ("split", "query", "names"),
    [
        ("$request.query.names", "", ["North", "South"]),
        ("$request.query.names", "names=North,,%20West", ["North"]),
        ("$request.query.names", "names=South%2CNorth", ["North", "South"]),
        ({"value": "$request.query.names", "with": ";"}, "names=South%3BWest", ["South"]),
        ({"value": "$request.query.names", "with": ";"}, "names=South,North", []),
    ],
)
def test_a_text_is_split_at_its_commas(cellar_of, tmp_path, split, query, names):
    document = yaml.safe_load(CELLAR.read_text())
    listing = document["paths"]["/racks"]["get"]
    listing["parameters"] = [{"name": "names", "in": "query", "schema": {"type": "string"}}]
    listing["x-behaviour"] = [{"list": "Rack", "where": {"name": {"in": {"$split": split}}}}]
    file = tmp_path / "cellar.yaml"
    file.write_text(yaml.safe_dump(document))
    cellar = cellar_of(file)
    for name in ("North", "South"):
        cellar.ask("POST", "/racks", {"name": name})

    assert [rack["name"] for rack in cellar.ask("GET", f"/racks?{query}").body] == names


def test_what_may_be_absent_may_be_so_split_as_well(tmp_path):
    document = yaml.safe_load(CELLAR.read_text())
    document["components"]["schemas"]["Rack"]["properties"]["words"] = {"type": "array", "items": {"type": "string"}}
    document["components"]["schemas"]["Rack"]["required"].append("words")
    create = document["paths"]["/racks"]["post"]["x-behaviour"][0]
    file = tmp_path / "cellar.yaml"
    for text, is_given in (("$request.body#/name", True), ("$request.body#/room", False)):
        create["set"]["words"] = {"$split": text}
        file.write_text(yaml.safe_dump(document))
        if is_given:
            load_contract(file, strict=True)
            continue
        with pytest.raises(FlawedInput, match="'words' of Rack is not always given"):
            load_contract(file, strict=True)


MISTAKES: dict[str, tuple[str, str, str, str]] = {
    "an unknown operator": ("$later: 1h", "$latr: 1h", "'$latr' is not an operator", "did you mean '$later'?"),
    "split at nothing": (
        "label: 'Rack {$this.name}'",
        "label: {$split: {value: $this.name, with: ''}}",
        "has to be a text, not ''",
        "",
    ),
    "split without a value": (
        "label: 'Rack {$this.name}'",
        "label: {$split: {with: ';'}}",
        "'value' is missing",
        "",
    ),
    "found by what is computed": (
        "where: {id: $request.path.rack_id}",
        "where: {bottles: 1}",
        "'bottles' is computed, not stored",
        "lists may be filtered by it",
    ),
    "a span without a unit": ("$later: 1h", "$later: soon", "'soon' is not a span of time", "a number with a unit"),
    "a time for a number": ("drink_by: {$later: 1h}", "year: {$later: 1h}", "", ""),
    "a text for a count": ("bottles: {$count", "made_at2: {$count", "Rack has no field 'made_at2'", "did you mean 'made_at'?"),
    "a count of nothing": (
        "of: Bottle, where: {rack_id: $this.id}}}\n          label",
        "of: Botle}}\n          label",
        "'Botle' is not a resource",
        "Bottle",
    ),
    "a count by no field": ("{rack_id: $this.id}", "{rak_id: $this.id}", "Bottle has no field 'rak_id'", "rack_id"),
    "this, where nothing is": (
        "rack_id: $rack.id, drink",
        "rack_id: $this.id, drink",
        "no record is looked at here",
        "computed",
    ),
    "an unknown field of this": (
        "'Rack {$this.name}'",
        "'Rack {$this.nam}'",
        "Rack has no field 'nam'",
        "did you mean 'name'?",
    ),
    "a broken expression in a text": ("'Rack {$this.name}'", "'Rack {$request.x.y}'", "is not an expression", ""),
    "a count for a text": ("label: 'Rack {$this.name}'", "label: {$count: {of: Bottle}}", "never fits the schema", ""),
    "an unknown view": ("{as: RackCard", "{as: RackCrd", "'RackCrd' is not a view", "did you mean 'RackCard'?"),
    "a view of nothing": ("{of: Rack, set", "{of: Rak, set", "'Rak' is not a resource", "did you mean 'Rack'?"),
    "a view that lacks a property": (
        ", title: $this.name, bottles",
        ", bottles",
        "no field 'title' that RackCard could show",
        "set",
    ),
    "a view with an unknown property": (
        "kind: rack, title",
        "kin: rack, title",
        "RackCard has no property 'kin'",
        "did you mean 'kind'?",
    ),
    "a header that is the server's": ("Location: '/racks", "Content-Length: '/racks", "cannot be set as a header", ""),
    "a header that is a list": ("Location: '/bottles/{$bottle.id}'", "Location: [1]", "", ""),
    "a computed id": ("bottles: {$count", "id: {$count", "'id' has its value already", ""),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_where_it_stands(tmp_path, mistake):
    right, wrong, message, hint = MISTAKES[mistake]
    text = CELLAR.read_text()
    assert right in text
    file = tmp_path / "cellar.yaml"
    file.write_text(text.replace(right, wrong, 1))

    with pytest.raises(FlawedInput) as told:
        load_contract(file)

    assert any(message in flaw.message and hint in flaw.hint for flaw in told.value.flaws), told.value
