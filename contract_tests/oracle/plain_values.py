"""JSON values of answers: comparing them, and showing them in few words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

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


def shown_value(value: object) -> str:
    """Return a value as a person may read it, cut off where it is long."""
    if value is MISSING:
        return "nothing: the property is absent"
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def parted(items: list[Json], fixed: Mapping[str, Json]) -> tuple[list[Json], list[Json]]:
    """Return the items that have these values, and the others."""
    mine = [item for item in items if isinstance(item, dict) and all(item.get(name) == value for name, value in fixed.items())]
    return mine, [item for item in items if item not in mine]


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
