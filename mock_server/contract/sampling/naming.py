"""What the name of a property tells of its value: an email, a time, an amount."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

FILE = Path(__file__).with_name("words.json")
VAGUE_WORDS = frozenset(
    """
    response responses request result results data dto model object schema entity attributes resource details list collection
    item items page view summary full base body payload api v1 v2 v3 get create update info output out read public json nested
    """.split()  # noqa: SIM905 (reads better)
)
"""Words of the names of schemas that do not tell what is described."""


class Named(NamedTuple):
    """What a value is called: its name, and the kind of thing that it belongs to."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}.{self.name}"


class NumberRange(NamedTuple):
    """The numbers that are usual for a name."""

    low: int
    high: int
    decimals: int


class Vocabulary:
    """The words, and what names and formats stand for, as `words.json` has them."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.words: Mapping[str, list[str]] = data["words"]
        self.formats: Mapping[str, str] = data["formats"]
        self._texts = [(re.compile(pattern), template) for pattern, template in data["texts"]]
        self._times = [(re.compile(pattern), time) for pattern, time in data["times"]]
        self._numbers = [(re.compile(pattern), NumberRange(*usual)) for pattern, *usual in data["numbers"]]
        self._false = re.compile(data["false"])
        # The names of a document are few, and asked for with every value that is made.
        self.template = lru_cache(maxsize=2048)(self._template)
        self.time = lru_cache(maxsize=2048)(self._time)

    def _template(self, named: Named) -> str | None:
        """Return how a text of this name is usually written; None where nothing is known of it."""
        told = str(named)
        return next((template for pattern, template in self._texts if pattern.fullmatch(told)), None)

    def _time(self, named: Named) -> str | None:
        """Return which time a name stands for, such as `past`; None where it stands for none."""
        return next((time for pattern, time in self._times if pattern.fullmatch(named.name)), None)

    def numbers(self, named: Named) -> NumberRange | None:
        """Return the numbers that are usual for a name; None where nothing is known of it."""
        return next((usual for pattern, usual in self._numbers if pattern.fullmatch(named.name)), None)

    def is_usually_false(self, named: Named) -> bool:
        """Say whether a truth value of this name is usually false."""
        return bool(self._false.fullmatch(named.name))


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Return the vocabulary; it is read when the first value is made."""
    return Vocabulary(json.loads(FILE.read_text(encoding="utf-8")))


@lru_cache(maxsize=4096)
def snake_case(name: str) -> str:
    """Return a name in small letters, its words joined by `_`: petId, PetID and pet-id are `pet_id`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[^A-Za-z0-9]+", "_", parted).strip("_").lower()


@lru_cache(maxsize=4096)
def singular(name: str) -> str:
    """Return the name of one of what `name` tells of several: `pet_ids` gives `pet_id`."""
    if name.endswith("ies") and len(name) > 4:
        return f"{name[:-3]}y"
    if name.endswith(("sses", "xes", "ches", "shes", "zes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "us", "is")) and len(name) > 2 else name


@lru_cache(maxsize=4096)
def kind_of(name: str) -> str:
    """Return what a schema of this name describes: `PetResponse` gives `pet`."""
    words = snake_case(name).split("_")
    while len(words) > 1 and words[-1] in VAGUE_WORDS:
        words.pop()
    while len(words) > 1 and words[0] in VAGUE_WORDS:
        words.pop(0)
    return "_".join(words)
