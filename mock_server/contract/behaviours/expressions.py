"""The expressions of a behaviour: OpenAPI's runtime expressions, `$name` for the result of an earlier step, and operators.

`$request.path.id`  `$request.query.page`  `$request.header.x-name`  `$request.body`  `$request.body#/a/0`
`$contact` (a result)  `$contact.id` (a field of it)  `$this.id` (a field of the record that is shown or looked at)
`$caller.id` (a field of the record of the credential that the caller shows)
`$item`  `$item#/a` (the element for which a step is done)
`$now` (the time of the request)  `$uuid`, `$generated` (texts that the server makes).
`/contacts/{$contact.id}` is a text with expressions inside, as OpenAPI embeds them. Anything else is a literal; `$$` begins one
that begins with `$`. A mapping whose only key begins with `$` is an operator; see `operators.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

from mock_server.contract.files.source import Json, pointer_tokens

GRAMMAR = "$request.path.NAME, $request.query.NAME, $request.header.NAME, $request.body, $request.body#/POINTER, "
GRAMMAR += "$NAME or $NAME.FIELD of an earlier step, $this.FIELD, $caller.FIELD, $item, $now, $uuid or $generated"

TimeForm: TypeAlias = OneOf["date-time", "date", "seconds", "milliseconds"]
"""How a time is written: as RFC 3339 has it, or as a number since 1970."""


Outcome: TypeAlias = OneOf["done", "refused"]
"""What a step may come to for one of several."""


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


@dataclass(frozen=True, slots=True)
class Uuid:
    """A fresh UUID (RFC 9562, version 4)."""


@dataclass(frozen=True, slots=True)
class Now:
    """The time of the request, or one that is so much later."""

    form: TimeForm = "date-time"
    later: Expression | None = None
    """A number of seconds."""


@dataclass(frozen=True, slots=True)
class FromThis:
    """A field of the record that is shown, or looked at."""

    field: str


@dataclass(frozen=True, slots=True)
class FromItem:
    """The part, which the tokens of a JSON Pointer lead to, of the element for which a step is done just now."""

    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FromCaller:
    """A field of the record of the credential that the caller shows; null where the caller shows none."""

    field: str


@dataclass(frozen=True, slots=True)
class TextOf:
    """A text made of parts; absent when one of them is absent or null."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """An object made of expressions; members that are absent are left out."""

    members: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list made of expressions; elements that are absent are left out."""

    elements: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """The texts of several values with a text between them; absent and null ones are left out."""

    values: tuple[Expression, ...]
    between: str


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of a text, as a list, without space around them and without empty ones; absent when the text is so, or null."""

    value: Expression
    between: str


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of several numbers; absent and null ones count as 0."""

    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class First:
    """The first of several values that is there and not null; null when none is."""

    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many records of a resource have some values."""

    resource: str
    where: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class Embedded:
    """What a field of the record that is shown refers to, in full; a list of ids as a list of records.

    `asked_by` is the query parameter that has to name it (`name`), if it is not always shown.
    """

    name: str
    field: str
    to: str
    is_list: bool
    asked_by: str | None


@dataclass(frozen=True, slots=True)
class Viewed:
    """A result as a view shows it: a record, or each record of a list."""

    view: str
    of: FromStep


@dataclass(frozen=True, slots=True)
class Concatenation:
    """Several lists, one after the other."""

    lists: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class WholeThis:
    """The record of a resource that is shown, in full."""

    resource: str = ""


@dataclass(frozen=True, slots=True)
class FromRefusal:
    """What is told of why something was refused for one of several: its `status`, its `kind` or its `detail`."""

    part: str


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What a step came to for each of several, in their order: `done` tells of a record, `refused` of a refusal."""

    of: FromStep
    done: Expression
    refused: Expression


@dataclass(frozen=True, slots=True)
class ByTime:
    """A text that goes by the time since the record was made that is shown: each from so many seconds on."""

    created: str
    steps: tuple[tuple[float, str], ...]


Operator: TypeAlias = (
    TextOf | ObjectOf | ListOf | Joined | Split | Sum | First | Count | Embedded | Viewed | Concatenation | Outcomes | ByTime
)
"""What is made of other expressions."""

Expression: TypeAlias = (
    Literal | FromParameter | FromBody | FromItem | FromStep | FromThis | WholeThis | FromCaller | FromRefusal
) | (Generated | Uuid | Now | Operator)


def parts_of(expression: Expression) -> Iterator[Expression]:
    """Yield the expressions that an expression is made of, not what these are made of."""
    match expression:
        case TextOf(several) | ListOf(several) | Joined(several) | Sum(several) | First(several) | Concatenation(several):
            yield from several
        case ObjectOf(named) | Count(_, named):
            yield from named.values()
        case Viewed(_, of) | Split(of, _):
            yield of
        case Outcomes(of, done, refused):
            yield from (of, done, refused)
        case Now(_, later) if later is not None:
            yield later


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield an expression and all that it is made of."""
    yield expression
    for part in parts_of(expression):
        yield from walk(part)


_PARAMETER = re.compile(r"\$request\.(path|query|header)\.(.+)", re.DOTALL)
_BODY = re.compile(r"\$request\.body(?:#((?:/.*)?))?", re.DOTALL)
_ITEM = re.compile(r"\$item#((?:/.*)?)", re.DOTALL)
_THIS = re.compile(r"\$this\.([\w-]+)")
_CALLER = re.compile(r"\$caller\.([\w-]+)")
_REFUSAL = re.compile(r"\$refusal\.(status|kind|detail)")
_EMBEDDED = re.compile(r"\{(\$[^{}]*)\}")
_STEP = re.compile(r"\$([A-Za-z_][\w-]*)(?:\.([\w-]+))?")


def parse_expression(value: Json) -> Expression:
    """Return the expression that a value is, or the text with expressions inside; raise `ValueError` when it should be one and
    is none."""
    if not isinstance(value, str):
        return Literal(value)
    if not value.startswith("$"):
        return _parse_text(value)
    if value.startswith("$$"):
        return Literal(value[1:])
    if value in FIXED:
        return FIXED[value]
    if found := _PARAMETER.fullmatch(value):
        return FromParameter(found[1], found[2].lower() if found[1] == "header" else found[2])
    if found := _BODY.fullmatch(value):
        return FromBody(tuple(pointer_tokens(found[1] or "")))
    if found := _ITEM.fullmatch(value):
        return FromItem(tuple(pointer_tokens(found[1])))
    if found := _THIS.fullmatch(value):
        return FromThis(found[1])
    if found := _CALLER.fullmatch(value):
        return FromCaller(found[1])
    if found := _REFUSAL.fullmatch(value):
        return FromRefusal(found[1])
    if (found := _STEP.fullmatch(value)) and found[1] not in ("request", "this", "caller", "refusal"):
        return FromStep(found[1], found[2])
    raise ValueError(value)


def with_item(expression: Expression) -> Expression:
    """Return an expression of a step that is done for each element of a list: `$item` is that, and not an earlier step."""
    if isinstance(expression, TextOf):
        return TextOf(tuple(map(with_item, expression.parts)))
    return FromItem(()) if expression == FromStep("item", None) else expression


def _parse_text(value: str) -> Literal | TextOf:
    """Return a text with what stands in braces and begins with `$` read as an expression; a literal where nothing does."""
    parts: list[Expression] = []
    for position, piece in enumerate(_EMBEDDED.split(value)):
        if position % 2:
            parts.append(parse_expression(piece))
        elif piece:
            parts.append(Literal(piece))
    return Literal(value) if all(isinstance(part, Literal) for part in parts) else TextOf(tuple(parts))


FIXED: Mapping[str, Expression] = {"$generated": Generated(), "$uuid": Uuid(), "$now": Now(), "$this": WholeThis()}
"""The expressions that are a word."""
