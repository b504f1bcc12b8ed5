"""What a whole run has seen of a target, whatever the hypothesis; and what stands for a property that is not there."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from mock_server.contract.files.source import Json


class Missing:
    """Stands for a property that is not there."""


MISSING = Missing()


@dataclass(slots=True)
class Memory:
    """What the whole run has seen of a target: every id, and what it calls its types."""

    ids: dict[str, dict[Json, None]] = field(default_factory=dict)
    type_names: dict[str, Json] = field(default_factory=dict)
    known: dict[str, frozenset[Json]] = field(default_factory=dict)
    """The ids of what was there before the run, by resource."""
    largest: dict[str, int] = field(default_factory=dict)
    """The largest numbers in ids that answers showed, by resource."""
    latest: float = 0.0
    """The latest time of making or changing that an answer showed."""
    ahead: tuple[float, float] = (-math.inf, math.inf)
    """By how many seconds, at least and at most, the clock of a target on this machine is ahead of ours."""
