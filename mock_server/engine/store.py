"""What the API keeps: records by resource and organization, found by id or by indexed fields, changed all or nothing.

A record is a plain dict of JSON values in which another resource stands as its id. Records are never changed in place: an
update puts a new one. So snapshots share them, and a record handed out stays as it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

from mock_server.contract.source import Json

Record: TypeAlias = dict[str, Json]
Owner: TypeAlias = str | None  # an organization; None for resources that belong to none
Fields: TypeAlias = tuple[str, ...]
Entry: TypeAlias = tuple[Any, ...]  # an owner, then the values of some fields
Holders: TypeAlias = tuple[tuple[Json, Record], ...]  # ids of records, and what they were


class Change(NamedTuple):
    """What a request did to one record: made it (`before` is None), changed it, or removed it (`after` is None)."""

    resource: str
    organization: Owner
    id: Json
    before: Record | None
    after: Record | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole state at one time.

    `shared` has, where several records share the values of an index, the order in which they came to; without it, that is the
    order in which they were made.
    """

    records: Mapping[str, Mapping[Owner, Mapping[Json, Record]]]
    previous_keys: Mapping[str, Mapping[Entry, Holders]]
    shared: Mapping[str, Mapping[Fields, Mapping[Entry, tuple[Json, ...]]]] = field(default_factory=dict)


class IndexKind(Enum):
    """How an index tells values apart: keys as `folded` does, mere texts as they are, anything else as `hashable` does."""

    KEY = "key"
    TEXTS = "texts"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class TableLayout:
    """How the records of one resource are found: by which groups of fields, and which of those is the key.

    `texts` are the fields that every record has and that hold text or null, as nearly all do: these need no care to index.
    """

    indexes: frozenset[Fields]
    key: Fields
    texts: frozenset[str]

    def kind(self, fields: Fields) -> IndexKind:
        """Return how the index of `fields` tells values apart."""
        if fields == self.key:
            return IndexKind.KEY
        return IndexKind.TEXTS if self.texts.issuperset(fields) else IndexKind.ANY


class Store:
    """Keeps records. Changes are kept by `commit` and taken back by `rollback`, all or nothing.

    `tables` and `changes` are open to the compiled behaviours, which make records there themselves.
    """

    def __init__(self, layout: Mapping[str, TableLayout], seed: Snapshot | None = None) -> None:
        self._layout = layout
        self.tables: dict[str, Table] = {}
        self.seed = seed or Snapshot({}, {})
        self.changes: list[Change] = []
        self._places: dict[int, list[int | None]] = {}
        """By the number of a change that did not make its record: the places that the record lost in the indexes."""
        self._lost_keys: list[tuple[Table, Entry, Holders | None]] = []
        self.reset()

    def get(self, resource: str, owner: Owner, id: Json) -> Record | None:
        """Return the record with `id`, or None when the owner has none."""
        records = self.tables[resource].records.get(owner)
        return records.get(id) if records is not None else None

    def held(self, resource: str, owner: Owner, id: Json) -> Record:
        """Return the record with `id`, which is known to be there."""
        record = self.tables[resource].records[owner][id]
        if record is None:
            raise LookupError(id)
        return record

    def is_taken(self, resource: str, id: Json) -> bool:
        """Say whether a record of any owner has this id."""
        return any(id in records for records in self.tables[resource].records.values())

    def all(self, resource: str, owner: Owner) -> Iterator[Record]:
        """Yield the records of an owner, oldest first."""
        for record in self.tables[resource].records.get(owner, {}).values():
            if record is not None:
                yield record

    def owners(self, resource: str) -> list[Owner]:
        """Return who has records of `resource`."""
        return list(self.tables[resource].records)

    def find(self, resource: str, owner: Owner, fields: Fields, values: Mapping[str, Json]) -> list[Json]:
        """Return the ids of the records with these `values` in `fields`; for a key, give or take case and space."""
        index = self.tables[resource].indexes[fields]
        found = index.ids.get(index.entry(owner, values))
        if found is None:
            return []
        return found if type(found) is list else [found]

    def oldest_first(self, resource: str, owner: Owner, ids: Sequence[Json]) -> list[Json]:
        """Return `ids` in the order in which their records were made."""
        wanted = set(ids)
        return [id for id in self.tables[resource].records[owner] if id in wanted]

    def previous_holders(self, resource: str, owner: Owner, fields: Fields, values: Mapping[str, Json]) -> Holders:
        """Return who had this key, give or take case and space, before an update: ids and the records of then, oldest first."""
        table = self.tables[resource]
        return table.previous_keys.get(table.indexes[fields].entry(owner, values), ()) if table.previous_keys else ()

    def commit(self) -> list[Change]:
        """Keep the changes since the last commit and return them."""
        changes = self.changes
        if not changes:
            return []
        if self._places:
            for change in changes:
                if change.after is None:
                    del self.tables[change.resource].records[change.organization][change.id]
            self._places, self._lost_keys = {}, []
        self.changes = []
        return changes

    def rollback(self) -> None:
        """Make everything as it was at the last commit, the order of records included."""
        for number in reversed(range(len(self.changes))):
            change = self.changes[number]
            table = self.tables[change.resource]
            if number in self._places:
                table.unchange(change, self._places[number])
            else:
                table.unmake(change)
        for table, entry, before in reversed(self._lost_keys):
            table.unremember(entry, before)
        self._start()

    def put(self, resource: str, owner: Owner, id: Json, record: Record | None) -> None:
        """Make, change or (with None) remove the record with `id`."""
        table = self.tables[resource]
        records = table.records.get(owner)
        if records is None:
            records = table.records[owner] = {}
        before = records.get(id)
        records[id] = record  # a removed one keeps its place until the commit, so that a rollback keeps the order
        if before is not None:
            self._places[len(self.changes)] = table.reindex(owner, id, before, record)
        elif record is not None:
            table.index(owner, id, record)
        self.changes.append(Change(resource, owner, id, before, record))

    def remember_key(self, resource: str, owner: Owner, fields: Fields, id: Json, record: Record) -> None:
        """Remember that the record with `id` had the key of `record`, which it is about to lose."""
        table = self.tables[resource]
        entry = table.indexes[fields].entry(owner, record)
        self._lost_keys.append((table, entry, table.previous_keys.get(entry)))
        table.previous_keys[entry] = (*table.previous_keys.get(entry, ()), (id, record))

    def snapshot(self) -> Snapshot:
        """Return the whole state; later changes do not touch it."""
        return Snapshot(
            {
                name: {owner: _present(records) for owner, records in table.records.items()}
                for name, table in self.tables.items()
            },
            {name: dict(table.previous_keys) for name, table in self.tables.items()},
            {name: shared for name, table in self.tables.items() if (shared := table.shared())},
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Make the state that of `snapshot`."""
        self._start()
        self.tables = {
            name: Table(layout, snapshot.records.get(name, {}), snapshot.previous_keys.get(name, {}))
            for name, layout in self._layout.items()
        }
        for name, by_fields in snapshot.shared.items():
            for fields, by_entry in by_fields.items():
                self.tables[name].indexes[fields].ids.update({entry: list(ids) for entry, ids in by_entry.items()})

    def reset(self) -> None:
        """Make the state that of the seed."""
        self.restore(self.seed)

    def copy(self) -> Store:
        """Return a store with the same state and seed that changes on its own."""
        twin = Store(self._layout, self.seed)
        twin.restore(self.snapshot())
        return twin

    def _start(self) -> None:
        self.changes, self._places, self._lost_keys = [], {}, []


class Table:
    """The records of one resource by owner and id, in the order in which they were made, and the indexes that find them."""

    __slots__ = ("indexes", "previous_keys", "records")

    def __init__(
        self,
        layout: TableLayout,
        records: Mapping[Owner, Mapping[Json, Record]],
        previous_keys: Mapping[Entry, Holders],
    ) -> None:
        self.records: dict[Owner, dict[Json, Record | None]] = {owner: dict(held) for owner, held in records.items()}
        self.previous_keys = dict(previous_keys)
        self.indexes = {fields: Index(fields, layout) for fields in layout.indexes}
        for owner, held in records.items():
            for id, record in held.items():
                self.index(owner, id, record)

    def shared(self) -> dict[Fields, dict[Entry, tuple[Json, ...]]]:
        """Return the ids that share a place of an index, in the order in which they came there."""
        found = {
            fields: {entry: tuple(ids) for entry, ids in index.ids.items() if type(ids) is list}
            for fields, index in self.indexes.items()
        }
        return {fields: by_entry for fields, by_entry in found.items() if by_entry}

    def index(self, owner: Owner, id: Json, record: Record) -> None:
        """Let a new record be found."""
        for index in self.indexes.values():
            index.insert(index.entry(owner, record), id)

    def reindex(self, owner: Owner, id: Json, before: Record, after: Record | None) -> list[int | None]:
        """Let a changed record be found as it is now; return the places that it lost, None where it kept its place."""
        return [index.move(owner, id, before, after) for index in self.indexes.values()]

    def unmake(self, change: Change) -> None:
        """Take the making of a record back."""
        if change.after is not None:
            for index in self.indexes.values():
                index.remove(index.entry(change.organization, change.after), change.id)
        del self.records[change.organization][change.id]

    def unchange(self, change: Change, places: list[int | None]) -> None:
        """Take the change or the removal of a record back."""
        _, owner, id, before, after = change
        if before is None:
            raise LookupError(id)  # such a change is the making of a record
        for index, place in zip(self.indexes.values(), places, strict=True):
            if place is not None:
                if after is not None:
                    index.remove(index.entry(owner, after), id)
                index.insert(index.entry(owner, before), id, place)
        self.records[owner][id] = before

    def unremember(self, entry: Entry, before: Holders | None) -> None:
        """Take the remembering of a key back."""
        if before is None:
            del self.previous_keys[entry]
        else:
            self.previous_keys[entry] = before


class Index:
    """Ids by the values of some fields. A single id stands bare: a list for each would be work for the garbage collector."""

    __slots__ = ("entry", "ids")

    def __init__(self, fields: Fields, layout: TableLayout) -> None:
        self.ids: dict[Entry, Any] = {}
        self.entry: Callable[[Owner, Mapping[str, Json]], Entry]
        """Returns the place of an owner's records with the values of a record or a part of one."""

        kind = layout.kind(fields)
        if kind is IndexKind.KEY:
            self.entry = lambda owner, record: (owner, *[folded(record[field]) for field in fields])
        elif kind is IndexKind.TEXTS:
            self.entry = lambda owner, record: (owner, *[record[field] for field in fields])
        else:
            self.entry = lambda owner, record: (owner, *[hashable(record.get(field)) for field in fields])

    def insert(self, entry: Entry, id: Json, position: int | None = None) -> None:
        """Add an id, as the last one of its place unless `position` says otherwise."""
        held = self.ids.get(entry)
        if held is None:
            self.ids[entry] = id
        elif type(held) is list:
            held.insert(len(held) if position is None else position, id)
        else:
            self.ids[entry] = [id, held] if position == 0 else [held, id]

    def remove(self, entry: Entry, id: Json) -> int:
        """Remove an id and return the position that it had."""
        held = self.ids[entry]
        if type(held) is not list:
            del self.ids[entry]
            return 0
        position: int = len(held) - 1 if held[-1] == id else held.index(id)
        del held[position]
        if len(held) == 1:
            self.ids[entry] = held[0]
        return position

    def move(self, owner: Owner, id: Json, before: Record, after: Record | None) -> int | None:
        """Follow the change of a record; return the position that it had, None when it stays where it was."""
        old = self.entry(owner, before)
        new = self.entry(owner, after) if after is not None else None
        if old == new:
            return None
        position = self.remove(old, id)
        if new is not None:
            self.insert(new, id)
        return position


def _present(records: Mapping[Json, Record | None]) -> dict[Json, Record]:
    return {id: record for id, record in records.items() if record is not None}


def hashable(value: Json) -> Any:
    """Return a value that is equal, and hashable, for the same JSON values only."""
    if value is None or type(value) is str:
        return value
    if type(value) is float and value.is_integer():
        value = int(value)  # JSON has one kind of number
    if isinstance(value, (dict, list)):
        value = json.dumps(value, sort_keys=True)
    return (type(value).__name__, value)


def folded(value: Json) -> Any:
    """Return one value for all texts that some choice takes for the same key: those that differ in case and space."""
    return value.strip().casefold() if type(value) is str else hashable(value)
