"""Finding the one record that a step is about."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.contract.model import Delete, Find, Update
from mock_server.contract.problems import Refused
from mock_server.contract.schemas import Violation
from mock_server.contract.source import Json
from mock_server.engine.execution import ABSENT, Execution, has, place_of, same_value
from mock_server.engine.keys import Key
from mock_server.engine.scene import Scene
from mock_server.engine.store import Fields, Owner, Record


class Locator:
    """Finds the record that fits the conditions of a step, and says what follows when there is none."""

    def __init__(self, step: Find | Update | Delete) -> None:
        self.step = step
        self.resource = step.resource
        self._places = [place_of(value, field) for field, value in step.where.items()]
        self._key = Key(step.resource)
        self._by_key = bool(step.resource.key) and set(step.where) == set(step.resource.key)
        self._by_id = step.resource.id in step.where
        self._index = indexed_fields(step.where)

    def write(self, scene: Scene, result: str) -> None:
        """Write what sets `result` to the record, or to None where its absence is accepted.

        A record that has the id, and whatever else is asked for, is found right there; the rest is left to `locate`.
        """
        source, resource = scene.source, self.resource
        values = {}
        for field, value in self.step.where.items():
            values[field] = source.variable(f"{result}_{field}")
            source.line(f"{values[field]} = {scene.value(value)}")
        asked = ", ".join(f"{field!r}: {value}" for field, value in values.items())
        locate = f"{result} = {source.bind('locator', self)}.locate({scene.run}, {{{asked}}})"
        if not self._by_id:
            source.line(locate)
            return
        id, held = values[resource.id], source.variable(f"{result}_held")
        source.line(f"{held} = {scene.table(resource)}.records.get({scene.owner(resource)})")
        usable = f"{held} is not None and (type({id}) is str or type({id}) is int)"  # anything else is left to `locate`
        source.line(f"{result} = {held}.get({id}) if {usable} else None")
        misfits = [f"{result} is None"]
        for field, variable in values.items():
            if field != resource.id:
                misfits.append(f"not {source.bind('same_value', same_value)}({result}.get({field!r}), {variable})")
        with source.block(f"if {' or '.join(misfits)}:"):
            source.line(locate)

    def locate(self, run: Execution, values: Mapping[str, Json]) -> Record | None:
        """Return the record with `values`; None where its absence is accepted; raise `Refused` where it is not."""
        step, resource, owner = self.step, self.resource, run.owner(self.resource)
        record = self._found(run, owner, values)
        if record is not None:
            return record
        if self._by_id and resource.owned:
            # Asked whether or not another organization has it: that an answer rests on this choice must not tell.
            foreign = step.foreign.settle(run.choices)
            others = (other for other in run.store.owners(resource.name) if other != owner)
            if foreign == "forbidden" and any(self._found(run, other, values) for other in others):
                raise Refused("forbidden", f"This {resource.name} belongs to another organization.")
        outcome = step.otherwise.settle(run.choices)
        if outcome == "accept":
            return None
        described = ", ".join(f"{field} {value!r:.80}" for field, value in values.items() if value is not ABSENT)
        detail = f"There is no {resource.name} with {described}."
        if outcome == "invalid":
            violations = tuple(Violation(location, pointer, "exists", detail) for location, pointer in self._places)
            raise Refused("invalid", detail, violations)
        raise Refused("not-found", detail)

    def _found(self, run: Execution, owner: Owner, values: Mapping[str, Json]) -> Record | None:
        store, name = run.store, self.resource.name
        if self._by_id:
            id = values[self.resource.id]
            record = store.get(name, owner, id) if type(id) in (str, int, float) else None
            return record if record is not None and has(record, values) else None
        if self._by_key:
            ids = self._key.find(run, {field: self._key.stored(value, run.choices) for field, value in values.items()})
        else:
            ids = store.find(name, owner, self._index, values)
            ids = store.oldest_first(name, owner, ids) if len(ids) > 1 else ids
        return store.get(name, owner, ids[0]) if ids else None


def indexed_fields(conditions: Mapping[str, object]) -> Fields:
    """Return the name of the index that finds records by these fields."""
    return tuple(sorted(conditions))
