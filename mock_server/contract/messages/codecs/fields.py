"""The fields of a form and the value that they make: the schema says what the texts are, `encoding` how they are written.

What is not encoded otherwise is read as clients write it: repeated fields, names that lead into members, a member as JSON.
It is written as OpenAPI has it (3.1.1, sections 4.8.14.4 and 4.8.15).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias
from urllib.parse import parse_qsl, urlencode

from mock_server.contract.files.json_values import read_json
from mock_server.contract.files.source import Json
from mock_server.contract.messages.field_trees import FieldTree
from mock_server.contract.messages.media import Encoding, Media
from mock_server.contract.messages.parameter_styles import EXPLODED, ParameterStyle, location_of, style_of
from mock_server.contract.messages.request_head import RequestHead
from mock_server.contract.messages.text_types import NotInStyle, TextType, text_of

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
PLAIN = Encoding()
DEEP = "deepObject"


class KnownValue(NamedTuple):
    """A value of a field that is no text to be looked at: a file, or JSON."""

    value: Json


Text: TypeAlias = str | KnownValue
"""What a field holds."""


def value_of_fields(fields: Iterable[tuple[str, Text]], query: str, media: Media | None) -> dict[str, Json]:
    """Return the object that fields make, which are also given as a query, without files; raise `ValueError` where they
    contradict each other."""
    type = TextType(media.schema if media else None)
    values: dict[str, Json] = {}
    trees: dict[str, FieldTree[Text]] = {}
    place = ""
    try:
        head = RequestHead({}, query, {})
        taken: set[str] = set()
        for place, style in _styles(media, type):
            if found := style.find(head):
                values[place] = style.read(found)
                taken.update(name for name, _ in found)
        for name, text in fields:
            place, steps = _steps(name, type)
            if name not in taken:
                trees.setdefault(place, FieldTree()).put(steps, text)
        meant = type.with_members(trees)
        for place, tree in trees.items():
            values[place] = tree.value(meant.member(place), _read)
    except NotInStyle as error:
        raise ValueError(f"{place!r:.60} {error}") from None
    return values


def query_of(value: Json, media: Media | None) -> str:
    """Return the fields of an object as a query."""
    styles = dict(_styles(media, TextType(media.schema if media else None), with_deep=True))
    parts = []
    for name, member in value.items() if isinstance(value, dict) else ():
        if name in styles:
            parts.append(styles[name].write(member))
        else:
            elements = member if isinstance(member, list) else [member]
            parts.append(urlencode([(name, text_of(element)) for element in elements], errors="replace"))
    return "&".join(filter(None, parts))


def styled_fields(name: str, value: Json, media: Media | None) -> list[tuple[str, str]] | None:
    """Return the fields of one property in the style that its encoding has; None where it has none."""
    encoding = media.encoding.get(name, PLAIN) if media else PLAIN
    return parse_qsl(query_of({name: value}, media), keep_blank_values=True) if encoding.style else None


def _styles(media: Media | None, type: TextType, *, with_deep: bool = False) -> Iterator[tuple[str, ParameterStyle]]:
    """Yield the properties whose encoding has a style: it is that of a parameter of a query. What lies deep is read anyway."""
    for name, encoding in media.encoding.items() if media else ():
        style, explode = encoding.style, encoding.explode
        if style and (with_deep or style != DEEP):
            explode = style in EXPLODED if explode is None else explode
            yield name, style_of(location_of("query", name), type.member(name), style, explode=explode, others=type.names)


def _steps(name: str, type: TextType) -> tuple[str, list[str]]:
    """Return the property that a name leads to, and by which steps: `card[number]` to the number of the card."""
    found = NAME.fullmatch(name) if name not in type.names else None
    return (found[1], found[2][1:-1].split("][")) if found else (name, [])


def _read(texts: list[Text], type: TextType) -> Json:
    """Return the value of the fields of one name; of several where there is one value, a list, which its schema refuses."""
    if len(texts) == 1 and isinstance(texts[0], str):
        if type.is_array and not type.is_scalar and texts[0].lstrip()[:1] == "[":
            try:
                return read_json(texts[0].encode())
            except ValueError:
                pass
        return type.read([texts[0]])
    each = type.items if type.is_array else type
    values = [text.value if isinstance(text, KnownValue) else each.read([text]) for text in texts]
    is_list = len(texts) > 1 or (type.is_array and not type.is_scalar and not isinstance(values[0], list))
    return values if is_list else values[0]
