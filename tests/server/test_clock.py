"""The clock of a mock stands still, goes on, is set and set back."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from mock_server.engine.generating import Generator
from mock_server.server.clock import Clock

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_clock_goes_as_that_of_the_machine_at_first():
    generator = Generator()
    clock = Clock(generator)

    assert clock.runs
    assert generator.clock is time.time_ns


def test_a_frozen_clock_is_advanced_and_goes_on_from_there():
    generator = Generator()
    clock = Clock(generator, NEW_YEAR)
    first = generator.now()
    clock.advance(timedelta(days=31))
    second = generator.now()
    clock.go_on()

    assert (first, second) == ("2026-01-01T00:00:00.000000Z", "2026-02-01T00:00:00.000000Z")
    assert clock.runs
    assert timedelta() <= clock.now() - datetime(2026, 2, 1, tzinfo=UTC) < timedelta(minutes=1)


def test_a_running_clock_that_is_advanced_runs_on():
    clock = Clock(Generator())
    clock.advance(timedelta(days=365))

    assert clock.runs
    assert clock.now() - datetime.now(UTC) > timedelta(days=364)


def test_a_reset_clock_is_as_at_the_start():
    clock = Clock(Generator(), NEW_YEAR)
    clock.go_on(datetime(2030, 1, 1, tzinfo=UTC))
    clock.reset()

    assert (clock.runs, clock.now()) == (False, NEW_YEAR)


@pytest.mark.parametrize("by", [timedelta(days=9000 * 366), timedelta(days=-3000 * 366), timedelta.max], ids=str)
def test_a_clock_that_cannot_be_set_so_stays_as_it_is(by):
    clock = Clock(Generator(), NEW_YEAR)
    with pytest.raises(ValueError, match="years 1 to 8999"):
        clock.advance(by)

    assert clock.now() == NEW_YEAR
