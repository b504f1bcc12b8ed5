"""Which requests give a field of a record which value: the moves that scenarios about states are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import Template
from mock_server.contract.behaviours.expressions import FromBody, Literal
from mock_server.contract.files.source import Json
from mock_server.contract.model import Resource, Write
from mock_server.engine.values import same_value


@dataclass(frozen=True, slots=True)
class Move:
    """A request that gives a field a value: the operation, and what its body says for that."""

    signature: Signature
    value: Json
    values: Mapping[str, Template]


def moves(subject: Subject, resource: Resource, field: str, near: tuple[Json, ...] = ()) -> Iterator[Move]:
    """Yield the requests that give `field` of a stored record a value; where it is free, two values that it may have, and those
    of `near` that it takes."""
    for signature in subject.updating:
        for step in signature.operation.steps:
            if step.resource.name == resource.name and not step.makes:
                yield from _moves_of(signature, step.written, field, near)


def starts(subject: Subject, resource: Resource, field: str) -> Iterator[Move]:
    """Yield the requests that make a record with a value of `field`."""
    for signature in subject.makers_of(resource.name):
        for step in signature.operation.steps:
            if step.resource.name == resource.name and step.makes:
                given = list(_moves_of(signature, step.written, field))
                if not any(isinstance(write.value.fixed, Literal) for write in step.written if write.field == field):
                    yield Move(signature, resource.fields[field].default, {})
                yield from given


def route(begins: list[Move], ways: list[Move], legal: Mapping[str, tuple[str, ...]], wanted: Json) -> list[Move] | None:
    """Return the requests after which a new record is in a state, by legal ways only; None where there are none."""
    routes = [[begin] for begin in begins]
    seen = {begin.value for begin in begins}
    while routes:
        so_far = routes.pop(0)
        if same_value(so_far[-1].value, wanted):
            return so_far
        for way in ways:
            if way.value not in seen and isinstance(so_far[-1].value, str) and way.value in legal.get(so_far[-1].value, ()):
                seen.add(way.value)
                routes.append([*so_far, way])
    return None


def _moves_of(signature: Signature, writes: tuple[Write, ...], field: str, near: tuple[Json, ...] = ()) -> Iterator[Move]:
    for write in writes:
        expression = write.value.possible()[0]
        if write.field != field:
            continue
        if isinstance(expression, Literal):
            yield Move(signature, expression.value, {})
        elif isinstance(expression, FromBody) and len(expression.tokens) == 1:
            slot = next((one for one in signature.of("body") if one.name == expression.tokens[0]), None)
            if slot is not None:
                free = [slot.value(1), slot.value(2), *filter(slot.accepts, near)]
                for value in slot.choices or [one for place, one in enumerate(free) if one not in free[:place]]:
                    yield Move(signature, value, {slot.name: value})
