"""What reading a text comes to, whether it is JSON, YAML or was kept from an earlier time, and why it may come to nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = Any  # JSON as Python has it: dict, list, str, int, float, bool, None

LARGEST_EXPANSION = 1_000_000
"""How many nodes the aliases of a file may add; a bomb of nested aliases would add billions."""

DEEPEST_NESTING = 100
"""How many levels a file may have. Whoever walks its data calls itself for each level."""

TOO_DEEP = f"is nested more than {DEEPEST_NESTING} levels deep"


@dataclass(frozen=True, slots=True)
class DuplicateKey:
    """A key that stands in its mapping again, at `line` and `column`; `path` leads to the member. The last one counts."""

    path: tuple[str | int, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """The plain data in a text, and the keys that stand in it again."""

    value: Json
    duplicates: tuple[DuplicateKey, ...] = ()


class MalformedText(Exception):  # noqa: N818 (it is named for what was read)
    """Raised where a text has no value: it is neither YAML nor JSON, or says what JSON has no value for."""

    def __init__(self, message: str, line: int, column: int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.hint = hint


def finite(text: str) -> float:
    """Return the number that is written; raise `ValueError` when no double can hold it."""
    number = float(text)
    if math.isinf(number):
        raise ValueError("the number is too large")
    return number
