"""What an author writes for the mock: shape and spelling are checked here, what the names lead to by their readers.

The shapes are JSON Schemas (`declarations.json`), as that of the rest of a document is: the validator is there anyway, and a
mock has to start fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from mock_server.contract.documents.document import Node
from mock_server.contract.files.flaws import Flaws, did_you_mean, is_misspelt, piece
from mock_server.contract.files.source import Json, Source, pointer_to

SHAPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "number": "a number",
    "integer": "a whole number",
}
BOUNDS = {
    "minLength": "needs at least",
    "minItems": "needs at least",
    "minProperties": "needs at least",
    "maxProperties": "takes at most",
    "minimum": "has to be at least",
    "exclusiveMinimum": "has to be more than",
    "maximum": "has to be at most",
}


class DeclarationKind:
    """A kind of mapping that an author writes: its name, and the JSON Schema of what it may hold."""

    def __init__(self, name: str, schema: Mapping[str, Json]) -> None:
        self.name = name
        self.schema = schema

    @property
    def members(self) -> Mapping[str, Mapping[str, Json]]:
        """The JSON Schemas of what it may hold, by key; `x-outcomes` are those of a decision."""
        members: Mapping[str, Mapping[str, Json]] = self.schema["properties"]
        return members

    @cached_property
    def shapes(self) -> Mapping[str, Json]:
        """The JSON Schema of this and of every other kind, which refer to each other as `#/$defs/KIND`."""
        return {**shapes(), self.name: self.schema}

    @cached_property
    def validator(self) -> jsonschema_rs.Validator:
        """Holds values to the schema."""
        return jsonschema_rs.validator_for({"$ref": f"#/$defs/{self.name}", "$defs": self.shapes}, offline=True)


@dataclass(frozen=True, slots=True)
class Declaration:
    """A mapping that has the shape of its kind; what it leaves out has its default."""

    kind: DeclarationKind
    value: Mapping[str, Json]

    def __getitem__(self, key: str) -> Json:
        return self.value[key] if key in self.value else self.kind.members[key].get("default")


def declared(kind: str | DeclarationKind, node: Node) -> Declaration | None:
    """Return `node` read as a declaration of a kind; None, with every flaw noted, when it is wrong."""
    return read_declaration(kind, node.value, node.source, node.pointer, node.document.flaws)


def read_declaration(
    kind: str | DeclarationKind, value: Json, source: Source, pointer: str, flaws: Flaws
) -> Declaration | None:
    """Return `value`, which stands at `pointer` of `source`, as `declared` does."""
    kind = kind_of(kind) if isinstance(kind, str) else kind
    is_right = True
    for error in kind.validator.iter_errors(value):
        is_right = False
        place = pointer + pointer_to(*error.instance_path)
        for key, message, hint in _told(error, kind.shapes):
            flaws.add(source, place + pointer_to(*key), message, hint)
    return Declaration(kind, value) if is_right else None


def members(kind: str) -> Mapping[str, Mapping[str, Json]]:
    """Return the JSON Schemas of what a declaration of a kind may hold, by key; `x-outcomes` are those of a decision."""
    return kind_of(kind).members


@cache
def kind_of(name: str) -> DeclarationKind:
    """Return the kind of declaration with a name; those of steps belong to their verbs."""
    return DeclarationKind(name, shapes()[name])


@cache
def shapes() -> Mapping[str, Json]:
    """Return the JSON Schema of each kind of declaration but steps; they refer to each other as `#/$defs/KIND`."""
    found: Mapping[str, Json] = orjson.loads(Path(__file__).with_name("declarations.json").read_bytes())["$defs"]
    return found


def _told(error: jsonschema_rs.ValidationError, shapes: Mapping[str, Json]) -> list[tuple[tuple[str, ...], str, str]]:
    """Tell an error: the key that it is about, if it is about one, the message, and what would be right."""
    kind: Any = error.kind
    if kind.name == "additionalProperties":
        known = _at(shapes, error.schema_path[:-1])["properties"]
        return [((name,), f"{piece(name)} is not known here", did_you_mean(name, known)) for name in kind.unexpected]
    if kind.name == "required":
        given: Any = error.instance
        if is_misspelt(kind.property, given, _at(shapes, error.schema_path[:-1])["properties"]):
            return []  # it is told there
        return [((kind.property,), f"{piece(kind.property)} is missing", "")]
    given = piece(error.instance)
    if kind.name == "type":
        wanted = next(name for name in kind.types if name != "null")
        is_scalar = isinstance(error.instance, (bool, int, float))
        hint = "put it in quotes" if is_scalar and wanted == "string" else ""
        return [((), f"has to be {SHAPES[wanted]}, not {given}", hint)]
    if kind.name in BOUNDS:
        return [((), f"{BOUNDS[kind.name]} {kind.limit}, not {given}", "")]
    if kind.name == "enum":
        return [((), f"{given} is not known here", did_you_mean(str(error.instance), kind.options))]
    return [((), f"has to be like {kind.pattern}, not {given}", "")]


def _at(shapes: Mapping[str, Json], schema_path: list[str | int]) -> Json:
    """Return the part of the shapes that a path leads to."""
    part: Json = {"$defs": shapes}
    for token in schema_path:
        part = part[token]
    return part
