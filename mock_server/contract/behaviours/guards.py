"""Reading what a step asks of the record that it finds (`require`), and what follows where the record is otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mock_server.contract.behaviours.conditions import Condition, read_condition
from mock_server.contract.behaviours.entity_tags import IF_MATCH, read_if_match, takes_if_match
from mock_server.contract.behaviours.expressions import Literal
from mock_server.contract.behaviours.steps import StepReader, outcomes
from mock_server.contract.decisions import Decision
from mock_server.contract.documents.document import Node
from mock_server.contract.files.flaws import piece
from mock_server.contract.files.source import Json
from mock_server.contract.model import Field, Value

GUARD: Mapping[str, Json] = {
    "require": {"type": "object", "additionalProperties": {}, "minProperties": 1},
    "when-not": outcomes("conflict", "invalid", "forbidden", "not-found"),
    "if-match": IF_MATCH,
}
"""What every step that finds one record may hold beside what is its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Requirement:
    """What a record has to be like for a step to go on: each field has one of its values. `when_not` says what follows else.

    `if_match` says whether the request has to, or may, name its entity tag.
    """

    conditions: Mapping[str, tuple[Value, ...]]
    when_not: Decision[str]
    if_match: Decision[str]
    compared: tuple[Condition, ...] = ()
    """What is asked of fields beside one of several values, and of fields of what they refer to."""

    @property
    def is_asking(self) -> bool:
        """Whether anything is asked of the record."""
        return bool(self.conditions or self.compared)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it looks at."""
        return tuple(dict.fromkeys([*self.conditions, *(one.path[0] for one in self.compared if len(one.path) == 1)]))

    def __str__(self) -> str:
        asked = (f"{field} is {' or '.join(map(_told, values))}" for field, values in self.conditions.items())
        told = ", ".join([*asked, *map(str, self.compared)])
        parts = [f"if {told}, else {self.when_not}"] if told else []
        return "; ".join([*parts, *([f"If-Match {self.if_match}"] if takes_if_match(self) else [])])


def read_requirement(reader: StepReader) -> Requirement | None:
    """Return what the step that `reader` reads asks of its record; None where that is nothing."""
    node, if_match = reader.node, read_if_match(reader)
    if "when-not" in node.value and "require" not in node.value:
        node.flaw("nothing is required here that may not hold", "require: {FIELD: VALUE}", "when-not")
    resource, compared = reader.resource, list[Condition]()
    conditions: dict[str, tuple[Value, ...]] = {}
    for name, place in node["require"].items() if "require" in node.value else ():
        if name not in resource.fields or (isinstance(place.value, dict) and "assumption" not in place.value):
            compared += read_condition(reader, resource, name, place)
        elif place.value == []:
            place.flaw("a record never has one of no values", "[VALUE, …], or one VALUE")
        else:
            conditions[name] = tuple(_values(reader, resource.fields[name], place))
    guard = Requirement(conditions, reader.outcome("when-not"), if_match, tuple(compared))
    return guard if guard.is_asking or takes_if_match(guard) else None


def requirement_told(guard: Requirement | None) -> str:
    """Tell a guard behind what its step does; nothing where there is none."""
    return f"; {guard}" if guard else ""


def _values(reader: StepReader, field: Field, place: Node) -> list[Value]:
    found = []
    for one in place.elements() if isinstance(place.value, list) else (place,):
        value = reader.value(one)
        if value is not None:
            reader.check_fits(field, value, one)
            found.append(value)
    return found


def _told(value: Value) -> str:
    expression = value.possible()[0]
    return piece(expression.value) if isinstance(expression, Literal) else "what is asked for"
