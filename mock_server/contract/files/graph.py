"""Which things lead to which, worked out once for all who ask."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Graph(Generic[T]):
    """Things, and the `steps` from one to another."""

    def __init__(self, steps: Iterable[tuple[T, T]]) -> None:
        self._before: dict[T, list[T]] = {}
        for one, following in steps:
            self.add(one, following)

    def add(self, one: T, following: T) -> None:
        """Note one more step."""
        self._before.setdefault(following, []).append(one)

    def leading_to(self, ends: Iterable[T]) -> set[T]:
        """Return all from which there is a way to one of `ends`, and these themselves."""
        found: set[T] = set()
        stack = list(ends)
        while stack:
            one = stack.pop()
            if one not in found:
                found.add(one)
                stack.extend(self._before.get(one, ()))
        return found
