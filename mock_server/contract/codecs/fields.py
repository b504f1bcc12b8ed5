"""The fields of a form and the value that they make: names may lead into members, and the schema says what the texts are.

Read is what clients write: `card[number]=1`, `tags=a&tags=b`, `tags[]=a`, `items[0][id]=1`, `items[][id]=1`, a member as JSON,
and what an encoding says. Written is what OpenAPI has (3.1.1, section 4.8.14.4 and 4.8.15).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from mock_server.contract.codecs.json import JsonCodec
from mock_server.contract.keywords import TYPES
from mock_server.contract.media import Encoding, Media
from mock_server.contract.schema import Schema
from mock_server.contract.source import Json
from mock_server.contract.texts import from_text, text_of, text_value, variants_of

MOST_FIELDS = 1000
DEEPEST_NAME = 16
NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
STEP = re.compile(r"\[([^\[\]]*)\]")
DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|"}
PLAIN = Encoding()


class KnownValue(NamedTuple):
    """A value of a field that is no text to be looked at: a file, or JSON."""

    value: Json


Text: TypeAlias = str | KnownValue
"""What a field holds."""


class FieldTree:
    """What fields say of one value: texts, members by name, or elements."""

    __slots__ = ("elements", "members", "texts")

    def __init__(self) -> None:
        self.texts: list[Text] = []
        self.members: dict[str, FieldTree] = {}
        self.elements: list[FieldTree] = []

    def put(self, steps: tuple[str, ...], text: Text) -> None:
        """Add what a field holds; an empty step leads to an element, a new one where the last has got that already."""
        tree = self
        for index, step in enumerate(steps):
            if step or index == 0:
                tree = tree.members.setdefault(step, FieldTree())
                continue
            rest = steps[index + 1 :]
            if not rest or not tree.elements or tree.elements[-1].has(rest):
                tree.elements.append(FieldTree())
            tree = tree.elements[-1]
        tree.texts.append(text)

    def has(self, steps: tuple[str, ...]) -> bool:
        """Say whether a field led here by these steps."""
        tree = self
        for step in steps:
            if step not in tree.members:
                return False
            tree = tree.members[step]
        return True


class FieldReader:
    """Turns the fields of a form into an object, and an object into fields."""

    def __init__(self, json: JsonCodec) -> None:
        self._json = json

    def value(self, fields: Iterable[tuple[str, Text]], media: Media | None) -> Json:
        """Return the object that fields make; raise `ValueError` where two contradict each other."""
        schema, encodings = (media.schema, media.encoding) if media else (None, {})
        known = {name for variant in _with_variants(schema) for name in variant.properties}
        spread = dict(_spread(schema, encodings))
        tree = FieldTree()
        for name, text in fields:
            tree.put((spread[name], name) if name in spread and name not in known else _steps(name, known), text)
        return self._members(tree, schema, encodings, "")

    def fields(self, value: Json, media: Media | None) -> Iterator[tuple[str, str]]:
        """Yield the fields of an object by name."""
        encodings = media.encoding if media else {}
        for name, member in value.items() if isinstance(value, dict) else ():
            encoding = encodings.get(name, PLAIN)
            if encoding.style == "deepObject" and isinstance(member, (dict, list)):
                yield from self._deep(name, member)
            elif isinstance(member, dict) and encoding.style and encoding.explode is not False:
                yield from ((key, self.text(part)) for key, part in member.items())
            elif isinstance(member, list) and encoding.explode is not False:
                yield from ((name, self.text(element)) for element in member)
            elif isinstance(member, (list, dict)) and (encoding.style or isinstance(member, list)):
                parts = member if isinstance(member, list) else [part for pair in member.items() for part in pair]
                yield name, DELIMITERS.get(encoding.style or "", ",").join(map(self.text, parts))
            else:
                yield name, self.text(member)

    def text(self, value: Json) -> str:
        """Return the text of a field that is one value."""
        return self._json.write(value).decode() if isinstance(value, (dict, list)) else text_of(value)

    def _deep(self, name: str, value: Json) -> Iterator[tuple[str, str]]:
        if not isinstance(value, (dict, list)):
            yield name, text_of(value)
            return
        for key, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from self._deep(f"{name}[{key}]", member)

    def _members(
        self, tree: FieldTree, schema: Schema | None, encodings: Mapping[str, Encoding], place: str
    ) -> dict[str, Json]:
        # Of several variants, the one is meant that knows the most of what is given.
        variants = sorted(_with_variants(schema), key=lambda one: -len(one.properties.keys() & tree.members.keys()))
        others = next((unnamed for variant in variants for unnamed in variant.unnamed), None)
        read = {}
        for name, member in tree.members.items():
            found = next((variant.properties[name] for variant in variants if name in variant.properties), others)
            read[name] = self._read(member, found, encodings.get(name, PLAIN), f"{place}[{name}]" if place else name)
        return read

    def _read(self, tree: FieldTree, schema: Schema | None, encoding: Encoding, place: str) -> Json:
        if bool(tree.texts) + bool(tree.members) + bool(tree.elements) > 1:
            raise ValueError(f"{place!r:.100} is given both as a whole and in parts")
        types = schema.types if schema else TYPES
        items = next((variant.items for variant in _with_variants(schema) if variant.items), None)
        if tree.members:
            if not _is_list(tree.members, types):
                return self._members(tree, schema, {}, place)
            elements = [tree.members[key] for key in sorted(tree.members, key=int)]
            return [self._read(element, items, PLAIN, place) for element in elements]
        if tree.elements:
            return [self._read(element, items, PLAIN, place) for element in tree.elements]
        if len(tree.texts) == 1 and not ("array" in types and "string" not in types):
            return self._single(tree.texts[0], schema, encoding, types)
        if len(tree.texts) == 1:
            whole = self._json_of(tree.texts[0], "[")
            if isinstance(whole, list):
                return whole
        return [_text_value(text, items) for text in self._separated(tree.texts, encoding)]

    def _single(self, text: Text, schema: Schema | None, encoding: Encoding, types: frozenset[str]) -> Json:
        if isinstance(text, KnownValue) or "object" not in types or "string" in types:
            return _text_value(text, schema)
        whole = self._json_of(text, "{")
        if isinstance(whole, dict):
            return whole
        parts = text.split(",")
        if encoding.style == "form" and encoding.explode is False and len(parts) % 2 == 0:
            tree = FieldTree()
            for name, part in zip(parts[::2], parts[1::2], strict=True):
                tree.put((name,), part)
            return self._members(tree, schema, {}, "")
        return _text_value(text, schema)

    def _json_of(self, text: Text, start: str) -> Json | None:
        """Return the value of a text that is JSON, and begins so; None for any other."""
        if isinstance(text, KnownValue):
            return text.value
        try:
            return self._json.read(text.encode()) if text.lstrip()[:1] == start else None
        except ValueError:
            return None

    def _separated(self, texts: list[Text], encoding: Encoding) -> list[Text]:
        only = texts[0]
        if len(texts) > 1 or isinstance(only, KnownValue) or encoding.explode is not False:
            return texts
        return list(only.split(DELIMITERS.get(encoding.style or "", ","))) if only else []


def _text_value(text: Text, schema: Schema | None) -> Json:
    return text.value if isinstance(text, KnownValue) else text_value(text, schema)


def _steps(name: str, known: set[str]) -> tuple[str, ...]:
    """Return the steps by which a name leads to a member: `card[number]` to the number of the card."""
    found = NAME.fullmatch(name) if name not in known else None
    if found is None:
        return (name,)
    steps = STEP.findall(found[2])
    if len(steps) > DEEPEST_NAME:
        raise ValueError(f"the name {name!r:.60} leads more than {DEEPEST_NAME} levels deep")
    return (found[1], *steps)


def _spread(schema: Schema | None, encodings: Mapping[str, Encoding]) -> Iterator[tuple[str, str]]:
    """Yield the names that stand for members of a property, as `style: form` has them, and that property."""
    for name, encoding in encodings.items():
        owner = schema.properties.get(name) if schema and encoding.style == "form" and encoding.explode is not False else None
        if owner and "object" in owner.types:
            yield from ((member, name) for member in owner.properties)


def _with_variants(schema: Schema | None) -> list[Schema]:
    return list(dict.fromkeys([schema, *variants_of(schema)])) if schema else []


def _is_list(members: Mapping[str, FieldTree], types: frozenset[str]) -> bool:
    """Say whether members with numbers for names are the elements of a list."""
    numbers = [from_text(name, "integer") for name in members]
    if "array" not in types or not all(isinstance(number, int) and number >= 0 for number in numbers):
        return False
    return "object" not in types or sorted(numbers) == list(range(len(numbers)))
