"""Natural keys: how key values are stored, and which stored ones a given one matches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mock_server.contract.files.source import Json
from mock_server.contract.model import Resource
from mock_server.engine.choices import Choices
from mock_server.engine.execution import Execution
from mock_server.engine.store import Index, Record
from mock_server.engine.values import picker


class Key:
    """The natural key of a resource. Assumptions are consulted only where they make a difference for the values at hand."""

    def __init__(self, resource: Resource, index: Index) -> None:
        self.resource = resource
        self.index = index
        self.fields = resource.key
        self._numbered = tuple(enumerate(resource.key))
        self._name, self._owned = resource.name, resource.owned
        self._pick = picker(resource.key)
        self._may_trim = "trim" in resource.key_space.possible()
        self._may_lower = {"lower", "lower-domain"}.intersection(resource.key_case.possible())

    def stored(self, value: Json, choices: Choices) -> Json:
        """Return a key value as it is stored."""
        if type(value) is not str:
            return value
        stripped = value.strip()
        if self._may_trim and stripped != value and self.resource.key_space.settle(choices) == "trim":
            value = stripped
        if self._may_lower and value.lower() != value:
            case = self.resource.key_case.settle(choices)
            if case == "lower":
                return value.lower()
            if case == "lower-domain":
                return _lower_domain(value)
        return value

    def find(self, execution: Execution, values: Mapping[str, Json]) -> list[Record]:
        """Return the records with the key in `values`, or else the one that is remembered to have had it."""
        return self.holders(execution, values) or self._former_holders(execution, values)

    def _former_holders(self, execution: Execution, values: Mapping[str, Json]) -> list[Record]:
        """Return the record that is remembered to have had the key in `values`."""
        sought = self._pick(values)
        if None in sought:
            return []
        resource, store, owner = self.resource, execution.store, execution.owner(self.resource)
        for former in reversed(store.remembered(self.index, owner, sought)):
            record = store.get(resource.name, owner, former.id)
            if record is not None and self._matches(former.record, sought, execution.choices):
                return [record] if resource.previous_key.settle(execution.choices) == "remembered" else []
        return []

    def holders(self, execution: Execution, values: Mapping[str, Json]) -> list[Record]:
        """Return the records that have the key in `values` now, oldest first: one, unless several came to share it."""
        sought = self._pick(values)
        if None in sought:
            return []
        store, owner = execution.store, execution.organization if self._owned else None
        found = []
        ids = store.find(self.index, owner, sought)
        for id in ids:
            record = store.held(self._name, owner, id)
            if self._matches(record, sought, execution.choices):
                found.append(record)
        return found if len(found) < 2 else self._oldest_first(execution, found)

    def _oldest_first(self, execution: Execution, records: list[Record]) -> list[Record]:
        by_id = {record[self.resource.id]: record for record in records}
        ids = execution.store.oldest_first(self._name, execution.owner(self.resource), list(by_id))
        return [by_id[id] for id in ids]

    def ids(self, execution: Execution, values: Mapping[str, Json]) -> Sequence[Json]:
        """Return the ids of all records near the key in `values`, in the order in which they came to theirs."""
        return execution.store.find(self.index, execution.owner(self.resource), self._pick(values))

    def _matches(self, record: Record, sought: tuple[Json, ...], choices: Choices) -> bool:
        for number, field in self._numbered:
            stored = record[field]
            if stored != sought[number] and not self._equal(stored, sought[number], choices):
                return False
        return True

    def _equal(self, stored: Json, sought: Json, choices: Choices) -> bool:
        """Compare two unequal key values that are the same give or take case and surrounding space."""
        if type(stored) is not str or type(sought) is not str:
            return False
        if stored.strip() != stored or sought.strip() != sought:
            if self.resource.key_space.settle(choices) != "exact":
                stored, sought = stored.strip(), sought.strip()
            elif stored.lower() != sought.lower():
                return False
        if stored == sought:
            return True
        case = self.resource.key_case.settle(choices)
        if case == "lower-domain":
            return _lower_domain(stored) == _lower_domain(sought)
        return case != "exact" and stored.lower() == sought.lower()


def _lower_domain(value: str) -> str:
    local, at, domain = value.rpartition("@")
    return local + at + domain.lower()
