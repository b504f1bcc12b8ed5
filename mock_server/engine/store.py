"""What the API keeps: records by resource and organization, found by id or by indexed fields, changed all or nothing.

A record is a plain dict of JSON values in which another resource stands as its id. Records are never changed in place: an
update puts a new one. So snapshots share them, and a record handed out stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from mock_server.contract.source import Json

Record: TypeAlias = dict[str, Json]
Owner: TypeAlias = str | None  # an organization; None for resources that belong to none
Fields: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What a request did to one record: made it (`before` is None), changed it, or removed it (`after` is None)."""

    resource: str
    organization: Owner
    id: Json
    before: Record | None
    after: Record | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole state at one time."""

    records: Mapping[str, Mapping[Owner, Mapping[Json, Record]]]
    previous_keys: Mapping[str, Mapping[tuple[Any, ...], tuple[Json, Record]]]


class Store:
    """Keeps records. Changes belong to a transaction: `begin`, then `commit` or `rollback`."""

    def __init__(self, layout: Mapping[str, TableLayout], seed: Snapshot | None = None) -> None:
        self._layout = layout
        self._undo: list[tuple[Callable[..., object], tuple[Any, ...]]] = []
        self._changes: list[Change] = []
        self._tables: dict[str, _Table] = {}
        self.seed = seed or Snapshot({}, {})
        self.reset()

    def get(self, resource: str, owner: Owner, id: Json) -> Record | None:
        """Return the record with `id`, or None when the owner has none."""
        records = self._tables[resource].records.get(owner)
        return records.get(id) if records is not None else None

    def all(self, resource: str, owner: Owner) -> Iterator[Record]:
        """Yield the records of an owner, oldest first."""
        for record in self._tables[resource].records.get(owner, {}).values():
            if record is not None:
                yield record

    def owners(self, resource: str) -> list[Owner]:
        """Return who has records of `resource`."""
        return list(self._tables[resource].records)

    def find(self, resource: str, owner: Owner, fields: Fields, values: Iterable[Json]) -> list[Json]:
        """Return the ids of the records whose indexed `fields` have these `values`; for a key, give or take case and space."""
        found = self._tables[resource].indexes[fields].find(owner, values)
        return found if type(found) is list else [found] if found is not None else []

    def oldest_first(self, resource: str, owner: Owner, ids: Iterable[Json]) -> list[Json]:
        """Return `ids` in the order in which their records were made."""
        wanted = set(ids)
        return [id for id in self._tables[resource].records[owner] if id in wanted]

    def previous_holder(self, resource: str, owner: Owner, fields: Fields, values: Iterable[Json]) -> tuple[Json, Record] | None:
        """Return the record that had this key before an update, as its id and as it was then; None when there is none."""
        table = self._tables[resource]
        return table.previous_keys.get(table.indexes[fields].entry(owner, values)) if table.previous_keys else None

    def begin(self) -> None:
        """Start a transaction."""
        self._undo, self._changes = [], []

    def commit(self) -> list[Change]:
        """Keep the changes since `begin` and return them."""
        changes, self._undo, self._changes = self._changes, [], []
        for change in changes:
            if change.after is None:
                records = self._tables[change.resource].records[change.organization]
                if records.get(change.id, change) is None:
                    del records[change.id]
        return changes

    def rollback(self) -> None:
        """Make everything as it was at `begin`, the order of records included."""
        for undo, arguments in reversed(self._undo):
            undo(*arguments)
        self._undo, self._changes = [], []

    def put(self, resource: str, owner: Owner, id: Json, record: Record | None) -> None:
        """Make, change or (with None) remove the record with `id`."""
        table = self._tables[resource]
        records = table.records.get(owner)
        if records is None:
            records = table.records[owner] = {}
        before = records.get(id)
        if before is None:
            self._undo.append((records.pop, (id, None)))
        else:
            self._undo.append((records.__setitem__, (id, before)))
        records[id] = record  # type: ignore[assignment]  # a removed record leaves its place until the commit
        for index in table.indexes.values():
            index.move(owner, id, before, record, self._undo)
        self._changes.append(Change(resource, owner, id, before, record))

    def remember_key(self, resource: str, owner: Owner, fields: Fields, id: Json, record: Record) -> None:
        """Remember that the record with `id` had the key of `record`, which it is about to lose."""
        table = self._tables[resource]
        entry = table.indexes[fields].entry(owner, [record[field] for field in fields])
        before = table.previous_keys.get(entry)
        if before is None:
            self._undo.append((table.previous_keys.pop, (entry, None)))
        else:
            self._undo.append((table.previous_keys.__setitem__, (entry, before)))
        table.previous_keys[entry] = (id, record)

    def snapshot(self) -> Snapshot:
        """Return the whole state; later changes do not touch it."""
        return Snapshot(
            {
                name: {owner: dict(records) for owner, records in table.records.items() if records}
                for name, table in self._tables.items()
            },
            {name: dict(table.previous_keys) for name, table in self._tables.items()},
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Make the state that of `snapshot`."""
        self.begin()
        self._tables = {
            name: _Table(layout, snapshot.records.get(name, {}), snapshot.previous_keys.get(name, {}))
            for name, layout in self._layout.items()
        }

    def reset(self) -> None:
        """Make the state that of the seed."""
        self.restore(self.seed)

    def copy(self) -> Store:
        """Return a store with the same state and seed that changes on its own."""
        twin = Store(self._layout, self.seed)
        twin.restore(self.snapshot())
        return twin


@dataclass(frozen=True, slots=True)
class TableLayout:
    """How the records of one resource are found: by which groups of fields, and which of those is the key."""

    indexes: frozenset[Fields]
    key: Fields


class _Table:
    def __init__(
        self,
        layout: TableLayout,
        records: Mapping[Owner, Mapping[Json, Record]],
        previous_keys: Mapping[tuple[Any, ...], tuple[Json, Record]],
    ) -> None:
        self.records: dict[Owner, dict[Json, Record]] = {owner: dict(held) for owner, held in records.items()}
        self.previous_keys = dict(previous_keys)
        self.indexes = {fields: _Index(fields, folded=fields == layout.key) for fields in layout.indexes}
        for index in self.indexes.values():
            for owner, held in self.records.items():
                for id, record in held.items():
                    index.move(owner, id, None, record, [])


class _Index:
    """Ids by the values of some fields. A single id stands bare: a list for each would be work for the garbage collector."""

    def __init__(self, fields: Fields, *, folded: bool) -> None:
        self._fields = fields
        self._fold = _folded if folded else _hashable
        self._entries: dict[tuple[Any, ...], Any] = {}

    def entry(self, owner: Owner, values: Iterable[Json]) -> tuple[Any, ...]:
        return (owner, *map(self._fold, values))

    def find(self, owner: Owner, values: Iterable[Json]) -> Any:
        """Return the id, a list of several ids, or None."""
        return self._entries.get((owner, *map(self._fold, values)))

    def move(self, owner: Owner, id: Json, before: Record | None, after: Record | None, undo: list[Any]) -> None:
        old = self.entry(owner, [before.get(field) for field in self._fields]) if before is not None else None
        new = self.entry(owner, [after.get(field) for field in self._fields]) if after is not None else None
        if old == new:
            return
        if old is not None:
            position = self._remove(old, id)
            undo.append((self._insert, (old, id, position)))
        if new is not None:
            self._insert(new, id, None)
            undo.append((self._remove, (new, id)))

    def _insert(self, entry: tuple[Any, ...], id: Json, position: int | None) -> None:
        held = self._entries.get(entry)
        if held is None:
            self._entries[entry] = id
        elif type(held) is list:
            held.insert(len(held) if position is None else position, id)
        else:
            self._entries[entry] = [id, held] if position == 0 else [held, id]

    def _remove(self, entry: tuple[Any, ...], id: Json) -> int:
        held = self._entries[entry]
        if type(held) is not list:
            del self._entries[entry]
            return 0
        position = len(held) - 1 if held[-1] == id else held.index(id)
        del held[position]
        if len(held) == 1:
            self._entries[entry] = held[0]
        return position


def _hashable(value: Json) -> Any:
    if value is None or type(value) is str:
        return value
    return (type(value).__name__, orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


def _folded(value: Json) -> Any:
    """Return one value for all texts that some choice takes for the same key: those that differ in case and space."""
    return value.strip().casefold() if type(value) is str else _hashable(value)
