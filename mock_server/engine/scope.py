"""What is known when a behaviour is compiled, before there is a request: resources, indexes, and the steps so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mock_server.contract.behaviours.expressions import (
    Expression,
    FromBody,
    FromCaller,
    FromItem,
    FromParameter,
    FromRefusal,
    FromStep,
    FromThis,
    Generated,
    ListOf,
    Literal,
    ObjectOf,
    Outcomes,
    WholeThis,
)
from mock_server.contract.decisions import Decision
from mock_server.contract.files.source import Json, pointer_to
from mock_server.contract.model import Resource, Step, Value, View
from mock_server.engine.choices import settler
from mock_server.engine.execution import Execution
from mock_server.engine.operators import Evaluate, compile_operator
from mock_server.engine.outcomes import outcomes_told, refusal_told
from mock_server.engine.store import Fields, Index, Layout, Record
from mock_server.engine.values import ABSENT, Absent, part

Perform: TypeAlias = Callable[[Execution], Any]
"""A compiled step: it does what the step says and returns its result, a record, a list of records or None."""


ITEM = "item"
"""Where a value is that comes from the element for which a step is done: it is told as that part of the body."""


@dataclass(slots=True)
class Scope:
    """What the steps of one operation can refer to while they are compiled."""

    resources: Mapping[str, Resource]
    views: Mapping[str, View]
    layout: Layout
    view: Callable[[Resource, Scope], Callable[[Execution, Record], dict[str, Any]]]
    """Compiles what shows a record in full."""

    problem_statuses: Mapping[str, Decision[int]]
    """The statuses that the document has for kinds of problems."""

    steps: dict[str, Step] = field(default_factory=dict)
    """The steps that come before, by name."""

    def index(self, resource: Resource, fields: Fields) -> Index:
        """Return the index that finds records of `resource` by `fields`."""
        return self.layout[resource.name][fields]

    def value(self, value: Value) -> Evaluate:
        """Compile a value: one expression, or one for each choice of an assumption."""
        if value.assumption is None:
            return self.expression(value.fixed)  # type: ignore[arg-type]  # fixed, as there is no assumption
        evaluate = settler(value.map(self.expression))
        return lambda execution: evaluate(execution.choices)(execution)

    def expression(self, expression: Expression) -> Evaluate:
        """Compile an expression."""
        match expression:
            case Literal(value):
                return lambda execution: value
            case FromParameter(location, name):
                place = (location, name)
                return lambda execution: execution.parameters.get(place, ABSENT)
            case FromBody((token,)):
                return lambda execution: _member(execution.body, token)
            case FromBody(tokens):
                return lambda execution: part(execution.body, tokens)
            case FromItem(tokens):
                return lambda execution: part(execution.item, tokens)
            case FromStep(name, str(wanted)) if (each := self.steps[name].each) is not None:
                return _of_each(name, wanted, self.expression(each.of))
            case FromStep(name, wanted):
                field = wanted or self.steps[name].resource.id
                return lambda execution: _field_of(execution.results[name], field)
            case Generated():
                return lambda execution: execution.generator.text()
            case FromCaller(name):
                return lambda execution: _field_of(execution.caller, name)
            case Outcomes(of, done, refused):
                resource = self.steps[of.name].resource
                return outcomes_told(of.name, resource, self._part(done), self._part(refused))
            case WholeThis(resource):
                show = self.view(self.resources[resource], self)
                return lambda execution: show(execution, execution.this) if execution.this is not None else None
            case FromRefusal(part_of_it):
                return refusal_told(part_of_it, self.problem_statuses)
            case FromThis(name):
                return lambda execution: execution.this.get(name, ABSENT) if execution.this is not None else ABSENT
            case ObjectOf() | ListOf():
                return compile_operator(expression, self._part, self.resources, self.index)
            case _:
                return compile_operator(expression, self.expression, self.resources, self.index)

    def _part(self, expression: Expression) -> Evaluate:
        """Compile a part of an object or a list. A result is shown there as in an answer; alone, it stands for its id."""
        if not isinstance(expression, FromStep) or expression.field is not None:
            return self.expression(expression)
        name, step = expression.name, self.steps[expression.name]
        show = self.view(step.resource, self)

        def shown(execution: Execution) -> Json:
            result = execution.results[name]
            if step.is_list:
                return [show(execution, record) for record in result]
            return None if result is None else show(execution, result)

        return shown


def _member(body: Json | Absent, name: str) -> Json | Absent:
    return body.get(name, ABSENT) if type(body) is dict else ABSENT


def _field_of(result: Any, field: str) -> Json | Absent:
    return None if result is None else result.get(field, ABSENT)


def _of_each(name: str, field: str, listed: Evaluate) -> Evaluate:
    """Return what comes to a field of each result, as a list; absent where the request lacks the list that they are for."""

    def of_each(execution: Execution) -> Json | Absent:
        if listed(execution) is ABSENT:
            return ABSENT
        return [record[field] for record in execution.results[name] if field in record]

    return of_each


def place_of(value: Value, field: str) -> tuple[str, str]:
    """Return the part of a request, and the pointer within it, that the value of `field` comes from."""
    expression = value.possible()[0]
    if isinstance(expression, FromBody):
        return "body", pointer_to(*expression.tokens)
    if isinstance(expression, FromItem):
        return ITEM, pointer_to(*expression.tokens)
    if isinstance(expression, FromParameter):
        return expression.location, pointer_to(expression.name)
    return "body", pointer_to(field)


def texts_of(resource: Resource) -> frozenset[str]:
    """Return the fields that every record of `resource` has and that hold nothing but text or null."""
    return frozenset(
        field.name
        for field in resource.fields.values()
        if (field.required or field.nullable) and (field.refers_to is None and field.schema.types <= {"string", "null"})
    ) | {field.name for field in resource.fields.values() if field.refers_to and field.required}
