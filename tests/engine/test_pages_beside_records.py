"""Pages that are asked for by a record: those behind it, or before it."""

from __future__ import annotations

import pytest
import yaml
from places import TIMELINE

from mock_server.contract.files.flaws import FlawedInput
from mock_server.engine.loading import load_contract


@pytest.fixture
def timeline(talk_about):
    """A conversation about six posts, and their ids, the newest first; every other one is about tea."""
    api = talk_about(TIMELINE)
    return api, [api.post("/posts", {"topic": "tea" if number % 2 else "milk"}).body["id"] for number in range(6)][::-1]


@pytest.mark.parametrize(
    ("query", "shown", "more"),
    [
        ("limit=2", [0, 1], True),
        ("limit=2&after={1}", [2, 3], True),
        ("limit=2&after={3}", [4, 5], False),
        ("limit=2&after={5}", [], False),
        ("limit=2&before={5}", [3, 4], True),
        ("limit=2&before={2}", [0, 1], False),
        ("limit=2&before={1}", [0], False),
        ("limit=2&before={0}", [], False),
        ("before={5}", [2, 3, 4], True),
        ("limit=9&after={0}&before={4}", [1, 2, 3], False),
        ("limit=2&after={0}&before={4}", [1, 2], True),
        ("after={4}&before={0}", [], False),
        ("after=", [0, 1, 2], True),
        ("topic=tea&limit=1&after={0}", [2], True),
        ("topic=tea&limit=1&after={1}", [2], True),
        ("topic=tea&before={5}", [0, 2, 4], False),
        ("topic=tea&after={3}", [4], False),
    ],
)
def test_a_page_has_what_is_beside_a_record(timeline, query, shown, more):
    api, ids = timeline
    page = api.get(f"/posts?{query.format(*ids)}").body

    assert [post["id"] for post in page["data"]] == [ids[place] for place in shown]
    assert page["has_more"] is more
    assert page["total"] == (3 if "topic" in query else 6)
    assert (page["first_id"], page["last_id"]) == ((ids[shown[0]], ids[shown[-1]]) if shown else (None, None))


def test_what_is_made_or_removed_meanwhile_moves_no_page(timeline):
    api, ids = timeline
    api.post("/posts", {"topic": "milk"})
    api.ask("DELETE", f"/posts/{ids[2]}")

    assert [post["id"] for post in api.get(f"/posts?limit=2&after={ids[1]}").body["data"]] == ids[3:5]


def test_a_record_that_is_not_there_is_refused(timeline):
    api, ids = timeline
    api.ask("DELETE", f"/posts/{ids[2]}")
    refused = api.get(f"/posts?after={ids[2]}")

    assert refused.status == 422
    assert refused.violations[0][:2] == ("query", "/after")
    assert api.ask("GET", f"/posts?before={ids[0]}", token="globex-token").status == 422


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("before: $request.query.before", "offset: $request.query.limit", "a page is asked for in one way only"),
        ("$page.last", "$page.next", "a list of Post has no value 'next'"),
    ],
)
def test_mistakes_are_told(tmp_path, old, new, told):
    file = tmp_path / "timeline.yaml"
    file.write_text(TIMELINE.read_text().replace(old, new))

    with pytest.raises(FlawedInput, match=told):
        load_contract(file)


def test_ids_may_be_numbers(talk_about, tmp_path):
    document = yaml.safe_load(TIMELINE.read_text())
    document["components"]["schemas"]["Post"]["properties"]["id"] = {"type": "integer"}
    parameters = [*document["paths"]["/posts"]["get"]["parameters"][2:], *document["paths"]["/posts/{id}"]["parameters"]]
    for parameter in parameters:
        parameter["schema"] = {"type": "integer"}
    shown = document["paths"]["/posts"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
    shown["first_id"] = shown["last_id"] = {"type": ["integer", "null"]}
    file = tmp_path / "timeline.yaml"
    file.write_text(yaml.safe_dump(document))
    api = talk_about(file)
    for _ in range(3):
        api.post("/posts", {"topic": "tea"})

    assert [post["id"] for post in api.get("/posts?after=3").body["data"]] == [2, 1]
