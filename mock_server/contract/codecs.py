"""Codecs: how a body is read and written, chosen by its media type.

The one codec so far is that of JSON. Whoever turns bytes into values or values into bytes asks `codec_of` or `value_of`;
another codec is another class in `CODECS`.
"""

from __future__ import annotations

import json
from functools import lru_cache
from math import isfinite
from typing import Protocol

import jiter
import orjson

from mock_server.contract.source import Json

JSON = "application/json"
NEVER_INFINITE = frozenset({str, int, bool, type(None)})


class Codec(Protocol):
    """Reads and writes the bodies of some media types."""

    @property
    def name(self) -> str:
        """What such a body is called: JSON."""

    @property
    def expected(self) -> str:
        """What such a body has to be, with the standard that says so."""

    def takes(self, media_type: str) -> bool:
        """Say whether bodies of a media type, in lower case and without parameters, are read and written here."""

    def read(self, content: bytes) -> Json:
        """Return the value of a body; raise `ValueError`, which says why, where it has none."""

    def write(self, value: Json) -> bytes:
        """Return a value as a body."""


class JsonCodec:
    """JSON (RFC 8259), and what has its structure: types that end in `+json` (RFC 6839 section 3.1)."""

    name = "JSON"
    expected = "JSON in UTF-8 (RFC 8259)"

    def takes(self, media_type: str) -> bool:
        """Say whether bodies of a media type are JSON."""
        return media_type == JSON or (media_type.startswith("application/") and media_type.endswith("+json"))

    def read(self, content: bytes) -> Json:
        """Return the value of a JSON text; raise `ValueError` for one that two parsers might read differently."""
        value = jiter.from_json(content, allow_inf_nan=False, catch_duplicate_keys=True, cache_mode="keys")
        _refuse_infinity(value)
        return value

    def write(self, value: Json) -> bytes:
        """Return the JSON text of a value."""
        try:
            return orjson.dumps(value)
        except TypeError:  # a whole number of more than 64 bits, which JSON allows and orjson does not write
            return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


_JSON = JsonCodec()
read_json = _JSON.read
write_json = _JSON.write

CODECS: tuple[Codec, ...] = (_JSON,)
SUPPORTED_TYPES = JSON
"""What the bodies of a document may be."""


@lru_cache(maxsize=256)
def codec_of(media_type: str) -> Codec | None:
    """Return the codec of a media type, with or without parameters; None where bodies of the type are not read or written."""
    essence = media_type.partition(";")[0].strip().lower()
    return next((codec for codec in CODECS if codec.takes(essence)), None)


def value_of(content: bytes, media_type: str) -> Json:
    """Return the value of a body; of a type without a codec, as JSON if it is that. Raise `ValueError` where it has none."""
    return (codec_of(media_type) or _JSON).read(content)


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
