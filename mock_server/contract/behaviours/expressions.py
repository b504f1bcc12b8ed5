"""The expressions of a behaviour: OpenAPI's runtime expressions, and `$name` for the result of an earlier step.

`$request.path.id`  `$request.query.page`  `$request.header.x-name`  `$request.body`  `$request.body#/a/0`
`$contact` (a result)  `$contact.id` (a field of it)  `$generated` (a text that the server makes).
Anything that does not begin with `$` is a literal; `$$` begins a literal that does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from mock_server.contract.files.source import Json, pointer_tokens

GRAMMAR = "$request.path.NAME, $request.query.NAME, $request.header.NAME, $request.body, $request.body#/POINTER, "
GRAMMAR += "$NAME or $NAME.FIELD of an earlier step, or $generated"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the document."""

    value: Json


@dataclass(frozen=True, slots=True)
class FromParameter:
    """The value of a request parameter; absent when the request does not send it."""

    location: str
    name: str


@dataclass(frozen=True, slots=True)
class FromBody:
    """The part of the request body that the tokens of a JSON Pointer lead to; absent when there is none."""

    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FromStep:
    """The result of an earlier step, or one field of it."""

    name: str
    field: str | None


@dataclass(frozen=True, slots=True)
class Generated:
    """A fresh text that the server makes."""


Expression: TypeAlias = Literal | FromParameter | FromBody | FromStep | Generated

_PARAMETER = re.compile(r"\$request\.(path|query|header)\.(.+)", re.DOTALL)
_BODY = re.compile(r"\$request\.body(?:#((?:/.*)?))?", re.DOTALL)
_STEP = re.compile(r"\$([A-Za-z_][\w-]*)(?:\.([\w-]+))?")


def parse_expression(value: Json) -> Expression:
    """Return the expression that `value` is; raise `ValueError` when it begins with `$` and is none."""
    if not isinstance(value, str) or not value.startswith("$"):
        return Literal(value)
    if value.startswith("$$"):
        return Literal(value[1:])
    if value == "$generated":
        return Generated()
    if found := _PARAMETER.fullmatch(value):
        return FromParameter(found[1], found[2].lower() if found[1] == "header" else found[2])
    if found := _BODY.fullmatch(value):
        return FromBody(tuple(pointer_tokens(found[1] or "")))
    if (found := _STEP.fullmatch(value)) and found[1] != "request":
        return FromStep(found[1], found[2])
    raise ValueError(value)
