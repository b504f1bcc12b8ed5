"""Whole records put in the place of others, got wrong: what was left out stays, what was made is called found, and so on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from contract_tests.mutants.facts import body_properties, place_of, settled, steps, written_properties
from contract_tests.mutants.families.alterations import at, copied, only_for
from contract_tests.mutants.families.update_times import if_fine
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from mock_server.contract.behaviours.expressions import FromParameter
from mock_server.contract.files.source import Json
from mock_server.contract.model import ByOutcome, Contract, Operation, Resource
from mock_server.contract.problems import Refused
from mock_server.engine.engine import Performed
from mock_server.engine.store import Record
from mock_server.engine.values import has
from mock_server.engine.verbs import Replace

FAMILY = "replacing"


@dataclass(frozen=True, slots=True)
class Replacing:
    """A step that replaces the record that parameters name; `names` has the fields, and the place of the parameter of each."""

    contract: Contract
    operation: Operation
    step: Replace
    names: Mapping[str, tuple[str, str]]

    @property
    def resource(self) -> Resource:
        """The resource that is replaced."""
        return self.step.resource

    def target(self, execution: MutantExecution) -> Record | None:
        """Return the record that a request is about, as it is before the request."""
        asked = {field: execution.parameters.get(place) for field, place in self.names.items()}
        records = execution.store.scan(self.resource.name, execution.owner(self.resource))
        return next((record for record in records if has(record, asked)), None)

    def shown(self, performed: Performed, changes: Mapping[str, Json]) -> Performed:
        """Return what an operation came to with other values in the record that its answer shows."""
        body = copied(performed.body)
        shown = at(body, place_of(self.contract, self.operation, self.resource) or "")
        if shown is not None:
            shown.update(changes)
        return performed._replace(body=body)

    def mutant(self, name: str, about: str, hook: PerformHook, part: str = "") -> Mutant:
        """Return a mutant of the operation."""
        place = f"{self.operation.id}.{part}" if part else self.operation.id
        told = f"{self.operation.id} {about}."
        return Mutant(f"{FAMILY}.{name}.{place}", FAMILY, told, perform=only_for(self.operation, hook))


Change = Callable[[MutantContext, MutantExecution, Record, Proceed], Performed]


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    for operation, step in steps(contract):
        if isinstance(step, Replace):
            found = {field: value.possible()[0] for field, value in step.where.items()}
            names = {field: (one.location, one.name) for field, one in found.items() if isinstance(one, FromParameter)}
            if names.keys() == found.keys():
                one = Replacing(contract, operation, step, names)
                yield from _left_out(one)
                yield from _whole(one)
                if step.makes and settled(contract, step.otherwise) == "create":
                    yield from _made(one)


def _when_there(one: Replacing, change: Change) -> PerformHook:
    """Return a hook that does `change` where the request is about a stored record."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        record = one.target(execution)
        return proceed(execution) if record is None else change(context, execution, record, proceed)

    return hook


def _left_out(one: Replacing) -> Iterator[Mutant]:
    """Yield the mutants that keep what a request leaves out."""
    optional = [
        taken
        for taken in written_properties(one.contract)
        if taken.step is one.step and taken.token not in _demanded(one.operation) and taken.field.name not in one.names
    ]
    for taken in optional:
        hook = _when_there(one, _keeping({taken.token: taken.field.name}))
        yield one.mutant("keeps", f"keeps {taken.token} where it is left out", hook, taken.token)
    if len(optional) > 1:
        hook = _when_there(one, _keeping({taken.token: taken.field.name for taken in optional}))
        yield one.mutant("merges", "changes what it is given, and keeps all the rest", hook)


def _demanded(operation: Operation) -> Set[str]:
    return operation.body.schema.required_in("request") if operation.body and operation.body.schema else frozenset()


def _keeping(fields: Mapping[str, str]) -> Change:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        if not isinstance(execution.body, dict):
            return proceed(execution)
        held = {token: record[field] for token, field in fields.items() if field in record}
        return proceed(execution.but(body={**held, **execution.body}))

    return change


def _whole(one: Replacing) -> Iterator[Mutant]:
    """Yield the mutants that replace something else, or too much of it."""
    resource = one.resource
    created, modified = (if_fine(resource, name) for name in (resource.created, resource.modified))
    yield one.mutant("not-stored", f"answers the new {resource.name}, and keeps the old one", _when_there(one, _kept(one)))
    if created is not None:
        form = resource.time_form(created)
        hook = _when_there(one, _amended(one, lambda execution, record: {created: execution.generator.moment(form)}))
        yield one.mutant("created-renewed", f"renews {created} of what was there", hook)
    if modified is not None:
        hook = _when_there(one, _amended(one, lambda execution, record: {modified: record.get(modified)}))
        yield one.mutant("modified-kept", f"replaces a {resource.name} without changing {modified}", hook)
    if resource.id not in one.names:
        yield one.mutant("id-renewed", f"gives a replaced {resource.name} another id", _when_there(one, _made_anew(one)))
    yield one.mutant("neighbour", f"replaces another {resource.name} as well", _when_there(one, _neighbour(one)))


def _kept(one: Replacing) -> Change:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        execution.store.put(one.resource.name, execution.owner(one.resource), record[one.resource.id], record)
        execution.store.commit()
        return performed

    return change


def _amended(one: Replacing, changes: Callable[[MutantExecution, Record], Mapping[str, Json]]) -> Change:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        if not performed.changes:
            return performed
        changed = changes(execution, record)
        context.amend(one.resource, execution.owner(one.resource), record[one.resource.id], changed)
        return one.shown(performed, changed)

    return change


def _made_anew(one: Replacing) -> Change:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        store, owner, resource = execution.store, execution.owner(one.resource), one.resource
        after = dict(store.held(resource.name, owner, record[resource.id]))
        after[resource.id] = execution.generator.id(resource)
        store.remove(resource.name, owner, record[resource.id])
        store.put(resource.name, owner, after[resource.id], after)
        store.commit()
        return one.shown(performed, {resource.id: after[resource.id]})

    return change


def _neighbour(one: Replacing) -> Change:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        owner, resource = execution.owner(one.resource), one.resource
        written = {write.field for write in one.step.writes} - one.names.keys() - {*resource.key, resource.id}
        after = execution.store.held(resource.name, owner, record[resource.id])
        others = [other for other in execution.store.scan(resource.name, owner) if other[resource.id] != record[resource.id]]
        if others:
            context.amend(resource, owner, others[-1][resource.id], {name: after[name] for name in written if name in after})
        return performed

    return change


def _made(one: Replacing) -> Iterator[Mutant]:
    """Yield the mutants about records that are made because they are not there."""
    name, resource = one.resource.name, one.resource
    yield one.mutant("never-makes", f"answers 404 where there is no {name}, and makes none", _never_making(one))
    yield one.mutant("answered-only", f"answers a new {name}, and stores none", _forgetting(one))
    yield one.mutant("never-replaces", f"answers 409 where there is a {name}", _when_there(one, _in_the_way(one)))
    yield one.mutant(
        "second-kept", f"keeps the {name} that is there as it is, and answers it", _when_there(one, _answered(one))
    )
    status = settled(one.contract, one.operation.behaviour.answer.status) if one.operation.behaviour else None
    if isinstance(status, ByOutcome) and status.made != status.found:
        hook = _with_status(status.made, status.found)
        yield one.mutant("made-as-found", f"answers {status.found} for a {name} that it makes", hook)
        hook = _with_status(status.found, status.made)
        yield one.mutant("found-as-made", f"answers {status.made} for a {name} that it replaces", hook)
    if resource.id in one.names and body_properties(one.operation):
        yield one.mutant("own-id", f"makes a {name} under an id of its own, not under that of the path", _own_id(one))


def _never_making(one: Replacing) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        if one.target(execution) is None:
            raise Refused("not-found", f"There is no such {one.resource.name}.")
        return proceed(execution)

    return hook


def _forgetting(one: Replacing) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        if one.target(execution) is not None:
            return proceed(execution)
        before = execution.store.snapshot()
        performed = proceed(execution)
        execution.store.restore(before)
        return performed._replace(changes=[])

    return hook


def _in_the_way(one: Replacing) -> Change:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        raise Refused("conflict", f"There is a {one.resource.name} already.")

    return change


def _answered(one: Replacing) -> Change:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        before = execution.store.snapshot()
        performed = proceed(execution)
        execution.store.restore(before)
        fields: dict[str, Any] = {name: value for name, value in record.items() if one.resource.fields[name].refers_to is None}
        return one.shown(performed._replace(changes=[]), fields)

    return change


def _with_status(status: int, other: int) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        return performed._replace(status=other) if performed.status == status else performed

    return hook


def _own_id(one: Replacing) -> PerformHook:
    made_anew = _made_anew(one)

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        if one.target(execution) is not None:
            return proceed(execution)

        asked = {one.resource.id: execution.parameters[one.names[one.resource.id]]}
        return made_anew(context, execution, asked, proceed)

    return hook
