"""Orders of lists: by which fields, and in which direction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mock_server.contract.behaviours.conditions import FieldReader, field_at
from mock_server.contract.behaviours.surroundings import ExpressionReader
from mock_server.contract.decisions import Decision
from mock_server.contract.documents.document import Node
from mock_server.contract.files.flaws import piece
from mock_server.contract.files.source import Json
from mock_server.contract.model import Resource

DOWN = frozenset({"desc", "descending", "-1"})

_DIRECTION = "asc|desc|ascending|descending"
_WRITTEN = re.compile(rf"(?P<sign>[-+ ]?)(?P<field>[\w.-]+?)(?:[:. ](?P<direction>{_DIRECTION}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OrderBy:
    """A field by which a list is ordered."""

    field: str
    descending: bool = False

    def __str__(self) -> str:
        return f"-{self.field}" if self.descending else self.field


def read_order(text: str, named: Mapping[str, tuple[OrderBy, ...]], fields: Iterable[str]) -> tuple[OrderBy, ...] | None:
    """Return the order that a text asks for: the name of one, or fields such as `-created_at,name:asc`; None if it is none."""
    if text in named:
        return named[text]
    found, known = [], set(fields)
    for part in text.split(","):
        match = _WRITTEN.fullmatch(part.strip(" ") if not part.startswith("+") else part)
        if match is None or match["field"] not in known:
            return None
        found.append(OrderBy(match["field"], match["sign"] == "-" or (match["direction"] or "").lower() in DOWN))
    return tuple(found)


def turned(order: tuple[OrderBy, ...], direction: Json) -> tuple[OrderBy, ...]:
    """Return an order in the direction that a parameter of its own asks for."""
    if str(direction).lower() not in DOWN:
        return order
    return tuple(OrderBy(one.field, not one.descending) for one in order)


def read_usual_order(reader: ExpressionReader, resource: Resource, node: Node) -> Decision[tuple[OrderBy, ...]]:
    """Return the order that holds where a request asks for none, or one for each choice of an assumption."""

    def order(place: Node, raw: object) -> tuple[OrderBy, ...] | None:
        if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
            place.flaw(f"{piece(raw)} is no order", "a list of fields, such as [-created_at, name]; []: as they were made")
            return None
        return declared_order(reader, resource, place)

    return reader.around.decisions.read(node, order) or Decision(())


def declared_order(reader: FieldReader, resource: Resource, node: Node) -> tuple[OrderBy, ...]:
    """Return the order that a document declares, such as `[-created_at, name]`; flaws are noted in the document."""
    found = []
    for place in node.elements():
        name = str(place.value).removeprefix("-")
        if field_at(reader.resources, resource, tuple(name.split(".")), place) is not None:
            found.append(OrderBy(name, str(place.value).startswith("-")))
    return tuple(found)
