"""Finding the one record that a step is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mock_server.contract.decisions import Decision
from mock_server.contract.model import Resource, Value
from mock_server.contract.problems import Refused
from mock_server.contract.schemas.checks import Violation
from mock_server.engine.execution import Execution
from mock_server.engine.keys import Key
from mock_server.engine.operators import Evaluate
from mock_server.engine.scope import Scope, place_of
from mock_server.engine.store import Fields, Owner, Record
from mock_server.engine.values import ABSENT, has

IDS = frozenset({str, int, float})
"""The types of values that can be an id: nothing else is looked up."""


REFUSING = frozenset({"not-found", "invalid", "unauthenticated"})
"""The outcomes of `otherwise` that refuse the request."""


class Lookup:
    """Finds the record that fits the conditions of a step, and says what follows when there is none."""

    def __init__(
        self, resource: Resource, where: Mapping[str, Value], otherwise: Decision[str], foreign: Decision[str], scope: Scope
    ) -> None:
        self.resource = resource
        self._otherwise = otherwise
        self._foreign = foreign
        self._places = [place_of(value, field) for field, value in where.items()]
        self._where = [(field, scope.value(value)) for field, value in where.items()]
        self._id = resource.id if resource.id in where else None
        by_key = bool(resource.key) and set(where) == set(resource.key)
        self._key = Key(resource, scope.index(resource, resource.key)) if by_key else None
        self._index = scope.index(resource, indexed_fields(where)) if self._id is None else None
        self.record = self._by_id(*self._where[0]) if len(where) == 1 and self._id is not None else self._record
        """Returns the record that is meant, None where its absence is accepted; raises `Refused` where it is not."""

    def _by_id(self, field: str, evaluate: Evaluate) -> Callable[[Execution], Record | None]:
        name, owned = self.resource.name, self.resource.owned

        def record(execution: Execution) -> Record | None:
            id = evaluate(execution)
            found = execution.store.get(name, execution.organization if owned else None, id) if type(id) in IDS else None
            return found if found is not None else self._missing(execution, {field: id})

        return record

    def _record(self, execution: Execution) -> Record | None:
        values = {field: evaluate(execution) for field, evaluate in self._where}
        record = self._find(execution, execution.organization if self.resource.owned else None, values)
        return record if record is not None else self._missing(execution, values)

    def anywhere(self, execution: Execution) -> Record | None:
        """Return the record that is meant, whoever has it; the request then goes on for its organization.

        What is not sent, or null, finds nobody.
        """
        values = {field: evaluate(execution) for field, evaluate in self._where}
        given = all(value is not ABSENT and value is not None for value in values.values())
        for owner in execution.store.owners(self.resource.name) if given else ():
            execution.organization = owner
            record = self._find(execution, owner, values)
            if record is not None:
                return record
        execution.organization = None
        self._otherwise_than(execution, values)
        return None

    def _find(self, execution: Execution, owner: Owner, values: Mapping[str, Any]) -> Record | None:
        store, name = execution.store, self.resource.name
        if self._id is not None:
            id = values[self._id]
            record = store.get(name, owner, id) if type(id) in IDS else None
            return record if record is not None and has(record, values) else None
        if self._key is not None:
            stored = {field: self._key.stored(value, execution.choices) for field, value in values.items()}
            return next(iter(self._key.find(execution, stored)), None)
        if self._index is None:
            raise LookupError(self.resource.name)  # what is not found by its id has an index
        ids = store.find(self._index, owner, tuple([values[field] for field in self._index.fields]))
        if len(ids) > 1:
            ids = store.oldest_first(name, owner, ids)
        return store.held(name, owner, ids[0]) if ids else None

    def _missing(self, execution: Execution, values: Mapping[str, Any]) -> Record | None:
        """Say what follows where there is no such record: return where that is accepted, else raise `Refused`."""
        resource, choices = self.resource, execution.choices
        if self._id is not None and resource.owned:
            # Asked whether or not another organization has it: that an answer rests on this choice must not tell.
            foreign = self._foreign.settle(choices)
            others = (other for other in execution.store.owners(resource.name) if other != execution.organization)
            if foreign == "forbidden" and any(self._find(execution, other, values) for other in others):
                raise Refused("forbidden", f"This {resource.name} belongs to another organization.")
        self._otherwise_than(execution, values)
        return None

    def _otherwise_than(self, execution: Execution, values: Mapping[str, Any]) -> None:
        """Return where a verb goes on without a record; else raise `Refused`."""
        resource, outcome = self.resource, self._otherwise.settle(execution.choices)
        if outcome not in REFUSING:
            return  # the verb goes on
        if outcome == "unauthenticated":  # it tells nobody which of the values was wrong
            raise Refused("unauthenticated", f"There is no such {resource.name}, or what was sent is not right.")
        told = {field: value for field, value in values.items() if value is not ABSENT and field not in resource.hidden}
        described = ", ".join(f"{field} {value!r:.80}" for field, value in told.items()) or "these values"
        detail = f"There is no {resource.name} with {described}."
        if outcome == "not-found":
            raise Refused("not-found", detail)
        raise Refused(
            "invalid", detail, tuple(Violation(location, pointer, "exists", detail) for location, pointer in self._places)
        )


def indexed_fields(conditions: Mapping[str, object]) -> Fields:
    """Return the fields of the index that finds records by these."""
    return tuple(sorted(conditions))


def looked_up_by(resource: Resource, where: Mapping[str, Value]) -> Iterator[tuple[str, Fields]]:
    """Yield the fields by whose values a step finds its record; by its id, a record is found without an index."""
    if resource.id not in where:
        yield resource.name, indexed_fields(where)
