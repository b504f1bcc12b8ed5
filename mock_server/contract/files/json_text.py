"""Reading JSON text into plain data."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator

import jiter

from mock_server.contract.files.outline import Outline
from mock_server.contract.files.parsed import DEEPEST_NESTING, DuplicateKey, Json, MalformedText, Parsed, finite

PLAIN = frozenset({str, int, bool, type(None)})
"""The types of values that are neither deep nor infinite."""

ESCAPED_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")


def is_like_json(text: str) -> bool:
    """Say whether a text starts as the JSON of an object or a list does; a flow mapping of YAML may start so too."""
    return text.lstrip()[:1] in ("{", "[")


def read_json_text(text: str) -> Json:
    """Return the data in a JSON text; raise `ValueError` where it is none that every reader reads alike."""
    value = jiter.from_json(text.encode(), allow_inf_nan=False, catch_duplicate_keys=True, cache_mode="keys")
    _check(value, 0)
    return value


def read_with_duplicates(text: str) -> Parsed:
    """Return the data in a JSON text whose keys may stand again, which takes longer; raise `ValueError` where it is none."""
    repeated: list[tuple[dict[str, Json], list[str]]] = []

    def mapping(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        made = dict(pairs)
        if len(made) < len(pairs):
            repeated.append((made, [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]))
        return made

    try:
        value = json.loads(text, object_pairs_hook=mapping, parse_float=finite, parse_constant=_refuse_constant)
        _check(value, 0)
        json.dumps(value, ensure_ascii=False).encode()  # refuses half of a pair of surrogates, which nothing can write
    except RecursionError as error:
        raise ValueError("is too deep") from error
    return Parsed(value, tuple(_located(text, value, repeated)))


def as_yaml(text: str) -> str:
    """Return a JSON text in which YAML readers find the same: they do not know pairs of escaped surrogates."""
    return ESCAPED_PAIR.sub(lambda pair: json.loads(f'"{pair[0]}"'), text)


def _check(value: Json, level: int) -> None:
    """Raise `ValueError` for numbers that no double can hold, and for too many levels."""
    kind = type(value)
    if kind is not dict and kind is not list:
        if kind is float and math.isinf(value):
            raise ValueError("the number is too large")
        return
    if level == DEEPEST_NESTING:
        raise ValueError("is too deep")
    parts = value.values() if kind is dict else value
    if not PLAIN.issuperset(map(type, parts)):
        for part in parts:
            _check(part, level + 1)


def _located(text: str, value: Json, repeated: Iterable[tuple[dict[str, Json], list[str]]]) -> Iterator[DuplicateKey]:
    keys = {id(mapping): keys for mapping, keys in repeated}
    if not keys:
        return
    try:
        outline = Outline(as_yaml(text))
    except MalformedText:
        outline = Outline("")
    for path, mapping in _mappings(value, ()):
        for key in keys.get(id(mapping), ()):
            yield DuplicateKey((*path, key), *outline.place(map(str, (*path, key))))


def _mappings(value: Json, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], dict[str, Json]]]:
    if isinstance(value, dict):
        yield path, value
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from _mappings(part, (*path, key))


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")
