"""References got wrong: to what is not there, to what others have, to what is removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from contract_tests.mutants.facts import carried_out, steps
from contract_tests.mutants.families.alterations import amending, only_for
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from mock_server.contract.behaviours.expressions import FromBody
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Operation, Resource
from mock_server.contract.problems import Refused
from mock_server.contract.record_rules import Reference
from mock_server.engine.engine import Performed
from mock_server.engine.references import Referring, referring_to
from mock_server.engine.store import Change, Index, Record
from mock_server.engine.verbs import Delete

FAMILY = "references"


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    for operation, step in steps(contract):
        for write in step.written:
            reference = step.resource.references.get(write.field)
            expression = write.value.possible()[0]
            if reference is None or reference.is_list or "accept" in reference.when_unknown.possible():
                continue
            if isinstance(expression, FromBody) and len(expression.tokens) == 1:
                yield from _unheld(operation, reference, contract.resources[reference.to], expression.tokens[0])
        if isinstance(step, Delete) and operation in carried_out(contract):
            for referring in referring_to(step.resource, contract.resources):
                outcomes = set((referring.when_deleted or step.when_referred).possible())
                if len(outcomes) == 1:  # where a choice decides, another one may explain what is seen
                    yield from _removals(operation, step.resource, referring, outcomes.pop())


def _named(operation: Operation, name: str, about: str, hook: PerformHook) -> Mutant:
    return Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, f"{operation.id} {about}.", perform=only_for(operation, hook))


def _unheld(operation: Operation, reference: Reference, other: Resource, token: str) -> Iterator[Mutant]:
    about = f"takes the id of nothing for {token}"
    yield _named(operation, f"unknown-taken.{token}", about, _pretending(other, token, foreign_only=False))
    if other.owned:
        about = f"takes the id of another organization's {other.name} for {token}"
        yield _named(operation, f"foreign-taken.{token}", about, _pretending(other, token, foreign_only=True))


def _pretending(other: Resource, token: str, *, foreign_only: bool) -> PerformHook:
    """Return a hook that finds a record of `other` for an id that there is none for, or only others have."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        try:
            return proceed(execution)
        except Refused:
            store, body = execution.store, execution.body
            id = body.get(token) if isinstance(body, dict) else None
            get = store.get
            if id is None or (foreign_only and not store.is_taken(other.name, id)):
                raise

            def get_any(resource: str, owner: str | None, wanted: Json) -> Record | None:
                return {other.id: id} if resource == other.name and wanted == id else get(resource, owner, wanted)

            store.get = get_any  # type: ignore[method-assign, assignment]  # for this request
            try:
                return proceed(execution.but())
            finally:
                store.get = get  # type: ignore[method-assign]

    return hook


def _removals(operation: Operation, resource: Resource, referring: Referring, outcome: str) -> Iterator[Mutant]:
    other, field = referring.resource, referring.field
    if outcome == "conflict":
        about = f"removes a {resource.name} to which a {other.name} refers by {field}"
        yield _named(operation, f"conflict-ignored.{field}", about, _removing_anyway(resource, referring))
    if outcome in ("cascade", "clear"):
        about = f"leaves each {other.name} as it was that referred by {field}"
        yield _named(operation, f"not-followed.{field}", about, _restoring(other))
    if outcome == "cascade":
        about = f"removes every {other.name}, whatever it refers to by {field}"
        yield _named(operation, f"cascade-too-wide.{field}", about, _removing_all(resource, other))
    if outcome == "clear":
        about = f"removes each {other.name} that referred by {field}"
        yield _named(operation, f"cleared-by-removal.{field}", about, _removing_cleared(other))


def _removing_anyway(resource: Resource, referring: Referring) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        find, hidden = execution.store.find, (referring.resource.name, (referring.field,))

        def find_others(index: Index, owner: str | None, values: tuple[Any, ...]) -> Sequence[Json]:
            return [] if (index.resource, index.fields) == hidden else find(index, owner, values)

        execution.store.find = find_others  # type: ignore[method-assign]  # for this request
        try:
            return proceed(execution)
        finally:
            execution.store.find = find  # type: ignore[method-assign]

    return hook


def _restoring(other: Resource) -> PerformHook:
    def restore(context: MutantContext, execution: MutantExecution, change: Change) -> None:
        if change.before is not None:
            execution.store.put(other.name, change.organization, change.id, change.before)

    return amending(other, restore)


def _removing_all(resource: Resource, other: Resource) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        if any(change.resource == resource.name and change.after is None for change in performed.changes):
            owner = execution.owner(other)
            for record in list(execution.store.scan(other.name, owner)):
                execution.store.remove(other.name, owner, record[other.id])
            execution.store.commit()
        return performed

    return hook


def _removing_cleared(other: Resource) -> PerformHook:
    def remove(context: MutantContext, execution: MutantExecution, change: Change) -> None:
        if change.after is not None:
            execution.store.remove(other.name, change.organization, change.id)

    return amending(other, remove)
