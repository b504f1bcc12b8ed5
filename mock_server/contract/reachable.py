"""What a schema consists of, and which schemas of a document lead to which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mock_server.contract.vocabulary import SUBSCHEMA, SUBSCHEMA_LIST, SUBSCHEMA_MAP

if TYPE_CHECKING:
    from mock_server.contract.document import Node, Place


class SchemaGraph:
    """Which schemas of a document are reached from which, worked out once for all who ask."""

    def __init__(self, schemas: Iterable[Node]) -> None:
        self._before: dict[Place, list[Place]] = {}
        """By the place of a schema, those of the schemas directly around it and of those that refer to it."""

        for schema in schemas:
            for inner in subschemas(schema):
                self._before.setdefault(inner.place, []).append(schema.place)

    def leading_to(self, ends: Iterable[Place]) -> set[Place]:
        """Return the places of all schemas that consist of one at `ends`, or refer to it, at any depth; `ends` included."""
        found: set[Place] = set()
        stack = list(ends)
        while stack:
            place = stack.pop()
            if place not in found:
                found.add(place)
                stack.extend(self._before.get(place, ()))
        return found


def reachable(schema: Node) -> Iterator[Node]:
    """Yield `schema` and every schema that it consists of or refers to, each once."""
    stack, seen = [schema], set()
    while stack:
        node = stack.pop()
        if node.place not in seen:
            seen.add(node.place)
            yield node
            stack.extend(subschemas(node))


def outermost(schemas: Iterable[Node], *, with_conditional: bool = True) -> Iterator[Node]:
    """Yield those of the `schemas` of a document that stand in no other; one beneath an `x-when` does so `with_conditional`."""
    schemas = list(schemas)
    places = {schema.place for schema in schemas}
    for schema in schemas:
        file, pointer = schema.place
        around, _, last = pointer.rpartition("/")
        further, _, keyword = around.rpartition("/")
        furthest, _, word = further.rpartition("/")
        is_inner = last in SUBSCHEMA and (file, around) in places
        is_inner |= (keyword in SUBSCHEMA_LIST or keyword in SUBSCHEMA_MAP) and (file, further) in places
        is_conditional = word == "x-when" and (file, furthest) in places
        if not is_inner and (with_conditional or not is_conditional):
            yield schema


def subschemas(schema: Node) -> Iterator[Node]:
    """Yield the schemas directly inside `schema`, a referred one included."""
    if isinstance(schema.value, dict) and isinstance(schema.value.get("$ref"), str):
        target = schema.document.target(schema)
        if target is not None:
            yield target
    for keyword in schema.value if isinstance(schema.value, dict) else ():
        if keyword in SUBSCHEMA:
            yield schema[keyword]
        elif keyword in SUBSCHEMA_LIST:
            yield from schema[keyword].elements()
        elif keyword in SUBSCHEMA_MAP:
            yield from (named for _, named in schema[keyword].items())
        elif keyword == "x-when":
            yield from (keywords for _, choices in schema[keyword].items() for _, keywords in choices.items())
