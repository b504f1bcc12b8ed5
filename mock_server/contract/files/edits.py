"""Changing parts of plain data in a copy, which shares with the original what is not changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeAlias

from mock_server.contract.files.source import Json, pointer_tokens

Change: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
"""Returns what is to stand in the place of a mapping."""


class Edit(NamedTuple):
    """A change of the mapping at a place in a file."""

    file: str
    pointer: str
    change: Change


def edited(value: Json, edits: Iterable[Edit]) -> Json:
    """Return a copy of `value` with all `edits` made, those inside a part before those of the part itself."""
    tree: dict[str | None, Any] = {}
    for edit in edits:
        branch = tree
        for token in pointer_tokens(edit.pointer):
            branch = branch.setdefault(token, {})
        branch.setdefault(None, []).append(edit.change)
    return _edited(value, tree) if tree else value


def _edited(value: Json, tree: dict[str | None, Any]) -> Json:
    if isinstance(value, list):
        copied = list(value)
        for token, branch in tree.items():
            if token is not None and token.isdecimal() and int(token) < len(value):
                copied[int(token)] = _edited(value[int(token)], branch)
        return copied
    if not isinstance(value, dict):
        return value
    copy = {key: _edited(part, tree[key]) if key in tree else part for key, part in value.items()}
    for change in tree.get(None, ()):
        copy = change(copy)
    return copy
