"""The clock of a target, as its answers show it: how far it is from ours, and how well it keeps to that.

What tells of it are the times of making of new records: such a time lies between the sending of its request and the reply.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from contract_tests.oracle.times import MOST_AHEAD, SLACK

CLOCK_SLACK = 0.01
"""Seconds by which two times of one clock may lie apart otherwise than they should, whatever has been seen of that clock."""

QUARTER = 900.0
"""What differs from ours by whole quarters of an hour is a zone that is not told, not a clock that is off."""


@dataclass(slots=True)
class TargetClock:
    """What is known of the clock of a target; all is in seconds."""

    ahead: float = 0.0
    """How much it is ahead of ours, as far as the first answers of a run agree on that."""
    least: float = -math.inf
    most: float = math.inf
    """By how much it is ahead, at least and at most, by all times of making; a clock that is not steady contradicts itself."""
    jump: float = 0.0
    """How much further ahead it was at a later time than at an earlier one: as where several nodes answer, or a clock ticks."""
    repeats: bool = False
    """Whether two requests were seen to get the same time, though it is written finely."""
    _made: set[float] = field(default_factory=set)

    @property
    def tolerance(self) -> float:
        """How much a time may contradict the order of requests: what the target has been seen to do, at most `SLACK`."""
        return min(SLACK, CLOCK_SLACK + self.jump)

    @property
    def range(self) -> tuple[float, float] | None:
        """By how much it may be ahead just now, at least and at most; None where no answer has told."""
        if math.isinf(self.least):
            return None
        return min(self.least, self.most) - CLOCK_SLACK, max(self.least, self.most) + CLOCK_SLACK

    def note(self, spans: Iterable[tuple[float, float]]) -> None:
        """Learn from the times of making that one answer shows: by how much each is ahead, at least and at most."""
        for least, most in spans:
            self.jump = max(self.jump, least - self.most)
            self.least, self.most = max(self.least, least), min(self.most, most)

    def note_fine(self, instants: set[float]) -> None:
        """Learn from the finely written times of making that one answer shows, whether the clock stands still for a while."""
        self.repeats = self.repeats or not self._made.isdisjoint(instants)
        self._made |= instants

    def set_by(self, spans: Sequence[tuple[float, float]]) -> None:
        """Take over how far the clock is from ours, where the times of making of several answers agree on that."""
        if not spans:
            return
        middle = median((least + most) / 2 for least, most in spans)
        agree = all(least - SLACK <= middle <= most + SLACK for least, most in spans)
        from_zone = abs(middle - QUARTER * round(middle / QUARTER)) if abs(middle) > QUARTER / 2 else math.inf
        if agree and abs(middle) <= MOST_AHEAD and from_zone > SLACK:
            self.ahead = middle
