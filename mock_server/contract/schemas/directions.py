"""Which properties need not be there: what is `readOnly` in a request, what is `writeOnly` in a response."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mock_server.contract.documents.document import Document, Node, Place
from mock_server.contract.files.edits import Edit
from mock_server.contract.schemas.keywords import NOT_SENT, Direction, not_sent


def without_what_is_not_sent(document: Document, direction: Direction) -> Iterator[Edit]:
    """Yield what has to be changed in a document for no schema to require a property that is not sent in a direction.

    Whether it is, a property says itself, or by what it refers to. It may be declared in another part of an `allOf` than the
    one that requires it.
    """
    keyword = NOT_SENT[direction]
    if not any(isinstance(schema.value, dict) and schema.value.get(keyword) is True for schema in document.schemas()):
        return
    schemas = {schema.place: schema for schema in document.schemas()}
    for schema in schemas.values():
        required = schema.value.get("required") if isinstance(schema.value, dict) else None
        if not isinstance(required, list):
            continue
        unsent = not_sent(_whole(schema, schemas), direction)
        sent = [name for name in required if name not in unsent]
        if sent != required:
            yield Edit(*schema.place, lambda copy, sent=sent: {**copy, "required": sent})  # type: ignore[misc]


def _whole(schema: Node, schemas: Mapping[Place, Node]) -> Node:
    """Return the schema that has `schema` as a part of its `allOf`, or `schema` itself."""
    file, pointer = schema.place
    around, _, index = pointer.rpartition("/")
    while around.endswith("/allOf") and index.isdecimal() and (file, around.removesuffix("/allOf")) in schemas:
        schema = schemas[file, around.removesuffix("/allOf")]
        around, _, index = schema.pointer.rpartition("/")
    return schema
