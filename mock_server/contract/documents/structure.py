"""Holding a document to the OpenAPI Initiative's own JSON Schema of OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from mock_server.contract.files.flaws import did_you_mean, is_misspelt, piece, shortened
from mock_server.contract.files.source import Json, pointer_to

TEXTS_FOR_PEOPLE = frozenset({"info", "title", "version", "description", "paths"})
"""Members that OpenAPI asks for, and that no answer depends on."""


@dataclass(frozen=True, slots=True)
class StructuralFlaw:
    """Something that is not as OpenAPI has it: where, what, and what would be right. `key` is one that is not known."""

    pointer: str
    message: str
    hint: str = ""
    key: str = ""
    missing: str = ""
    """The member that is asked for and not there, where that is all that is wrong."""

    @property
    def is_missing_text(self) -> bool:
        """Whether all that is wrong is that a text for people is missing."""
        return self.missing in TEXTS_FOR_PEOPLE

    @property
    def is_unknown_key(self) -> bool:
        """Whether all that is wrong is a key that OpenAPI does not know."""
        return bool(self.key)


def structural_flaws(part: str, pointer: str, value: Json) -> Iterator[StructuralFlaw]:
    """Yield what is wrong with `value`, which stands at `pointer`; `part` leads to its kind within OpenAPI's own schema."""
    for error in _structure(part).iter_errors(value):
        place = pointer + pointer_to(*error.instance_path)
        kind: Any = error.kind
        if kind.name == "unevaluatedProperties":
            for name in kind.unexpected:
                hint = _hint_for_key(name, place)
                yield StructuralFlaw(place + pointer_to(name), f"{piece(name)} is not known here", hint, name)
        elif kind.name == "required":
            given = error.instance.keys() if isinstance(error.instance, dict) else ()
            if is_misspelt(kind.property, given, _known_keys()):
                continue  # it is told there
            yield StructuralFlaw(place, f"{piece(kind.property)} is missing", missing=kind.property)
        else:
            yield StructuralFlaw(place, shortened(error.message), _hint_for_value(error))


def _hint_for_key(key: str, place: str) -> str:
    if place == "/paths":
        return "a path begins with /"
    if key in _known_keys():
        return "it belongs elsewhere"
    return did_you_mean(key, _known_keys(), or_all=False) or "own keys begin with x-"


def _hint_for_value(error: jsonschema_rs.ValidationError) -> str:
    kind: Any = error.kind
    if kind.name == "enum":
        return did_you_mean(str(error.instance), kind.options)
    is_scalar = isinstance(error.instance, (bool, int, float))
    return "put it in quotes" if is_scalar and kind.name == "type" and "string" in kind.types else ""


@cache
def _structure(part: str) -> jsonschema_rs.Validator:
    """Return the check of a whole document, or of one part of it."""
    return jsonschema_rs.validator_for({"$ref": _openapi_schema()["$id"] + part}, registry=_openapi_registry(), offline=True)


@cache
def _known_keys() -> frozenset[str]:
    return frozenset(key for definition in _openapi_schema()["$defs"].values() for key in definition.get("properties", ()))


@cache
def _openapi_registry() -> jsonschema_rs.Registry:
    schema = _openapi_schema()
    return jsonschema_rs.Registry([(schema["$id"], schema)])


@cache
def _openapi_schema() -> Json:
    return orjson.loads(Path(__file__).with_name("openapi-3.1.json").read_bytes())
