"""Reading YAML into plain data, in one pass over the events of its parser.

YAML is read by the core schema of YAML 1.2, whose values are those of JSON: `no`, `on`, `12:30` and `2026-01-01` are text.
Each alias becomes a copy of what it names, so that no two parts of the data are one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml
from yaml.events import AliasEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, StreamEndEvent

from mock_server.contract.files.flaws import piece
from mock_server.contract.files.parsed import (
    DEEPEST_NESTING,
    LARGEST_EXPANSION,
    TOO_DEEP,
    DuplicateKey,
    Json,
    MalformedText,
    Parsed,
    finite,
)

Event: TypeAlias = Any  # an event of PyYAML, whose types are not told

# YAML 1.2.2, section 10.3.2. Anything else that is written plain is text.
CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
WHOLE_NUMBER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
NUMERIC = frozenset("-+.0123456789")

TAGS = "tag:yaml.org,2002:"
CORE_TAGS = frozenset({"null", "bool", "int", "float", "str", "seq", "map"})

LIMIT_OF_LIBYAML = "exceeded maximum nesting depth"
"""What newer versions of the parser written in C say where they give up; they read ahead of where we are."""


def read_yaml(text: str) -> Parsed:
    """Return the data in a YAML document; raise `MalformedText` at the first place that has no value in JSON."""
    with parsing(text) as next_event:
        reader = _YamlReader(next_event)
        return Parsed(reader.document(), tuple(reader.duplicates))


@contextmanager
def parsing(text: str) -> Iterator[Callable[[], Event]]:
    """Give what returns the next event of a YAML text each time; what the parser refuses raises `MalformedText`."""
    try:
        yield getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text).get_event
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = TOO_DEEP if error.problem == LIMIT_OF_LIBYAML else error.problem or "is not YAML"
        raise MalformedText(message, *(_place(mark) if mark else (1, 1)), error.note or "") from error
    except yaml.reader.ReaderError as error:
        raise MalformedText(f"is not YAML: {error.reason}", text[: error.position].count("\n") + 1, 1) from error


@dataclass(slots=True)
class _Anchor:
    """What an anchor names: a value, and the text of a scalar. Until a list or mapping ends it is open."""

    value: Json = None
    text: str | None = None
    is_open: bool = True


class _YamlReader:
    """Builds the data of one document from the events of the parser."""

    def __init__(self, next_event: Callable[[], Event]) -> None:
        self.duplicates: list[DuplicateKey] = []
        self._next = next_event
        self._path: list[str | int] = []
        """The keys and indexes that lead to the list or mapping that is being read."""

        self._anchors: dict[str, _Anchor] = {}
        self._copied = 0

    def document(self) -> Json:
        """Return the value of the only document; None where there is none."""
        self._next()  # the stream starts
        if type(self._next()) is StreamEndEvent:
            return None
        value = self._value(self._next())
        self._next()  # the document ends
        event = self._next()
        if type(event) is not StreamEndEvent:
            raise _refusal("expected a single document, but found another document", event)
        return value

    def _value(self, event: Event) -> Json:
        kind = type(event)
        if kind is ScalarEvent:
            return self._scalar(event)
        if kind is AliasEvent:
            return self._copy(self._anchored(event).value, len(self._path), event)
        if len(self._path) == DEEPEST_NESTING:
            raise _refusal(TOO_DEEP, event)
        if event.tag is not None and event.tag not in ("!", f"{TAGS}map" if kind is MappingStartEvent else f"{TAGS}seq"):
            raise _wrong_tag(event, "a mapping" if kind is MappingStartEvent else "a list")
        anchor = _Anchor()
        if event.anchor is not None:
            self._anchors[event.anchor] = anchor
        anchor.value = self._mapping() if kind is MappingStartEvent else self._sequence()
        anchor.is_open = False
        return anchor.value

    def _mapping(self) -> dict[str, Json]:
        next_event, path = self._next, self._path  # this is run for every line of a file
        mapping: dict[str, Json] = {}
        while type(event := next_event()) is not MappingEndEvent:
            key = self._key(event)
            if key in mapping:
                self.duplicates.append(DuplicateKey((*path, key), *_place(event.start_mark)))
            event = next_event()
            if type(event) is ScalarEvent:
                mapping[key] = self._scalar(event)
            else:
                path.append(key)
                mapping[key] = self._value(event)
                path.pop()
        return mapping

    def _sequence(self) -> list[Json]:
        next_event, path = self._next, self._path
        sequence: list[Json] = []
        while type(event := next_event()) is not SequenceEndEvent:
            path.append(len(sequence))
            sequence.append(self._value(event))
            path.pop()
        return sequence

    def _key(self, event: Event) -> str:
        """Return a key as it is written: the status 200 and the text "200" are one key, as in JSON."""
        if type(event) is ScalarEvent:
            if event.value == "<<" and not event.style:
                hint = "write the keys out, or name the whole mapping by an alias"
                raise _refusal("`<<` merges nothing in YAML 1.2", event, hint)
            if event.anchor is not None:
                self._scalar(event)  # for an alias of the key
            return sys.intern(event.value)  # the keys of a document are few, and each stands in it often
        text = self._anchored(event).text if type(event) is AliasEvent else None
        if text is None:
            raise _refusal("a key has to be text", event)
        return text

    def _scalar(self, event: Event) -> Json:
        text = event.value
        value: Json = text
        if event.implicit[0]:
            value = _plain(text, event)
        elif event.tag is not None:
            value = _tagged(text, event)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchor(value, text, is_open=False)
        return value

    def _anchored(self, alias: Event) -> _Anchor:
        anchor = self._anchors.get(alias.anchor)
        if anchor is None:
            raise _refusal("found undefined alias", alias)
        if anchor.is_open:
            raise _refusal("an alias stands inside the node it names", alias)
        return anchor

    def _copy(self, value: Json, level: int, alias: Event) -> Json:
        kind = type(value)
        self._copied += 1 + (len(value) if kind is dict else 0)
        if self._copied > LARGEST_EXPANSION:
            raise _refusal(f"aliases make this more than {LARGEST_EXPANSION:,} nodes large", alias)
        if kind is not dict and kind is not list:
            return value
        if level == DEEPEST_NESTING:
            raise _refusal(TOO_DEEP, alias)
        if kind is dict:
            return {key: self._copy(part, level + 1, alias) for key, part in value.items()}
        return [self._copy(part, level + 1, alias) for part in value]


def _plain(text: str, event: Event) -> Json:
    """Return the value of a scalar without quotes and tag."""
    if text[:1] in NUMERIC:
        if WHOLE_NUMBER.fullmatch(text):
            return _whole_number(text, event)
        if NUMBER.fullmatch(text):
            return _number(text, event)
    return CONSTANTS.get(text, text)


def _tagged(text: str, event: Event) -> Json:
    """Return the value of a scalar that says by a tag what it is."""
    tag = event.tag.removeprefix(TAGS)
    if tag in ("str", "!"):
        return text
    if tag == "int" and WHOLE_NUMBER.fullmatch(text):
        return _whole_number(text, event)
    if tag == "float" and NUMBER.fullmatch(text):
        return _number(text, event)
    if tag == "bool" and isinstance(CONSTANTS.get(text), bool):
        return CONSTANTS[text]
    if tag == "null" and CONSTANTS.get(text, text) is None:
        return None
    raise _wrong_tag(event, piece(text))


def _wrong_tag(event: Event, what: str) -> MalformedText:
    tag = event.tag.removeprefix(TAGS)
    if tag in CORE_TAGS:
        return _refusal(f"{what} is not a value of the tag !!{tag}", event)
    return _refusal(f"the tag {event.tag} has no value in JSON", event)


def _whole_number(text: str, event: Event) -> int:
    try:
        number = int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        str(number)
    except ValueError as error:  # Python refuses to read or write more than 4,300 digits
        raise _refusal("the number has too many digits", event) from error
    return number


def _number(text: str, event: Event) -> float:
    try:
        return finite(text)
    except ValueError as error:
        raise _refusal(str(error), event) from error


def _refusal(message: str, event: Event, hint: str = "") -> MalformedText:
    return MalformedText(message, *_place(event.start_mark), hint)


def _place(mark: Any) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1
