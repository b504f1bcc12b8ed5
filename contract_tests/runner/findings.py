"""From a failure to a finding that a person can act on, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contract_tests.oracle.mismatch import Mismatch
from contract_tests.runner.causes import circumstance, main_differences, sends, traits_of, way_of
from contract_tests.runner.failures import Failure, FailureKind
from contract_tests.runner.outcome import Finding
from contract_tests.runner.player import Played
from contract_tests.runner.promised import promised, resource_of
from contract_tests.runner.sentences import look_at, title_of
from contract_tests.transport.secrets import Secrets
from contract_tests.transport.wire import Interaction
from mock_server.contract.files.source import pointer_to
from mock_server.contract.model import Contract

LONGEST_BODY = 200
"""How many characters of a body are told at most within a sentence."""

MOST_TOLD = 3
"""How many differences are told at most within a sentence."""


def finding_of(
    played: Played, contract: Contract, secrets: Secrets, *, times: int = 1, out_of: int = 1, together: bool = False
) -> Finding:
    """Return what a playing that went wrong says; `together` tells that some of its requests were simultaneous."""
    failure = played.failure
    if failure is None:
        raise ValueError("nothing went wrong")
    under = circumstance(played.steps)
    part = "shape" if failure.kind == "shape" else "reliability" if failure.kind == "trouble" else played.scenario.part
    return Finding(
        cause=failure.cause,
        title=secrets.mask(title_of(failure, under)),
        part=part,
        clause=f"{contract.document.main.path.name}#{clause_of(failure)}",
        source="documented",
        detail=secrets.mask(detail_of(failure, played)),
        differences=tuple(
            replace(one, expected=secrets.mask(one.expected), received=secrets.mask(one.received))
            for one in failure.differences
        ),
        steps=tuple(secrets.mask_step(step) for step in played.steps),
        times=times,
        out_of=out_of,
        breaks=((str(failure.operation), failure.promise.text),),
        promised=promised(failure, contract),
        look_at=look_at(failure, under, resource_of(failure, contract), together=together),
        traits=traits_of(failure, played.steps),
        way=way_of(failure, played.steps),
    )


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


def detail_of(failure: Failure, played: Played) -> str:
    """Say what was sent, what came back, what would have been right, and what that rests on."""
    parts = []
    wrong = main_differences(failure.differences)
    if played.steps:
        number, last = len(played.steps), played.steps[-1]
        which = "The request" if number == 1 else f"Request {number} of {number}"
        parts.append(f"{which}, {_sent(last)}, was answered with {_received(last, wrong)}.")
    if failure.kind in ("answer", "shape"):
        right = "; ".join(one.expected if one.is_status else f"{one.place}: {one.expected}" for one in wrong[:MOST_TOLD])
        parts.append(f"Right would have been {right.rstrip('.')}.")
        senders = [number for number, step in enumerate(played.steps[:-1], 1) if any(sends(step, one) for one in wrong)]
        if senders:
            parts.append(f"Request {senders[-1]} had sent that value.")
    if failure.kind == "answer":
        if failure.expected_success and failure.received_status in (403, 404):
            parts.append("If the request uses an id from --known, check that it exists on the target.")
        if failure.rested_on:
            readings = ", ".join(f"{name}={choice}" for name, choice in failure.rested_on.items())
            parts.append(f"No other reading of what the documents leave open explains the response; this one has {readings}.")
    parts.append(f"Found while testing {played.scenario.title}.")
    return " ".join(parts)


def _sent(step: Interaction) -> str:
    call = step.call
    body = _short(call.body)
    return f"{call.method} {call.path}" + (f"?{call.query}" if call.query else "") + (f" with {body}" if body else "")


def _received(step: Interaction, wrong: Sequence[Mismatch]) -> str:
    """Tell a response: what is wrong with it, or all of it where that is not within it."""
    status, body = str(step.reply.status or "nothing"), _short(step.reply.body)
    if wrong and not any(one.is_status for one in wrong):
        return f"{status}, and " + "; ".join(f"{one.place}: {one.received}" for one in wrong[:MOST_TOLD])
    return f"{status} and {body}" if body else status


def _short(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    return text if len(text) <= LONGEST_BODY else f"{text[:LONGEST_BODY]}…"


def sporadic_title(kind: FailureKind) -> str:
    """Say in a line what goes wrong intermittently."""
    return {
        "error": "Some requests fail intermittently with a server error",
        "trouble": "Some responses are intermittently missing or incomplete",
        "shape": "Some responses intermittently violate their schema",
        "answer": "Some responses are wrong, but correct when the same requests are repeated",
    }[kind]
