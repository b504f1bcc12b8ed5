"""From a failure to a finding that a person can act on: confirmed, shortened, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contract_tests.moves import Scenario
from contract_tests.outcome import Difference, Finding
from contract_tests.playing import Failure, Played, Player
from contract_tests.secrets import Secrets
from mock_server.contract.source import pointer_to

REPEATS = 2
"""How often a scenario that went wrong is played again before it counts as more than an accident."""

MOST_PLAYS = 60
"""How often a scenario is played at most to shorten it."""


def confirm(player: Player, played: Played) -> Played | None:
    """Play a scenario that went wrong again; return a playing that went wrong in the same way, None when none did."""
    for _ in range(REPEATS):
        again = player.play(played.scenario)
        if again.failure is not None and played.failure is not None and again.failure.cause == played.failure.cause:
            return again
    return None


def shorten(player: Player, played: Played) -> Played:
    """Return the shortest playing that still goes wrong in the same way."""
    if played.failure is None or played.failure.move is None:
        return played
    last = played.failure.move.label
    best = _cut(played, last)
    plays = 0
    size = max(1, (len(best.scenario.moves) - 1) // 2)
    while size >= 1 and plays < MOST_PLAYS:
        labels = [move.label for move in best.scenario.moves if move.label != last]
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
            size = min(size, max(1, (len(best.scenario.moves) - 1) // 2))
        elif size == 1:
            break
        else:
            size //= 2
    return best


def _cut(played: Played, last: int) -> Played:
    """Return a playing without the moves that come after the one that went wrong."""
    failing = played.failure.move.label if played.failure and played.failure.move else last
    moves = tuple(move for move in played.scenario.moves if move.label <= failing)
    return replace(played, scenario=Scenario(played.scenario.title, moves, played.scenario.part))


def finding_of(played: Played, document: str, secrets: Secrets, *, times: int = 1, out_of: int = 1) -> Finding:
    """Return what a playing that went wrong says."""
    failure = played.failure
    if failure is None:
        raise ValueError("nothing went wrong")
    part = "shape" if failure.kind == "shape" else "reliability" if failure.kind == "trouble" else played.scenario.part
    return Finding(
        cause=failure.cause,
        title=secrets.mask(title_of(failure)),
        part=part,
        clause=f"{document}#{clause_of(failure)}",
        source="documented",
        detail=secrets.mask(detail_of(failure, played.scenario)),
        differences=tuple(
            Difference(one.place, secrets.mask(one.expected), secrets.mask(one.received)) for one in failure.differences
        ),
        steps=tuple(secrets.mask_step(step) for step in played.steps),
        times=times,
        out_of=out_of,
    )


def title_of(failure: Failure) -> str:
    """Say in a line what went wrong."""
    operation = str(failure.operation)
    note = f" ({failure.move.note})" if failure.move and failure.move.note else ""
    named = list(dict.fromkeys(difference.place for difference in failure.differences[:3]))
    places = " and ".join(", ".join(named).rsplit(", ", 1))
    if failure.kind == "trouble":
        return f"{operation} returns no complete response"
    if failure.kind == "error":
        return f"{operation} fails with {failure.received_status}{note}"
    if failure.kind == "shape":
        return f"{operation} returns a response that its schema does not allow: {places}"
    if any(difference.place == "status" for difference in failure.differences):
        if failure.expected_success and failure.received_status >= 400:
            return f"{operation} rejects a valid request with {failure.received_status}{note}"
        if not failure.expected_success and failure.received_status < 400:
            return f"{operation} accepts a request that it must reject{note}"
        return f"{operation} returns an unexpected status {failure.received_status}{note}"
    unexpected = "an unexpected" if len(named) == 1 and named[0].startswith("/") else "unexpected values:"
    return f"{operation} returns {unexpected} {places}{note}"


def clause_of(failure: Failure) -> str:
    """Return the pointer of the part of the document that says otherwise."""
    pointer = failure.operation.node.pointer
    if failure.kind == "shape":
        known = str(failure.received_status) in failure.operation.responses
        return pointer + pointer_to("responses", *([str(failure.received_status)] if known else []))
    if failure.kind in ("error", "trouble"):
        return pointer + pointer_to("responses")
    if failure.expected_problem == "unauthenticated":
        return "/security" if "security" not in failure.operation.node.value else pointer + pointer_to("security")
    if failure.expected_problem in ("invalid", "malformed", "unsupported-media-type"):
        return pointer + pointer_to("requestBody")
    return pointer + pointer_to("x-behaviour")


def detail_of(failure: Failure, scenario: Scenario) -> str:
    """Say what was tried, and what the expectation rests on."""
    parts = [f"Found while testing: {scenario.title}."]
    if failure.kind == "answer":
        parts.append(
            "No admissible reading of the contract explains both this response and the earlier ones; the nearest is shown."
        )
        if failure.expected_success and failure.received_status in (403, 404):
            parts.append("If the request uses an id from --known, check that it exists on the target.")
        if failure.rested_on:
            readings = ", ".join(f"{name}={choice}" for name, choice in failure.rested_on.items())
            parts.append(f"This reading assumes: {readings}.")
    return " ".join(parts)


def sporadic_title(kind: str) -> str:
    """Say in a line what goes wrong intermittently."""
    return {
        "error": "Some requests fail intermittently with a server error",
        "trouble": "Some responses are intermittently missing or incomplete",
        "shape": "Some responses intermittently violate their schema",
        "answer": "Some responses are wrong, but correct when the same requests are repeated",
    }[kind]


def ranked(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings with what is documented first, then the shortest to show."""
    return sorted(findings, key=lambda finding: (finding.source != "documented", len(finding.steps)))
