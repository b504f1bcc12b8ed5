"""The clock of a mock: it goes as that of the machine, stands still, or goes from another time on."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from mock_server.engine.generating import EPOCH, SECOND, Generator

EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""What the clock can be set to. From the latest time on it still goes for a thousand years that Python can write."""


class Clock:
    """Sets the clock of a `Generator`: so telling the time takes no longer than it would without."""

    def __init__(self, generator: Generator, frozen: datetime | None = None) -> None:
        self._generator = generator
        self._at_start = frozen
        self._frozen: int | None = None
        self._ahead = 0
        self.reset()

    @property
    def runs(self) -> bool:
        """Whether time passes."""
        return self._frozen is None

    def now(self) -> datetime:
        """Return the time that the mock has."""
        return EPOCH + timedelta(microseconds=self._generator.clock() // 1000)

    def freeze(self, at: datetime | None = None) -> None:
        """Stand still at a time, or at the present one. Raise `ValueError` for one that is too early or too late."""
        self._set(nanoseconds(at or self.now()), self._ahead)

    def go_on(self, at: datetime | None = None) -> None:
        """Let time pass, from a time on or from the present one. Raise `ValueError` as `freeze` does."""
        self._set(None, nanoseconds(at or self.now()) - time.time_ns())

    def advance(self, by: timedelta) -> None:
        """Be later by some time, frozen or not. Raise `ValueError` where that is too late, or (`by` is negative) too early."""
        try:
            later = self.now() + by
        except OverflowError:
            raise _out_of_range() from None
        if self.runs:
            self.go_on(later)
        else:
            self.freeze(later)

    def reset(self) -> None:
        """Be as at the start: at the time that was given then, or at that of the machine."""
        self._set(nanoseconds(self._at_start) if self._at_start else None, 0)

    def _set(self, frozen: int | None, ahead: int) -> None:
        self._frozen, self._ahead = frozen, ahead
        self._generator.clock = _reader(frozen, ahead)


def nanoseconds(at: datetime) -> int:
    """Return a time as nanoseconds since 1970; raise `ValueError` for one that is too early or too late for a clock."""
    if not EARLIEST <= at <= LATEST:
        raise _out_of_range()
    return since_1970(at)


def since_1970(at: datetime) -> int:
    """Return a time, as far away as it may be, as nanoseconds since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1) * (SECOND // 1_000_000)


def _reader(frozen: int | None, ahead: int) -> Callable[[], int]:
    if frozen is not None:
        return lambda: frozen
    return (lambda: time.time_ns() + ahead) if ahead else time.time_ns


def _out_of_range() -> ValueError:
    return ValueError(f"the clock can be set to years {EARLIEST.year} to {LATEST.year - 1}")
