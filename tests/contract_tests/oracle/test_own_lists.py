"""Which lists can hold nothing but what a run made, and times of making that are told apart."""

from __future__ import annotations

import pytest
from places import DOCUMENTS

from contract_tests.oracle.memory import Memory
from contract_tests.oracle.own_lists import own_lists
from contract_tests.oracle.times import a_bit_after
from contract_tests.transport.wire import WireRequest
from mock_server.engine.loading import load_contract

NOTICES = load_contract(DOCUMENTS / "notices.yaml")
CARDS = load_contract(DOCUMENTS / "boards.yaml")


def asked(contract, id, path, query=""):
    operation = next(one for one in contract.operations if one.id == id)
    return operation, WireRequest("GET", path, query, (), b"", None, "acme")


@pytest.mark.parametrize(
    ("path", "made", "found"),
    [
        ("/walls/w%201/notices", {"Wall": {"w 1"}}, {"page"}),
        ("/api/walls/w1/notices", {"Wall": {"w1"}}, {"page"}),
        ("/walls/w2/notices", {"Wall": {"w1"}}, set()),
        ("/walls/w1/notices", {"Notice": {"w1"}}, set()),
    ],
    ids=["of one that was made", "beneath a prefix", "of another one", "of an id of something else"],
)
def test_what_belongs_to_a_record_that_was_made_was_made_too(path, made, found):
    assert own_lists(*asked(NOTICES, "listNoticesOfWall", path), made) == found


def test_a_query_may_ask_for_what_belongs_to_a_record_as_well():
    assert own_lists(*asked(CARDS, "listCards", "/cards", "board=7&limit=2"), {"Board": {7}}) == {"page"}
    assert own_lists(*asked(CARDS, "listCards", "/cards", "limit=2"), {"Board": {7}}) == set()


@pytest.mark.parametrize(
    ("time", "number", "later"),
    [
        ("2026-03-01T12:00:00Z", 3, "2026-03-01T12:00:00.000003Z"),
        ("2026-03-01T12:00:00.25+01:00", 3, "2026-03-01T12:00:00.250003+01:00"),
        ("2026-03-01T12:00:00.123Z", 4000, "2026-03-01T12:00:00.123999Z"),
        ("2026-03-01T12:00:00.123456Z", 3, "2026-03-01T12:00:00.123456Z"),
        (1772366400, 3, 1772366400.000003),
        ("2026-03-01", 3, "2026-03-01"),
        (None, 3, None),
    ],
)
def test_a_time_that_is_a_bit_later_looks_as_it_did(time, number, later):
    assert a_bit_after(time, number) == later


def test_times_of_making_are_told_apart_only_where_a_target_does_so():
    memory = Memory()
    as_shown = memory.apart("2026-03-01T12:00:00Z")
    memory.tells_apart = True
    told = [memory.apart("2026-03-01T12:00:00Z") for _ in range(2)]

    assert as_shown == "2026-03-01T12:00:00Z"
    assert memory.is_coarse
    assert told == sorted(set(told))
