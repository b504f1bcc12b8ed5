"""Confirming that a scenario goes wrong again, and shrinking it to the smallest one that still does.

Requests are left out that are not needed, and of those that are the query parameters, headers and properties of bodies; what
has to stay gets an ordinary value in place of an odd one. Whatever is kept was played and went wrong in the same way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from contract_tests.runner.failures import Failure
from contract_tests.runner.player import Played, Player
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import OMITTED, PlannedRequest, Scenario, Template

REPEATS = 2
"""How often a scenario that went wrong is played again before it counts as more than an accident."""

MOST_PLAYS = 60
"""How often a scenario is played at most to shrink it."""

MOST_SECONDS = 4.0
"""For how many seconds a scenario is shrunk at most: against a slow target, fewer plays have to do."""

Part: TypeAlias = Literal["query", "headers", "body"]


@dataclass(frozen=True, slots=True)
class Simplification:
    """A member of a part of a request with another value, or left out (`OMITTED`)."""

    label: int
    part: Part
    name: str
    value: Template


@dataclass(slots=True)
class Shrinking:
    """A playing while it is shrunk: the smallest one so far."""

    player: Player
    best: Played
    plays: int = 0
    until: float = field(default_factory=lambda: time.monotonic() + MOST_SECONDS)

    def leave_out(self, labels: Sequence[int]) -> None:
        """Leave out what is not needed of some requests."""
        self._try(labels, lambda scenario, some: scenario.without(frozenset(some)))

    def change(self, changes: Sequence[Simplification]) -> None:
        """Make those of some changes after which the same is wrong."""
        self._try(changes, _changed)

    def _try(self, choices: Sequence[Any], smaller: Callable[[Scenario, Sequence[Any]], Scenario]) -> None:
        """Do to the scenario what can be done of `choices` without what is wrong going away: all at once, halves, each."""
        left, size = list(choices), len(choices)
        while size >= 1 and left:
            start = 0
            while start < len(left):
                some = left[start : start + size]
                if self.plays >= MOST_PLAYS or time.monotonic() > self.until:
                    return
                if self._is_wrong(smaller(self.best.scenario, some)):
                    del left[start : start + size]
                else:
                    start += size
            size //= 2

    def _is_wrong(self, scenario: Scenario) -> bool:
        """Play a scenario; where it goes wrong in the same way, it is the best one from now on."""
        self.plays += 1
        again = self.player.play(scenario)
        if not _is_alike(again, self.best):
            return False
        self.best = _cut(again)
        return True


def confirm(player: Player, played: Played) -> Played | None:
    """Play a scenario that went wrong again; return a playing that went wrong in the same way, None when none did."""
    for _ in range(REPEATS):
        again = player.play(played.scenario)
        if _is_alike(again, played) or _is_same_step(again.failure, played.failure):
            return again
    return None


def _is_same_step(failure: Failure | None, other: Failure | None) -> bool:
    """Say whether the same request went wrong: in which way it shows may depend on what is there by now."""
    return bool(failure and other and failure.planned.label == other.planned.label and failure.kind == other.kind)


def shrink(player: Player, played: Played) -> Played:
    """Return the smallest playing that still goes wrong in the same way, each time; the one given where there is none."""
    if played.failure is None:
        return played
    shrinking = Shrinking(player, _cut(played))
    for _ in range(2):  # what a record refers to is not needed any more once the field is left out
        shrinking.leave_out(_labels_before(shrinking.best))
        shrinking.change(list(_omissions(player.subject, shrinking.best.scenario)))
    shrinking.change(list(_ordinary_values(player.subject, shrinking.best.scenario)))
    return shrinking.best if not shrinking.plays or confirm(player, shrinking.best) else played


def _is_alike(one: Played, other: Played) -> bool:
    """Say whether a playing goes wrong in the same way as another one, or in a part of it."""
    return one.failure is not None and other.failure is not None and one.failure.narrows(other.failure)


def _cut(played: Played) -> Played:
    """Return a playing without the requests that come after the one that went wrong."""
    failing = played.failure.planned.label if played.failure else 0
    requests = tuple(planned for planned in played.scenario.requests if planned.label <= failing)
    return replace(played, scenario=replace(played.scenario, requests=requests))


def _labels_before(played: Played) -> list[int]:
    failing = played.failure.planned.label if played.failure else 0
    return [planned.label for planned in played.scenario.requests if planned.label != failing]


def _omissions(subject: Subject, scenario: Scenario) -> Iterator[Simplification]:
    """Yield all that could be left out of the requests and that no request needs, the last one's first."""
    needed = {
        (signature.operation.id, slot.location, slot.name)
        for signature in subject.signatures
        for slot in signature.slots
        if slot.required
    }
    for planned in reversed(scenario.requests):
        for part, members in _parts(planned):
            for name in members:
                if (planned.operation.id, part.removesuffix("s"), name) not in needed:
                    yield Simplification(planned.label, part, name, OMITTED)


def _ordinary_values(subject: Subject, scenario: Scenario) -> Iterator[Simplification]:
    """Yield ordinary values for what has others, the last request's first."""
    ordinary: dict[tuple[str, str, str], Template] = {
        (signature.operation.id, slot.location, slot.name): slot.value(0)
        for signature in subject.signatures
        for slot in signature.slots
        if slot.role not in ("key", "id")
    }
    for planned in reversed(scenario.requests):
        for part, members in _parts(planned):
            for name, value in members.items():
                usual = ordinary.get((planned.operation.id, part.removesuffix("s"), name), value)
                if usual != value:
                    yield Simplification(planned.label, part, name, usual)


def _parts(planned: PlannedRequest) -> Iterator[tuple[Part, Mapping[str, Template]]]:
    yield "query", planned.query
    yield "headers", planned.headers
    if isinstance(planned.body, Mapping):
        yield "body", planned.body


def _changed(scenario: Scenario, changes: Sequence[Simplification]) -> Scenario:
    requests = tuple(_with(planned, [one for one in changes if one.label == planned.label]) for planned in scenario.requests)
    return replace(scenario, requests=requests)


def _with(planned: PlannedRequest, changes: Sequence[Simplification]) -> PlannedRequest:
    if not changes:
        return planned
    parts: dict[str, Any] = {part: dict(members) for part, members in _parts(planned)}
    for change in changes:
        if change.value is OMITTED:
            parts[change.part].pop(change.name, None)
        else:
            parts[change.part][change.name] = change.value
    changed = tuple(f" for {change.name}" for change in changes)
    notes = [note for note in planned.note.split("; ") if not note.endswith(changed)]  # "a tab for name; a price for phone"
    told = "; ".join(notes) or planned.note
    gone = [change.name for change in changes if change.value is OMITTED and change.name in told.split()]
    return replace(planned, **parts, note=f"{told}, here without {' and '.join(gone)}" if gone else told)
