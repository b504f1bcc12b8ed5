"""Confirming that a scenario goes wrong again, and shrinking it to the shortest one that still does."""

from __future__ import annotations

from dataclasses import replace

from contract_tests.runner.player import Failure, Played, Player
from contract_tests.scenarios.templates import Scenario

REPEATS = 2
"""How often a scenario that went wrong is played again before it counts as more than an accident."""

MOST_PLAYS = 60
"""How often a scenario is played at most to shrink it."""


def confirm(player: Player, played: Played) -> Played | None:
    """Play a scenario that went wrong again; return a playing that went wrong in the same way, None when none did."""
    for _ in range(REPEATS):
        again = player.play(played.scenario)
        if again.failure is not None and played.failure is not None and _is_like(again.failure, played.failure):
            return again
    return None


def _is_like(failure: Failure, other: Failure) -> bool:
    """Say whether two failures are most likely one: where else they show may depend on what is there by now."""
    is_same_step = failure.planned.label == other.planned.label and failure.kind == other.kind
    return failure.cause == other.cause or is_same_step


def shrink(player: Player, played: Played) -> Played:
    """Return the shortest playing that still goes wrong in the same way."""
    if played.failure is None:
        return played
    last = played.failure.planned.label
    best = _cut(played, last)
    plays = 0
    size = max(1, (len(best.scenario.requests) - 1) // 2)
    while size >= 1 and plays < MOST_PLAYS:
        labels = [planned.label for planned in best.scenario.requests if planned.label != last]
        shorter = None
        for start in range(0, len(labels), size):
            if plays >= MOST_PLAYS:
                break
            plays += 1
            again = player.play(best.scenario.without(frozenset(labels[start : start + size])))
            if again.failure is not None and again.failure.cause == played.failure.cause:
                shorter = _cut(again, last)
                break
        if shorter is not None:
            best = shorter
            size = min(size, max(1, (len(best.scenario.requests) - 1) // 2))
        elif size == 1:
            break
        else:
            size //= 2
    return best


def _cut(played: Played, last: int) -> Played:
    """Return a playing without the requests that come after the one that went wrong."""
    failing = played.failure.planned.label if played.failure else last
    requests = tuple(planned for planned in played.scenario.requests if planned.label <= failing)
    return replace(played, scenario=Scenario(played.scenario.title, requests, played.scenario.part))
