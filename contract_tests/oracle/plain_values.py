"""JSON values of answers: comparing them, and showing them in few words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mock_server.contract.files.source import Json, pointer_to

LONGEST_SHOWN = 160


class Missing:
    """Stands for a property that is not there."""


MISSING = Missing()


def same_json(one: object, other: object) -> bool:
    """Compare two JSON values: numbers by value, and nothing else with a number; 1 is not true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return one == other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same_json(*pair) for pair in zip(one, other, strict=True))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(value, other[key]) for key, value in one.items())
    return type(one) is type(other) and one == other


def with_whole_numbers(value: Json) -> Json:
    """Return a value in which numbers without a fraction are whole ones, however they were written."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {name: with_whole_numbers(member) for name, member in value.items()}
    return [with_whole_numbers(element) for element in value] if isinstance(value, list) else value


def shown_value(value: object) -> str:
    """Return a value as a person may read it, cut off where it is long."""
    if value is MISSING:
        return "nothing: the property is absent"
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


@dataclass(frozen=True, slots=True)
class Look:
    """By what an object can be told from others: the values that it always has, and the names of what it may have."""

    fixed: Mapping[str, Json]
    names: frozenset[str]

    def likeness(self, item: Json) -> tuple[bool, int]:
        """Return how much an item looks so; the more, the larger."""
        if not isinstance(item, dict):
            return False, 0
        is_so = all(item.get(name) == value for name, value in self.fixed.items())
        return is_so, len(item.keys() & self.names) - len(item.keys() - self.names)


def parted(items: Sequence[Json], looks: Sequence[Look]) -> list[list[Json]]:
    """Return for each look the items that look so more than they do otherwise, in order."""
    parts: list[list[Json]] = [[] for _ in looks]
    for item in items:
        likeness = [look.likeness(item) for look in looks]
        parts[likeness.index(max(likeness))].append(item)
    return parts


def key_of(value: object) -> Json:
    """Return a value that may be an id; None for any other."""
    return value if isinstance(value, (str, int)) else None


def same_ids(predicted: list[Json], found: list[Json], id: str) -> Iterator[tuple[str, Json, Json]]:
    """Yield the items of two lists that have the same id, each pair with the pointer of the one that was found."""
    by_id = {record[id]: record for record in predicted}
    for position, item in enumerate(found):
        known = by_id.get(key_of(item.get(id))) if isinstance(item, dict) else None
        if known is not None:
            yield pointer_to(position), known, item
