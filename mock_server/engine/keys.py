"""Natural keys: how key values are stored, and which stored ones a given one matches.

Nearly always a key value is in lower case without surrounding space, and one stored record has exactly it. That is looked at
in the source of an operation itself, which rests on no assumption; `Key` knows the rest.
"""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.contract.model import Resource
from mock_server.contract.source import Json
from mock_server.engine.choices import Choices
from mock_server.engine.execution import Execution
from mock_server.engine.scene import Scene
from mock_server.engine.store import Record


def write_stored(scene: Scene, key: Key, value: str) -> None:
    """Write what makes a key value, in the variable `value`, what is stored for it; see `Key.stored`."""
    with scene.source.block(f"if type({value}) is str and {value}.strip().lower() != {value}:"):
        scene.source.line(f"{value} = {scene.source.bind('key', key)}.stored({value}, choices)")


def write_lookup(scene: Scene, key: Key, values: Mapping[str, str], result: str, search: str) -> None:
    """Write what sets `result` to the record with the key in the variables `values`, or to None.

    `search` names the function that is called with the run and the key unless one record has the very key, or none is near.
    """
    source, resource, table = scene.source, key.resource, scene.table(key.resource)
    source.line(f"{result} = None")
    if len(values) < len(key.fields):
        return
    given = " and ".join(f"{values[field]} is not None and {values[field]} is not {scene.absent}" for field in key.fields)
    with source.block(f"if {given}:"):
        ids = source.variable("ids")
        source.line(f"{ids} = {scene.index(resource, key.fields)}.get({scene.entry(resource, key.fields, values)})")
        asked = ", ".join(f"{field!r}: {values[field]}" for field in key.fields)
        with source.block(f"if {ids} is None:"), source.block(f"if {table}.previous_keys:"):
            source.line(f"{result} = {search}({scene.run}, {{{asked}}})")
        with source.block(f"elif type({ids}) is list:"):
            source.line(f"{result} = {search}({scene.run}, {{{asked}}})")
        with source.block("else:"):
            source.line(f"{result} = {table}.records[{scene.owner(resource)}][{ids}]")
            differs = " or ".join(f"{result}[{field!r}] != {values[field]}" for field in key.fields)
            with source.block(f"if {differs}:"):
                source.line(f"{result} = {search}({scene.run}, {{{asked}}})")


class Key:
    """The natural key of a resource. Assumptions are consulted only where they make a difference for the values at hand."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.fields = resource.key
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

    def find(self, run: Execution, values: Mapping[str, Json]) -> list[Json]:
        """Return the ids of the records with the key in `values`, or else of the one that is remembered to have had it."""
        found = self.holders(run, values)
        if found or any(values.get(field) is None for field in self.fields):
            return found
        store, name, owner = run.store, self.resource.name, run.owner(self.resource)
        for id, record in reversed(store.previous_holders(name, owner, self.fields, values)):
            if store.get(name, owner, id) is not None and self._matches(record, values, run.choices):
                return [id] if self.resource.previous_key.settle(run.choices) == "remembered" else []
        return []

    def holders(self, run: Execution, values: Mapping[str, Json]) -> list[Json]:
        """Return the ids of the records that have the key in `values` now, oldest first: one, unless they came to share it."""
        for field in self.fields:
            if values.get(field) is None:
                return []
        store, name, owner = run.store, self.resource.name, run.owner(self.resource)
        found = store.find(name, owner, self.fields, values)
        if found:
            found = [id for id in found if self._matches(store.held(name, owner, id), values, run.choices)]
        return found if len(found) < 2 else store.oldest_first(name, owner, found)

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
