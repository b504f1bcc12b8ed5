"""What is kept of the answers of a target, beside the states that it may be in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from contract_tests.oracle.entity_tags import KnownTags
from contract_tests.oracle.pages import Walks
from contract_tests.oracle.times import FINE, a_bit_after, fraction_digits
from mock_server.contract.files.source import Json
from mock_server.engine.generating import Position
from mock_server.engine.store import number_in

OF_ONE_SCENARIO = ("here", "has_strays", "cursors", "walks", "refined", "ahead", "as_sent")
"""What `begin` forgets."""


@dataclass(frozen=True, slots=True)
class AsSent:
    """What answers had shown when a request was sent: an answer to it need not be younger than what came later."""

    latest: float
    largest: Mapping[str, int]


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
    has_strays: bool = False
    """Whether an answer of this scenario that nobody judged may have made something."""
    cursors: dict[str, Position] = field(default_factory=dict)
    """For which positions the cursors stand that this scenario was given."""
    walks: Walks = field(default_factory=Walks)
    tags: KnownTags = field(default_factory=KnownTags)
    """The entity tags that answers carried."""
    untold: int = 0
    """How many records were made whose ids no answer has told."""
    latest: float = 0.0
    """The latest time of making or changing that an answer showed."""
    is_coarse: bool = False
    """Whether a time of making was shown that several records may share, for it has no small fractions of a second."""
    tells_apart: bool = False
    """Whether the target orders records by finer times of making than it shows."""
    refined: int = 0
    """How many times of making of this scenario were told apart."""
    ahead: tuple[float, float] = (-math.inf, math.inf)
    """By how many seconds, at least and at most, the clock of a target on this machine is ahead of ours: of one scenario."""

    as_sent: AsSent | None = None
    """What was seen before the request whose answer is looked at, where others have gone on since."""

    def note_ids(self, new: Iterable[tuple[str, Json]]) -> None:
        """Keep the ids of what was made, by resource."""
        for resource, id in new:
            self.ids.setdefault(resource, {})[id] = None
            self.here.setdefault(resource, set()).add(id)
            self.largest[resource] = max(self.largest.get(resource, 0), number_in(id))

    def forget_ids(self, ids: Iterable[tuple[str, Json]]) -> None:
        """Take ids back that were kept too early."""
        for resource, id in ids:
            self.ids[resource].pop(id, None)
            self.here[resource].discard(id)

    def begin(self) -> None:
        """Forget what only one scenario has to know."""
        self.here, self.cursors, self.walks, self.has_strays = {}, {}, Walks(), False
        self.refined, self.as_sent = 0, None
        self.ahead = (-math.inf, math.inf)  # a clock may be set meanwhile

    def suspend(self) -> Mapping[str, object]:
        """Return what a scenario knows, for `resume`: while it waits for an answer, others go on."""
        self.as_sent = AsSent(self.latest, dict(self.largest))
        return {name: getattr(self, name) for name in OF_ONE_SCENARIO}

    def resume(self, kept: Mapping[str, object]) -> None:
        """Go on with a scenario."""
        for name, value in kept.items():
            setattr(self, name, value)

    @property
    def latest_before(self) -> float:
        """The latest time that had been shown when the request was sent."""
        return self.latest if self.as_sent is None else self.as_sent.latest

    def largest_before(self, resource: str) -> int:
        """Return the largest number in ids of a resource that had been shown when the request was sent."""
        return (self.largest if self.as_sent is None else self.as_sent.largest).get(resource, 0)

    def apart(self, made_at: Json) -> Json:
        """Return a time of making as it is kept: a bit after others that look like it, where the target tells them apart."""
        digits = fraction_digits(made_at)
        self.is_coarse = self.is_coarse or digits < FINE
        if not self.tells_apart or digits >= FINE:
            return made_at
        self.refined += 1
        return a_bit_after(made_at, self.refined)
