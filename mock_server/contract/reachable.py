"""What a schema consists of, and which schemas of a document stand in no other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mock_server.contract.document import Node, subschemas
from mock_server.contract.vocabulary import SUBSCHEMA, SUBSCHEMA_LIST, SUBSCHEMA_MAP


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
