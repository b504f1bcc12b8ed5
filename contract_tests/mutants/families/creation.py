"""Records that are made: fields that are lost or swapped, links to another record, records that are made once too often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from contract_tests.mutants.facts import is_readable, place_of, settled, spread, steps, written_properties
from contract_tests.mutants.families.alterations import at, copied, only_for
from contract_tests.mutants.families.changes_of_mind import changes_of_mind
from contract_tests.mutants.families.names import CREATION
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from mock_server.contract.behaviours.expressions import FromParameter, FromStep, Literal
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Operation, Resource
from mock_server.contract.problems import Refused
from mock_server.engine.engine import Performed
from mock_server.engine.store import Record
from mock_server.engine.values import has
from mock_server.engine.verbs import Create, Find, FindOrCreate, Update


@dataclass(frozen=True, slots=True)
class RecordMaking:
    """A step of an operation that makes records of a resource which its answers show."""

    operation: Operation
    step: Create | FindOrCreate
    place: str

    @property
    def resource(self) -> Resource:
        """The resource that is made."""
        return self.step.resource

    def made(self, performed: Performed) -> Record | None:
        """Return the record that was made; None where none was."""
        changes = [change for change in performed.changes if change.resource == self.resource.name and change.before is None]
        return changes[-1].after if changes else None


def makings(contract: Contract) -> list[RecordMaking]:
    """Return every step that makes a record which the answer shows."""
    found = []
    for operation, step in steps(contract):
        if isinstance(step, (Create, FindOrCreate)):
            place = place_of(contract, operation, step.resource)
            if place is not None:
                found.append(RecordMaking(operation, step, place))
    return found


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    every = makings(contract)
    yield from _values(contract)
    for making in every:
        yield from _links(contract, making)
        yield from _parameters(contract, making)
        if isinstance(making.step, Create):
            yield from _mistaken(making, making.step)
    yield from _ids(contract, every)
    yield from changes_of_mind(contract)


def _named(making: RecordMaking, name: str, about: str, hook: PerformHook, part: str = "") -> Mutant:
    place = f"{making.operation.id}.{part}" if part else making.operation.id
    return Mutant(
        f"{CREATION}.{name}.{place}", CREATION, f"{making.operation.id} {about}.", perform=only_for(making.operation, hook)
    )


def _after_making(
    making: RecordMaking, change: Callable[[MutantContext, MutantExecution, Record], dict[str, Json]], *, told: bool = True
) -> PerformHook:
    """Return a hook that changes fields of a record that has just been made, in the answer as well where it is `told`."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        record = making.made(performed)
        changed = change(context, execution, record) if record is not None else {}
        if record is None or not changed:
            return performed
        context.amend(making.resource, execution.owner(making.resource), record[making.resource.id], changed)
        if not told:
            return performed
        body = copied(performed.body)
        shown = at(body, making.place)
        if shown is not None:
            shown.update(changed)
        return performed._replace(body=body)

    return hook


# Values


def _values(contract: Contract) -> Iterator[Mutant]:
    """Yield values of a new record that get lost, or into another field."""
    for making in makings(contract):
        taken = [one for one in written_properties(contract) if one.step is making.step and not one.is_key]
        for one in taken:
            values = one.schema.values or ()
            if len(values) > 1:
                hook = _sending(one.token, lambda value, values=values: values[0])  # type: ignore[misc]
                yield _named(making, "value-default", f"makes {one.token} {values[0]!r} whatever is sent", hook, one.token)
            elif one.field.nullable or one.field.has_default or not one.field.required:
                hook = _losing(one.token)
                yield _named(making, "value-lost", f"does not store {one.token}", hook, one.token)
            if one.field.has_default and one.field.default is not None:
                other = _other_than(one.field.default)
                hook = _defaulting(one.token, other)
                yield _named(making, "other-default", f"takes {other!r} for {one.token} when it is not sent", hook, one.token)
        texts = [one for one in taken if one.is_text]
        for one, other_one in list(pairwise(texts))[:1]:
            about = f"takes {one.token} for {other_one.token}, and the other way round"
            yield _named(making, "swaps", about, _swapping(one.token, other_one.token), one.token)
    for making in makings(contract):
        fields = {write.field for write in making.step.writes if write.value.fixed is not None}
        numbers = [one for one in written_properties(contract) if one.step is making.step and "number" in one.schema.types]
        for one in [one for one in numbers if one.field.name in fields and not one.is_key][:1]:
            hook = _sending(one.token, lambda value: value + 1 if isinstance(value, int) else value)
            yield _named(making, "one-more", f"stores one more than {one.token}", hook, one.token)


def _other_than(default: Json) -> Json:
    if isinstance(default, bool):
        return not default
    if isinstance(default, int):
        return default + 1
    if isinstance(default, list):
        return ["default"]
    return "default"


def _sending(token: str, change: Callable[[Any], Json]) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        body = execution.body
        if isinstance(body, dict) and token in body:
            execution = execution.but(body={**body, token: change(body[token])})
        return proceed(execution)

    return hook


def _losing(token: str) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        if isinstance(execution.body, dict):
            execution = execution.but(body={name: value for name, value in execution.body.items() if name != token})
        return proceed(execution)

    return hook


def _defaulting(token: str, value: Json) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        if isinstance(execution.body, dict) and token not in execution.body:
            execution = execution.but(body={**execution.body, token: value})
        return proceed(execution)

    return hook


def _swapping(token: str, other: str) -> PerformHook:
    names = {token: other, other: token}

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        if isinstance(execution.body, dict):
            execution = execution.but(body={names.get(name, name): value for name, value in execution.body.items()})
        return proceed(execution)

    return hook


# Links


def _links(contract: Contract, making: RecordMaking) -> Iterator[Mutant]:
    """Yield new records that refer to the record which an earlier request was about."""
    for write in making.step.writes:
        expression = write.value.fixed
        refers_to = making.resource.fields[write.field].refers_to
        if not isinstance(expression, FromStep) or expression.field is not None or refers_to is None:
            continue
        other, field = contract.resources[refers_to], write.field
        yield _named(making, "shows-other", f"shows the {refers_to} of the request before", _showing_last(making, field), field)
        if is_readable(contract, making.resource, field) and _is_reached(contract, making):
            about = f"stores a link to the {refers_to} of the request before, and answers the right one"
            yield _named(making, "links-other", about, _linking_last(making, field, other), field)
            about = f"stores a link to the first {refers_to} there is, and answers the right one"
            yield _named(making, "links-first", about, _linking_first(making, field, other), field)


def _is_reached(contract: Contract, making: RecordMaking) -> bool:
    """Say whether an operation that shows stored records can be asked for those that this one makes."""
    nulls = {write.field for write in making.step.writes if write.value.fixed == Literal(None)}
    for _, step in steps(contract):
        if step.resource == making.resource and isinstance(step, (Find, Update)) and nulls & step.where.keys():
            return settled(contract, step.otherwise) == "accept"
    return True


def _linking_first(making: RecordMaking, field: str, other: Resource) -> PerformHook:
    def change(context: MutantContext, execution: MutantExecution, record: Record) -> dict[str, Json]:
        first = next(execution.store.scan(other.name, execution.owner(other)), None)
        return {field: first[other.id]} if first is not None else {}

    return _after_making(making, change, told=False)


def _linking_last(making: RecordMaking, field: str, other: Resource) -> PerformHook:
    def change(context: MutantContext, execution: MutantExecution, record: Record) -> dict[str, Json]:
        last = context.memory.get(f"last of {execution.organization}")
        context.memory[f"last of {execution.organization}"] = record[field]
        held = execution.store.get(other.name, execution.owner(other), last)
        return {field: last} if held is not None else {}

    return _after_making(making, change, told=False)


def _showing_last(making: RecordMaking, field: str) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        body = copied(performed.body)
        shown = at(body, making.place)
        if shown is None:
            return performed
        last = context.memory.get(f"last of {execution.organization}", shown[field])
        context.memory[f"last of {execution.organization}"] = shown[field]
        shown[field] = last
        return performed._replace(body=body)

    return hook


def _parameters(contract: Contract, making: RecordMaking) -> Iterator[Mutant]:
    """Yield new records that do not take what the path says."""
    for write in making.step.writes:
        field, expression = making.resource.fields[write.field], write.value.fixed
        if not isinstance(expression, FromParameter):
            continue
        name = field.name
        if field.nullable:
            about = f"makes {name} null whatever the path says"
            yield _named(making, "path-lost", about, _after_making(making, _changing(name, lambda value: None)), name)
        if is_readable(contract, making.resource, name):
            about = f"takes {name} from the request before"
            yield _named(making, "path-before", about, _taking_last(making, name), name)
        if "string" not in field.schema.types:
            continue
        about = f"puts {name} in capitals"
        yield _named(making, "path-capitals", about, _after_making(making, _changing(name, _capitals)), name)


def _changing(name: str, change: Callable[[Json], Json]) -> Callable[[MutantContext, MutantExecution, Record], dict[str, Json]]:
    return lambda context, execution, record: {name: change(record[name])}


def _capitals(value: Json) -> Json:
    return value.upper() if isinstance(value, str) else value


def _taking_last(making: RecordMaking, name: str) -> PerformHook:
    def change(context: MutantContext, execution: MutantExecution, record: Record) -> dict[str, Json]:
        last: Json = context.memory.get(f"last {name} of {execution.organization}", record[name])
        context.memory[f"last {name} of {execution.organization}"] = record[name]
        return {name: last}

    return _after_making(making, change)


# Duplicates


def _mistaken(making: RecordMaking, step: Create) -> Iterator[Mutant]:
    """Yield records that are taken for duplicates though one of the fields that have to agree differs."""
    widest = max(step.when_duplicate, key=lambda rule: len(rule.same), default=None)
    same = widest.same if widest is not None else ()
    fixed = {write.field for write in step.writes if isinstance(write.value.fixed, Literal)}
    for dropped in [field for field in same if field not in fixed]:
        rest = tuple(field for field in same if field != dropped)
        admissible = {
            outcome for rule in step.when_duplicate if set(rule.same) == set(rest) for outcome in rule.then.possible()
        }
        for outcome in [outcome for outcome in ("reuse", "conflict") if outcome not in admissible][:1]:
            said = "answers an earlier one" if outcome == "reuse" else "refuses"
            about = f"{said} where {' and '.join(rest)} agree, though {dropped} differs"
            yield _named(making, f"mistaken-{outcome}", about, _taking_for_duplicate(making, rest, dropped, outcome), dropped)


def _taking_for_duplicate(making: RecordMaking, same: tuple[str, ...], other: str, outcome: str) -> PerformHook:
    """Return a hook that finds a duplicate by `same` alone; where `other` is named, it has to differ."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        record, resource, owner = making.made(performed), making.resource, execution.owner(making.resource)
        shown = context.memory.setdefault(f"answers of {making.operation.id}", {})
        if record is None:
            return performed
        id = record[resource.id]
        alike = {field: record.get(field) for field in same}
        for earlier in execution.store.scan(resource.name, owner):
            if earlier[resource.id] in shown and has(earlier, alike) and (not other or earlier.get(other) != record.get(other)):
                execution.store.remove(resource.name, owner, id)
                execution.store.commit()
                if outcome == "conflict":
                    raise Refused("conflict", f"Another {resource.name} has the same {' and '.join(same)} already.")
                return performed._replace(body=shown[earlier[resource.id]], changes=[])
        shown[id] = copied(performed.body)
        return performed

    return hook


# Ids


def _ids(contract: Contract, every: list[RecordMaking]) -> Iterator[Mutant]:
    for making in every:
        hook = _same_id(making)
        yield _named(
            making,
            "id-reused",
            f"answers every second new {making.resource.name} with the id of the one before",
            hook,
            making.resource.name,
        )
    texts = [making for making in every if "string" in making.resource.fields[making.resource.id].schema.types]
    for (name, about, change), making in spread(ID_CHANGES, texts):
        hook = _other_id(making, change)
        yield _named(making, name, f"shows the id of a {making.resource.name} {about}", hook, making.resource.name)


ID_CHANGES: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    ("id-capitals", "in capitals, as no other operation does", str.upper),
    ("id-bare", "without what stands before its first underscore", lambda id: id.partition("_")[2] or id[:-1]),
    ("id-cut", "cut off after twelve characters", lambda id: id[:12]),
)


def _other_id(making: RecordMaking, change: Callable[[str], str]) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        body = copied(performed.body)
        shown = at(body, making.place)
        if shown is not None:
            shown[making.resource.id] = change(str(shown[making.resource.id]))
        return performed._replace(body=body)

    return hook


def _same_id(making: RecordMaking) -> PerformHook:
    """Return a hook that shows every second new record with the id of the one that was made before it."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        record = making.made(performed)
        body = copied(performed.body)
        shown = at(body, making.place)
        if record is None or shown is None:
            return performed
        if context.count("made") % 2 == 0:
            shown[making.resource.id] = context.memory["id"]
        context.memory["id"] = record[making.resource.id]
        return performed._replace(body=body)

    return hook
