"""What is kept of the answers of a target, beside the states that it may be in."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from contract_tests.oracle.entity_tags import KnownTags
from contract_tests.oracle.pages import Walks
from mock_server.contract.files.source import Json
from mock_server.engine.generating import Position


@dataclass(slots=True)
class Memory:
    """What the whole run has seen of a target: every id, and what it calls its types."""

    ids: dict[str, dict[Json, None]] = field(default_factory=dict)
    type_names: dict[str, Json] = field(default_factory=dict)
    known: dict[str, frozenset[Json]] = field(default_factory=dict)
    """The ids of what was there before the run, by resource."""
    largest: dict[str, int] = field(default_factory=dict)
    """The largest numbers in ids that answers showed, by resource."""
    here: dict[str, set[Json]] = field(default_factory=dict)
    """The ids of what this scenario made, by resource."""
    cursors: dict[str, Position] = field(default_factory=dict)
    """For which positions the cursors stand that this scenario was given."""
    walks: Walks = field(default_factory=Walks)
    tags: KnownTags = field(default_factory=KnownTags)
    """The entity tags that answers carried."""
    untold: int = 0
    """How many records were made whose ids no answer has told."""
    latest: float = 0.0
    """The latest time of making or changing that an answer showed."""
    ahead: tuple[float, float] = (-math.inf, math.inf)
    """By how many seconds, at least and at most, the clock of a target on this machine is ahead of ours."""

    def begin(self) -> None:
        """Forget what only one scenario has to know."""
        self.here, self.cursors, self.walks = {}, {}, Walks()
