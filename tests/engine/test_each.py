"""Steps that are done for each element of a list in the body."""

from __future__ import annotations


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
