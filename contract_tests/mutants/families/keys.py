"""Find-or-create: keys that match too much or too little, and what becomes of the record that is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from contract_tests.mutants.facts import KeyLookup, WrittenProperty, key_lookups, place_of, settled, written_properties
from contract_tests.mutants.families.alterations import at, copied, found, only_for, sent
from contract_tests.mutants.families.key_matching import found_too_often, found_too_seldom
from contract_tests.mutants.families.names import FIND_OR_CREATE
from contract_tests.mutants.families.two_minds import two_minds
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Resource
from mock_server.engine.engine import Performed
from mock_server.engine.store import Record
from mock_server.engine.verbs import FindOrCreate


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    for resource in contract.resources.values():
        found_by = [lookup for lookup in key_lookups(contract) if lookup.resource.name == resource.name]
        if found_by:
            yield from found_too_often(contract, resource, found_by)
            yield from found_too_seldom(found_by)
            yield from _fates(contract, resource, found_by)
    yield from two_minds(contract)


# What becomes of a record that is found


def _fates(contract: Contract, resource: Resource, found_by: list[KeyLookup]) -> Iterator[Mutant]:
    for lookup in found_by:
        outcome = settled(contract, lookup.step.when_found)
        for taken in written_properties(contract):
            if taken.step is lookup.step and not taken.is_key:
                yield from _other_fate(taken, lookup, outcome)
        yield from _seen(contract, lookup)
    keys = [
        taken
        for taken in written_properties(contract)
        if taken.is_key and taken.is_text and isinstance(taken.step, FindOrCreate)
    ]
    for taken in keys[:1]:
        about = f"{taken.place}: a key of more than 40 characters is stored cut off."
        hook = sent(taken.operation, taken.token, lambda value: value[:40] if isinstance(value, str) else value)
        yield Mutant(f"{FIND_OR_CREATE}.key-cut.{taken.place}", FIND_OR_CREATE, about, perform=hook)


def _other_fate(taken: WrittenProperty, lookup: KeyLookup, outcome: str) -> Iterator[Mutant]:
    """Yield the mutant that one field of a record that is found fares otherwise than all the others."""
    name, place = taken.field.name, f"{lookup.operation.id}.{taken.token}"
    if outcome in ("keep", "fill"):
        about = f"{lookup.operation.id} overwrites the {name} of a {taken.resource.name} that it finds, and nothing else."
        hook = _before(lookup, lambda body, record: {name: body[taken.token]} if body.get(taken.token) is not None else {})
        yield Mutant(f"{FIND_OR_CREATE}.overwritten.{place}", FIND_OR_CREATE, about, perform=hook)
    elif outcome != "conflict":
        about = f"{lookup.operation.id} keeps the {name} of a {taken.resource.name} that it finds, but no other field."
        yield Mutant(f"{FIND_OR_CREATE}.kept.{place}", FIND_OR_CREATE, about, perform=_without(taken, lookup))
    if taken.field.nullable and outcome not in ("replace", "conflict"):
        about = f"{lookup.operation.id} clears the {name} of a {taken.resource.name} that it finds, when it is not sent."
        hook = _before(lookup, lambda body, record: {} if taken.token in body else {name: None})
        yield Mutant(f"{FIND_OR_CREATE}.cleared.{place}", FIND_OR_CREATE, about, perform=hook)


def _before(lookup: KeyLookup, changes: Callable[[Mapping[str, Json], Record], Mapping[str, Json]]) -> PerformHook:
    """Return a hook that changes fields of the record that is about to be found."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        record, resource = found(context, execution, lookup), lookup.resource
        if record is not None and isinstance(execution.body, dict):
            changed = changes(execution.body, record)
            if changed:
                context.amend(resource, execution.owner(resource), record[resource.id], changed)
        return proceed(execution)

    return only_for(lookup.operation, hook)


def _without(taken: WrittenProperty, lookup: KeyLookup) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        if isinstance(execution.body, dict) and found(context, execution, lookup) is not None:
            execution = execution.but(body={name: value for name, value in execution.body.items() if name != taken.token})
        return proceed(execution)

    return only_for(lookup.operation, hook)


def _seen(contract: Contract, lookup: KeyLookup) -> Iterator[Mutant]:
    """Yield what is wrong with the record that an answer shows."""
    operation, resource = lookup.operation, lookup.resource
    place = place_of(contract, operation, resource)
    if resource.created is not None:
        created = resource.created
        about = f"{operation.id} renews {created} of a {resource.name} that it finds."
        hook = _renewing(lookup, created)
        yield Mutant(f"{FIND_OR_CREATE}.created-renewed.{operation.id}", FIND_OR_CREATE, about, perform=hook)
    if place is None:
        return
    about = f"{operation.id} shows a {resource.name} as it was when it was first shown, not as it is."
    yield Mutant(f"{FIND_OR_CREATE}.stale.{operation.id}", FIND_OR_CREATE, about, perform=_stale(lookup, place))
    if settled(contract, lookup.step.when_found) in ("keep", "fill"):
        about = f"{operation.id} shows what was sent in place of what is stored of a {resource.name}."
        yield Mutant(f"{FIND_OR_CREATE}.echo.{operation.id}", FIND_OR_CREATE, about, perform=_echo(contract, lookup, place))
    about = f"{operation.id} shows a new id of a {resource.name} each time that it finds it."
    yield Mutant(f"{FIND_OR_CREATE}.id-renewed.{operation.id}", FIND_OR_CREATE, about, perform=_new_id(lookup, place))


def _renewing(lookup: KeyLookup, created: str) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        record, resource = found(context, execution, lookup), lookup.resource
        if record is not None:
            context.amend(
                resource,
                execution.owner(resource),
                record[resource.id],
                {created: execution.generator.moment(resource.time_form(created))},
            )
        return proceed(execution)

    return only_for(lookup.operation, hook)


def _stale(lookup: KeyLookup, place: str) -> PerformHook:
    def change(context: MutantContext, execution: MutantExecution, shown: Record, was_known: bool) -> Record:
        first: Record = context.memory.setdefault(f"shown {shown[lookup.resource.id]}", dict(shown))
        return first

    return _showing(lookup, place, change)


def _echo(contract: Contract, lookup: KeyLookup, place: str) -> PerformHook:
    written = {
        taken.token: taken.field.name
        for taken in written_properties(contract)
        if taken.step is lookup.step and not taken.is_key
    }

    def change(context: MutantContext, execution: MutantExecution, shown: Record, was_known: bool) -> Record:
        body = execution.body if isinstance(execution.body, dict) else {}
        echoed = {field: body[token] for token, field in written.items() if body.get(token) is not None}
        return {**shown, **echoed} if was_known else shown

    return _showing(lookup, place, change)


def _new_id(lookup: KeyLookup, place: str) -> PerformHook:
    def change(context: MutantContext, execution: MutantExecution, shown: Record, was_known: bool) -> Record:
        return {**shown, lookup.resource.id: execution.generator.id(lookup.resource)} if was_known else shown

    return _showing(lookup, place, change)


def _showing(
    lookup: KeyLookup, place: str, change: Callable[[MutantContext, MutantExecution, Record, bool], Record]
) -> PerformHook:
    """Return a hook that changes how the record that was found or made is shown."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        was_known = found(context, execution, lookup) is not None
        performed = proceed(execution)
        body = copied(performed.body)
        shown = at(body, place)
        if shown is not None:
            changed = change(context, execution, dict(shown), was_known)
            shown.clear()
            shown.update(changed)
        return performed._replace(body=body)

    return only_for(lookup.operation, hook)
