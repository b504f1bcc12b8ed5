from __future__ import annotations

import pytest

from contract_tests.oracle.target_clock import CLOCK_SLACK, TargetClock
from contract_tests.oracle.times import SLACK, Window, read_time
from contract_tests.transport.wire import WireResponse


def clock_of(*ahead):
    clock = TargetClock()
    for seconds in ahead:
        clock.note([(seconds - 0.001, seconds + 0.001)])
    return clock


def test_of_a_steady_clock_only_a_little_is_tolerated():
    assert clock_of(5.0, 5.0, 5.0005).tolerance == CLOCK_SLACK


def test_of_two_nodes_as_much_is_tolerated_as_their_clocks_were_seen_to_lie_apart():
    assert clock_of(0.0, 0.5, 0.0).tolerance == pytest.approx(0.5, abs=0.02)
    assert clock_of(0.0, 60.0).tolerance == SLACK


def test_a_clock_that_only_falls_behind_earns_no_tolerance():
    assert clock_of(0.0, -0.5, -1.0, -1.5).tolerance == CLOCK_SLACK


@pytest.mark.parametrize(
    ("ahead", "learned"),
    [
        ([100.0, 100.5, 101.0], 100.5),
        ([-10_000.0], -10_000.0),
        ([7200.0], 0.0),  # a zone that is not told
        ([-86_400.0 + 100], 0.0),
        ([0.0, 100.0, 100.0], 0.0),  # they do not agree
        ([], 0.0),
    ],
)
def test_how_far_a_clock_is_off_is_learnt_where_answers_agree_on_it(ahead, learned):
    clock = TargetClock()

    clock.set_by([(seconds, seconds) for seconds in ahead])

    assert clock.ahead == learned


def test_times_are_held_to_the_clock_that_was_learnt():
    at = read_time("2026-11-28T09:55:12Z")
    reply = WireResponse(200, (("date", "Sat, 28 Nov 2026 09:55:12 GMT"),), sent_at=at, received_at=at)

    assert read_time("2026-11-28T09:57:12Z") in Window.of(reply, ahead=120)
    assert read_time("2026-11-28T09:57:12Z") not in Window.of(reply)


def test_a_date_of_another_day_tells_nothing():
    reply = WireResponse(200, (("date", "Thu, 01 Jan 1970 00:00:12 GMT"),), sent_at=1e9, received_at=1e9)

    assert 12.0 not in Window.of(reply)


def test_a_clock_that_gives_two_requests_one_fine_time_stands_still_for_a_while():
    clock = TargetClock()
    clock.note_fine({1.00001})
    clock.note_fine({2.00001})

    assert not clock.repeats
    clock.note_fine({2.00001})
    assert clock.repeats
