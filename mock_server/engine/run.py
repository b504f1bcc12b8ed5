"""One request on its way through the steps of a behaviour, and the values that its expressions stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, TypeAlias

from mock_server.contract.expressions import Expression, FromBody, FromParameter, FromStep, Generated, Literal
from mock_server.contract.model import Resource, Value
from mock_server.contract.source import Json, pointer_to
from mock_server.engine.choices import Choices
from mock_server.engine.making import Making
from mock_server.engine.store import Owner, Store


class Absent(Enum):
    """The value of what a request does not send; null is something else."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


class Run:
    """One request on its way through the steps.

    `results` holds what each step came to: a record, a list of records, or None where absence was accepted. `made` names
    the steps that made a new record.
    """

    __slots__ = ("_now", "body", "choices", "made", "making", "organization", "parameters", "results", "store")

    def __init__(
        self,
        store: Store,
        choices: Choices,
        making: Making,
        organization: str | None,
        parameters: Mapping[tuple[str, str], Json],
        body: Json | Absent,
    ) -> None:
        self.store = store
        self.choices = choices
        self.making = making
        self.organization = organization
        self.parameters = parameters
        self.body = body
        self.results: dict[str, Any] = {}
        self.made: list[str] = []
        self._now: str | None = None

    def owner(self, resource: Resource) -> Owner:
        """Return whose records of `resource` this request sees."""
        return self.organization if resource.owned else None

    def now(self) -> str:
        """Return the time of the request: one and the same for all its steps."""
        if self._now is None:
            self._now = self.making.now()
        return self._now


Evaluate: TypeAlias = Callable[[Run], Any]  # a JSON value, or ABSENT


def compile_value(value: Value, ids: Mapping[str, str]) -> Evaluate:
    """Return what evaluates `value` for a request; `ids` names the id field of each step's result."""
    if value.assumption is None:
        return compile_expression(value.fixed, ids)  # type: ignore[arg-type]  # fixed, as there is no assumption
    assumption = value.assumption
    by_choice = {choice: compile_expression(expression, ids) for choice, expression in value.outcomes.items()}
    return lambda run: by_choice[run.choices.of(assumption)](run)


def compile_expression(expression: Expression, ids: Mapping[str, str]) -> Evaluate:
    """Return what evaluates `expression` for a request."""
    match expression:
        case Literal(value):
            return lambda run: value
        case FromParameter(location, name):
            place = (location, name)
            return lambda run: run.parameters.get(place, ABSENT)
        case FromBody((token,)):
            return lambda run: run.body.get(token, ABSENT) if type(run.body) is dict else ABSENT
        case FromBody(tokens):
            return lambda run: _part(run.body, tokens)
        case FromStep(name, field):
            wanted = ids[name] if field is None else field
            return lambda run: record.get(wanted, ABSENT) if (record := run.results[name]) is not None else None
        case Generated():
            return lambda run: run.making.text()


def place_of(value: Value, field: str) -> tuple[str, str]:
    """Return the part of a request, and the pointer within it, that the value of `field` comes from."""
    expression = value.possible()[0]
    if isinstance(expression, FromBody):
        return "body", pointer_to(*expression.tokens)
    if isinstance(expression, FromParameter):
        return expression.location, pointer_to(expression.name)
    return "body", pointer_to(field)


def same_value(stored: Json | Absent, given: Json | Absent) -> bool:
    """Compare two JSON values; in Python alone, 1 and true are equal."""
    return stored == given and type(stored) is type(given)


def _part(value: Json | Absent, tokens: tuple[str, ...]) -> Json | Absent:
    for token in tokens:
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            return ABSENT
    return value
