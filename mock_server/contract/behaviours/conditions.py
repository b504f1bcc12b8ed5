"""Reading conditions: what a record has to have in a field, or in a field of what it refers to.

    status: open                            the field has this value
    status: {in: $request.query.status}     … one of these values
    due: {at-least: 2026-01-01, less: $request.query.due_before}
    author.name: {contains: $request.query.author}

A condition whose value the request does not send asks for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from mock_server.contract.behaviours.expressions import ByTime
from mock_server.contract.documents.document import Node
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.model import Field, Resource, Value

EQUALS = "equals"
OPERATORS: Mapping[str, str] = {
    EQUALS: "has the value",
    "not": "has another value",
    "in": "has one of several values",
    "contains": "has the text in it, whatever its case, or the value among its elements; of several values, all of them",
    "prefix": "begins with the text, whatever its case",
    "less": "is less than, or earlier",
    "at-most": "is not more than, or not later",
    "more": "is more than, or later",
    "at-least": "is not less than, or not earlier",
    "is-null": "is null, or (false) is not",
}
"""How a field may be compared, and what each word means."""

TEXTUAL = frozenset({"contains", "prefix"})
ORDERED = frozenset({"less", "at-most", "more", "at-least"})


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """What a record has to have. `path` leads through fields that refer to other resources; most have one name."""

    path: tuple[str, ...]
    operator: str
    value: Value

    def __str__(self) -> str:
        name = ".".join(self.path)
        return name if self.operator == EQUALS else f"{name} ({self.operator})"


class FieldReader(Protocol):
    """Whoever knows which resources fields may refer to."""

    @property
    def resources(self) -> Mapping[str, Resource]:
        """The resources that fields may refer to."""


class ConditionReader(FieldReader, Protocol):
    """Whoever reads the values of conditions."""

    def value(self, node: Node) -> Value | None:
        """Return the value that `node` declares; None, with flaws noted, when it is wrong."""

    def check_fits(self, target: Field, value: Value, place: Node) -> None:
        """Note a flaw where a condition never holds, because the field never has such a value."""


def read_conditions(reader: ConditionReader, resource: Resource, node: Node | None) -> tuple[Condition, ...]:
    """Return the conditions on records of `resource` that stand at `node`; flaws are noted in the document."""
    items = node.items() if node else ()
    return tuple(one for name, place in items for one in read_condition(reader, resource, name, place))


def read_condition(reader: ConditionReader, resource: Resource, name: str, place: Node) -> list[Condition]:
    """Return what is asked of one field, which may be compared in several ways; flaws are noted in the document."""
    found: list[Condition] = []
    path = tuple(name.split(".")) if name not in resource.fields else (name,)
    field = field_at(reader.resources, resource, path, place)
    for operator, part in _compared(place) if field else ():
        value = reader.value(part)
        if field is not None and value is not None and _can_be_compared(field, operator, part):
            if operator == EQUALS:
                reader.check_fits(field, value, part)
            found.append(Condition(path, operator, value))
    return found


def read_search(reader: ConditionReader, resource: Resource, node: Node) -> tuple[Condition, ...]:
    """Return the conditions of which a record has to fit one: `{any: [name, text], contains: …}`."""
    found = []
    for operator in OPERATORS:
        value = reader.value(node[operator]) if operator in node.value else None
        for place in node["any"].elements() if value is not None else ():
            path = tuple(str(place.value).split("."))
            field = field_at(reader.resources, resource, path, place)
            if value is not None and field is not None and _can_be_compared(field, operator, place):
                found.append(Condition(path, operator, value))
    if not any(operator in node.value for operator in OPERATORS):
        node.flaw("nothing is asked of the fields", did_you_mean("contains", OPERATORS))
    return tuple(found)


def field_at(resources: Mapping[str, Resource], resource: Resource, path: tuple[str, ...], place: Node) -> Field | None:
    """Return the field that a path leads to; None, with a flaw noted at `place`, where it leads nowhere."""
    for position, name in enumerate(path):
        field = resource.fields.get(name)
        if field is None:
            place.flaw(f"{resource.name} has no field {piece(name)}", did_you_mean(name, resource.fields))
            return None
        if isinstance(resource.computed.get(name), ByTime):
            place.flaw(f"{piece(name)} goes by the time and is not stored", "nothing can be looked up by it")
            return None
        if position == len(path) - 1:
            return field
        other = resource.refers_to(name)
        if other is None or other not in resources:
            place.flaw(f"the field {piece(name)} of {resource.name} does not refer to another resource")
            return None
        resource = resources[other]
    return None


def _compared(place: Node) -> list[tuple[str, Node]]:
    """Return the operators that a condition names, with their values; a plain value has to be equal."""
    if isinstance(place.value, dict) and place.value and set(place.value) <= set(OPERATORS):
        return list(place.items())
    return [(EQUALS, place)]


def _can_be_compared(field: Field, operator: str, place: Node) -> bool:
    types = field.schema.types
    if operator in TEXTUAL and not types & {"string", "array"}:
        place.flaw(f"the field {piece(field.name)} holds no text, and {operator!r} compares texts")
        return False
    if operator in ORDERED and not types & {"string", "number"}:
        place.flaw(f"the field {piece(field.name)} holds neither numbers nor texts, and {operator!r} needs an order")
        return False
    return True
