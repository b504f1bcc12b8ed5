"""What a run concludes beside its findings: the state of each assumption, what is legal yet different, what was not tested."""

from __future__ import annotations

from collections.abc import Iterator

from contract_tests.oracle.deviations import Deviation, ErrorBodyDeviation, StatusDeviation
from contract_tests.runner.outcome import Settlement
from contract_tests.runner.promise_table import hint_for
from contract_tests.runner.session import Session
from contract_tests.transport.wire import Interaction
from mock_server.contract.model import Contract
from mock_server.engine.verbs import Send


def settlements(session: Session) -> Iterator[Settlement]:
    """Yield the state of each assumption."""
    contract, player = session.subject.contract, session.player
    for name, assumption in contract.assumptions.items():
        in_use = session.settings.profile.get(name, assumption.default)
        possible = player.possible(name)
        evidence = player.evidence.get(name)
        step = session.secrets.mask_step(evidence) if evidence else None
        exception = _exception(contract, list(player.deviations), name)
        if len(possible) == 1:
            yield Settlement(name, "settled", possible, in_use, step, exception)
        elif exception:
            yield Settlement(name, "inconsistent", possible, in_use, step, exception)
        elif name in player.consulted:
            why = "No request distinguished these choices: other behaviour of the target hides the difference."
            yield Settlement(name, "open", possible, in_use, None, why)
        else:
            why = "No request reached this point: other behaviour of the target, or a missing --known id, prevents it."
            yield Settlement(name, "unreachable", possible, in_use, None, why)


def _exception(contract: Contract, deviations: list[Deviation], name: str) -> str:
    """Say which answers follow no choice of an assumption; an empty text when all follow one."""
    for deviation in deviations:
        if not isinstance(deviation, StatusDeviation):
            continue
        if deviation.problem is None:
            if name in [op.behaviour.answer.status.assumption for op in contract.operations if op.behaviour]:
                return f"Some successful requests returned {deviation.status}, others a different status."
        else:
            decision = contract.problem_statuses.get(deviation.problem)
            if decision is not None and decision.assumption == name:
                status = deviation.status
                return f"At least one such request returned {status}; the target does not follow one choice throughout."
    return ""


def differences(session: Session) -> Iterator[str]:
    """Yield a sentence for each thing that is allowed, but different from the mock."""
    for deviation, step in session.player.deviations.items():
        yield session.secrets.mask(_told(deviation, step))


def _told(deviation: Deviation, step: Interaction) -> str:
    where = f"{step.call.method} {step.call.path}"
    if isinstance(deviation, StatusDeviation):
        if deviation.problem is None:
            return f"{where} returns {deviation.status}, unlike other successful requests."
        return f"A request rejected as {deviation.problem} returns {deviation.status} ({step.note}: {where})."
    if isinstance(deviation, ErrorBodyDeviation):
        return f"Error bodies do not have the documented shape ({deviation.media_type or 'no media type'}; {where})."
    return f"The target refuses {deviation.why} ({where})."


def contradictions(session: Session) -> Iterator[str]:
    """Yield a sentence for each operation that the document contradicts itself about."""
    for operation in session.player.contradictions:
        yield (
            f"{operation} was not judged where its behaviour leads to a response that its own schema forbids; "
            "mock-server explain tells which."
        )


def untested(session: Session) -> Iterator[str]:
    """Yield a sentence for each thing that was not tested, and why."""
    log, subject = session.log, session.subject
    if log.lost:
        trouble = session.secrets.mask(log.lost[0].steps[-1].reply.trouble)
        times = "once" if len(log.lost) == 1 else f"{len(log.lost)} times"
        yield f"A request got no response {times}, but succeeded when it was repeated ({trouble})."
    for signature in subject.signatures:
        if not session.client.has_succeeded(signature.operation.id):
            yield f"{signature.operation} never succeeded, so its behaviour was hardly tested{hint_for(signature)}."
    if len(subject.tenants) < 2:
        yield "Isolation between organizations was not tested: no --other-token was given."
    if session.player.inbox is None and any(isinstance(step, Send) for step in subject.contract.steps()):
        yield "Webhooks were not judged: the target cannot reach this machine, so it was given no address to send them to."
