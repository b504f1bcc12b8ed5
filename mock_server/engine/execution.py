"""One request on its way through the steps of a behaviour, and what the steps do with JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from mock_server.contract.expressions import FromBody, FromParameter
from mock_server.contract.model import Resource, Value
from mock_server.contract.source import Json, pointer_to
from mock_server.engine.choices import Choices
from mock_server.engine.generating import Generator
from mock_server.engine.store import Owner, Store


class Absent(Enum):
    """The value of what a request does not send; null is something else."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


class Execution:
    """One request while its behaviour is performed: what it sends, on which state, under which choices."""

    __slots__ = ("body", "choices", "generator", "organization", "parameters", "store", "time")

    def __init__(
        self,
        store: Store,
        choices: Choices,
        generator: Generator,
        organization: str | None,
        parameters: Mapping[tuple[str, str], Json],
        body: Json | Absent,
    ) -> None:
        self.store = store
        self.choices = choices
        self.generator = generator
        self.organization = organization
        self.parameters = parameters
        self.body = body
        self.time: str | None = None

    def owner(self, resource: Resource) -> Owner:
        """Return whose records of `resource` this request sees."""
        return self.organization if resource.owned else None

    def now(self) -> str:
        """Return the time of the request, which is the same for all steps."""
        if self.time is None:
            self.time = self.generator.now()
        return self.time


def place_of(value: Value, field: str) -> tuple[str, str]:
    """Return the part of a request, and the pointer within it, that the value of `field` comes from."""
    expression = value.possible()[0]
    if isinstance(expression, FromBody):
        return "body", pointer_to(*expression.tokens)
    if isinstance(expression, FromParameter):
        return expression.location, pointer_to(expression.name)
    return "body", pointer_to(field)


def same_value(stored: Json | Absent, given: Json | Absent) -> bool:
    """Compare two JSON values: 1 and 1.0 are equal, and so are 1 and true, but that in Python alone."""
    return stored == given and (type(stored) is type(given) or not (type(stored) is bool or type(given) is bool))


def has(record: Mapping[str, Json], values: Mapping[str, Json]) -> bool:
    """Say whether a record has these values."""
    return all(same_value(record.get(field), value) for field, value in values.items())


def present(values: dict[str, Json | Absent]) -> dict[str, Json]:
    """Return the values without the absent ones."""
    return {field: value for field, value in values.items() if value is not ABSENT}


def part(value: Json | Absent, tokens: tuple[str, ...]) -> Json | Absent:
    """Return the part of a JSON value that the tokens of a JSON Pointer lead to."""
    for token in tokens:
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            return ABSENT
    return value
