"""Compiled schemas: what values are held to.

The validator compiles all that a schema leads to into each validator, each part of it once. Where schemas refer to each other,
that is nearly the whole document for every one of them. So the schemas of a document that refer to others are compiled
together, as the properties of one object: {"properties": {URI: {"$ref": URI}, …}}. A value is then held to one of them as
{URI: value}, which takes no longer. A schema that refers to none is compiled by itself when it is asked for first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import jsonschema_rs

from mock_server.contract.documents.document import Node
from mock_server.contract.documents.selection import Selection
from mock_server.contract.files.source import Json
from mock_server.contract.schemas.keywords import Direction


class Interpretation(NamedTuple):
    """How the schemas of a document are read: with the keywords of the selected choices or with these alone, and for values
    sent in which direction."""

    selection: Selection = frozenset()
    alone: bool = False
    direction: Direction | None = None


@dataclass(frozen=True, slots=True)
class Compiled:
    """Holds values to one schema. The places in its errors begin with `depth` tokens that are none of the value's."""

    is_valid: Callable[[Json], bool]
    errors: Callable[[Json], Iterator[Any]]
    depth: int


LONGEST_PATTERN = 5000
"""How long a regular expression may be: to compile one takes longer than its length grows."""


class CompiledSchemas:
    """The schemas of a document, compiled as they are read in one way. `together` yields those that are compiled at once."""

    def __init__(self, registry: jsonschema_rs.Registry, together: Callable[[], Iterable[Node]]) -> None:
        self._registry = registry
        self._together = together
        self._done: set[str] = set()
        self._failed: dict[str, ValueError] = {}
        self._validator: jsonschema_rs.Validator | None = None

    def of(self, schema: Node) -> Compiled:
        """Return what holds values to `schema`; raise `ValueError` where it cannot be compiled."""
        target = schema.resolved()
        uri = target.uri
        if not _refers_within(target):
            own = self._compile({"$ref": uri})
            return Compiled(own.is_valid, own.iter_errors, 0)
        if uri not in self._done:
            self._compile_with(uri)
        if uri in self._failed:
            raise self._failed[uri]
        return Compiled(
            lambda value: self._validator.is_valid({uri: value}),  # type: ignore[union-attr]
            lambda value: self._validator.iter_errors({uri: value}),  # type: ignore[union-attr]
            1,
        )

    def _compile_with(self, uri: str) -> None:
        self._done.update(schema.resolved().uri for schema in self._together())
        self._done.add(uri)
        try:
            self._validator = self._compile(_object_of(self._done))
        except ValueError:  # one that cannot be compiled is no reason to hold values to none
            self._failed = {uri: error for uri in self._done if (error := self._failure(uri))}
            self._validator = self._compile(_object_of(self._done - self._failed.keys()))

    def _failure(self, uri: str) -> ValueError | None:
        try:
            self._compile({"$ref": uri})
        except ValueError as error:
            return error
        return None

    def _compile(self, schema: Json) -> jsonschema_rs.Validator:
        return jsonschema_rs.validator_for(
            schema,
            registry=self._registry,
            validate_formats=True,
            offline=True,
            mask="this value",  # a body may hold megabytes, and what nobody wants to read in a log
        )


def is_pattern(pattern: str) -> bool:
    """Say whether texts can be held to a regular expression; a few cannot that are written as they have to be."""
    if len(pattern) > LONGEST_PATTERN:
        return False
    try:
        jsonschema_rs.validator_for({"pattern": pattern, "patternProperties": {pattern: True}}, offline=True)
    except ValueError:
        return False
    return True


def _refers_within(schema: Node) -> bool:
    """Say whether `schema` has a reference somewhere inside."""
    stack = [schema.value]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            if "$ref" in value or "discriminator" in value:
                return True
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return False


def _object_of(uris: Iterable[str]) -> Json:
    return {"properties": {uri: {"$ref": uri} for uri in uris}}
