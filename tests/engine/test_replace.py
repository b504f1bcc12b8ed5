from __future__ import annotations

ITEM = {"title": "A saw", "note": "sharp", "tags": ["steel"], "rank": 5}


def test_a_replaced_record_has_nothing_left_of_what_the_request_leaves_out(stockroom):
    api = stockroom()
    made = api.post("/items", ITEM).body
    answer = api.put(f"/items/{made['id']}", {"title": "A file"})
    after = {name: value for name, value in made.items() if name != "tags"}

    assert answer.status == 200
    assert answer.body == {**after, "title": "A file", "note": None, "rank": 3, "updated_at": answer.body["updated_at"]}
    assert answer.body["updated_at"] > made["updated_at"]
    assert api.get(f"/items/{made['id']}").body == answer.body


def test_replacing_a_record_by_itself_changes_not_even_its_time(stockroom):
    api = stockroom()
    made = api.post("/items", ITEM).body

    assert api.put(f"/items/{made['id']}", ITEM).body == made


def test_a_record_that_loses_nothing_but_a_member_is_changed(stockroom):
    api = stockroom()
    made = api.post("/items", ITEM).body
    after = api.put(f"/items/{made['id']}", {name: value for name, value in ITEM.items() if name != "tags"}).body

    assert "tags" not in after
    assert after["updated_at"] > made["updated_at"]


def test_what_is_not_there_is_not_replaced(stockroom):
    api = stockroom()
    before = api.store.snapshot()

    assert api.put("/items/404", ITEM).status == 404
    assert api.put("/items/7", ITEM, token="globex-token").status == 404
    assert api.store.snapshot() == before


def test_a_record_is_made_under_the_id_that_was_asked_for_and_replaced_after_that(stockroom):
    api = stockroom()
    made = api.put("/devices/till-4", {"model": "T1000", "owner": "Ann"})
    replaced = api.put("/devices/till-4", {"model": "T2000"})

    assert (made.status, replaced.status) == (201, 200)
    assert made.body["id"] == "till-4"
    assert made.body["created_at"] == made.body["updated_at"] == replaced.body["created_at"]
    assert replaced.body == {**made.body, "model": "T2000", "owner": None, "updated_at": replaced.body["updated_at"]}
    assert replaced.body["updated_at"] > made.body["updated_at"]
    assert api.get("/devices/till-4").body == replaced.body


def test_two_organizations_may_choose_the_same_id(stockroom):
    api = stockroom()
    ours = api.put("/devices/till-4", {"model": "T1000"})
    theirs = api.put("/devices/till-4", {"model": "Z80"}, token="globex-token")

    assert (ours.status, theirs.status) == (201, 201)
    assert api.get("/devices/till-4").body["model"] == "T1000"


def test_a_record_is_made_and_replaced_by_a_key_of_several_parts(stockroom):
    api = stockroom()
    made = api.put("/shelves/north/a", {"height": 3, "colour": "red", "name": "not this"})
    replaced = api.put("/shelves/north/a", {"height": 4})
    beside = api.put("/shelves/south/a", {"height": 5})

    assert (made.status, replaced.status, beside.status) == (201, 200, 201)
    assert (made.body["hall"], made.body["name"]) == ("north", "a")
    assert replaced.body == {**made.body, "height": 4, "colour": None, "updated_at": replaced.body["updated_at"]}
    assert beside.body["id"] != made.body["id"]
    assert api.get("/shelves/north/a").body == replaced.body
