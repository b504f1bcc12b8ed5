"""What a list tells of itself: its order, of which kind its items are, and which of them are records that no answer showed."""

from __future__ import annotations

import pytest

from contract_tests.oracle.placeholders import unknown_id
from contract_tests.oracle.plain_values import Look, parted
from contract_tests.oracle.shown_order import left_out, out_of_order
from contract_tests.oracle.untold_records import told_by_list
from mock_server.contract.behaviours.orders import OrderBy

NEWEST = (OrderBy("made", descending=True), OrderBy("id", descending=True))


def item(id, made="2026-05-01T10:00:00Z", **more):
    return {"id": id, "made": made, **more}


@pytest.mark.parametrize(
    ("items", "order", "place"),
    [
        ([item(3), item(2), item(1)], NEWEST, None),
        ([item(3), item(1), item(2)], NEWEST, 2),
        ([item(1, "2026-05-02T10:00:00Z"), item(2)], NEWEST, None),
        ([item(2), item(1, "2026-05-01T12:00:01+02:00")], NEWEST, 1),  # 10:00:01 in UTC
        ([item(2), item(1, "2026-05-01T12:00:00.000+02:00")], NEWEST, None),
        ([item("b"), item("a")], (OrderBy("id"),), None),  # texts have the rules of a language
        ([item(None), item(1)], (OrderBy("id"),), None),
        ([item(True), item(False)], (OrderBy("id"),), 1),
        (["odd", item(1)], NEWEST, None),
    ],
)
def test_a_page_is_held_to_its_order_by_what_it_shows(items, order, place):
    assert out_of_order(items, order) == place


def test_a_record_that_belongs_before_the_last_of_a_first_page_is_missed():
    known = [item(1), item(9)]

    assert left_out(known, item(5), NEWEST) == item(9)
    assert left_out(known, item(10), NEWEST) is None


def test_items_of_several_kinds_go_to_the_list_that_they_look_like():
    looks = [Look({}, frozenset({"id", "title", "state"})), Look({"kind": "note"}, frozenset({"id", "kind", "text"}))]
    ticket, note, odd = {"id": 1, "title": "a"}, {"id": 1, "kind": "note", "text": "b"}, "odd"

    assert parted([note, ticket], looks) == [[ticket], [note]]
    assert sum(map(len, parted([note, ticket, odd], looks))) == 3


def test_a_record_that_no_answer_showed_is_the_item_that_agrees_with_it():
    untold = {"id": unknown_id("Note", 1), "text": "Hurry", "at": "\0time 1"}
    told = {"id": 4, "text": "Wait", "at": "now"}

    assert told_by_list([told, untold], [told, {"id": 5, "text": "Hurry", "at": "now"}], "id", set()) == (
        [told, {**untold, "id": 5}],
        [],
    )
    assert told_by_list([told, untold], [told, {"id": 5, "text": "Slow"}], "id", set()) == ([told], [untold])
    assert told_by_list([untold], [{"id": 5, "text": "Hurry"}], "id", {5}) == ([], [untold])
