"""References by id: whether what a request refers to is there, and what becomes of those that refer to what is removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from mock_server.contract.behaviours.expressions import Expression, FromStep
from mock_server.contract.decisions import Decision
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.files.source import Json, pointer_to
from mock_server.contract.model import Resource, Write
from mock_server.contract.problems import Refused
from mock_server.contract.record_rules import Reference
from mock_server.contract.schemas.checks import Violation
from mock_server.engine.execution import Execution
from mock_server.engine.scope import Scope, place_of
from mock_server.engine.store import Owner, Record

Held: TypeAlias = Mapping[str, Mapping[Owner, Mapping[Json, Record]]]
"""Records by resource, owner and id."""

Check: TypeAlias = Callable[[Execution, Mapping[str, Json]], None]
"""Raises `Refused` where given values refer to what is not there."""


def compile_check(resource: Resource, writes: tuple[Write, ...], scope: Scope) -> Check | None:
    """Return what holds the given values of a step to the references of a resource; None where there is nothing to hold."""
    checks = [
        _checked(reference, write, scope.resources[reference.to])
        for write in writes
        if (reference := resource.references.get(write.field)) is not None
        and not all(_is_found(expression, reference, scope) for expression in write.value.possible())
    ]
    if not checks:
        return None

    def check(execution: Execution, values: Mapping[str, Json]) -> None:
        for one in checks:
            one(execution, values)

    return check


def _is_found(expression: Expression, reference: Reference, scope: Scope) -> bool:
    """Say whether a value is the id of a record that an earlier step found or made."""
    if not isinstance(expression, FromStep) or (scope.steps[expression.name].is_list and expression.field is None):
        return False
    step = scope.steps[expression.name]
    return step.resource.name == reference.to and expression.field in (None, step.resource.id) and not step.may_come_to_nothing


def _checked(reference: Reference, write: Write, other: Resource) -> Check:
    name, unknown = reference.field, reference.when_unknown
    location, pointer = place_of(write.value, name)

    def check(execution: Execution, values: Mapping[str, Json]) -> None:
        given = values.get(name)
        several = given if isinstance(given, list) else [] if given is None else [given]
        for position, id in enumerate(several):
            is_there = type(id) in (str, int, float) and execution.store.get(other.name, execution.owner(other), id) is not None
            if not is_there:
                outcome = unknown.settle(execution.choices)
                if outcome != "accept":
                    place = pointer + (pointer_to(position) if isinstance(given, list) else "")
                    raise _refusal(outcome, f"there is no {other.name} with the id {id!r:.80}", location, place)

    return check


def _refusal(outcome: str, message: str, location: str, pointer: str) -> Refused:
    if outcome == "invalid":
        return Refused("invalid", f"The request does not fit: {message}.", (Violation(location, pointer, "exists", message),))
    return Refused(outcome, f"{message[0].upper()}{message[1:]}.")


@dataclass(frozen=True, slots=True)
class Referring:
    """A field by which the records of a resource refer to those of another. `when_deleted` is None where the step decides."""

    resource: Resource
    field: str
    is_list: bool
    when_deleted: Decision[str] | None


def referring_to(resource: Resource, resources: Mapping[str, Resource]) -> list[Referring]:
    """Return the fields that refer to `resource`."""
    found = []
    for other in resources.values():
        found += [
            Referring(other, field.name, False, None) for field in other.fields.values() if field.refers_to == resource.name
        ]
        for reference in other.references.values():
            if reference.to == resource.name:
                found.append(Referring(other, reference.field, reference.is_list, reference.when_deleted))
    return found


def leaves_to_step(resource: Resource, resources: Mapping[str, Resource]) -> bool:
    """Say whether some reference that a removal of `resource` may come upon leaves to the step what becomes of its record."""
    known, open_ones = set[str](), [resource]
    while open_ones:
        one = open_ones.pop()
        known.add(one.name)
        for referring in referring_to(one, resources):
            if referring.when_deleted is None:
                return True
            if "cascade" in referring.when_deleted.possible() and referring.resource.name not in known:
                open_ones.append(referring.resource)
    return False


class Removal:
    """Removes records, with what becomes of those that refer to them."""

    def __init__(self, resource: Resource, when_referred: Decision[str], scope: Scope) -> None:
        self._when_referred = when_referred
        self._scope = scope
        self._referring: dict[str, list[Referring]] = {}
        stack = [resource]
        while stack:
            one = stack.pop()
            if one.name not in self._referring:
                self._referring[one.name] = referring_to(one, scope.resources)
                stack += [referring.resource for referring in self._referring[one.name]]

    def remove(self, execution: Execution, resource: Resource, owner: Owner, record: Record) -> None:
        """Remove a record; raise `Refused` where it is referred to, and that is a conflict."""
        store, id = execution.store, record[resource.id]
        store.remove(resource.name, owner, id)
        for referring in self._referring[resource.name]:
            other = referring.resource
            # What all organizations share may be referred to by any of them.
            shared = other.owned and not resource.owned
            for holder in store.owners(other.name) if shared else [owner if other.owned else None]:
                for found in self._those(execution, referring, holder, id):
                    self._follow(execution, resource, referring, holder, found, id)

    def _those(self, execution: Execution, referring: Referring, holder: Owner, id: Json) -> list[Record]:
        """Return the records that refer to the one with `id`."""
        store, other = execution.store, referring.resource
        if referring.is_list:
            records = store.scan(other.name, holder)
            return [record for record in records if id in (record.get(referring.field) or ())]
        index = self._scope.layout[other.name].get((referring.field,))
        if index is None:  # no step of the document removes what is referred to
            return [record for record in store.scan(other.name, holder) if record.get(referring.field) == id]
        ids = store.find(index, holder, (id,))
        return [store.held(other.name, holder, one) for one in list(ids)]

    def _follow(
        self, execution: Execution, resource: Resource, referring: Referring, holder: Owner, record: Record, id: Json
    ) -> None:
        other, field = referring.resource, referring.field
        outcome = (referring.when_deleted or self._when_referred).settle(execution.choices)
        if outcome == "conflict":
            raise Refused("conflict", f"At least one {other.name} refers to this {resource.name}.")
        if outcome == "cascade" and execution.store.get(other.name, holder, record[other.id]) is not None:
            self.remove(execution, other, holder, record)
        elif outcome == "clear":
            left: Json = [one for one in record[field] if one != id] if referring.is_list else None
            cleared = {**record, field: left}
            if left is None and not other.fields[field].nullable:
                del cleared[field]
            execution.store.put(other.name, holder, record[other.id], cleared)


def dangling(
    resource: Resource, owner: Owner, record: Record, resources: Mapping[str, Resource], records: Held
) -> Iterator[tuple[str, str, str]]:
    """Yield what a record refers to without its being in `records`: the pointer, what is wrong, and what would be right."""
    for name, place, other, id in _referred(resource, record, resources):
        known = records[other.name].get(owner if other.owned else None, {})
        if type(id) not in (str, int) or id not in known:
            hint = did_you_mean(str(id), map(str, known)) or f"there is no {other.name} here"
            yield pointer_to(name) + place, f"{piece(id)} is not the id of a {other.name} here", hint


def _referred(
    resource: Resource, record: Record, resources: Mapping[str, Resource]
) -> Iterator[tuple[str, str, Resource, Json]]:
    """Yield each id that a record has to refer by: its field, the place within it, the resource, the id."""
    for field in resource.fields.values():
        value = record.get(field.name)
        reference = resource.references.get(field.name)
        other = resources.get(field.refers_to or (reference.to if reference else ""))
        if other is None or (value is None and (field.nullable or not field.required)):
            continue
        if reference is None:
            yield field.name, "", other, value
        elif "accept" not in reference.when_unknown.possible() and not _may_dangle(reference):
            several = enumerate(value) if reference.is_list and isinstance(value, list) else [("", value)]
            for position, id in several:
                yield field.name, pointer_to(position) if position != "" else "", other, id


def _may_dangle(reference: Reference) -> bool:
    return reference.when_deleted is not None and "keep" in reference.when_deleted.possible()
