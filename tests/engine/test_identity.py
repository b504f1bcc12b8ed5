"""What tells records apart beside their keys: ids, unique fields, slugs; and times as numbers and dates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mock_server.contract.files.flaws import FlawedInput
from mock_server.contract.files.source import Source
from mock_server.engine.fixtures import fixtures_from
from mock_server.engine.state import read_state, state_of

ITEM = {"title": "A saw"}
DEVICE = {"id": "till-4", "model": "T1000", "serial": "s1"}


def source_of(value):
    return Source(Path("the body"), json.dumps(value))


def test_ids_are_counted_from_the_largest_fixture_on_and_never_used_again(stockroom):
    api = stockroom()
    first, second = (api.post("/items", ITEM).body["id"] for _ in range(2))
    api.ask("DELETE", f"/items/{second}")
    third = api.post("/items", ITEM, token="globex-token").body["id"]

    assert (first, second, third) == (8, 9, 10)


def test_the_largest_fixture_leaves_its_id_to_nobody_even_when_it_goes_first(stockroom):
    api = stockroom()
    api.ask("DELETE", "/items/7")

    assert api.post("/items", ITEM).body["id"] == 8


def test_a_refused_request_takes_no_number(stockroom):
    api = stockroom()
    api.post("/items", ITEM)
    before = api.store.snapshot()
    api.store.next_number("Item")
    api.store.rollback()

    assert api.store.snapshot() == before
    assert api.post("/items", ITEM).body["id"] == 9


def test_a_state_and_a_reset_bring_the_numbers_back(stockroom):
    api = stockroom()
    ids = [api.post("/items", ITEM).body["id"] for _ in range(2)]
    api.ask("DELETE", f"/items/{ids[1]}")
    written = json.loads(json.dumps(state_of(api.store.snapshot())))
    api.store.reset()

    assert api.post("/items", ITEM).body["id"] == 8

    api.store.restore(read_state(source_of(written), api.contract, ["acme", "globex"]))

    assert api.post("/items", ITEM).body["id"] == 10
    with pytest.raises(FlawedInput, match="did you mean 'Item'"):
        read_state(source_of({**written, "last-ids": {"Itme": 3}}), api.contract, ["acme", "globex"])


def test_an_id_that_a_client_chooses_is_taken_once(stockroom):
    api = stockroom()
    made, again = api.post("/devices", DEVICE), api.post("/devices", {**DEVICE, "serial": "s2"})
    unnamed = api.post("/devices", {"model": "T2000"})

    assert (made.status, made.body["id"]) == (201, "till-4")
    assert again.status == 409
    assert unnamed.body["id"] not in ("till-4", None)
    assert api.get("/devices/till-4").body == made.body


def test_what_is_unique_is_so_whoever_writes_it(stockroom):
    api = stockroom()
    api.post("/devices", DEVICE)
    api.post("/devices", {"id": "till-5", "model": "T1000", "serial": "s2"})

    assert api.post("/devices", {"model": "T1000", "serial": "s1"}).status == 409
    assert api.put("/devices/till-6", {"model": "T1000", "serial": "s1"}).status == 409
    assert api.put("/devices/till-5", {"model": "T1000", "serial": "s1"}).status == 409
    assert api.patch("/devices/till-5", {"serial": "s1"}).status == 409
    assert api.patch("/devices/till-5", {"serial": "s2", "model": "X"}).status == 200
    assert api.patch("/devices/till-5", {"serial": None}).status == 200
    assert api.post("/devices", {"model": "T1000", "serial": None}).status == 201
    assert api.post("/devices", {"model": "T1000", "serial": "s1"}, token="globex-token").status == 201
    assert api.put("/devices/till-4", {"model": "T1000"}).status == 200
    assert api.patch("/devices/till-5", {"serial": "s1"}).status == 200


@pytest.mark.parametrize("field", ["serial", "slug"])
def test_what_is_unique_is_so_in_fixtures_and_states(stockroom, field):
    contract, generator = stockroom().contract, stockroom().generator
    device = {"id": "a", "model": "m", "serial": "s", "owner": None, "created_at": "2026-01-01T00:00:00Z"}
    page = {"title": "t", "slug": "t", "made_at": 1, "changed_on": "2026-01-01"}
    ids = ["3d1a2b4c-0000-4000-8000-00000000000" + digit for digit in "12"]
    records = {
        "serial": {"Device": [{**device, "updated_at": device["created_at"], "id": id} for id in "ab"]},
        "slug": {"Page": [{**page, "id": id} for id in ids]},
    }[field]

    with pytest.raises(FlawedInput, match=f"the {field} stands twice"):
        fixtures_from(source_of({"organizations": {"acme": {"tokens": ["t"], "resources": records}}}), contract, generator)
    with pytest.raises(FlawedInput, match=f"the {field} stands twice"):
        read_state(source_of({"organizations": {"acme": records}}), contract, ["acme"])


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Crème & Brûlée!", "creme-brulee"), ("  Two   words ", "two-words"), ("A_B", "a-b"), ("日本", "page"), ("1", "1")],
)
def test_a_slug_is_made_of_a_title(stockroom, title, slug):
    assert stockroom().post("/pages", {"title": title}).body["slug"] == slug


def test_a_slug_that_is_taken_gets_a_number_and_one_that_is_given_is_kept(stockroom):
    api = stockroom()
    made = [api.post("/pages", {"title": "Home"}).body for _ in range(3)]
    given = api.post("/pages", {"title": "Home", "slug": "Start here"}).body
    again = api.post("/pages", {"title": "Home", "slug": "home"})
    renamed = api.patch("/pages/home-2", {"title": "Away"}).body

    assert [page["slug"] for page in made] == ["home", "home-2", "home-3"]
    assert given["slug"] == "Start here"
    assert again.status == 409
    assert renamed["slug"] == "home-2"
    assert api.get("/pages/home-2").body == renamed
    assert api.post("/pages", {"title": "Home"}, token="globex-token").body["slug"] == "home"


def test_times_are_written_as_the_fields_have_them(stockroom):
    api = stockroom()
    page = api.post("/pages", {"title": "Home"}).body
    api.time += 24 * 3600 * 1_000_000_000
    changed = api.patch("/pages/home", {"title": "Away"}).body

    assert 1_768_469_400_000 < page["made_at"] < 1_768_469_500_000
    assert page["changed_on"] == "2026-01-15"
    assert changed == {**page, "title": "Away", "changed_on": "2026-01-16"}
