"""Operators: mappings whose only key begins with `$`, which make a value of others.

`{$now: seconds}`  `{$later: 1h}`  `{$join: {values: […], with: ", "}}`  `{$split: …}`  `{$sum: […]}`  `{$first: […]}`
`{$count: {of: RESOURCE, where: {…}}}`  and, in an answer,  `{$view: {as: VIEW, of: $name}}`  `{$all: [$one, $other]}`
`{$outcomes: {of: $name, done: …, refused: …}}`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, get_args

from mock_server.contract.behaviours.durations import FORM, parse_duration
from mock_server.contract.behaviours.expressions import (
    Concatenation,
    Count,
    Expression,
    First,
    FromStep,
    Joined,
    ListOf,
    Literal,
    Now,
    ObjectOf,
    Outcome,
    Outcomes,
    Split,
    Sum,
    TimeForm,
    Viewed,
    walk,
)
from mock_server.contract.documents.document import Node
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.model import Resource, View

TIME_FORMS = get_args(TimeForm)


class PartReader(Protocol):
    """Whoever reads the expressions that an operator is made of."""

    @property
    def resources(self) -> Mapping[str, Resource]:
        """The resources that may be counted."""

    @property
    def views(self) -> Mapping[str, View]:
        """The views by which something may be shown; none but in an answer."""

    def told_outcome(self, of: FromStep, told: Outcome, node: Node) -> Expression | None:
        """Return what `node` says of what a step came to for one of several; None, with a flaw noted, where it is wrong."""

    def expression(self, node: Node, raw: object) -> Expression | None:
        """Return the expression that `raw` is; None, with a flaw noted at `node`, when it leads nowhere."""


Read = Callable[[PartReader, Node], Expression | None]


def is_operator(value: object) -> bool:
    """Say whether a value is meant as an operator."""
    return isinstance(value, dict) and len(value) == 1 and str(next(iter(value))).startswith("$")


def read_composed(reader: PartReader, node: Node) -> Expression | None:
    """Return what a mapping or a list comes to: an operator, an object or a list of expressions, or a literal."""
    if is_operator(node.value):
        name = next(iter(node.value))
        if name not in OPERATORS:
            node.flaw(f"{piece(name)} is not an operator", did_you_mean(name, OPERATORS), name)
            return None
        return OPERATORS[name](reader, node[name])
    if isinstance(node.value, dict):
        named = {name: reader.expression(place, place.value) for name, place in node.items()}
        members = {name: part for name, part in named.items() if part is not None}
        if len(members) < len(named):
            return None
        return _plain(node, ObjectOf(members))
    elements = _several(reader, node)
    return None if elements is None else _plain(node, ListOf(elements))


def _plain(node: Node, composed: ObjectOf | ListOf) -> Expression:
    """Return a literal where nothing in an object or a list is to be worked out."""
    parts = [part for part in walk(composed) if not isinstance(part, (ObjectOf, ListOf))]
    escaped = any(isinstance(part, Literal) and isinstance(part.value, str) and part.value.startswith("$") for part in parts)
    return Literal(node.value) if not escaped and all(isinstance(part, Literal) for part in parts) else composed


def _several(reader: PartReader, node: Node) -> tuple[Expression, ...] | None:
    if not isinstance(node.value, list):
        node.flaw(f"has to be a list of values, not {piece(node.value)}")
        return None
    read = [reader.expression(place, place.value) for place in node.elements()]
    parts = tuple(part for part in read if part is not None)
    return parts if len(parts) == len(read) else None


def _mapping(node: Node, needed: tuple[str, ...], allowed: tuple[str, ...]) -> bool:
    """Say whether a mapping holds what it needs and nothing else; else note a flaw."""
    if not isinstance(node.value, dict):
        node.flaw(f"has to be a mapping, not {piece(node.value)}", f"it holds {', '.join(allowed)}")
        return False
    unknown = [key for key in node.value if key not in allowed]
    for key in unknown:
        node.flaw(f"{piece(key)} is not known here", did_you_mean(str(key), allowed), key)
    missing = [key for key in needed if key not in node.value]
    for key in missing:
        node.flaw(f"{piece(key)} is missing")
    return not unknown and not missing


def _now(reader: PartReader, node: Node) -> Expression | None:
    if node.value in TIME_FORMS:
        return Now(node.value)
    node.flaw(f"{piece(node.value)} is not a form of time", did_you_mean(str(node.value), TIME_FORMS))
    return None


def _later(reader: PartReader, node: Node) -> Expression | None:
    if isinstance(node.value, str) and node.value.startswith("$"):
        seconds = reader.expression(node, node.value)
        return None if seconds is None else Now("date-time", seconds)
    try:
        return Now("date-time", Literal(parse_duration(node.value)))
    except ValueError:
        node.flaw(f"{piece(node.value)} is not a span of time", FORM)
        return None


def _join(reader: PartReader, node: Node) -> Expression | None:
    if not _mapping(node, ("values",), ("values", "with")):
        return None
    between = node.value.get("with", " ")
    if not isinstance(between, str):
        node["with"].flaw(f"has to be a text, not {piece(between)}")
        return None
    values = _several(reader, node["values"])
    return None if values is None else Joined(values, between)


def _split(reader: PartReader, node: Node) -> Expression | None:
    """Return the parts of a text: of `$split: $request.query.labels`, or of `{value: …, with: …}`."""
    value, between, place = node.value, ",", node
    if isinstance(value, dict) and not is_operator(value):
        if not _mapping(node, ("value",), ("value", "with")):
            return None
        value, between, place = value["value"], value.get("with", between), node["value"]
    if not isinstance(between, str) or not between:
        node["with"].flaw(f"has to be a text, not {piece(between)}")
        return None
    expression = reader.expression(place, value)
    return None if expression is None else Split(expression, between)


def _sum(reader: PartReader, node: Node) -> Expression | None:
    values = _several(reader, node)
    return None if values is None else Sum(values)


def _first(reader: PartReader, node: Node) -> Expression | None:
    values = _several(reader, node)
    return None if values is None else First(values)


def _count(reader: PartReader, node: Node) -> Expression | None:
    if not _mapping(node, ("of",), ("of", "where")):
        return None
    resource = reader.resources.get(node.value["of"]) if isinstance(node.value["of"], str) else None
    if resource is None:
        message = f"{piece(node.value['of'])} is not a resource"
        node["of"].flaw(message, did_you_mean(str(node.value["of"]), reader.resources))
        return None
    where = {}
    for name, place in node["where"].items() if "where" in node.value else ():
        if name not in resource.fields:
            place.flaw(f"{resource.name} has no field {piece(name)}", did_you_mean(name, resource.fields))
            return None
        value = reader.expression(place, place.value)
        if value is None:
            return None
        where[name] = value
    return Count(resource.name, where)


def _view(reader: PartReader, node: Node) -> Expression | None:
    if not _mapping(node, ("as", "of"), ("as", "of")):
        return None
    name, of = node.value["as"], reader.expression(node["of"], node.value["of"])
    if name not in reader.views:
        hint = did_you_mean(str(name), reader.views) if reader.views else "views are shown in the answer of a behaviour"
        node["as"].flaw(f"{piece(name)} is not a view", hint)
        return None
    if of is None:
        return None
    if not isinstance(of, FromStep) or of.field is not None:
        node["of"].flaw("a view shows the result of an earlier step", "$NAME")
        return None
    return Viewed(name, of)


def _all(reader: PartReader, node: Node) -> Expression | None:
    lists = _several(reader, node)
    return None if lists is None else Concatenation(lists)


def _outcomes(reader: PartReader, node: Node) -> Expression | None:
    members = ("of", "done", "refused")
    if not _mapping(node, members, members):
        return None
    of = reader.expression(node["of"], node.value["of"])
    if of is None:
        return None
    if not isinstance(of, FromStep) or of.field is not None:
        node["of"].flaw("the result of an earlier step is told here", "$NAME")
        return None
    done, refused = (reader.told_outcome(of, told, node[told]) for told in get_args(Outcome))
    return None if done is None or refused is None else Outcomes(of, done, refused)


OPERATORS: Mapping[str, Read] = {
    "$now": _now,
    "$later": _later,
    "$join": _join,
    "$split": _split,
    "$sum": _sum,
    "$first": _first,
    "$count": _count,
    "$view": _view,
    "$all": _all,
    "$outcomes": _outcomes,
}
"""The operators by their word; another one is a function that reads it, and a case in `engine/operators.py`."""
