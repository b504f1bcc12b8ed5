"""Orders of lists, compiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cmp_to_key
from typing import TypeAlias

from mock_server.contract.behaviours.orders import OrderBy
from mock_server.contract.files.source import Json
from mock_server.contract.model import Resource
from mock_server.engine.conditions import Get, comparable, getter
from mock_server.engine.execution import Execution
from mock_server.engine.scope import Scope
from mock_server.engine.store import Record
from mock_server.engine.values import Absent

Compare: TypeAlias = Callable[[Sequence[Json], Sequence[Json]], int]


class Order:
    """An order of the records of a resource. Equal ones stand as they were made, the other way round where it has the newest
    first, and null comes last, in either direction."""

    def __init__(self, order: Sequence[OrderBy], resource: Resource, scope: Scope) -> None:
        self.order = tuple(order)
        self._newest_first = any(one.descending and one.field == resource.created for one in self.order)
        self._getters: list[Get] = [getter(tuple(one.field.split(".")), resource, scope) for one in self.order]

    def values(self, execution: Execution, record: Record) -> tuple[Json, ...]:
        """Return the values by which a record is ordered."""
        return tuple(_plain(get(execution, record)) for get in self._getters)

    def sorted(self, execution: Execution, records: Sequence[Record]) -> list[Record]:
        """Return records, the oldest first, in the order."""
        if not self.order:
            return list(records)
        ordered = [(self.values(execution, record), record) for record in (records[::-1] if self._newest_first else records)]
        by_values = cmp_to_key(self.compare)
        return [record for _, record in sorted(ordered, key=lambda pair: by_values(pair[0]))]

    def compare(self, one: Sequence[Json], other: Sequence[Json]) -> int:
        """Return a number below 0 where the first values stand before the others, above 0 where behind them, else 0."""
        for by, mine, theirs in zip(self.order, one, other, strict=True):
            this, that = comparable(mine), comparable(theirs)
            if this != that:
                if this is None or that is None:
                    return 1 if this is None else -1
                return (-1 if this < that else 1) * (-1 if by.descending else 1)
        return 0


def _plain(value: Json | Absent) -> Json:
    return None if isinstance(value, Absent) else value
