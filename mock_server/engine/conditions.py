"""Conditions, compiled: whether a record has what is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from mock_server.contract.behaviours.conditions import EQUALS, Condition
from mock_server.contract.behaviours.expressions import Embedded
from mock_server.contract.files.source import Json
from mock_server.contract.model import Resource
from mock_server.engine.execution import Execution
from mock_server.engine.instants import instant_of
from mock_server.engine.operators import Evaluate
from mock_server.engine.scope import Scope
from mock_server.engine.store import Record
from mock_server.engine.values import ABSENT, Absent, same_value

Holds: TypeAlias = Callable[[Execution, Record], bool]
"""Says whether a record fits one request."""

DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d)?)?", re.ASCII)


def compile_conditions(conditions: Iterable[Condition], resource: Resource, scope: Scope) -> Callable[[Execution], list[Holds]]:
    """Return what works out the conditions that a request asks for: those whose value it does not send are left out."""
    compiled = [
        (scope.value(condition.value), COMPARED[condition.operator], getter(condition.path, resource, scope))
        for condition in conditions
    ]

    def asked(execution: Execution) -> list[Holds]:
        found: list[Holds] = []
        for evaluate, compared, get in compiled:
            value = evaluate(execution)
            if value is not ABSENT:
                found.append(_holding(get, compared, value))
        return found

    return asked


Get: TypeAlias = Callable[[Execution, Record], "Json | Absent"]


def getter(path: tuple[str, ...], resource: Resource, scope: Scope) -> Get:
    """Return what gets the value at a path of a record, through what it refers to; null where nothing is referred to."""
    name, *rest = path
    if not rest:
        expression = resource.computed.get(name)
        if expression is None or isinstance(expression, Embedded):
            return lambda execution, record: record.get(name)
        return _computed(scope.expression(expression))
    other = scope.resources[resource.refers_to(name) or ""]
    get_of_other = getter(tuple(rest), other, scope)

    def get(execution: Execution, record: Record) -> Json | Absent:
        id = record.get(name)
        referred = None if id is None else execution.store.get(other.name, execution.owner(other), id)
        return None if referred is None else get_of_other(execution, referred)

    return get


def _computed(evaluate: Evaluate) -> Get:
    def get(execution: Execution, record: Record) -> Json | Absent:
        outer, execution.this = execution.this, record
        value = evaluate(execution)
        execution.this = outer
        return None if value is ABSENT else value

    return get


def _holding(get: Get, compared: Callable[[Any, Any], bool], value: Json) -> Holds:
    return lambda execution, record: compared(get(execution, record), value)


def _is_one_of(stored: Json, several: Json) -> bool:
    several = several if isinstance(several, list) else [several]
    if isinstance(stored, list):
        return any(same_value(element, one) for element in stored for one in several)
    return any(same_value(stored, one) for one in several)


def _contains(stored: Json, sought: Json) -> bool:
    if isinstance(sought, list):
        return all(_contains(stored, one) for one in sought)
    if isinstance(stored, str):
        return str(sought).casefold() in stored.casefold()
    return isinstance(stored, list) and any(same_value(element, sought) for element in stored)


def _begins_with(stored: Json, sought: Json) -> bool:
    return isinstance(stored, str) and stored.casefold().startswith(str(sought).casefold())


def _ordered(decide: Callable[[Any, Any], bool]) -> Callable[[Json, Json], bool]:
    def compared(stored: Json, given: Json) -> bool:
        one, other = comparable(stored), comparable(given)
        return one is not None and other is not None and one[0] == other[0] and decide(one[1], other[1])

    return compared


COMPARED: Mapping[str, Callable[[Json, Json], bool]] = {
    EQUALS: same_value,
    "not": lambda stored, given: not same_value(stored, given),
    "in": _is_one_of,
    "contains": _contains,
    "prefix": _begins_with,
    "less": _ordered(lambda one, other: bool(one < other)),
    "at-most": _ordered(lambda one, other: bool(one <= other)),
    "more": _ordered(lambda one, other: bool(one > other)),
    "at-least": _ordered(lambda one, other: bool(one >= other)),
    "is-null": lambda stored, given: (stored is None) is (given is not False and given != "false"),
}
"""What each operator of a condition asks of a stored value and a given one."""


def comparable(value: Json | Absent) -> tuple[int, Any] | None:
    """Return what has an order among values of its sort: numbers, times (a date is its first instant in UTC), texts; None for
    what has none."""
    if isinstance(value, bool):
        return 0, int(value)
    if isinstance(value, (int, float)):
        return 1, value
    if not isinstance(value, str):
        return None
    instant = _instant(value)
    return (2, value) if instant is None else (3, instant)


@lru_cache(maxsize=4096)  # a list is sorted by the same times again and again
def _instant(value: str) -> float | None:
    return instant_of(value) if DATE.fullmatch(value) else None
