"""Steps that are done for each element of a list in the body."""

from __future__ import annotations

import pytest
from places import BASKETS, DESK


@pytest.fixture
def baskets(talk_about):
    """A conversation about baskets, which are made of fruit that is there and of tags that are new."""
    api = talk_about(BASKETS)
    for name in ("Plum", "Fig", "Pear"):
        api.post("/fruits", {"name": name})
    return api


def test_each_element_makes_a_record_in_its_turn(stockroom):
    api = stockroom()
    answer = api.post("/items/bulk", [{"title": "A saw"}, {"title": "A file", "rank": 9}])

    assert answer.status == 201
    assert [(item["id"], item["title"], item["rank"]) for item in answer.body] == [(8, "A saw", 3), (9, "A file", 9)]
    assert [item["id"] for item in api.get("/items").body] == [7, 8, 9]
    assert api.post("/items/bulk", []).body == []


def test_what_belongs_to_a_new_record_is_made_with_it(stockroom):
    api = stockroom()
    answer = api.post("/deliveries", {"from": "Ann", "lines": [{"code": "a"}, {"code": "b", "amount": 4}]})
    lines = [{name: value for name, value in line.items() if name != "id"} for line in answer.body["lines"]]

    assert lines == [{"delivery_id": 1, "code": "a", "amount": 1}, {"delivery_id": 1, "code": "b", "amount": 4}]
    assert api.get("/lines").body == answer.body["lines"]


def test_one_that_is_refused_takes_all_with_it_and_is_told_by_its_place(stockroom):
    api = stockroom()
    api.post("/deliveries", {"from": "Ann", "lines": [{"code": "a"}]})
    before = api.store.snapshot()
    taken = api.post("/deliveries", {"from": "Ann", "lines": [{"code": "b"}, {"code": "a"}]})
    twice = api.post("/deliveries", {"from": "Ann", "lines": [{"code": "c"}, {"code": "c"}]})

    assert (taken.status, twice.status) == (409, 409)
    assert api.store.snapshot() == before


def test_what_a_list_of_the_body_names_and_what_it_makes_is_shown_with_the_record_from_then_on(baskets):
    made = baskets.post(
        "/baskets", {"label": "A", "fruits": [{"id": 3}, {"id": 1}], "tags": [{"text": "new"}, {"text": "big"}]}
    )
    plain = baskets.post("/baskets", {"label": "B", "tags": []})

    assert made.body["fruits"] == [{"id": 3, "name": "Pear"}, {"id": 1, "name": "Plum"}]
    assert made.body["tags"] == [{"id": 1, "text": "new"}, {"id": 2, "text": "big"}]
    assert plain.body == {"id": 2, "label": "B", "fruits": [], "tags": []}
    assert baskets.get("/baskets").body == [made.body, plain.body]


def test_one_that_is_not_there_is_told_by_its_place(baskets):
    answer = baskets.post("/baskets", {"label": "A", "fruits": [{"id": 3}, {"id": 9}], "tags": [{"text": "new"}]})

    assert [(v.location, v.pointer, v.rule) for v in answer.violations] == [("body", "/fruits/1/id", "exists")]
    assert baskets.get("/baskets").body == []


def test_a_list_that_a_change_leaves_out_stays_and_an_empty_one_is_empty(baskets):
    baskets.post("/baskets", {"label": "A", "fruits": [{"id": 3}], "tags": []})
    relabelled = baskets.patch("/baskets/1", {"label": "B"})
    emptied = baskets.patch("/baskets/1", {"fruits": []})

    assert (relabelled.body["label"], relabelled.body["fruits"]) == ("B", [{"id": 3, "name": "Pear"}])
    assert emptied.body["fruits"] == []


def test_a_field_of_each_can_be_answered(baskets):
    assert baskets.post("/tags", {"tags": [{"text": "new"}, {"text": "big"}]}).body == {"made": [1, 2], "texts": ["new", "big"]}
    assert baskets.post("/tags", {}).body == {}


def test_one_that_is_refused_leaves_the_others_alone_where_that_is_told(talk_about):
    api = talk_about(DESK)
    sent = [{"title": "a", "code": "x"}, {"title": "b", "code": "x"}, {"title": "c", "parent_id": 99}, {"title": "d"}]

    results = api.post("/tickets/bulk", {"tickets": sent}).body["results"]

    assert [one["status"] for one in results] == [201, 409, 404, 201]
    assert [one["ticket"]["title"] for one in results if "ticket" in one] == ["a", "d"]
    assert results[1] == {"status": 409, "error": "Another Ticket has this code already."}
    assert [ticket["title"] for ticket in api.get("/tickets").body] == ["a", "d"]


def test_what_one_changed_before_it_was_refused_is_taken_back(talk_about):
    """The note that goes with the first ticket is there again where the second one that refers to it stands in the way."""
    api = talk_about(DESK)
    api.post("/tickets", {"title": "a"})
    api.post("/tickets/1/notes", {"text": "n"})
    api.post("/tickets", {"title": "b", "parent_id": 1})

    results = api.post("/tickets/removal", {"ids": [1, 2]}).body

    assert [one["status"] for one in results] == [409, 204]
    assert [note["text"] for note in api.get("/tickets/1/notes").body] == ["n"]
    assert api.get("/tickets/2").status == 404
