"""What is known of how a value has to be made, from what its schema refused before."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""The names and indices that lead to a part of a value."""


@dataclass(frozen=True, slots=True)
class Plan:
    """For the parts of a value: which of their options to take, which to leave out, and which to make though they are not
    declared."""

    numbers: dict[Path, int] = field(default_factory=dict)
    salts: dict[Path, int] = field(default_factory=dict)
    """Lists that were made of equal elements are made of others by another salt."""

    left_out: set[Path] = field(default_factory=set)
    wanted: set[Path] = field(default_factory=set)
    bare: set[Path] = field(default_factory=set)
    """Objects that are made of what is required alone."""

    def copy(self) -> Plan:
        """Return a plan that says the same and may be changed."""
        copies = {name: getattr(self, name).copy() for name in ("numbers", "salts", "left_out", "wanted", "bare")}
        return replace(self, **copies)

    def advance(self, path: Path, number: int) -> None:
        """Have the option `number` taken at `path`, and forget what was learned of the one before."""
        for known in (self.numbers, self.salts):
            for inner in [inner for inner in known if inner[: len(path)] == path]:
                del known[inner]
        for names in (self.left_out, self.wanted, self.bare):
            names.difference_update([inner for inner in names if inner[: len(path)] == path])
        self.numbers[path] = number
