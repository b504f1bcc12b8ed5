"""Natural keys: how key values are stored, and which stored ones a given one matches."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.contract.model import Resource
from mock_server.contract.source import Json
from mock_server.engine.choices import Choices
from mock_server.engine.run import Run
from mock_server.engine.store import Record


class Key:
    """The natural key of a resource. Assumptions are consulted only where they make a difference for the values at hand."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.fields = resource.key

    def stored(self, value: Json, choices: Choices) -> Json:
        """Return a key value as it is stored."""
        if type(value) is not str:
            return value
        stripped = value.strip()
        if stripped != value and self.resource.key_space.settle(choices) == "trim":
            value = stripped
        if value.lower() != value:
            case = self.resource.key_case.settle(choices)
            if case == "lower":
                return value.lower()
            if case == "lower-domain":
                return _lower_domain(value)
        return value

    def find(self, run: Run, values: Mapping[str, Json]) -> list[Json]:
        """Return the ids of the records with the key in `values`, oldest first: one, unless an update let records share it."""
        for field in self.fields:
            if values.get(field) is None:
                return []
        store, name, owner = run.store, self.resource.name, run.owner(self.resource)
        found = store.find(name, owner, self.fields, values)
        if found:
            found = [id for id in found if self._matches(store.held(name, owner, id), values, run.choices)]
            if found:
                return found if len(found) == 1 else store.oldest_first(name, owner, found)
        previous = store.previous_holder(name, owner, self.fields, values)
        if previous is None:
            return []
        id, record = previous
        if store.get(name, owner, id) is None or not self._matches(record, values, run.choices):
            return []
        return [id] if self.resource.previous_key.settle(run.choices) == "remembered" else []

    def _matches(self, record: Record, values: Mapping[str, Json], choices: Choices) -> bool:
        for field in self.fields:
            if record[field] != values[field] and not self._equal(record[field], values[field], choices):
                return False
        return True

    def _equal(self, stored: Json, sought: Json, choices: Choices) -> bool:
        """Compare two unequal key values that are the same give or take case and surrounding space."""
        if type(stored) is not str or type(sought) is not str:
            return False
        if stored.strip() != stored or sought.strip() != sought:
            if self.resource.key_space.settle(choices) != "exact":
                stored, sought = stored.strip(), sought.strip()
            elif stored.casefold() != sought.casefold():
                return False
        if stored == sought:
            return True
        case = self.resource.key_case.settle(choices)
        if case == "lower-domain":
            return _lower_domain(stored) == _lower_domain(sought)
        return case != "exact" and stored.casefold() == sought.casefold()


def _lower_domain(value: str) -> str:
    local, at, domain = value.rpartition("@")
    return local + at + domain.lower()
