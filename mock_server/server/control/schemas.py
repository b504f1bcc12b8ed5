"""The pieces that the JSON Schemas of the control API are made of."""

from __future__ import annotations

from mock_server.contract.files.source import Json

OBJECT: Json = {"type": "object"}
INTEGER: Json = {"type": "integer"}
TEXT: Json = {"type": "string"}
BOOLEAN: Json = {"type": "boolean"}
NULLABLE_TEXT: Json = {"type": ["string", "null"]}
TEXTS_BY_NAME: Json = {"type": "object", "additionalProperties": TEXT}
BODY: Json = {"type": "object", "properties": {"size": INTEGER, "json": {}, "text": TEXT}, "required": ["size"]}


def object_of(**members: Json) -> Json:
    """Return the schema of an object that has exactly these members."""
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


def listed(members: Json) -> Json:
    """Return the schema of a list."""
    return {"type": "array", "items": members}
