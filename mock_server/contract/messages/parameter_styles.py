"""Parameter styles: how the values of parameters are written in requests, and read from them (OpenAPI 3.1.1, section 4.8.12).

`style_of` chooses one by location, `style`, `explode` and schema. All that a style knows of a request is its `RequestHead`.
Both ways are as RFC 6570 has them: what separates is written as it is, and what is separated is percent-encoded. Reading is
lenient where that takes no value for another one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from mock_server.contract.files.source import Json
from mock_server.contract.messages.field_trees import FieldTree
from mock_server.contract.messages.percent import RESERVED, decoded, encoded, form_decoded
from mock_server.contract.messages.request_head import Fields, RequestHead
from mock_server.contract.messages.text_types import NotInStyle, TextType, members_of, repeated, text_of

BRACKETS = re.compile(r"(?:\[[^\[\]]*\])+")


class ParameterStyle(Protocol):
    """How the values of one parameter are written."""

    def find(self, head: RequestHead) -> Fields:
        """Return what a request sends for the parameter, nothing where it is not given; raise `ValueError` as its head does."""

    def read(self, found: Fields, *, leniently: bool = False) -> Json:
        """Return the value of what was found; raise `NotInStyle` where it is not written so, `ValueError` where it is no UTF-8.

        Where the value does not fit its schema, what clients mean by it may be found `leniently`: a separator that is encoded
        separates, and a text is what else its schema lets through.
        """

    def write(self, value: Json) -> str:
        """Return how a value is sent: the fields of a query or of cookies, else the text of the parameter alone."""


DECODING: Mapping[str, Callable[[str], str]] = {"query": form_decoded, "header": str.strip}


class Location:
    """Where parameters are sent: how one is found there, and which characters have to be encoded."""

    def __init__(self, name: str, parameter: str, keep: str = "") -> None:
        self.name = name
        self.parameter = parameter
        self._keep = keep
        self.decode = DECODING.get(name, decoded)

    def find(self, head: RequestHead) -> Fields:
        """Return what is sent by the name of the parameter."""
        name = self.parameter
        if self.name == "query":
            return [(name, text) for text in head.query_by_name.get(name, ())]
        if self.name == "cookie":
            return [(given, text) for given, text in head.cookies() if given == name]
        text = head.path.get(name) if self.name == "path" else head.header(name)
        return [] if text is None else [(name, text)]

    def encode(self, text: str) -> str:
        """Return a text as it is sent."""
        return text if self.name == "header" else encoded(text, self._keep)

    def field(self, text: str, name: str | None = None) -> str:
        """Return an encoded text with the name that it is sent by, where there is a name."""
        return f"{self.encode(name or self.parameter)}={text}" if self.name in ("query", "cookie") else text

    def joined(self, fields: Iterable[str]) -> str:
        """Return several fields as they are sent."""
        return ("; " if self.name == "cookie" else "&").join(fields)


@dataclass(frozen=True, slots=True, eq=False)
class AsText:
    """The value is the text, as in any style that sets nothing before it."""

    location: Location
    type: TextType

    def find(self, head: RequestHead) -> Fields:
        """Return what is sent by the name of the parameter."""
        return self.location.find(head)

    def read(self, found: Fields, *, leniently: bool = False) -> Json:
        """Return the value of a text."""
        if len(set(found)) > 1:
            raise repeated(found)
        return self.type.read_one(self.location.decode(found[0][1]), leniently=leniently)

    def write(self, value: Json) -> str:
        """Return the text of a value."""
        return self.location.field(self.location.encode(text_of(value)))


@dataclass(frozen=True, slots=True, eq=False)
class InOneText:
    """Elements and members stand one behind the other in one text, as in `simple`, `label`, `matrix`, or `form` not exploded.

    The text begins with `start`, and each element with `each`. `equals` stands between the name and the value of a member;
    where that is empty, names and values alternate. What separates may have to be encoded: a space.
    """

    location: Location
    type: TextType
    separator: str = ","
    equals: str = ""
    start: str = ""
    each: str = ""
    other_separator: str = ""
    """What separates where `separator` does not stand: earlier versions of OpenAPI wrote a `label` otherwise."""

    def find(self, head: RequestHead) -> Fields:
        """Return what is sent by the name of the parameter."""
        return self.location.find(head)

    def read(self, found: Fields, *, leniently: bool = False) -> Json:
        """Return the value of a text."""
        if len(set(found)) > 1:
            raise repeated(found)
        text = self._without(self.start.removesuffix("="), found[0][1])
        if self.start.endswith("=") and text:
            text = self._without("=", text)
        if self.type.is_scalar and not (leniently and self.type.is_array):
            return self.type.read_one(self.location.decode(self._element(text)), leniently=leniently)
        parts, decode = self._parts(text, leniently)
        if self.type.is_array:
            texts = [decode(self._element(part)) for part in parts]
            return [self.type.items.read([one], leniently=leniently) for one in texts]
        if self.equals:
            pairs = [(name, sign, part) for name, sign, part in (part.partition(self.equals) for part in parts)]
            if not all(sign for _, sign, _ in pairs):
                raise NotInStyle(f"has to be written as {self.start}NAME=VALUE{self.separator}NAME=VALUE")
            members = [(decode(name), decode(part)) for name, _, part in pairs]
        elif len(parts) % 2:
            raise NotInStyle("has to be written as " + self.start + self.separator.join(["NAME", "VALUE", "NAME", "VALUE"]))
        else:
            members = list(zip(map(decode, parts[::2]), map(decode, parts[1::2]), strict=True))
        return {name: self.type.member(name).read(texts, leniently=leniently) for name, texts in members_of(members).items()}

    def write(self, value: Json) -> str:
        """Return the text of a value."""
        encode, separator = self.location.encode, encoded(self.separator, keep=",.;")
        if isinstance(value, dict):
            written = [f"{encode(name)}{self.equals or separator}{encode(text_of(member))}" for name, member in value.items()]
        else:
            written = [self.each + encode(text_of(element)) for element in _elements(value)]
        return self.location.field(self.start + separator.join(written))

    def _element(self, text: str) -> str:
        return "" if text and f"{text}=" == self.each else self._without(self.each, text)

    def _without(self, beginning: str, text: str) -> str:
        if not text.startswith(beginning):
            raise NotInStyle(f"has to begin with {self.start + self.each}")
        return text[len(beginning) :]

    def _parts(self, text: str, leniently: bool) -> tuple[list[str], Callable[[str], str]]:
        """Return the parts of a text, and how they are decoded; an empty text has none."""
        decode = self.location.decode
        if not text:
            return [], decode
        if self.separator in " |":
            return decode(text).split(self.separator), str
        if self.separator in text or not (self.other_separator or leniently):
            return text.split(self.separator), decode
        if self.other_separator and self.other_separator in text:
            return text.split(self.other_separator), decode
        return (decode(text).split(self.separator), str) if leniently else ([text], decode)


@dataclass(frozen=True, slots=True, eq=False)
class InFields:
    """Each element, or each member, is a field of its own: `form` exploded. A member is sent by its name alone."""

    location: Location
    type: TextType
    others: Collection[str] = ()
    """Names of fields that are no members, whatever the schema lets through: those of other parameters."""

    def find(self, head: RequestHead) -> Fields:
        """Return the fields by the name of the parameter, or those of its members."""
        in_cookies = self.location.name == "cookie"
        fields = head.cookies(";&") if in_cookies else head.query
        if self.type.is_scalar or self.type.is_array:
            return [field for field in fields if field[0] == self.location.parameter]
        return [field for field in fields if self._is_member(field[0])]

    def read(self, found: Fields, *, leniently: bool = False) -> Json:
        """Return the value of fields."""
        decode = self.location.decode
        if self.type.is_scalar or self.type.is_array:
            return self.type.read([decode(text) for _, text in found], leniently=leniently)
        members = members_of((name, decode(text)) for name, text in found)
        return {name: self.type.member(name).read(texts, leniently=leniently) for name, texts in members.items()}

    def write(self, value: Json) -> str:
        """Return the fields of a value; an empty list or object has none."""
        field, encode = self.location.field, self.location.encode
        if isinstance(value, dict):
            members = [(name, element) for name, member in value.items() for element in _elements(member)]
            return self.location.joined(field(encode(text_of(member)), name) for name, member in members)
        return self.location.joined(field(encode(text_of(element))) for element in _elements(value))

    def _is_member(self, name: str) -> bool:
        return name in self.type.names or (self.type.takes_any_name and name not in self.others)


@dataclass(frozen=True, slots=True, eq=False)
class DeepObject:
    """Each member is a field whose name has that of the member in brackets: `filter[status]=open`.

    `filter[a][b]=1` leads to a member of a member, and `filter[a][]=1`, `filter[a][0]=1` and a repeated `filter[a]=1` to an
    element of a list.
    """

    location: Location
    type: TextType

    def find(self, head: RequestHead) -> Fields:
        """Return the fields whose names begin with that of the parameter."""
        name = self.location.parameter
        return [
            field
            for field in head.query
            if field[0].startswith(name) and (field[0] == name or BRACKETS.fullmatch(field[0], len(name)))
        ]

    def read(self, found: Fields, *, leniently: bool = False) -> Json:
        """Return the value of fields."""
        tree: FieldTree[str] = FieldTree()
        for name, text in found:
            brackets = name.removeprefix(self.location.parameter)
            tree.put(brackets[1:-1].split("][") if brackets else [], self.location.decode(text))
        return tree.value(self.type, lambda texts, type: type.read(texts, leniently=leniently))

    def write(self, value: Json) -> str:
        """Return the fields of a value; an empty list or object has none."""
        fields: list[str] = []
        self._write(self.location.encode(self.location.parameter), value, fields)
        return self.location.joined(fields)

    def _write(self, name: str, value: Json, fields: list[str]) -> None:
        if isinstance(value, dict):
            for key, member in value.items():
                self._write(name + encoded(f"[{key}]"), member, fields)
        elif isinstance(value, list):
            for index, element in enumerate(value):
                self._write(name + encoded(f"[{index}]"), element, fields)
        else:
            fields.append(f"{name}={self.location.encode(text_of(value))}")


STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
}
"""The styles of each location, the usual one first; `cookie` is of OpenAPI 3.2."""

EXPLODED = frozenset({"form", "cookie"})
"""The styles that are exploded unless a parameter says otherwise."""


def _elements(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def location_of(location: str, name: str, *, allows_reserved: bool = False) -> Location:
    """Return where a parameter is sent."""
    return Location(location, name, RESERVED if allows_reserved and location == "query" else "")


def style_of(location: Location, type: TextType, style: str, *, explode: bool, others: Collection[str] = ()) -> ParameterStyle:
    """Return the style of a parameter by the name that it has in `STYLES`."""
    if type.is_scalar and not type.is_array and style not in ("label", "matrix", "deepObject"):
        return AsText(location, type)
    if style == "simple":
        return InOneText(location, type, equals="=" if explode else "")
    if style == "label":
        if explode:
            return InOneText(location, type, ".", "=", start=".")
        return InOneText(location, type, start=".", other_separator=".")
    if style == "matrix":
        name = location.encode(location.parameter)
        is_object = type.is_object and not (type.is_scalar or type.is_array)
        if explode:
            return InOneText(location, type, ";", "=", start=";", each="" if is_object else f"{name}=")
        return InOneText(location, type, start=f";{name}=")
    if style == "deepObject":
        return DeepObject(location, type)
    if explode:
        return InFields(location, type, others)
    return InOneText(location, type, {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style, ","))
