"""Which lists can hold nothing but what this run made: those of what belongs to a record that it made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, unquote

from contract_tests.transport.wire import WireRequest
from mock_server.contract.behaviours.conditions import EQUALS
from mock_server.contract.behaviours.expressions import Expression, FromParameter, FromStep
from mock_server.contract.files.source import Json
from mock_server.contract.messages.path_templates import path_template
from mock_server.contract.model import Operation, Step
from mock_server.engine.verbs import List


def own_lists(operation: Operation, call: WireRequest, made: Mapping[str, set[Json]]) -> frozenset[str]:
    """Return the names of the steps that list what refers to a record of `made`, the ids by resource."""
    steps = operation.behaviour.steps if operation.behaviour else ()
    earlier = {step.name: step for step in steps}
    sent = dict(_sent(operation, call))
    found = set()
    for step in steps:
        for condition in step.conditions if isinstance(step, List) else ():
            to = step.resource.refers_to(condition.path[0]) if len(condition.path) == 1 else None
            if to and condition.operator == EQUALS and condition.value.assumption is None:
                id = sent.get(_origin(condition.value.possible()[0], to, earlier))
                if id is not None and id in {str(one) for one in made.get(to, ())}:
                    found.add(step.name)
    return frozenset(found)


def _origin(expression: Expression, resource: str, earlier: Mapping[str, Step]) -> tuple[str, str]:
    """Return the parameter that an id comes from: location and name, or empty texts."""
    if isinstance(expression, FromParameter):
        return expression.location, expression.name
    step = earlier.get(expression.name) if isinstance(expression, FromStep) else None
    if step is not None and step.resource.name == resource and isinstance(expression, FromStep):
        by_id = step.found_by.get(step.resource.id)
        if expression.field in (None, step.resource.id) and by_id is not None and by_id.assumption is None:
            return _origin(by_id.possible()[0], resource, {})
    return "", ""


def _sent(operation: Operation, call: WireRequest) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the parameters of a request that are whole segments of its path, or stand in its query."""
    segments = path_template(operation.path).segments
    for segment, text in zip(reversed(segments), reversed(call.path.split("/")), strict=False):
        if segment.is_parameter:
            yield ("path", segment.names[0]), unquote(text)
    yield from ((("query", name), text) for name, text in parse_qsl(call.query))
