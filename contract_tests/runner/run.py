"""A whole run: from the first request that shows whether anybody is there, to the outcome."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from contract_tests.runner.causes import one_for_each_cause
from contract_tests.runner.conclusions import contradictions, differences, settlements, untested
from contract_tests.runner.exploring import call_undeclared, explore_sequences, generate_bodies, has_undeclared, may_generate
from contract_tests.runner.finding_log import Enough
from contract_tests.runner.ledger import Ledger
from contract_tests.runner.outcome import Outcome
from contract_tests.runner.promise_table import nothing_checked, promise_table
from contract_tests.runner.promises import calibrate, check_further, check_promises, check_retention
from contract_tests.runner.reaching import reach
from contract_tests.runner.session import NoProgress, Progress, Session, Unjudged
from contract_tests.runner.settings import RunSettings
from contract_tests.runner.simultaneous import is_racing, race, why_no_races
from contract_tests.transport.client import Exhausted
from contract_tests.transport.interruption import Interrupted, Interruption, name_of
from contract_tests.transport.wire import Target
from mock_server.contract.model import Contract


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a run. `otherwise` says what the outcome tells of a run without it, if anything.

    Whether all it does `is_declared` tells whether what was made before has to be there still.
    """

    name: str
    run: Callable[[Session], None]
    applies: Callable[[Session], bool] = lambda session: True
    otherwise: Callable[[Session], str] = lambda session: ""
    is_declared: bool = True


def is_exploring(session: Session) -> bool:
    """Say whether a run tries what nobody prepared: it does unless it is narrowed to some operations."""
    return is_judging(session) and not session.settings.is_narrow


def is_judging(session: Session) -> bool:
    """Say whether a run judges: it does unless it only settles assumptions."""
    return not session.settings.observes


PHASES = (
    Phase("", reach),
    Phase("settling assumptions", calibrate),
    Phase("values, keys, refusals, organizations", check_promises, is_judging),
    Phase("simultaneous requests", race, is_racing, why_no_races),
    Phase("random sequences", explore_sequences, is_exploring),
    Phase("generated bodies", generate_bodies, may_generate),
    Phase("operations without a declared behaviour", call_undeclared, has_undeclared, is_declared=False),
    Phase("more values, keys and refusals", check_further, is_judging),
)
"""The phases in order. After each, what was made at the beginning has to be there still."""


def hold_to(
    contract: Contract,
    target: Target,
    settings: RunSettings,
    progress: Progress | None = None,
    *,
    ledger: Ledger | None = None,
    interruption: Interruption | None = None,
) -> Outcome:
    """Hold `target` to `contract` and return what came of it. Nothing is raised for what a target does.

    What the run makes is appended to the `ledger` as it is made. An `interruption` ends the run early.
    """
    started = time.time()
    session = Session.begin(contract, target, settings, progress or NoProgress(), ledger, interruption)
    reason = ""
    try:
        for phase in PHASES:
            run_phase(session, phase)
    except Unjudged as unjudged:
        reason = session.secrets.mask(str(unjudged))
    except Exhausted as exhausted:
        session.limits.insert(0, f"The run stopped at its limit of {exhausted}.")
        session.stopped = f"the run stopped at its limit of {exhausted}"
        if phase is PHASES[0]:
            reason = f"{session.stopped}, before anything was judged"
    except Interrupted as interrupted:
        session.interrupted_by = interrupted.signal
        limit = f"The run was interrupted by {name_of(interrupted.signal)} after {session.client.count:,} requests."
        session.limits.append(limit)
        session.stopped = f"the run was interrupted by {name_of(interrupted.signal)}"
    except Enough:
        session.stopped = f"the run ended after {len(session.log.findings)} findings"
    finally:
        if interruption is not None:
            interruption.end()
        session.player.made.sync()
        if session.player.inbox is not None:
            session.player.inbox.close()
    session.log.add_sporadic(session.client.count)
    if session.interrupted_by and not session.log.findings:
        reason = f"the run was interrupted by {name_of(session.interrupted_by)} and had found nothing so far"
    if ledger is not None and ledger.missing:
        session.limits.append(f"The ledger lacks {ledger.missing:,} records: {ledger.path} could not be written.")
    return outcome_of(session, started, reason)


def run_phase(session: Session, phase: Phase) -> None:
    """Run one phase, if it applies."""
    if not phase.applies(session):
        if limit := phase.otherwise(session):
            session.limits.append(limit)
        return
    if phase.name:
        session.progress.phase(phase.name)
    phase.run(session)
    session.player.made.sync()
    if phase.is_declared:
        check_retention(session)


def outcome_of(session: Session, started: float, reason: str = "") -> Outcome:
    """Return the outcome of a session; `reason` says why there is no verdict, if there is none."""
    ledger = session.player.made.ledger
    findings, settings, contract = session.log.findings, session.settings, session.subject.contract
    promises = () if reason else tuple(promise_table(session, findings.values()))
    if not (reason or findings or settings.observes) and nothing_checked(promises):
        reason = f"nothing was checked: {session.stopped or 'no response is described by the document'}"
    return Outcome(
        verdict="unjudged" if reason else "broken" if findings else "conforms",
        target=session.target.name,
        document=contract.document.main.path.name,
        title=contract.title,
        started=datetime.fromtimestamp(started, UTC).isoformat("T", "seconds").replace("+00:00", "Z"),
        seconds=time.time() - started,
        random_seed=settings.random_seed,
        budget=settings.budget.name,
        findings=() if reason else tuple(one_for_each_cause(list(findings.values()))),
        promises=promises,
        settlements=() if reason else tuple(settlements(session)),
        differences=tuple(differences(session)),
        limits=(*session.limits, *session.client.told(), *contradictions(session), *(() if reason else untested(session))),
        requests=session.client.count,
        by_operation={name: dict(sorted(counts.items())) for name, counts in session.client.statuses.items() if name},
        created={name: tuple(session.secrets.mask(str(id)) for id in ids) for name, ids in session.player.made.created.items()},
        tag=session.player.tag,
        stopped=session.stopped,
        reason=reason,
        interrupted_by=session.interrupted_by,
        ledger_is_whole=ledger is None or not ledger.missing,
    )
