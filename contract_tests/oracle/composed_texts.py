"""Texts that are made of stand-ins, as a link is made of an id, compared with what a target made of the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from contract_tests.oracle.placeholders import FIRST_NUMBER, is_placeholder
from mock_server.contract.files.source import Json

STAND_IN = re.compile(r"\0(?:id|text|time|slug|fact) \d+|-\d{19}")
"""What may be a stand-in within a text."""

SERVER = r"(?:https?://[^/?#]+)?(?:/[^?#]*)?"
"""What may stand before the path of a link: a deployment is free to write the server, and the path that it is served at."""


def is_composed(predicted: Json) -> bool:
    """Say whether a predicted value is a text with stand-ins in it."""
    return isinstance(predicted, str) and any(key is not None for _, key in _pieces(predicted))


def matches(predicted: str, found: Json, bindings: dict[Json, Json], *, is_link: bool = False) -> bool:
    """Say whether a text may be what was predicted; what stand-ins in it stand for is added to `bindings`.

    A link may have its server before it.
    """
    pattern, unbound = SERVER if is_link else "", list[Json]()
    for text, key in _pieces(predicted):
        pattern += re.escape(text)
        if key in bindings:
            pattern += re.escape(str(bindings[key]))
        elif key is not None:
            unbound.append(key)
            pattern += "(.+)"
    match = re.fullmatch(pattern, found, re.DOTALL) if isinstance(found, str) else None
    if match is None:
        return False
    for key, value in zip(unbound, match.groups(), strict=True):
        bindings[key] = int(value) if isinstance(key, int) and value.isdecimal() else value
    return True


def told(predicted: str, bindings: dict[Json, Json]) -> str:
    """Return a predicted text as a person may read it."""
    return "".join(text + ("" if key is None else str(bindings.get(key, "…"))) for text, key in _pieces(predicted))


def _pieces(predicted: str) -> Iterator[tuple[str, Json]]:
    """Yield the texts between stand-ins, each with the stand-in that follows it."""
    texts, names = STAND_IN.split(predicted), STAND_IN.findall(predicted)
    for text, name in zip_longest(texts, names, fillvalue=""):
        key: Json = int(name) if name.startswith("-") else name or None
        is_stand_in = key is not None and (is_placeholder(key) if isinstance(key, str) else key <= FIRST_NUMBER)
        yield (text, key) if is_stand_in else (text + name, None)
