"""Paths as REST APIs build them: `/projects/{id}/tasks` is a collection beneath one project, `/tasks/{task_id}` a task."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mock_server.contract.inferring.words import singular

_PARAMETER = re.compile(r"\{([^{}/]+)\}(?:\.json)?")
_NEUTRAL = re.compile(r"v\d[\w.]*|\d+(?:\.\d+)*|\d{4}-\d\d-\d\d|api|rest|public|latest|services?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Within:
    """What a path is beneath: a parameter, the word before it, and the path up to it."""

    parameter: str
    word: str
    base: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A path: the `base` of a collection, what it is beneath, and the parameter that names one member, if it ends with one."""

    base: str
    within: tuple[Within, ...]
    parameter: str | None
    is_plain: bool
    """Whether words and parameters take turns, but for what all paths begin with."""

    @property
    def family(self) -> str:
        """The collection, whatever the parameters before it are called."""
        return family_of(self.base)

    @property
    def word(self) -> str:
        """The last word of the collection."""
        return self.base.rpartition("/")[2]

    @property
    def member(self) -> str:
        """What one member of the collection is called."""
        return singular(self.word)


def shape_of(path: str, common: int) -> Shape | None:
    """Return the shape of a path whose first segments are `common` to all paths; None for one that is of no such kind."""
    path = path.partition("#")[0].rstrip("/")
    segments = path.split("/")[1:]
    named = [_PARAMETER.fullmatch(segment) for segment in segments]
    if not segments or any("{" in segment and not found for segment, found in zip(segments, named, strict=True)):
        return None
    if segments[-1].endswith(".json"):
        segments[-1] = segments[-1].removesuffix(".json")
    last = named[-1]
    ends = len(segments) - (1 if last else 0)
    if ends == 0 or named[ends - 1]:
        return None  # nothing but parameters, or two in a row
    within = []
    for index in range(ends):
        found = named[index]
        if found:
            word = segments[index - 1] if index and not named[index - 1] else ""
            within.append(Within(found[1], word, "/" + "/".join(segments[:index])))
    start = common
    while start < ends and _NEUTRAL.fullmatch(segments[start]):
        start += 1
    turns = [bool(found) for found in named[min(start, ends - 1) : ends]]
    is_plain = all(turn == bool(index % 2) for index, turn in enumerate(turns))
    return Shape("/" + "/".join(segments[:ends]), tuple(within), last[1] if last else None, is_plain)


def family_of(base: str) -> str:
    """Return the path of a collection without the names of its parameters."""
    return re.sub(r"\{[^{}]*\}", "{}", base)


def common_segments(paths: Iterable[str]) -> int:
    """Return how many words all of several paths begin with."""
    split = [path.split("/")[1:] for path in paths]
    if len(split) < 2:
        return 0
    least = min(len(segments) - 1 for segments in split)
    for index in range(least):
        if "{" in split[0][index] or len({segments[index] for segments in split}) > 1:
            return index
    return least
