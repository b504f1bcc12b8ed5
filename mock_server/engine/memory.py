"""The store that keeps everything in memory: dicts of records, and for each index a dict from values to ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from mock_server.contract.files.source import Json
from mock_server.engine.store import Change, Fields, Former, Index, Layout, Mark, Owner, Record, Snapshot, Store, number_in
from mock_server.engine.values import Pick, folded, hashable, picker

Place: TypeAlias = tuple[Owner, tuple[Any, ...]]
"""An owner, and values that are equal wherever an index takes them for the same."""

Alike: TypeAlias = Callable[[tuple[Any, ...]], tuple[Any, ...]]

_change = tuple.__new__  # a named tuple's own constructor is a Python function; that of `tuple` is not


class MemoryStore(Store):
    """Keeps records in memory. It is for one thread at a time."""

    def __init__(self, layout: Layout, seed: Snapshot | None = None) -> None:
        self._layout = layout
        self.seed = seed or Snapshot({})
        self._tables: dict[str, _Table] = {}
        self._of_index = _PlacesOfIndex()
        self._changes: list[Change] = []
        self._lost: dict[int, list[int | None]] = {}
        """By the number of a change that did not make its record: the positions that the record lost in the indexes."""
        self._remembered: list[tuple[_Table, Place]] = []
        self._numbered: dict[_Table, int] = {}
        """The numbers of the tables as they were at the last commit, where they are larger now."""

        self.reset()

    def get(self, resource: str, owner: Owner, id: Json) -> Record | None:
        """Return the record with `id`, or None when the owner has none."""
        records = self._tables[resource].records.get(owner)
        return records.get(id) if records is not None else None

    def held(self, resource: str, owner: Owner, id: Json) -> Record:
        """Return the record with `id`, which is known to be there."""
        record = self._tables[resource].records[owner][id]
        if record is None:
            raise LookupError(id)
        return record

    def find(self, index: Index, owner: Owner, values: tuple[Any, ...]) -> Sequence[Json]:
        """Return the ids of the records that have these values in the fields of an index, the first to have them first."""
        places = self._of_index[index]
        return places.ids.get((owner, values if places.alike is None else places.alike(values)), ())

    def scan(self, resource: str, owner: Owner) -> Iterator[Record]:
        """Yield the records of an owner, oldest first."""
        for record in self._tables[resource].records.get(owner, {}).values():
            if record is not None:
                yield record

    def is_taken(self, resource: str, id: Json) -> bool:
        """Say whether a record of any owner has this id."""
        for records in self._tables[resource].records.values():  # noqa: SIM110 (once a new record: `any` takes thrice as long)
            if id in records:
                return True
        return False

    def oldest_first(self, resource: str, owner: Owner, ids: Sequence[Json]) -> list[Json]:
        """Return `ids` in the order in which their records were made."""
        wanted = set(ids)
        return [id for id in self._tables[resource].records[owner] if id in wanted]

    def owners(self, resource: str) -> Sequence[Owner]:
        """Return who has, or had, records of `resource`."""
        return list(self._tables[resource].records)

    def put(self, resource: str, owner: Owner, id: Json, record: Record) -> None:
        """Make or change the record with `id`. A changed one keeps its place in the order."""
        table = self._tables[resource]
        records = table.records.get(owner)
        if records is None:
            records = table.records[owner] = {}
        before = records.get(id)
        records[id] = record
        if before is None:
            for places in table.indexes:
                places.insert((owner, places.values(record)), id)
        else:
            self._lost[len(self._changes)] = [places.move(owner, id, before, record) for places in table.indexes]
        self._changes.append(_change(Change, (resource, owner, id, before, record)))

    def remove(self, resource: str, owner: Owner, id: Json) -> None:
        """Remove the record with `id`, which is there."""
        table = self._tables[resource]
        records = table.records[owner]
        before = records[id]
        if before is None:
            raise LookupError(id)
        records[id] = None  # it keeps its place until the commit, so that a rollback keeps the order
        self._lost[len(self._changes)] = [places.move(owner, id, before, None) for places in table.indexes]
        self._changes.append(Change(resource, owner, id, before, None))
        self.note_id(resource, id)

    def remember(self, index: Index, former: Former) -> None:
        """Remember that a record had the key that it is about to lose."""
        table = self._tables[index.resource]
        place = (former.owner, self._of_index[index].values(former.record))
        table.former.setdefault(place, []).append(former)
        self._remembered.append((table, place))

    def remembered(self, index: Index, owner: Owner, values: tuple[Any, ...]) -> Sequence[Former]:
        """Return who had this key, give or take case and space, before an update: oldest first."""
        former = self._tables[index.resource].former
        return former.get((owner, _folded(values)), ()) if former else ()

    def next_number(self, resource: str) -> int:
        """Return a number that is larger than that in every id which a record of `resource` has, or had."""
        table = self._tables[resource]
        if not table.is_counted:
            present = (number_in(id) for records in table.records.values() for id in records)
            self._number(table, max(present, default=0))
            table.is_counted = True
        self._number(table, table.number + 1)
        return table.number

    def note_id(self, resource: str, id: Json) -> None:
        """Take note of an id that a record is given: later numbers are larger than that in it."""
        self._number(self._tables[resource], number_in(id))

    def _number(self, table: _Table, number: int) -> None:
        if number > table.number:
            self._numbered.setdefault(table, table.number)
            table.number = number

    def commit(self) -> list[Change]:
        """Keep the changes since the last commit and return them."""
        changes = self._changes
        if self._lost:  # else every change made a record
            for change in changes:
                if change.after is None:
                    del self._tables[change.resource].records[change.organization][change.id]
        if self._lost or self._remembered or self._numbered:
            self._start()
        else:
            self._changes = []
        return changes

    def rollback(self) -> None:
        """Make everything as it was at the last commit, the order of records included."""
        for number in reversed(range(len(self._changes))):
            change = self._changes[number]
            self._tables[change.resource].take_back(change, self._lost.get(number))
        for table, place in reversed(self._remembered):
            table.forget(place)
        for table, number in self._numbered.items():
            table.number, table.is_counted = number, False
        self._start()

    def mark(self) -> Mark:
        """Return a mark of what was changed so far since the last commit."""
        return Mark(len(self._changes), len(self._remembered))

    def undo(self, mark: Mark) -> None:
        """Take back what was changed since `mark`, the numbers that ids were given excepted."""
        for number in reversed(range(mark.changes, len(self._changes))):
            change = self._changes.pop()
            self._tables[change.resource].take_back(change, self._lost.pop(number, None))
        for table, place in reversed(self._remembered[mark.remembered :]):
            table.forget(place)
        del self._remembered[mark.remembered :]

    def snapshot(self) -> Snapshot:
        """Return the whole state; later changes do not touch it."""
        tables = self._tables
        return Snapshot(
            {name: {owner: _present(held) for owner, held in table.records.items()} for name, table in tables.items()},
            {name: [one for several in table.former.values() for one in several] for name, table in tables.items()},
            {name: shared for name, table in tables.items() if (shared := table.shared())},
            {name: table.number for name, table in tables.items() if table.number},
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Make the state that of `snapshot`, dropping what is not committed."""
        self._start()
        self._tables = {
            name: _Table([_Places(index) for index in indexes.values()], snapshot.records.get(name, {}))
            for name, indexes in self._layout.items()
        }
        self._of_index = _PlacesOfIndex({places.index: places for table in self._tables.values() for places in table.indexes})
        for name, number in snapshot.numbers.items():
            self._tables[name].number = number
        for name, several in snapshot.former.items():
            for former in several:
                key = next(places for places in self._tables[name].indexes if places.index.key)
                self._tables[name].former.setdefault((former.owner, key.values(former.record)), []).append(former)
        for name, by_fields in snapshot.shared.items():
            for fields, groups in by_fields.items():
                places = self._of_index[self._layout[name][fields]]
                for owner, ids in groups:
                    places.ids[(owner, places.values(snapshot.records[name][owner][ids[0]]))] = list(ids)

    def copy(self) -> MemoryStore:
        """Return a store with the same state and seed that changes on its own."""
        twin = MemoryStore(self._layout, self.seed)
        twin.restore(self.snapshot())
        return twin

    def _start(self) -> None:
        self._changes, self._lost, self._remembered, self._numbered = [], {}, [], {}


class _Table:
    """The records of one resource by owner and id, in the order in which they were made, and the indexes that find them."""

    __slots__ = ("former", "indexes", "is_counted", "number", "records")

    def __init__(self, indexes: Sequence[_Places], records: Mapping[Owner, Mapping[Json, Record]]) -> None:
        self.records: dict[Owner, dict[Json, Record | None]] = {owner: dict(held) for owner, held in records.items()}
        self.former: dict[Place, list[Former]] = {}
        self.number = 0
        """The largest number in an id that was noted or counted."""

        self.is_counted = False
        """Whether the ids of the records that were there from the start are counted."""

        self.indexes = indexes
        for owner, held in records.items():
            for id, record in held.items():
                for places in indexes:
                    places.insert((owner, places.values(record)), id)

    def shared(self) -> dict[Fields, list[tuple[Owner, tuple[Json, ...]]]]:
        """Return the ids that share a place of an index, in the order in which they came there."""
        found = {
            places.index.fields: [(place[0], tuple(ids)) for place, ids in places.ids.items() if type(ids) is list]
            for places in self.indexes
        }
        return {fields: groups for fields, groups in found.items() if groups}

    def take_back(self, change: Change, lost: list[int | None] | None) -> None:
        """Undo a change; `lost` has the positions in the indexes of a record that was there before."""
        _, owner, id, before, after = change
        if before is None:
            if after is not None:
                for places in self.indexes:
                    places.remove((owner, places.values(after)), id)
            del self.records[owner][id]
            return
        for places, position in zip(self.indexes, lost or (), strict=True):
            if position is not None:
                if after is not None:
                    places.remove((owner, places.values(after)), id)
                places.insert((owner, places.values(before)), id, position)
        self.records[owner][id] = before

    def forget(self, place: Place) -> None:
        """Undo the latest remembering of a key."""
        self.former[place].pop()
        if not self.former[place]:
            del self.former[place]


class _Places:
    """Where the ids of an index stand: one in a tuple, which the garbage collector soon leaves alone, several in a list."""

    __slots__ = ("alike", "ids", "index", "values")

    def __init__(self, index: Index) -> None:
        self.index = index
        self.ids: dict[Place, tuple[Json] | list[Json]] = {}
        pick = picker(index.fields, all_there=index.texts)
        alike = None if index.texts and not index.key else _folded if index.key else _hashable
        self.alike: Alike | None = alike
        """Returns values that are equal wherever the index takes them for the same; None where they are so themselves."""

        self.values: Pick = pick if alike is None else lambda record: alike(pick(record))
        """Returns the values of a record by which it is found."""

    def insert(self, place: Place, id: Json, position: int | None = None) -> None:
        """Add an id, as the last one of its place unless `position` says otherwise."""
        held = self.ids.get(place)
        if held is None:
            self.ids[place] = (id,)
        elif type(held) is list:
            held.insert(len(held) if position is None else position, id)
        else:
            self.ids[place] = [id, *held] if position == 0 else [*held, id]

    def remove(self, place: Place, id: Json) -> int:
        """Remove an id and return the position that it had."""
        held = self.ids[place]
        if not isinstance(held, list):
            del self.ids[place]
            return 0
        position: int = len(held) - 1 if held[-1] == id else held.index(id)
        del held[position]
        if len(held) == 1:
            self.ids[place] = (held[0],)
        return position

    def move(self, owner: Owner, id: Json, before: Record, after: Record | None) -> int | None:
        """Follow the change of a record; return the position that it had, None when it stays where it was."""
        old = (owner, self.values(before))
        new = (owner, self.values(after)) if after is not None else None
        if old == new:
            return None
        position = self.remove(old, id)
        if new is not None:
            self.insert(new, id)
        return position


def _folded(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return (folded(values[0]),) if len(values) == 1 else tuple(map(folded, values))


def _hashable(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(map(hashable, values))


class _PlacesOfIndex(dict[Index, _Places]):
    """The places of each index, found by the index itself, which is quick; that of an equal layout stands for the same."""

    def __missing__(self, index: Index) -> _Places:
        same = (places for known, places in self.items() if (known.resource, known.fields) == (index.resource, index.fields))
        self[index] = places = next(same)
        return places


def _present(records: Mapping[Json, Record | None]) -> dict[Json, Record]:
    return {id: record for id, record in records.items() if record is not None}
