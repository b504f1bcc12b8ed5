"""The phases that play prepared scenarios: what the documents leave open, and what they promise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from contract_tests.runner.player import Played, Player
from contract_tests.runner.promise_kinds import KEPT
from contract_tests.runner.retention import Retention
from contract_tests.runner.session import Session
from contract_tests.scenarios.calibration import Calibration
from contract_tests.scenarios.conformance import conformance_scenarios
from contract_tests.scenarios.key_variants import Aspect
from contract_tests.scenarios.signatures import Slot
from contract_tests.scenarios.templates import Scenario
from mock_server.contract.decisions import Decision
from mock_server.contract.schemas.schema import Schema

MOST_FAILURES = 8
"""How many requests of one scenario may go wrong until it is not played any further."""


def calibrate(session: Session) -> None:
    """Settle assumptions: play the scenarios that ask what is still open."""
    # What one scenario teaches may make the next one needless.
    _play_all(session, Calibration(session.subject).scenarios(), session.player.would_learn, few=True)


def check_promises(session: Session) -> None:
    """Play the first of each sort of prepared scenario for each operation."""
    settings = session.settings
    allowed = settings.undocumented_methods
    session.further = conformance_scenarios(
        session.subject,
        is_plain=lambda slot, aspect: is_plain(session.player, slot, aspect),
        expired_token=settings.expired_token,
        undocumented_methods=session.target.local if allowed is None else allowed,
        thinning=settings.budget.thinning,
        spread=settings.budget.spread,
        operations=settings.operations,
    )
    calibration = Calibration(session.subject).scenarios()  # once more: a target may change its mind
    _play_all(session, [*calibration, *next(session.further, [])])


def check_further(session: Session) -> None:
    """Play the further ones: more values, more keys, more of what has to be refused."""
    for scenarios in session.further:
        _play_all(session, scenarios)


def _play_all(
    session: Session,
    scenarios: Iterable[Scenario],
    is_needed: Callable[[Scenario], bool] = lambda scenario: True,
    *,
    few: bool = False,
) -> None:
    """Play those that are asked for and, when their turn has come, are needed: first those that may be played together."""
    beside, alone = list[Scenario](), list[Scenario]()
    for scenario in scenarios:
        if _is_asked_for(session, scenario):
            (beside if session.stands_apart(scenario) else alone).append(scenario)
    for played in session.player.play_all(filter(is_needed, beside), session.connections, few=few):
        _look_into(session, played)
    for scenario in filter(is_needed, alone):
        _play(session, scenario)


def _is_asked_for(session: Session, scenario: Scenario) -> bool:
    """Say whether a scenario is about all operations that a run is narrowed to."""
    return session.settings.operations <= {planned.operation.id for planned in scenario.requests}


def _play(session: Session, scenario: Scenario) -> None:
    played = session.player.play(scenario)
    session.player.keep(played)
    _look_into(session, played)


def _look_into(session: Session, played: Played) -> None:
    """Look into a playing; play what is left after what went wrong, which must not hide what else may be wrong."""
    for _ in range(MOST_FAILURES):
        session.log.look_into(played)
        if (left := _left_after(played)) is None:
            return
        played = session.player.play(left)
        session.player.keep(played)


def _left_after(played: Played) -> Scenario | None:
    """Return a scenario without the request that went wrong; None where none did, or where no other one follows."""
    if played.failure is None:
        return None
    failed = played.failure.planned.label
    follows = any(planned.label > failed for planned in played.scenario.requests)
    return played.scenario.without(frozenset({failed})) if follows else None


def check_retention(session: Session) -> None:
    """Look whether what was made at the beginning is still there; the first time, make it."""
    if session.retention is None:
        if session.player.consulted and not session.settings.observes:
            session.retention = Retention(session.player)
            session.retention.begin()
        return
    played = session.retention.look()
    if played is not None:
        finding = session.log.finding_of(played)
        title = f"Records made at the start of the run are lost later: {finding.title}"
        broken = tuple((operation, KEPT.text) for operation, _ in finding.breaks)
        session.log.add(replace(finding, cause="not kept", title=title, breaks=broken))


def is_plain(player: Player, slot: Slot, aspect: Aspect) -> bool:
    """Say whether a key is taken as it is in some respect, whatever is still open."""
    if not aspect:
        return True
    if slot.resource is None:
        return False
    decision = {"case": slot.resource.key_case, "space": slot.resource.key_space}.get(aspect)
    if decision is not None and any(outcome != "exact" for outcome in _outcomes(player, decision)):
        return False
    if slot.schema.formats:
        return False  # how strictly a format is read differs
    for name, choices in slot.schema.conditions.items():
        if any(_has_syntax(asked) and choice in player.possible(name) for choice, asked in choices.items()):
            return False
    return True


def _outcomes(player: Player, decision: Decision[str]) -> list[str]:
    """Return the outcomes of a decision that nothing has contradicted."""
    if decision.assumption is None:
        return list(decision.possible())
    return [decision.outcomes[choice] for choice in player.possible(decision.assumption)]


def _has_syntax(schema: Schema) -> bool:
    """Say whether a schema asks for texts of a certain form: not just any words will do."""
    return bool(schema.formats) or any(re.search(pattern, "any words") is None for pattern in schema.patterns)
