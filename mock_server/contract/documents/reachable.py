"""What a schema consists of, and which schemas of a document stand in no other."""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.contract.documents.document import Document, Node, subschemas
from mock_server.contract.documents.vocabulary import SUBSCHEMA, SUBSCHEMA_LIST, SUBSCHEMA_MAP


def reachable(schema: Node) -> Iterator[Node]:
    """Yield `schema` and every schema that it consists of or refers to, each once."""
    stack, seen = [schema], set()
    while stack:
        node = stack.pop()
        if node.place not in seen:
            seen.add(node.place)
            yield node
            stack.extend(subschemas(node))


def outermost(document: Document) -> list[Node]:
    """Return the schemas of `document` that stand in no other as a part of it; what an `x-when` adds does not."""
    places = {schema.place for schema in document.schemas()}
    found = []
    for schema in document.schemas():
        file, pointer = schema.place
        around, _, last = pointer.rpartition("/")
        further, _, keyword = around.rpartition("/")
        is_part = last in SUBSCHEMA and (file, around) in places
        is_part |= (keyword in SUBSCHEMA_LIST or keyword in SUBSCHEMA_MAP) and (file, further) in places
        if not is_part:
            found.append(schema)
    return found
