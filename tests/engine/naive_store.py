"""A second store, as plain as can be: lists of records, copied whole at every commit. What it says is right by inspection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mock_server.contract.files.source import Json
from mock_server.engine.store import Change, Former, Index, Layout, Mark, Owner, Record, Snapshot, Store, number_in
from mock_server.engine.values import folded, hashable

Row = tuple[str, Owner, Json, Record]


class NaiveStore(Store):
    """Looks at every record whatever is asked. `order` has, for each index, the ids in the order in which they got their values."""

    def __init__(self, layout: Layout, seed: Snapshot | None = None) -> None:
        self.layout = layout
        self.seed = seed or Snapshot({})
        self.marked: dict[Mark, Any] = {}
        self.reset()

    def alike(self, index: Index, values: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(folded(value) if index.key else hashable(value) for value in values)

    def values(self, index: Index, record: Record) -> tuple[Any, ...]:
        return self.alike(index, [record.get(field) for field in index.fields])

    def get(self, resource: str, owner: Owner, id: Json) -> Record | None:
        return next((row[3] for row in self.rows if row[:3] == (resource, owner, id)), None)

    def find(self, index: Index, owner: Owner, values: tuple[Any, ...]) -> Sequence[Json]:
        wanted = self.alike(index, values)
        return [
            id
            for held_by, id in self.order[index]
            if held_by == owner and self.values(index, self.held(index.resource, owner, id)) == wanted
        ]

    def scan(self, resource: str, owner: Owner) -> Iterator[Record]:
        yield from [record for name, held_by, _, record in self.rows if (name, held_by) == (resource, owner)]

    def is_taken(self, resource: str, id: Json) -> bool:
        return any((name, other) == (resource, id) for name, _, other, _ in self.rows)

    def oldest_first(self, resource: str, owner: Owner, ids: Sequence[Json]) -> list[Json]:
        return [id for name, held_by, id, _ in self.rows if (name, held_by) == (resource, owner) and id in ids]

    def owners(self, resource: str) -> Sequence[Owner]:
        return list(dict.fromkeys([*self.known[resource], *(owner for name, owner, _, _ in self.rows if name == resource)]))

    def put(self, resource: str, owner: Owner, id: Json, record: Record) -> None:
        before = self.get(resource, owner, id)
        row = (resource, owner, id, record)
        if before is None:
            self.rows.append(row)
        else:
            self.rows[[other[:3] for other in self.rows].index(row[:3])] = row
        for index in self.layout[resource].values():
            if before is None or self.values(index, before) != self.values(index, record):
                self.order[index] = [one for one in self.order[index] if one != (owner, id)] + [(owner, id)]
        self.changes.append(Change(resource, owner, id, before, record))

    def remove(self, resource: str, owner: Owner, id: Json) -> None:
        before = self.held(resource, owner, id)
        self.rows = [row for row in self.rows if row[:3] != (resource, owner, id)]
        for index in self.layout[resource].values():
            self.order[index] = [one for one in self.order[index] if one != (owner, id)]
        self.changes.append(Change(resource, owner, id, before, None))
        self.note_id(resource, id)

    def next_number(self, resource: str) -> int:
        present = [number_in(row[2]) for row in self.rows if row[0] == resource]
        self.numbers[resource] = max([self.numbers.get(resource, 0), *present]) + 1
        return self.numbers[resource]

    def note_id(self, resource: str, id: Json) -> None:
        if number_in(id):
            self.numbers[resource] = max(self.numbers.get(resource, 0), number_in(id))

    def remember(self, index: Index, former: Former) -> None:
        self.former.append((index, former))

    def remembered(self, index: Index, owner: Owner, values: tuple[Any, ...]) -> Sequence[Former]:
        wanted = (index, owner, self.alike(index, values))
        return [former for at, former in self.former if (at, former.owner, self.values(at, former.record)) == wanted]

    def commit(self) -> list[Change]:
        changes, self.changes = self.changes, []
        self.committed = self.whole()
        return changes

    def rollback(self) -> None:
        self.changes = []
        rows, order, former, numbers = self.committed
        self.rows, self.former, self.numbers = list(rows), list(former), dict(numbers)
        self.order = {index: list(ids) for index, ids in order.items()}

    def mark(self) -> Mark:
        mark = Mark(len(self.changes), len(self.former))
        self.marked[mark] = self.whole(), list(self.changes)
        return mark

    def undo(self, mark: Mark) -> None:
        (rows, order, former, _), changes = self.marked[mark]
        self.rows, self.former, self.changes = list(rows), list(former), list(changes)
        self.order = {index: list(ids) for index, ids in order.items()}

    def whole(self) -> tuple[Any, ...]:
        order = {index: list(ids) for index, ids in self.order.items()}
        return list(self.rows), order, list(self.former), dict(self.numbers)

    def snapshot(self) -> Snapshot:
        records: dict[str, dict[Owner, dict[Json, Record]]] = {
            name: {owner: {} for owner in self.owners(name)} for name in self.layout
        }
        for name, owner, id, record in self.rows:
            records[name][owner][id] = record
        former: dict[str, list[Former]] = {name: [] for name in self.layout}
        for index, one in self.former:
            former[index.resource].append(one)
        shared: dict[str, dict[tuple[str, ...], list[tuple[Owner, tuple[Json, ...]]]]] = {}
        for index, ids in self.order.items():
            groups: dict[Any, list[Json]] = {}
            for owner, id in ids:
                place = (owner, self.values(index, self.held(index.resource, owner, id)))
                groups.setdefault(place, []).append(id)
            found = [(owner, tuple(several)) for (owner, _), several in groups.items() if len(several) > 1]
            if found:
                shared.setdefault(index.resource, {})[index.fields] = found
        return Snapshot(records, former, shared, dict(self.numbers))

    def restore(self, snapshot: Snapshot) -> None:
        self.changes: list[Change] = []
        self.known = {name: list(snapshot.records.get(name, {})) for name in self.layout}
        self.rows: list[Row] = [
            (name, owner, id, record)
            for name, by_owner in snapshot.records.items()
            for owner, held in by_owner.items()
            for id, record in held.items()
        ]
        self.former = [
            (next(index for index in self.layout[name].values() if index.key), one)
            for name, several in snapshot.former.items()
            for one in several
        ]
        self.order = {
            index: [(owner, id) for name, owner, id, _ in self.rows if name == index.resource]
            for by_fields in self.layout.values()
            for index in by_fields.values()
        }
        for name, by_fields in snapshot.shared.items():
            for fields, groups in by_fields.items():
                index = self.layout[name][fields]
                for owner, ids in groups:
                    self.order[index] = [one for one in self.order[index] if one[0] != owner or one[1] not in ids]
                    self.order[index] += [(owner, id) for id in ids]
        self.numbers = dict(snapshot.numbers)
        self.committed = self.whole()

    def copy(self) -> Store:
        twin = NaiveStore(self.layout, self.seed)
        twin.restore(self.snapshot())
        return twin
