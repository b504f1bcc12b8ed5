"""What texts mean: the values that a schema lets a text stand for, and the text of a value.

Parameters come as texts, in whatever style. A text stays a text where the schema lets one through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sized
from functools import cached_property
from math import isfinite

from mock_server.contract.files.json_values import read_json, write_json
from mock_server.contract.files.source import Json
from mock_server.contract.schemas.keywords import TYPES
from mock_server.contract.schemas.schema import Schema

INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,299})")  # Python refuses to read more than some thousands of digits
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,299})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?")


class NotInStyle(Exception):  # noqa: N818 (it is named for what is told)
    """Raised where what a request sends for a parameter is not written as it has to be; `rule` is that of the violation."""

    def __init__(self, message: str, rule: str = "style") -> None:
        self.rule = rule
        super().__init__(message)


class TextType:
    """What the texts that are sent for a schema are read as; without a schema, each stays a text."""

    def __init__(self, schema: Schema | None, variants: list[Schema] | None = None) -> None:
        self._schema = schema
        if variants is not None:
            self._variants = variants
        types = schema.types if schema else TYPES
        self.is_text = "string" in types or not types
        self.is_scalar = self.is_text or not types.isdisjoint(("number", "boolean"))
        """Whether one text may be all of a value."""

        self.is_array = "array" in types
        self.is_object = "object" in types
        self._is_number, self._is_boolean, self._is_null = "number" in types, "boolean" in types, "null" in types

    @cached_property
    def items(self) -> TextType:
        """What the elements of a list are read as."""
        found = (variant.items for variant in self._variants if variant.items)
        return TextType(next(found, None))

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the properties that an object is said to have."""
        return frozenset(name for variant in self._variants for name in variant.properties)

    @cached_property
    def takes_any_name(self) -> bool:
        """Whether an object is said to have properties of any name, and not just not forbidden to."""
        return not self.names or any(variant.unnamed and not variant.closed for variant in self._variants)

    def member(self, name: str) -> TextType:
        """Return what a property of an object is read as."""
        if name not in self._members:
            declared = (variant.properties[name] for variant in self._variants if name in variant.properties)
            unnamed = (schema for variant in self._variants for schema in variant.unnamed)
            self._members[name] = TextType(next(declared, None) or next(unnamed, None))
        return self._members[name]

    def read(self, texts: list[str], *, leniently: bool = False) -> Json:
        """Return the value that texts stand for; raise `NotInStyle` for several that are no list."""
        if self.is_array and (len(texts) > 1 or not self.is_scalar):
            return [self.items.read_one(text, leniently=leniently) for text in texts]
        if len(set(texts)) > 1:
            raise repeated(texts)
        value = self.read_one(texts[0], leniently=leniently)
        if leniently and self.is_array and value == texts[0]:
            return [self.items.read_one(texts[0], leniently=True)]
        return value

    def read_one(self, text: str, *, leniently: bool = False) -> Json:
        """Return the value of one text: one that is listed, else the text itself where (unless `leniently`) any will do, else a
        number, a boolean or null; the text where it stands for none."""
        if text in self._listed:
            return self._listed[text]
        if self._takes_any_text and not leniently:
            return text
        if self._is_number:
            if INTEGER.fullmatch(text):
                return int(text)
            if NUMBER.fullmatch(text) and isfinite(number := float(text)):
                return number
        if self._is_boolean and text in ("true", "false"):
            return text == "true"
        if self._is_null and text in ("", "null"):
            return None
        return text if self.is_scalar else self._written_out(text)

    def _written_out(self, text: str) -> Json:
        """Return the object or list that stands where OpenAPI has no way to write one: clients send JSON."""
        if text[:1] in ("{", "["):
            try:
                return read_json(text.encode())
            except ValueError:
                pass
        return text

    def with_members(self, names: Iterable[str]) -> TextType:
        """Return what an object with these members is read as: of several variants, as that which knows the most of them."""
        if len(self._variants) < 2:
            return self
        given = set(names)
        return TextType(self._schema, sorted(self._variants, key=lambda variant: -len(variant.properties.keys() & given)))

    @cached_property
    def _listed(self) -> dict[str, Json]:
        """The values that are listed, by their texts."""
        values = [value for variant in reversed(self._variants) for value in reversed(variant.values or ())]
        return {text_of(value): value for value in values if not isinstance(value, (dict, list))}

    @cached_property
    def _takes_any_text(self) -> bool:
        """Whether any text may be a value, but for its length."""
        leaves = [variant for variant in self._variants if not variant.variants and variant.values is None]
        texts = [leaf for leaf in leaves if "string" in leaf.types and not leaf.patterns and not leaf.formats]
        return bool(texts) or self._schema is None

    @cached_property
    def _variants(self) -> list[Schema]:
        """The schema, and what it may be instead."""
        found: dict[Schema, None] = {}
        stack = [self._schema] if self._schema else []
        while stack:
            schema = stack.pop().target
            if schema not in found:
                found[schema] = None
                stack.extend(reversed(schema.variants))
        return list(found)

    @cached_property
    def _members(self) -> dict[str, TextType]:
        return {}


def text_of(value: Json) -> str:
    """Return the text of a value: itself, nothing for null, and the JSON of any other."""
    if value is None:
        return ""
    return value if isinstance(value, str) else write_json(value).decode()


def repeated(given: Sized) -> NotInStyle:
    """Return what tells that something which has one value is given several times."""
    return NotInStyle(f"is given {len(given)} times; it has one value", "repeated")


def members_of(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return all texts by name."""
    grouped: dict[str, list[str]] = {}
    for name, text in pairs:
        grouped.setdefault(name, []).append(text)
    return grouped
