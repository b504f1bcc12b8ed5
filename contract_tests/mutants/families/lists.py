"""Lists, deletions and look-ups by key, for documents that have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from contract_tests.mutants.facts import carried_out, goes_by_caller, settled, steps
from contract_tests.mutants.families.alterations import amending, copied, only_for
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from contract_tests.oracle.shapes import ListShape, ObjectShape, Shape, answer_shape
from mock_server.contract.behaviours.expressions import FromParameter
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Operation, Resource, Value
from mock_server.contract.problems import Refused
from mock_server.engine.engine import Performed
from mock_server.engine.store import Change
from mock_server.engine.verbs import Delete, Find, List

FAMILY = "lists"
PAGE = 5


@dataclass(frozen=True, slots=True)
class Listed:
    """An operation that answers a list of records, as the whole answer or as one of its members."""

    operation: Operation
    step: List
    member: str | None

    @property
    def resource(self) -> Resource:
        """The resource that is listed."""
        return self.step.resource


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    for operation, step in steps(contract):
        if isinstance(step, List):
            member = _member(answer_shape(operation, contract))
            listed = Listed(operation, step, member)
            yield from _lists(listed)
            yield from _filters(listed)
            yield from _twice(contract, listed)
        if isinstance(step, Delete):
            yield from _deletions(contract, operation, step)
        if isinstance(step, Find) and step.resource.id not in step.where:
            yield from _finds(operation, step)


def _named(operation: Operation, name: str, about: str, hook: PerformHook, part: str = "") -> Mutant:
    place = f"{operation.id}.{part}" if part else operation.id
    return Mutant(f"{FAMILY}.{name}.{place}", FAMILY, f"{operation.id} {about}.", perform=only_for(operation, hook))


def _member(shape: Shape) -> str | None:
    """Return the member of an answer that is the list; None where the answer is the list itself."""
    if isinstance(shape, ObjectShape):
        return next((name for name, one in shape.members.items() if isinstance(one, ListShape)), None)
    return None


# Lists


def _tells_strangers(listed: Listed) -> bool:
    """Say whether a list can be asked for something that only records of this run have, so that its first one is known."""
    asked = (*listed.step.conditions, *listed.step.search)
    fields = [listed.resource.fields[one.path[0]] for one in asked if len(one.path) == 1]
    texts = any("string" in field.schema.types and not field.schema.values for field in fields)
    return texts or any(listed.resource.refers_to(field.name) is not None for field in fields)


def _reversed(records: list[Any]) -> list[Any]:
    return records[::-1]


LISTS: tuple[tuple[str, str, Callable[[list[Any]], list[Any]]], ...] = (
    ("reversed", "lists the newest first", _reversed),
    ("first-lacking", "leaves out the oldest", lambda records: records[1:]),
    ("last-lacking", "leaves out the newest", lambda records: records[:-1]),
    ("first-twice", "lists the oldest twice", lambda records: records[:1] + records),
    ("page", f"lists no more than {PAGE}, whatever is asked for", lambda records: records[:PAGE]),
    ("by-id", "lists by id", lambda records: sorted(records, key=lambda record: str(next(iter(record.values()))))),
)


def _lists(listed: Listed) -> Iterator[Mutant]:
    for name, about, change in LISTS:
        if name == "by-id" and listed.resource.fields[listed.resource.id].schema.whole:
            continue  # ids that are counted tell the age
        if name == "first-lacking" and not _tells_strangers(listed):
            continue
        yield _named(listed.operation, name, about, _relisted(listed, change))
    if listed.resource.owned:
        about = f"lists each {listed.resource.name} of all organizations"
        yield _named(listed.operation, "all-organizations", about, _of_all(listed))
    yield _named(listed.operation, "stale", "lists what there was at the request before", _late(listed))


def _relisted(listed: Listed, change: Callable[[list[Any]], list[Any]]) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        body: Any = copied(performed.body)
        if listed.member is None:
            return performed._replace(body=change(body))
        return performed._replace(body={**body, listed.member: change(body[listed.member])})

    return hook


def _of_all(listed: Listed) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        others = [owner for owner in context.setup.organizations if owner != execution.organization]
        more: list[Any] = []
        for owner in others:
            body: Any = copied(proceed(execution.but(organization=owner)).body)
            more.extend(body if listed.member is None else body[listed.member])
        return _relisted(listed, lambda records: records + more)(context, execution, proceed)

    return hook


def _late(listed: Listed) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        place = f"{execution.organization} {sorted(execution.parameters.items())}"
        before: Performed = context.memory.get(place, performed)
        context.memory[place] = performed
        return before

    return hook


def _filters(listed: Listed) -> Iterator[Mutant]:
    """Yield filters and pages that are not looked at, or not well."""
    for field, value in listed.step.where.items():
        name = _query(value)
        if name:
            yield _named(listed.operation, "filter-ignored", f"does not filter by {name}", _asking(name, None), name)
            schema = listed.resource.fields[field].schema
            if schema.values or "string" not in schema.types:
                continue
            about = f"filters by the beginning of {field}"
            yield _named(listed.operation, "filter-prefix", about, _by_prefix(listed, name, field), name)
    for part, asked in (("offset", listed.step.offset), ("limit", listed.step.limit)):
        name = _query(asked) if asked is not None else ""
        if name:
            yield _named(listed.operation, f"{part}-ignored", f"does not look at {name}", _asking(name, None), name)
            about = f"takes {name} for one more than it is"
            yield _named(listed.operation, f"{part}-one-more", about, _asking(name, lambda value: value + 1), name)
    if listed.step.offset is not None and _query(listed.step.offset) and listed.step.limit is not None:
        name = _query(listed.step.offset)
        about = f"takes {name} for a number of pages"
        yield _named(listed.operation, "offset-pages", about, _pages(name, _query(listed.step.limit)), name)


def _query(value: Value) -> str:
    expression = value.fixed
    return expression.name if isinstance(expression, FromParameter) and expression.location == "query" else ""


def _asking(name: str, change: Callable[[Any], Json] | None) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        if ("query", name) in execution.parameters:
            parameters = dict(execution.parameters)
            value = parameters.pop(("query", name))
            if change is not None:
                parameters["query", name] = change(value)
            execution = execution.but(parameters=parameters)
        return proceed(execution)

    return hook


def _pages(offset: str, limit: str) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        start, count = execution.parameters.get(("query", offset)), execution.parameters.get(("query", limit))
        if isinstance(start, int) and isinstance(count, int):
            execution = execution.but(parameters={**execution.parameters, ("query", offset): start * count})
        return proceed(execution)

    return hook


def _by_prefix(listed: Listed, name: str, field: str) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        asked = execution.parameters.get(("query", name))
        if not isinstance(asked, str):
            return proceed(execution)
        everything = _asking(name, None)(context, execution, proceed)
        body: Any = copied(everything.body)
        records = body if listed.member is None else body[listed.member]
        near = [record for record in records if str(record.get(field, "")).startswith(asked)]
        exact = proceed(execution)
        shown: Any = copied(exact.body)
        return exact._replace(body=near if listed.member is None else {**shown, listed.member: near})

    return hook


def _twice(contract: Contract, listed: Listed) -> Iterator[Mutant]:
    """Yield operations that make two records where they should make one, as a list of them shows."""
    for operation, step in steps(contract):
        if step.makes and step.each is None and step.resource == listed.resource and _tells_strangers(listed):
            about = f"makes two of {step.resource.name}, and answers one"
            yield _named(operation, "made-twice", about, _doubling(step.resource))


def _doubling(resource: Resource) -> PerformHook:
    def double(context: MutantContext, execution: MutantExecution, change: Change) -> None:
        if change.before is None and change.after is not None:
            id = execution.generator.id(resource)
            execution.store.put(resource.name, change.organization, id, {**change.after, resource.id: id})

    return amending(resource, double)


# Deletions


def _deletions(contract: Contract, operation: Operation, step: Delete) -> Iterator[Mutant]:
    name = step.resource.name
    if step.each is None and settled(contract, step.otherwise) == "not-found" and not goes_by_caller(step):
        yield _named(operation, "unknown-removed", f"says that an unknown {name} is removed", _succeeding(step))
    if operation not in carried_out(contract):
        return
    yield _named(operation, "not-removed", f"says that a {name} is removed, and keeps it", _keeping(step.resource))
    yield _named(operation, "removes-another", f"removes another {name} as well", _removing_another(step.resource))


def _keeping(resource: Resource) -> PerformHook:
    def keep(context: MutantContext, execution: MutantExecution, change: Change) -> None:
        if change.after is None and change.before is not None:
            execution.store.put(change.resource, change.organization, change.id, change.before)

    return amending(resource, keep)


def _removing_another(resource: Resource) -> PerformHook:
    def remove(context: MutantContext, execution: MutantExecution, change: Change) -> None:
        others = list(execution.store.scan(resource.name, change.organization))
        unreferred = [other for other in others if not _is_referred(context, resource, other[resource.id])]
        if change.after is None and unreferred:
            execution.store.remove(resource.name, change.organization, unreferred[-1][resource.id])

    return amending(resource, remove)


def _is_referred(context: MutantContext, resource: Resource, id: Json) -> bool:
    for other in context.contract.resources.values():
        fields = [field.name for field in other.fields.values() if field.refers_to == resource.name]
        for owner in context.store.owners(other.name):
            for record in context.store.scan(other.name, owner):
                if any(record.get(field) == id for field in fields):
                    return True
    return False


def _succeeding(step: Delete) -> PerformHook:
    """Return a hook that answers the removal of what is not there as if something else had been removed, which stays."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        try:
            return proceed(execution)
        except Refused as refused:
            if refused.kind != "not-found":
                raise
            before = execution.store.snapshot()
            for record in execution.store.scan(step.resource.name, execution.owner(step.resource)):
                wanted = {
                    (value.fixed.location, value.fixed.name): record.get(field)
                    for field, value in step.where.items()
                    if isinstance(value.fixed, FromParameter)
                }
                try:
                    performed = proceed(execution.but(parameters={**execution.parameters, **wanted}))
                except Refused:
                    continue
                execution.store.restore(before)
                return performed._replace(changes=[])
            raise

    return hook


# Look-ups by other fields than the id


def _finds(operation: Operation, step: Find) -> Iterator[Mutant]:
    name = step.resource.name
    for field, value in step.where.items():
        expression = value.fixed
        if isinstance(expression, FromParameter):
            about = f"finds a {name} whatever the {field} is"
            yield _named(operation, "finds-any", about, _finding_any(step, field, expression), field)
    if not step.anywhere and not goes_by_caller(step):
        yield _named(operation, "finds-first", f"answers the first {name} where there is none", _finding_first(step))


def _finding_any(step: Find, field: str, expression: FromParameter) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        try:
            return proceed(execution)
        except Refused:
            for record in execution.store.scan(step.resource.name, execution.owner(step.resource)):
                place = (expression.location, expression.name)
                near = execution.but(parameters={**execution.parameters, place: record.get(field)})
                try:
                    return proceed(near)
                except Refused:
                    continue
            raise

    return hook


def _finding_first(step: Find) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        try:
            return proceed(execution)
        except Refused:
            first = next(execution.store.scan(step.resource.name, execution.owner(step.resource)), None)
            if first is None:
                raise
            parameters = dict(execution.parameters)
            for field, value in step.where.items():
                if isinstance(value.fixed, FromParameter):
                    parameters[value.fixed.location, value.fixed.name] = first.get(field)
            return proceed(execution.but(parameters=parameters))

    return hook
