"""What is shown beside what is stored, got wrong: computed fields, views, and headers of an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from contract_tests.mutants.families.alterations import answered, headers_with, replied
from contract_tests.mutants.hooks import Mutant, MutantContext
from contract_tests.oracle.shapes import ListShape, ListsShape, ObjectShape, RecordShape, Shape, answer_shape
from contract_tests.transport.wire import WireResponse
from mock_server.contract.behaviours.expressions import ByTime, Count, Expression, FromThis, Literal, walk
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Operation

FAMILY = "shown"

Alter = Callable[[Json], Json]


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    for operation in contract.operations:
        if operation.behaviour is None:
            continue
        shape = answer_shape(operation, contract)
        for name, expression in _worked_out(shape).items():
            makes = any(step.makes for step in operation.behaviour.steps)
            for word, about, alter in _alterations(expression, may_count=not makes):
                change = _changing(shape, name, alter)
                yield _named(operation, f"{word}.{name}", f"{about} as {name}", answered(operation, change))
        for name, value in operation.behaviour.answer.headers.items():
            yield _named(operation, f"header-lacking.{name}", f"sends no {name}", replied(operation, _with_header(name, "")))
            if not isinstance(value, Literal):
                wrong = replied(operation, _with_header(name, "/another/0" if "ocation" in name else "-1"))
                yield _named(operation, f"header-wrong.{name}", f"sends a {name} that leads elsewhere", wrong)


def _named(operation: Operation, name: str, about: str, hook: Any) -> Mutant:
    return Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, f"{operation.id} {about}.", exchange=hook)


def _worked_out(shape: Shape) -> Mapping[str, Expression]:
    """Return what an answer shows of records that is worked out, or stands under another name, by its name."""
    if isinstance(shape, RecordShape):
        if shape.view is None:
            return shape.resource.computed
        return {name: one for name, one in shape.view.members.items() if one != FromThis(name)}
    parts: tuple[Shape, ...] = ()
    if isinstance(shape, ListShape):
        parts = (shape.item,)
    elif isinstance(shape, ListsShape):
        parts = shape.lists
    elif isinstance(shape, ObjectShape):
        parts = tuple(shape.members.values())
    return {name: one for part in parts for name, one in _worked_out(part).items()}


def _alterations(expression: Expression, *, may_count: bool) -> Iterator[tuple[str, str, Alter]]:
    if isinstance(expression, ByTime):
        first, last = expression.steps[0][1], expression.steps[-1][1]
        if first != last:
            yield "at-once", f"shows {last} at once", lambda value: last
            if may_count:  # what is new has not come further
                yield "never", f"never shows more than {first}", lambda value: first
    elif any(isinstance(part, Count) for part in walk(expression)):
        yield "counts-more", "counts one too many", lambda value: value + 1 if isinstance(value, int) else value
        if may_count:  # nothing belongs yet to what is new
            yield "never-counts", "shows 0", lambda value: 0 if isinstance(value, int) else value
    elif isinstance(expression, Literal):
        yield "fixed-wrong", "shows something else than what is fixed", lambda value: f"{value}s"
    else:
        yield "made-wrong", "shows something near", _near


def _near(value: Json) -> Json:
    if isinstance(value, str):
        return f"{value}-x"
    if isinstance(value, dict):
        return {name: _near(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_near(element) for element in value]
    return value + 1 if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _changing(shape: Shape, name: str, alter: Alter) -> Callable[[MutantContext, Any], Json]:
    """Return what alters a member of the records in a body."""

    def changed(place: Shape, body: Any) -> Any:
        if isinstance(place, RecordShape) and isinstance(body, dict):
            return {key: alter(value) if key == name else value for key, value in body.items()}
        if isinstance(place, ObjectShape) and isinstance(body, dict):
            return {key: changed(place.members[key], value) if key in place.members else value for key, value in body.items()}
        if isinstance(place, ListShape) and isinstance(body, list):
            return [changed(place.item, item) for item in body]
        if isinstance(place, ListsShape) and isinstance(body, list):
            return [changed(_item(place), item) for item in body]
        return body

    return lambda context, body: changed(shape, body)


def _item(shape: ListsShape) -> Shape:
    return next((one.item for one in shape.lists if isinstance(one, ListShape)), shape)


def _with_header(name: str, value: str) -> Callable[[MutantContext, WireResponse], WireResponse]:
    return lambda context, reply: replace(reply, headers=headers_with(reply, name.lower(), value))
