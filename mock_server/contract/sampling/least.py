"""A small valid value for a schema: its own example where it has one, else the least that its keywords ask for."""

from __future__ import annotations

from typing import Any

from mock_server.contract.documents.document import Node
from mock_server.contract.files.source import Json
from mock_server.contract.sampling.dice import Dice
from mock_server.contract.sampling.patterns import matches, matching
from mock_server.contract.schemas.keywords import conjuncts, properties_of, required_of, types_of
from mock_server.contract.schemas.schema import Schema, node_of

FORMATS = {
    "date-time": "2026-01-15T09:30:00Z",
    "date": "2026-01-15",
    "time": "09:30:00Z",
    "email": "someone@example.com",
    "uuid": "5f0c6a52-2b62-4c0d-9d0f-2a1b8f3f6f10",
    "uri": "https://example.com/",
    "uri-reference": "/",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
}
DEEPEST = 12
LONGEST = 1000
"""How much is made at most; whoever asks for a longer text or list gets none that fits."""


def sample(schema: Schema) -> Json:
    """Return a value that `schema` most likely lets through; whoever needs to be sure holds it to the schema."""
    return _Least().value(node_of(schema), 0)


class _Least:
    """Makes one value, of so many parts at most: one whose members need more of its kind would never end."""

    def __init__(self) -> None:
        self._left = LONGEST

    def value(self, schema: Node, depth: int) -> Json:
        """Return the value of a part."""
        self._left -= 1
        parts = conjuncts(schema) or []
        keywords: dict[str, Any] = {}
        for part in reversed(parts):
            keywords.update(part.value)
        for keyword in ("const", "default", "example"):
            if keyword in keywords:
                return keywords[keyword]
        for keyword in ("examples", "enum"):
            if keywords.get(keyword):
                return keywords[keyword][0]
        goes_on = depth < DEEPEST and self._left > 0
        for keyword in ("oneOf", "anyOf"):
            for part in parts:
                if keyword in part.value and goes_on:
                    return self.value(part[keyword][0], depth + 1)
        types = types_of(schema)
        if "object" in types and "properties" in keywords and goes_on:
            required = required_of(schema)
            return {name: self.value(part, depth + 1) for name, part in properties_of(schema).items() if name in required}
        if "string" in types:
            return _text(keywords)
        if "number" in types:
            return _number(keywords)
        if "array" in types:
            items = next((part["items"] for part in parts if "items" in part.value), None)
            count = min(keywords.get("minItems", 0), LONGEST)
            return [self.value(items, depth + 1) if items and goes_on and self._left > 0 else None for _ in range(count)]
        if "boolean" in types:
            return False
        return {} if "object" in types else None


def _text(keywords: dict[str, Any]) -> str:
    text = FORMATS.get(keywords.get("format", ""), "text")
    least, most = min(keywords.get("minLength", 0), LONGEST), keywords.get("maxLength")
    text = text.ljust(least, "x")[:most]
    pattern = keywords.get("pattern")
    if not isinstance(pattern, str) or matches(pattern, text):
        return text
    return matching(pattern, Dice(0), least, LONGEST if most is None else min(most, LONGEST)) or text


def _number(keywords: dict[str, Any]) -> Json:
    least = keywords.get("minimum", keywords.get("exclusiveMinimum", -1) + 1)
    most = keywords.get("maximum", keywords.get("exclusiveMaximum", least + 1) - 1)
    step = keywords.get("multipleOf", 1)
    number = min(max(least, 0), most)
    return -(-number // step) * step
