"""Chance that is the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cached_property
from typing import TypeVar
from zlib import crc32

T = TypeVar("T")
STRIDE = 37
"""How far apart the numbers of neighbours are: a prime, so that it does not repeat them."""


def seed_of(seed: int, name: object) -> int:
    """Return the seed of what is called `name` beneath what has `seed`."""
    return crc32(str(name).encode("utf-8", "surrogatepass"), seed)


class Dice:
    """Chooses, always the same for the same seed. Elements of a list have one seed, and different words by their `index`."""

    def __init__(self, seed: int, index: int = 0) -> None:
        self._seed = seed
        self._index = index

    def another(self, number: int) -> Dice:
        """Return dice that fall differently."""
        return Dice(seed_of(self._seed, number), self._index)

    def word(self, words: Sequence[T], salt: str = "") -> T:
        """Return one of `words`; for the next index, the next one."""
        return words[(seed_of(self._seed, salt) + self._index) % len(words)]

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of `choices`, and another one the next time."""
        return choices[int(self._random.random() * len(choices))]

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`."""
        return self._random.randint(low, max(low, high))

    def serial(self, low: int, high: int) -> int:
        """Return a whole number from `low` to about `high`; for the next index, the next number."""
        return low + self._seed % (high - low + 1) + self._index

    def distinct(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`; another one for each index, as far as there are so many."""
        count = max(high - low, 0) + 1
        return low + (self._seed + self._index * (STRIDE if count % STRIDE else 1)) % count

    def bits(self, count: int) -> int:
        """Return `count` bits."""
        return self._random.getrandbits(count)

    @cached_property
    def _random(self) -> random.Random:
        return random.Random(self._seed * 31 + self._index)
