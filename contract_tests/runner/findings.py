"""From a failure to a finding that a person can act on, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contract_tests.oracle.mismatch import Mismatch
from contract_tests.runner.outcome import Finding
from contract_tests.runner.player import Failure, FailureKind, Played
from contract_tests.scenarios.templates import Scenario
from contract_tests.transport.secrets import Secrets
from mock_server.contract.files.source import pointer_to


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
            Mismatch(one.place, secrets.mask(one.expected), secrets.mask(one.received)) for one in failure.differences
        ),
        steps=tuple(secrets.mask_step(step) for step in played.steps),
        times=times,
        out_of=out_of,
        breaks=((str(failure.operation), failure.promise.text),),
    )


def title_of(failure: Failure) -> str:
    """Say in a line what went wrong."""
    operation = str(failure.operation)
    note = f" ({failure.planned.note})" if failure.planned.note else ""
    named = list(dict.fromkeys(difference.place for difference in failure.differences[:3]))
    places = " and ".join(", ".join(named).rsplit(", ", 1))
    if failure.kind == "trouble":
        return f"{operation} returns no complete response"
    if failure.kind == "error":
        return f"{operation} fails with {failure.received_status}{note}"
    if failure.kind == "shape":
        return f"{operation} returns a response that its schema does not allow: {places}"
    if any(difference.is_status for difference in failure.differences):
        if failure.expected_success and failure.received_status >= 400:
            return f"{operation} rejects a valid request with {failure.received_status}{note}"
        if not failure.expected_success and failure.received_status < 400:
            return f"{operation} accepts a request that it must reject{note}"
        return f"{operation} returns an unexpected status {failure.received_status}{note}"
    unexpected = "an unexpected" if len(named) == 1 and failure.differences[0].is_value else "unexpected values:"
    return f"{operation} returns {unexpected} {places}{note}"


def clause_of(failure: Failure) -> str:
    """Return the pointer of the part of the document that says otherwise."""
    pointer = failure.operation.pointer
    if failure.kind == "shape":
        known = str(failure.received_status) in failure.operation.responses
        return pointer + pointer_to("responses", *([str(failure.received_status)] if known else []))
    if failure.kind in ("error", "trouble"):
        return pointer + pointer_to("responses")
    if failure.expected_problem == "unauthenticated":
        return pointer + pointer_to("security") if failure.operation.own_security else "/security"
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


def sporadic_title(kind: FailureKind) -> str:
    """Say in a line what goes wrong intermittently."""
    return {
        "error": "Some requests fail intermittently with a server error",
        "trouble": "Some responses are intermittently missing or incomplete",
        "shape": "Some responses intermittently violate their schema",
        "answer": "Some responses are wrong, but correct when the same requests are repeated",
    }[kind]


def one_for_each_cause(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings without those that most likely have the cause of another one, which names them.

    One mistake in a deployment shows in many answers: where the values of the same fields are wrong, the shortest sequence
    stands for all.
    """
    alike: dict[str, list[Finding]] = {}
    kept: list[Finding] = []
    for finding in ranked(findings):
        shown_by = next((one for one in kept if _wrong_values(one) & _wrong_values(finding)), None)
        if shown_by is None:
            kept.append(finding)
        else:
            alike.setdefault(shown_by.cause, []).append(finding)
    return [_standing_for(one, alike.get(one.cause, [])) for one in kept]


def _wrong_values(finding: Finding) -> frozenset[tuple[str, str]]:
    """Return the fields whose values are wrong, each with the part of the run; none where a status or the like is wrong."""
    if not all(difference.is_value for difference in finding.differences):
        return frozenset()
    part = "lockstep" if finding.part == "races" else finding.part  # what is wrong one by one is wrong simultaneously
    return frozenset((part, difference.place.rpartition("/")[2]) for difference in finding.differences)


def _standing_for(finding: Finding, others: Sequence[Finding]) -> Finding:
    """Return a finding that names the others, and breaks what they break."""
    breaks = tuple(dict.fromkeys(pair for one in (finding, *others) for pair in one.breaks))
    return replace(finding, breaks=breaks, also_seen_in=tuple(other.title for other in others))


def ranked(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings with what is documented first, then the shortest to show."""
    return sorted(findings, key=lambda finding: (finding.source != "documented", len(finding.steps)))
