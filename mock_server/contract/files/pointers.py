"""JSON Pointers (RFC 6901) that lead into plain data, and the addresses that are made of them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from mock_server.contract.files.source import Json, pointer_tokens


def enclosing_pointers(pointer: str) -> Iterator[str]:
    """Yield `pointer` and those to all that is around what it leads to."""
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]
    yield ""


def remove_at(value: Json, tokens: list[str], *, is_schema: bool = False) -> None:
    """Remove the part of `value` that `tokens` lead to, where there is one; where it `is_schema`, to which something may refer,
    put one there that lets everything through."""
    for token in tokens[:-1]:
        if isinstance(value, list):
            value = value[int(token)] if token.isdecimal() and int(token) < len(value) else None
        else:
            value = value.get(token) if isinstance(value, dict) else None
    last = tokens[-1] if tokens else ""
    if isinstance(value, dict):
        if is_schema and last in value:
            value[last] = {}
        else:
            value.pop(last, None)
    elif isinstance(value, list) and last.isdecimal() and int(last) < len(value):
        if is_schema:
            value[int(last)] = {}
        else:
            del value[int(last)]


def pointer_fragment(pointer: str) -> str:
    """Return a pointer as the fragment of a URI has it (RFC 6901 section 6)."""
    return quote(pointer, safe="/~!$&'()*+,;=:@-._")


def file_uri(name: str) -> str:
    """Return the address of the file `name` within the document's registry of schemas."""
    return f"contract:///{quote(name)}"


def in_order(place: tuple[str, str]) -> tuple[str, list[tuple[int, str]]]:
    """Return a key that sorts files and pointers, the elements of a list in their order."""
    return place[0], [(int(token) if token.isdecimal() else -1, token) for token in pointer_tokens(place[1])]
