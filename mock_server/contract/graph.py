"""Which places of a document lead to which, worked out once for all who ask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

Place: TypeAlias = tuple[str, str]
"""A file of a document by its name, and a JSON Pointer into it."""


class PlaceGraph:
    """Places, and the `steps` from one to another."""

    def __init__(self, steps: Iterable[tuple[Place, Place]]) -> None:
        self._before: dict[Place, list[Place]] = {}
        for place, following in steps:
            self.add(place, following)

    def add(self, place: Place, following: Place) -> None:
        """Note one more step."""
        self._before.setdefault(following, []).append(place)

    def leading_to(self, ends: Iterable[Place]) -> set[Place]:
        """Return all places from which there is a way to one of `ends`, and these themselves."""
        found: set[Place] = set()
        stack = list(ends)
        while stack:
            place = stack.pop()
            if place not in found:
                found.add(place)
                stack.extend(self._before.get(place, ()))
        return found
