"""JSON values of answers: comparing them, and showing them in few words."""

from __future__ import annotations

import json

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
