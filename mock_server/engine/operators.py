"""Working out expressions that are made of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mock_server.contract.behaviours.expressions import (
    ByTime,
    Count,
    Expression,
    First,
    Joined,
    ListOf,
    Now,
    ObjectOf,
    Split,
    Sum,
    TextOf,
    Uuid,
    walk,
)
from mock_server.contract.files.source import Json
from mock_server.contract.messages.text_types import text_of
from mock_server.contract.model import Contract, Resource
from mock_server.engine.execution import Execution
from mock_server.engine.store import Fields, Index
from mock_server.engine.values import ABSENT, Absent

Evaluate = Callable[[Execution], Json | Absent]
"""A compiled expression: it returns its value, `ABSENT` where the request does not send it."""


def compile_operator(
    expression: Expression,
    compiled: Callable[[Expression], Evaluate],
    resources: Mapping[str, Resource],
    index: Callable[[Resource, Fields], Index],
) -> Evaluate:
    """Compile an expression that is made of others, which `compiled` compiles."""
    match expression:
        case Uuid():
            return lambda execution: execution.generator.uuid()
        case Now(form, later):
            seconds = compiled(later) if later is not None else None
            return lambda execution: execution.moment(form, _number(seconds(execution)) if seconds else 0)
        case ByTime(created, steps):
            return lambda execution: execution.generator.progress((execution.this or {}).get(created), steps)
        case TextOf(parts):
            return _text([compiled(part) for part in parts])
        case ObjectOf(named):
            return _object([(name, compiled(part)) for name, part in named.items()])
        case ListOf(parts):
            several = [compiled(part) for part in parts]
            return lambda execution: [value for one in several if (value := one(execution)) is not ABSENT]
        case Joined(parts, between):
            return _joined([compiled(part) for part in parts], between)
        case Split(part, between):
            return _split(compiled(part), between)
        case Sum(parts):
            addends = [compiled(part) for part in parts]
            return lambda execution: sum(_number(one(execution)) for one in addends)
        case First(parts):
            return _first([compiled(part) for part in parts])
        case Count(name, where):
            resource = resources[name]
            return _count(resource, index(resource, counted_by(expression)), {k: compiled(v) for k, v in where.items()})
    raise TypeError(f"{expression} is shown in answers only")


def counted_by(count: Count) -> Fields:
    """Return the fields of the index by which records are counted."""
    return tuple(sorted(count.where))


def counts_of(contract: Contract) -> list[Count]:
    """Return every count of records that a contract may ask for."""
    expressions: list[Expression] = []
    for resource in contract.resources.values():
        expressions.extend(resource.computed.values())
    for view in contract.views.values():
        expressions.extend(view.members.values())
    for operation in contract.operations:
        if operation.behaviour is not None:
            expressions.extend(_in_template(operation.behaviour.answer.template))
            expressions.extend(operation.behaviour.answer.headers.values())
            for step in operation.behaviour.steps:
                expressions.extend(step.said)
                for value in (*step.found_by.values(), *(write.value for write in step.written)):
                    expressions.extend(value.possible())
    return [part for expression in expressions for part in walk(expression) if isinstance(part, Count)]


def _in_template(template: object) -> list[Expression]:
    if isinstance(template, dict):
        return [expression for member in template.values() for expression in _in_template(member)]
    return [] if template is None else [template]  # type: ignore[list-item]  # nothing else is in a template


def _number(value: Json | Absent) -> int | float:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else 0


def written(value: Json) -> str:
    """Return how a value stands within a text."""
    return text_of(int(value) if isinstance(value, float) and value.is_integer() else value)


def _text(parts: Sequence[Evaluate]) -> Evaluate:
    def text(execution: Execution) -> Json | Absent:
        texts = []
        for part in parts:
            value = part(execution)
            if value is None or value is ABSENT:
                return ABSENT
            texts.append(written(value))
        return "".join(texts)

    return text


def _object(members: Sequence[tuple[str, Evaluate]]) -> Evaluate:
    return lambda execution: {name: value for name, part in members if (value := part(execution)) is not ABSENT}


def _joined(parts: Sequence[Evaluate], between: str) -> Evaluate:
    def joined(execution: Execution) -> Json:
        values = [value for part in parts if (value := part(execution)) is not ABSENT and value is not None]
        return between.join(map(written, values)) if values else None

    return joined


def _split(part: Evaluate, between: str) -> Evaluate:
    def split(execution: Execution) -> Json | Absent:
        text = part(execution)
        if text is ABSENT or text is None:
            return ABSENT
        return [one for piece in written(text).split(between) if (one := piece.strip())]

    return split


def _first(parts: Sequence[Evaluate]) -> Evaluate:
    def first(execution: Execution) -> Json:
        for part in parts:
            value = part(execution)
            if value is not ABSENT and value is not None:
                return value
        return None

    return first


def _count(resource: Resource, index: Index, where: Mapping[str, Evaluate]) -> Evaluate:
    values = [where[field] for field in index.fields]

    def count(execution: Execution) -> int:
        sought = [value(execution) for value in values]
        if ABSENT in sought:
            return 0
        owner = execution.owner(resource)
        if not sought:
            return sum(1 for _ in execution.store.scan(resource.name, owner))
        return len(execution.store.find(index, owner, tuple(sought)))

    return count
