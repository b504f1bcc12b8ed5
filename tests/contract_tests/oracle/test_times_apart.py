"""Times of making that are told apart, though they are shown as the same."""

from __future__ import annotations

import pytest

from contract_tests.oracle.memory import Memory
from contract_tests.oracle.times import a_bit_after


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
