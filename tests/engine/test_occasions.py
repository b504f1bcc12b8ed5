"""Steps that are done for some requests only (`if`)."""

from __future__ import annotations

import pytest
from places import DESK


@pytest.fixture
def desk(talk_about):
    return talk_about(DESK)


def test_a_step_is_done_for_the_value_that_it_is_for_and_for_no_other(desk):
    desk.post("/tickets", {"title": "No light"})

    assert desk.patch("/tickets/1", {"event": "close"}).body["state"] == "closed"
    assert desk.patch("/tickets/1", {"title": "Still no light"}).body == {"id": 1, "title": "Still no light", "state": "closed"}
    assert desk.patch("/tickets/1", {"event": "reopen"}).body["state"] == "open"


def test_a_parameter_decides_by_its_default_where_it_is_not_sent(desk):
    desk.post("/tickets", {"title": "No light"})

    assert desk.ask("DELETE", "/tickets/1").status == 204
    assert desk.get("/tickets/1").body["state"] == "binned"
    assert desk.ask("DELETE", "/tickets/1?force=true").status == 204
    assert desk.get("/tickets/1").status == 404


def test_null_stands_for_what_is_not_given(desk):
    desk.post("/tickets", {"title": "No light", "urgent": True})
    desk.post("/tickets/1/notes", {"text": "The light is out"})

    everything = desk.get("/search?q=light").body

    assert (len(everything["hits"]), everything["tickets"]) == (2, 1)
    assert desk.get("/search?q=light&kind=ticket").body == {"hits": everything["hits"][:1], "tickets": 1}
    assert desk.get("/search?q=light&kind=note").body == {"hits": everything["hits"][1:], "tickets": 0}


def test_what_is_made_only_then_is_made_only_then(desk):
    desk.post("/tickets", {"title": "No light", "urgent": True})
    desk.post("/tickets", {"title": "No heat", "urgent": False})

    assert [note["text"] for note in desk.get("/tickets/1/notes").body] == ["Hurry"]
    assert desk.get("/tickets/2/notes").body == []
