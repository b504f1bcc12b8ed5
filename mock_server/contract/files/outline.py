"""Finding the place of any part of a YAML or JSON text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from yaml.events import AliasEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, StreamEndEvent

from mock_server.contract.files.yaml_text import Event, parsing

Parts: TypeAlias = "dict[str, _Spot] | list[_Spot] | None"
_Spot: TypeAlias = tuple[int, int, Any]  # line and column, from 1, and the parts


class Outline:
    """Where the parts of a text stand; raises `MalformedText` when it is made of what is no YAML."""

    def __init__(self, text: str) -> None:
        with parsing(text) as next_event:
            self._root = _Outliner(next_event).root()

    def place(self, tokens: Iterable[str]) -> tuple[int, int]:
        """Return line and column, from 1, of the part that `tokens` lead to, or of the nearest part around it.

        The place of a member is that of its key, the last one where a key stands again.
        """
        line, column, parts = self._root
        for token in tokens:
            if isinstance(parts, dict) and token in parts:
                line, column, parts = parts[token]
            elif isinstance(parts, list) and token.isdecimal() and int(token) < len(parts):
                line, column, parts = parts[int(token)]
            else:
                break
        return line, column


class _Outliner:
    """Keeps the place of each node, and of what an alias stands for, from the events of the parser."""

    def __init__(self, next_event: Callable[[], Event]) -> None:
        self._next = next_event
        self._anchors: dict[str | None, Parts] = {}
        self._keys: dict[str | None, str] = {}
        """The texts of keys that an alias may stand for."""

    def root(self) -> _Spot:
        self._next()  # the stream starts
        if type(self._next()) is StreamEndEvent:
            return 1, 1, None
        event = self._next()
        return (*_place(event), self._parts(event))

    def _parts(self, event: Event) -> Parts:
        kind = type(event)
        if kind is AliasEvent:
            return self._anchors.get(event.anchor)
        parts: Parts = None
        if kind is not ScalarEvent:
            parts = self._members() if kind is MappingStartEvent else self._items()
        if event.anchor is not None:
            self._anchors[event.anchor] = parts
            self._keys[event.anchor] = getattr(event, "value", "")
        return parts

    def _members(self) -> dict[str, _Spot]:
        next_event = self._next
        members = {}
        while type(event := next_event()) is not MappingEndEvent:
            key = self._keys.get(event.anchor, "") if type(event) is AliasEvent else event.value
            if event.anchor is not None:
                self._keys[event.anchor] = key
            line, column = _place(event)
            members[key] = (line, column, self._parts(next_event()))
        return members

    def _items(self) -> list[_Spot]:
        next_event = self._next
        items = []
        while type(event := next_event()) is not SequenceEndEvent:
            items.append((*_place(event), self._parts(event)))
        return items


def _place(event: Event) -> tuple[int, int]:
    mark = event.start_mark
    return mark.line + 1, mark.column + 1
