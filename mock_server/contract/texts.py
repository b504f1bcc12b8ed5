"""A text as the value that its schema takes it for: where nothing tells types, as in forms, the schema does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mock_server.contract.schema import Schema
from mock_server.contract.source import Json

INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,299})")  # Python refuses to read more than some thousands of digits
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,299})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?")

DEEPEST_VARIANTS = 8
"""How deep variants within variants are looked into."""


def from_text(text: str, kind: str) -> Json:
    """Return the value of a type that a text stands for; the text where it stands for none."""
    if kind == "integer" and INTEGER.fullmatch(text):
        return int(text)
    if kind in ("integer", "number") and NUMBER.fullmatch(text):
        return float(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def text_value(text: str, schema: Schema | None) -> Json:
    """Return the value that a schema takes a text for: one that it lists, else a text where any will do, else a number, a
    boolean or null; the text where it is none of these."""
    if schema is None:
        return text
    loose, strict = False, []
    for variant in variants_of(schema):
        values, types = variant.values, variant.types
        if values is not None:
            listed = [value for value in values if text_of(value) == text]
            if listed:
                return listed[0]
        elif "string" in types and not variant.patterns and not variant.formats:
            loose = True
        else:
            strict.append(variant)
    if loose:
        return text
    readings = (from_text(text, kind) for variant in strict for kind in _kinds(variant))
    value = next((value for value in readings if not isinstance(value, str)), text)
    return None if value == "" and "null" in schema.types and "string" not in schema.types else value


def text_of(value: Json) -> str:
    """Return the text that a value of no parts is written as."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def variants_of(schema: Schema, depth: int = 0) -> Iterator[Schema]:
    """Yield the schemas of which a value fits one, those within variants included; the schema itself where it has none."""
    variants = schema.variants if depth < DEEPEST_VARIANTS else ()
    if not variants:
        yield schema
    for variant in variants:
        yield from variants_of(variant, depth + 1)


def _kinds(schema: Schema) -> Iterator[str]:
    if "number" in schema.types:
        yield "integer" if schema.whole else "number"
    if "boolean" in schema.types:
        yield "boolean"
