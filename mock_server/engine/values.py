"""JSON values as the engine compares and finds them: absent is not null, 1 is 1.0, and 1 is not true."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import Enum
from operator import itemgetter
from typing import Any, Final, TypeAlias

from mock_server.contract.files.source import Json


class Absent(Enum):
    """The value of what a request does not send; null is something else."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT

Pick: TypeAlias = Callable[[Mapping[str, Any]], tuple[Any, ...]]


def picker(fields: tuple[str, ...], *, all_there: bool = False) -> Pick:
    """Return a function that returns the values of `fields` in a mapping, None for one that it lacks.

    `all_there` promises that it lacks none.
    """
    if len(fields) == 1:
        (only,) = fields
        return lambda record: (record.get(only),)
    if not fields:
        return lambda record: ()
    return itemgetter(*fields) if all_there else lambda record: tuple([record.get(field) for field in fields])


def same_value(stored: Json | Absent, given: Json | Absent) -> bool:
    """Compare two JSON values: 1 and 1.0 are equal, and so are 1 and true, but that in Python alone."""
    return stored == given and (type(stored) is type(given) or not (type(stored) is bool or type(given) is bool))


def has(record: Mapping[str, Json], values: Mapping[str, Json]) -> bool:
    """Say whether a record has these values."""
    return all(same_value(record.get(field), value) for field, value in values.items())


def part(value: Json | Absent, tokens: tuple[str, ...]) -> Json | Absent:
    """Return the part of a JSON value that the tokens of a JSON Pointer lead to."""
    for token in tokens:
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            return ABSENT
    return value


def numbered(base: str, number: int) -> str:
    """Return a text as the first, second, … has it whose text would be `base`: the first one has no number behind it."""
    return base if number == 1 else f"{base}-{number}"


def hashable(value: Json | Absent) -> Any:
    """Return a value that is equal, and hashable, for the same JSON values only."""
    if value is None or type(value) is str:
        return value
    if type(value) is float and value.is_integer():
        value = int(value)  # JSON has one kind of number
    if isinstance(value, (dict, list)):
        value = json.dumps(value, sort_keys=True)
    return (type(value).__name__, value)


def folded(value: Json | Absent) -> Any:
    """Return one value for all texts that some choice takes for the same key: those that differ in case and space."""
    return value.strip().casefold() if type(value) is str else hashable(value)
