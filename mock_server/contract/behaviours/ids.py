"""The form of ids that the server makes."""

from __future__ import annotations

from mock_server.contract.schemas.schema import Schema

ID_LENGTH = 20


def id_length(schema: Schema, prefix: str) -> int:
    """Return how many characters an id of a schema has after its prefix: as many as usual, unless it asks for more or less."""
    least, most = int(schema.min_length) - len(prefix), schema.max_length
    length = max(ID_LENGTH, least)
    return length if most is None else max(1, min(length, int(most) - len(prefix)))
