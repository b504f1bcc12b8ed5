"""The phases that try what nobody prepared: random sequences, and bodies that are generated from schemas."""

from __future__ import annotations

from contract_tests.runner.random_sequences import explore
from contract_tests.runner.session import Session


def explore_sequences(session: Session) -> None:
    """Play random sequences over all operations and tenants."""
    budget, seed = session.settings.budget, session.settings.random_seed
    for played in explore(session.player, sequences=budget.sequences, random_seed=seed, known=session.log.causes):
        session.log.look_into(played)


def generate_bodies(session: Session) -> None:
    """Send generated bodies to every operation that takes one."""
    from contract_tests.runner.generated_bodies import generate  # Schemathesis takes its time to import

    budget, seed, limits = session.settings.budget, session.settings.random_seed, session.limits
    wrong = generate(
        session.player, examples=budget.generated_bodies, random_seed=seed, known=session.log.causes, limits=limits
    )
    for played in wrong:
        session.log.look_into(played)


def call_undeclared(session: Session) -> None:
    """Call the operations that declare no behaviour."""
    from contract_tests.runner.undeclared import hold_undeclared  # so it does

    hold_undeclared(session)


def has_undeclared(session: Session) -> bool:
    """Say whether a run judges, and there are such operations."""
    return bool(session.subject.undeclared) and not session.settings.observes


def may_generate(session: Session) -> bool:
    """Say whether a run sends generated bodies."""
    settings = session.settings
    return settings.generated_bodies and not settings.observes and not settings.is_narrow
