"""The table of promises: for each operation what was promised, how often that was tested, and the result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from contract_tests.runner.outcome import Finding, PromiseResult
from contract_tests.runner.promise_kinds import (
    APART,
    BODIES,
    NO_ERROR,
    PARAMETERS,
    PROMISES,
    SIMULTANEOUS,
    STORED,
    UNKNOWN_IDS,
    WEBHOOKS,
    Promise,
)
from contract_tests.runner.session import Session
from contract_tests.runner.simultaneous import is_racing
from contract_tests.scenarios.signatures import Signature
from mock_server.contract.model import Operation


def promise_table(session: Session, findings: Iterable[Finding]) -> Iterator[PromiseResult]:
    """Yield the result of every promise."""
    broken = {pair for finding in findings for pair in finding.breaks}
    subject = session.subject
    signatures = {signature.operation.id: signature for signature in (*subject.undeclared, *subject.signatures)}
    for operation in session.subject.contract.operations:
        for promise in PROMISES:
            tested = session.player.tally.counts[str(operation), promise.text]
            is_broken = (str(operation), promise.text) in broken
            if not (tested or is_broken or promise.applies(operation)):
                continue
            result: Literal["kept", "broken", "not tested"] = "broken" if is_broken else "kept" if tested else "not tested"
            why = "" if result != "not tested" else why_not(session, promise, operation, signatures)
            yield PromiseResult(str(operation), promise.text, max(tested, int(is_broken)), result, why)


def nothing_checked(promises: Iterable[PromiseResult]) -> bool:
    """Say whether no response was held to anything but that there is one, and no server error."""
    return not any(one.result != "not tested" and one.promise != NO_ERROR.text for one in promises)


def why_not(session: Session, promise: Promise, operation: Operation, signatures: Mapping[str, Signature]) -> str:
    """Say why a promise was not tested, and what the user can do about it."""
    signature = signatures.get(operation.id)
    if session.settings.is_narrow and operation.id not in session.settings.operations:
        return "the run was limited to other operations"
    if str(operation) in session.player.lacking:
        return "the target does not implement the operation: it returns 501"
    if not operation.responses:
        return "the document describes no response of the operation"
    if operation.behaviour is None and promise in (BODIES, PARAMETERS, UNKNOWN_IDS):
        return "the document declares no behaviour for the operation, so only its responses are judged"
    if operation.id not in session.client.statuses and (needed := _needed(signature)):
        return f"no request was sent: it needs an existing {needed}; name one with --known"
    if promise is APART and len(session.subject.tenants) < 2:
        return "only one organization is known: give --other-token"
    if promise is SIMULTANEOUS and not is_racing(session):
        return "--no-races was given" if session.settings.races is False else "the target is not local; --races tests it"
    if promise is WEBHOOKS and session.player.inbox is None:
        return "the target cannot reach this machine, so it was given no address to send them to"
    if str(operation) in session.player.contradictions:
        return "the behaviour leads to a response that its own schema forbids; mock-server explain tells which"
    if session.stopped:
        return session.stopped
    if not session.client.has_succeeded(operation.id):
        return f"no request to the operation succeeded{hint_for(signature)}"
    if promise is STORED:
        return "no other response shows what it stores"
    return "no request of this run tests it"


def hint_for(signature: Signature | None) -> str:
    """Say which records an operation that never succeeds may need; an empty text where it needs none."""
    return f"; it needs an existing {needed}: name one with --known" if (needed := _needed(signature)) else ""


def _needed(signature: Signature | None) -> str:
    """Return the resources that an operation needs to be there, which no operation may be able to make."""
    slots = signature.slots if signature else ()
    return " and ".join(dict.fromkeys(slot.resource.name for slot in slots if slot.role == "id" and slot.resource))
