"""JSON texts and the values that they stand for, of requests, answers and whatever else is sent."""

from __future__ import annotations

import json
from math import isfinite

import jiter
import orjson

from mock_server.contract.files.source import Json

NEVER_INFINITE = frozenset({str, int, bool, type(None)})


def read_json(content: bytes) -> Json:
    """Return the value of a JSON text; raise `ValueError` for one that two parsers might read differently."""
    value = jiter.from_json(content, allow_inf_nan=False, catch_duplicate_keys=True, cache_mode="keys")
    _refuse_infinity(value)
    return value


def write_json(value: Json) -> bytes:
    """Return the JSON text of a value."""
    try:
        return orjson.dumps(value)
    except TypeError:  # a whole number of more than 64 bits, which JSON allows and orjson does not write
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _refuse_infinity(value: Json) -> None:
    """Raise `ValueError` for numbers that no double can hold: they could not be answered as they came."""
    kind = type(value)
    if kind is dict:
        if NEVER_INFINITE.issuperset(map(type, value.values())):
            return
        for member in value.values():
            _refuse_infinity(member)
    elif kind is list:
        for element in value:
            _refuse_infinity(element)
    elif kind is float and not isfinite(value):
        raise ValueError("a number is too large for a double (RFC 8259 section 6)")
