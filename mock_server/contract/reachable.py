"""What a schema consists of, and whether all of it can be read."""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.contract.document import Node, Place, subschemas


def is_sound(schema: Node) -> bool:
    """Say whether values can be held to `schema`: nothing that it consists of is broken."""
    return not schema.document.has_broken_parts or not any(part.is_broken for part in reachable(schema))


def reachable(schema: Node) -> Iterator[Node]:
    """Yield `schema` and every schema that it consists of or refers to, each once."""
    yield from _with_subschemas(schema, set())


def _with_subschemas(schema: Node, seen: set[Place]) -> Iterator[Node]:
    stack = [schema]
    while stack:
        node = stack.pop()
        if node.place not in seen:
            seen.add(node.place)
            yield node
            stack.extend(subschemas(node))
