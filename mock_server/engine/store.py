"""What the API keeps: records by resource and organization, found by id or by indexed fields, changed all or nothing.

A record is a plain dict of JSON values in which another resource stands as its id. Records are never changed in place: an
update puts a new one. So snapshots share them, and a record handed out stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

import orjson

from mock_server.contract.source import Json

Record: TypeAlias = dict[str, Json]
Owner: TypeAlias = str | None  # an organization; None for resources that belong to none
Fields: TypeAlias = tuple[str, ...]
Entry: TypeAlias = tuple[Any, ...]  # an owner and the values of some fields


class Change(NamedTuple):
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
    previous_keys: Mapping[str, Mapping[Entry, tuple[Json, Record]]]


@dataclass(frozen=True, slots=True)
class TableLayout:
    """How the records of one resource are found: by which groups of fields, and which of those is the key.

    `texts` are the fields that every record has and that hold text or null, as nearly all do: these need no care to index.
    """

    indexes: frozenset[Fields]
    key: Fields
    texts: frozenset[str]


class Store:
    """Keeps records. Changes are kept by `commit` and taken back by `rollback`, all or nothing."""

    def __init__(self, layout: Mapping[str, TableLayout], seed: Snapshot | None = None) -> None:
        self._layout = layout
        self._changes: list[Change] = []
        self._undo: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        self._removed: list[tuple[dict[Json, Record | None], Json]] = []
        self._tables: dict[str, _Table] = {}
        self.seed = seed or Snapshot({}, {})
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

    def is_taken(self, resource: str, id: Json) -> bool:
        """Say whether a record of any owner has this id."""
        for records in self._tables[resource].records.values():
            if id in records:
                return True
        return False

    def all(self, resource: str, owner: Owner) -> Iterator[Record]:
        """Yield the records of an owner, oldest first."""
        for record in self._tables[resource].records.get(owner, {}).values():
            if record is not None:
                yield record

    def owners(self, resource: str) -> list[Owner]:
        """Return who has records of `resource`."""
        return list(self._tables[resource].records)

    def find(self, resource: str, owner: Owner, fields: Fields, values: Mapping[str, Json]) -> list[Json]:
        """Return the ids of the records with these `values` in `fields`; for a key, give or take case and space."""
        index = self._tables[resource].indexes[fields]
        found = index.ids.get((owner, index.entry(values)))
        if found is None:
            return []
        return found if type(found) is list else [found]

    def oldest_first(self, resource: str, owner: Owner, ids: Sequence[Json]) -> list[Json]:
        """Return `ids` in the order in which their records were made."""
        wanted = set(ids)
        return [id for id in self._tables[resource].records[owner] if id in wanted]

    def previous_holder(self, resource: str, owner: Owner, fields: Fields, values: Mapping[str, Json]) -> tuple[Json, Record] | None:
        """Return the record that had this key before an update, as its id and as it was then; None when there is none."""
        table = self._tables[resource]
        return table.previous_keys.get((owner, table.indexes[fields].entry(values))) if table.previous_keys else None

    def commit(self) -> list[Change]:
        """Keep the changes since the last commit and return them."""
        changes = self._changes
        if changes:
            for records, id in self._removed:
                if records[id] is None:
                    del records[id]
            self._start()
        return changes

    def rollback(self) -> None:
        """Make everything as it was at the last commit, the order of records included."""
        if self._undo:
            for undo, arguments in reversed(self._undo):
                undo(*arguments)
            self._start()

    def put(self, resource: str, owner: Owner, id: Json, record: Record | None) -> None:
        """Make, change or (with None) remove the record with `id`."""
        table = self._tables[resource]
        records = table.records.get(owner)
        if records is None:
            records = table.records[owner] = {}
        before = records.get(id)
        records[id] = record
        if before is None:
            table.index(owner, id, record)
            self._undo.append((table.unmake, (records, owner, id, record)))
        else:
            positions = table.reindex(owner, id, before, record)
            self._undo.append((table.unchange, (records, owner, id, before, record, positions)))
        if record is None:
            self._removed.append((records, id))  # it keeps its place until the commit, so that a rollback keeps the order
        self._changes.append(Change(resource, owner, id, before, record))

    def remember_key(self, resource: str, owner: Owner, fields: Fields, id: Json, record: Record) -> None:
        """Remember that the record with `id` had the key of `record`, which it is about to lose."""
        table = self._tables[resource]
        entry = (owner, table.indexes[fields].entry(record))
        self._undo.append((table.unremember, (entry, table.previous_keys.get(entry))))
        table.previous_keys[entry] = (id, record)

    def snapshot(self) -> Snapshot:
        """Return the whole state; later changes do not touch it."""
        return Snapshot(
            {
                name: {owner: _present(records) for owner, records in table.records.items()}
                for name, table in self._tables.items()
            },
            {name: dict(table.previous_keys) for name, table in self._tables.items()},
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Make the state that of `snapshot`."""
        self._start()
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

    def _start(self) -> None:
        self._changes, self._undo, self._removed = [], [], []


class _Table:
    def __init__(
        self,
        layout: TableLayout,
        records: Mapping[Owner, Mapping[Json, Record]],
        previous_keys: Mapping[Entry, tuple[Json, Record]],
    ) -> None:
        self.records: dict[Owner, dict[Json, Record | None]] = {owner: dict(held) for owner, held in records.items()}
        self.previous_keys = dict(previous_keys)
        self.indexes = {fields: _Index(fields, layout) for fields in layout.indexes}
        for owner, held in records.items():
            for id, record in held.items():
                self.index(owner, id, record)

    def index(self, owner: Owner, id: Json, record: Record | None) -> None:
        """Let a new record be found."""
        if record is not None:
            for index in self.indexes.values():
                index.insert((owner, index.entry(record)), id)

    def reindex(self, owner: Owner, id: Json, before: Record, after: Record | None) -> list[int | None]:
        """Let a changed record be found as it is now; return the places that it lost, None where it kept its place."""
        return [index.move(owner, id, before, after) for index in self.indexes.values()]

    def unmake(self, records: dict[Json, Record | None], owner: Owner, id: Json, record: Record | None) -> None:
        """Take the making of a record back."""
        if record is not None:
            for index in self.indexes.values():
                index.remove((owner, index.entry(record)), id)
        del records[id]

    def unchange(
        self,
        records: dict[Json, Record | None],
        owner: Owner,
        id: Json,
        before: Record,
        after: Record | None,
        positions: list[int | None],
    ) -> None:
        """Take the change or the removal of a record back."""
        for index, position in zip(self.indexes.values(), positions, strict=True):
            if position is not None:
                if after is not None:
                    index.remove((owner, index.entry(after)), id)
                index.insert((owner, index.entry(before)), id, position)
        records[id] = before

    def unremember(self, entry: Entry, before: tuple[Json, Record] | None) -> None:
        """Take the remembering of a key back."""
        if before is None:
            del self.previous_keys[entry]
        else:
            self.previous_keys[entry] = before


class _Index:
    """Ids by the values of some fields. A single id stands bare: a list for each would be work for the garbage collector."""

    def __init__(self, fields: Fields, layout: TableLayout) -> None:
        self.ids: dict[Entry, Any] = {}
        self.entry: Callable[[Mapping[str, Json]], Any] = itemgetter(*fields)
        """Returns the place, within an owner's, of records with the values of a record or a part of one."""

        if fields == layout.key:
            self.entry = lambda record: tuple([_folded(record[field]) for field in fields])
        elif not layout.texts.issuperset(fields):
            self.entry = lambda record: tuple([_hashable(record.get(field)) for field in fields])

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
        old = (owner, self.entry(before))
        new = (owner, self.entry(after)) if after is not None else None
        if old == new:
            return None
        position = self.remove(old, id)
        if new is not None:
            self.insert(new, id)
        return position


def _present(records: Mapping[Json, Record | None]) -> dict[Json, Record]:
    return {id: record for id, record in records.items() if record is not None}


def _hashable(value: Json) -> Any:
    if value is None or type(value) is str:
        return value
    return (type(value).__name__, orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


def _folded(value: Json) -> Any:
    """Return one value for all texts that some choice takes for the same key: those that differ in case and space."""
    return value.strip().casefold() if type(value) is str else _hashable(value)
