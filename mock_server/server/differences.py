"""In what a request differs from one that is expected, field by field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple, Protocol

from mock_server.contract.files.source import Json, pointer_to
from mock_server.engine.values import ABSENT, same_value

LONGEST = 200
"""How many characters of a value are shown."""


class Difference(NamedTuple):
    """Where a request differs, and what stood there. The smaller the `weight`, the nearer the request."""

    place: str
    expected: object
    got: object
    weight: float

    def __str__(self) -> str:
        return f"{self.place}: expected {shown(self.expected)}, got {shown(self.got)}"


class Compared(Protocol):
    """What is compared of a request, besides what `WEIGHTS` names."""

    @property
    def query(self) -> Mapping[str, str]:
        """The query."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, their names in lower case."""

    @property
    def json(self) -> Json:
        """The body."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What is expected of a request; `ABSENT` where that is nothing in particular."""

    method: Any = ABSENT
    path: Any = ABSENT
    operation: Any = ABSENT
    organization: Any = ABSENT
    status: Any = ABSENT
    query: Any = ABSENT
    headers: Any = ABSENT
    json: Any = ABSENT
    containing: Any = ABSENT

    def __str__(self) -> str:
        given = [f"{f.name}={shown(value)}" for f in fields(self) if (value := getattr(self, f.name)) is not ABSENT]
        return ", ".join(given) or "any request"


WEIGHTS = {"operation": 8.0, "path": 8.0, "method": 4.0, "organization": 2.0, "status": 1.0}
"""A request of another operation is further away than any other body can make it."""


def differences(wanted: Wanted, asked: Compared) -> Iterator[Difference]:
    """Yield in what a request differs from what is wanted."""
    for name, weight in WEIGHTS.items():
        expected, got = getattr(wanted, name), getattr(asked, name)
        if expected is not ABSENT and not _fits(name, expected, got):
            yield Difference(name, expected, got, weight)
    if wanted.query is not ABSENT:
        yield from _members("query", wanted.query, asked.query)
    if wanted.headers is not ABSENT:
        lowered = {name.lower(): value for name, value in wanted.headers.items()}
        yield from _members("header", lowered, asked.headers)
    if wanted.json is not ABSENT:
        yield from _values("body", "", wanted.json, asked.json, whole=True)
    if wanted.containing is not ABSENT:
        yield from _values("body", "", wanted.containing, asked.json, whole=False)


def shown(value: object) -> str:
    """Return a value as a message has it."""
    if value is ABSENT:
        return "nothing"
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _fits(name: str, expected: Any, got: Any) -> bool:
    if name == "path" and isinstance(expected, str) and "{" in expected:
        literal = re.split(r"\{[^{}]*\}", expected)
        return re.fullmatch("[^/]+".join(map(re.escape, literal)), got) is not None
    if name == "method" and isinstance(expected, str):
        return expected.upper() == str(got)
    return bool(expected == got)


def _members(place: str, expected: Mapping[str, Any], got: Mapping[str, Any]) -> Iterator[Difference]:
    for name, value in expected.items():
        if got.get(name, ABSENT) != value:
            yield Difference(f"{place} {name}", value, got.get(name, ABSENT), 0.5)


def _values(place: str, pointer: str, expected: Json, got: Json, *, whole: bool) -> Iterator[Difference]:
    """Compare two JSON values; unless they have to be alike as a `whole`, an object may have other members."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for name in [*expected, *(name for name in got if whole and name not in expected)]:
            there = pointer + pointer_to(name)
            yield from _values(place, there, expected.get(name, ABSENT), got.get(name, ABSENT), whole=whole)
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for index, (one, other) in enumerate(zip(expected, got, strict=True)):
            yield from _values(place, pointer + pointer_to(index), one, other, whole=whole)
    elif not same_value(expected, got):
        yield Difference(f"{place} {pointer}".strip(), expected, got, 0.1)
