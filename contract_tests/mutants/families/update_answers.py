"""What the answer to an update shows beside what was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from contract_tests.mutants.facts import IdLookup, place_of, settled, steps, written_properties
from contract_tests.mutants.families.alterations import at, copied, only_for
from contract_tests.mutants.families.names import UPDATES
from contract_tests.mutants.families.update_hooks import update_mutant, when_found
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from mock_server.contract.model import Contract, Operation, Resource
from mock_server.engine.engine import Performed
from mock_server.engine.store import Record
from mock_server.engine.verbs import FindOrCreate, Update


def update_answers(contract: Contract, one: IdLookup) -> Iterator[Mutant]:
    """Yield the mutants that show something else than is stored."""
    for field in one.resource.fields.values():
        if field.refers_to is None:
            continue
        other = contract.resources[field.refers_to]
        hook = when_found(one, _touching(one, field.name, other))
        if other.modified is not None:
            yield update_mutant(one, "touches", f"changes {other.modified} of the {other.name} that it shows", hook, field.name)
        for text in [each for each in other.fields.values() if each.nullable and each.name not in other.server_made][:1]:
            hook = when_found(one, _clearing(one, field.name, other, text.name))
            yield update_mutant(one, "clears-other", f"clears {text.name} of the {other.name} that it shows", hook, field.name)
        place = place_of(contract, one.operation, other)
        if place is not None and _may_change(contract, other):
            about = f"{one.operation.id} shows a {other.name} as it was when it was first shown."
            hook = _first_shown(contract, one.operation, other)
            yield Mutant(f"{UPDATES}.stale.{one.operation.id}.{field.name}", UPDATES, about, perform=hook)
            for key in _keys_to_change(contract, other):
                about = f"{one.operation.id} shows {key} of a {other.name} in small letters."
                hook = _shown_small(one.operation, place, key)
                yield Mutant(f"{UPDATES}.shown-small.{one.operation.id}.{field.name}", UPDATES, about, perform=hook)


def _keys_to_change(contract: Contract, resource: Resource) -> list[str]:
    """Return the key fields that an update may give any text."""
    changed = {
        taken.field.name
        for taken in written_properties(contract)
        if taken.resource == resource and isinstance(taken.step, Update)
    }
    return [key for key in resource.key if key in changed and "string" in resource.fields[key].schema.types]


def _may_change(contract: Contract, resource: Resource) -> bool:
    """Say whether an operation changes stored records of a resource under the default choices."""
    for _, step in steps(contract):
        if step.resource == resource and (
            isinstance(step, Update)
            or (isinstance(step, FindOrCreate) and settled(contract, step.when_found) not in ("keep", "conflict"))
        ):
            return True
    return False


def _touching(
    one: IdLookup, field: str, other: Resource
) -> Callable[[MutantContext, MutantExecution, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        if record.get(field) is not None and other.modified is not None:
            context.amend(other, execution.owner(other), record[field], {other.modified: execution.generator.now()})
        return proceed(execution)

    return change


def _clearing(
    one: IdLookup, field: str, other: Resource, text: str
) -> Callable[[MutantContext, MutantExecution, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        if record.get(field) is not None:
            context.amend(other, execution.owner(other), record[field], {text: None})
        return proceed(execution)

    return change


def _shown_small(operation: Operation, place: str, key: str) -> PerformHook:
    """Return a hook that shows a text in small letters, whatever is stored."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        body = copied(performed.body)
        shown = at(body, place)
        if shown is None or not isinstance(shown.get(key), str):
            return performed
        shown[key] = shown[key].lower()
        return performed._replace(body=body)

    return only_for(operation, hook)


def _first_shown(contract: Contract, operation: Operation, resource: Resource) -> PerformHook:
    """Return a hook that keeps what any operation first showed of a record, and shows it whenever `operation` does."""
    places = {each.id: place_of(contract, each, resource) for each in contract.operations}

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        place = places[execution.operation.id]
        body = copied(performed.body) if place is not None else None
        shown = at(body, place) if place is not None else None
        if shown is None:
            return performed
        first = context.memory.setdefault(f"shown {shown.get(resource.id)}", dict(shown))
        if execution.operation.id != operation.id:
            return performed
        shown.clear()
        shown.update(first)
        return performed._replace(body=body)

    return hook
