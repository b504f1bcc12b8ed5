"""The hooks that many mutants of updates share: one record is what they are about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contract_tests.mutants.facts import IdLookup
from contract_tests.mutants.families.alterations import only_for
from contract_tests.mutants.families.names import UPDATES
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from mock_server.engine.engine import Performed
from mock_server.engine.store import Record


def update_mutant(one: IdLookup, name: str, about: str, hook: PerformHook, part: str = "") -> Mutant:
    """Return a mutant of the operation that updates one record."""
    place = f"{one.operation.id}.{part}" if part else one.operation.id
    return Mutant(f"{UPDATES}.{name}.{place}", UPDATES, f"{one.operation.id} {about}.", perform=only_for(one.operation, hook))


def target(execution: MutantExecution, one: IdLookup) -> Record | None:
    """Return the record that a request is about, as it is before the request."""
    id = execution.parameters.get(("path", one.parameter))
    return execution.store.get(one.resource.name, execution.owner(one.resource), id) if isinstance(id, (str, int)) else None


def when_found(one: IdLookup, change: Callable[[MutantContext, MutantExecution, Record, Proceed], Performed]) -> PerformHook:
    """Return a hook that does `change` where the request is about a known record and carries an object."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        record = target(execution, one)
        return (
            proceed(execution)
            if record is None or not isinstance(execution.body, dict)
            else change(context, execution, record, proceed)
        )

    return hook


def body_of(execution: MutantExecution) -> dict[str, Any]:
    """Return the body of a request; an empty object where it is none."""
    return execution.body if isinstance(execution.body, dict) else {}
