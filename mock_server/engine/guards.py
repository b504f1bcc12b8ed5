"""Holding the record that a step found to what the step requires of it."""

from __future__ import annotations

from mock_server.contract.behaviours.entity_tags import takes_if_match
from mock_server.contract.behaviours.guards import Requirement
from mock_server.contract.model import Resource
from mock_server.contract.problems import Refused
from mock_server.engine.answers import compile_view
from mock_server.engine.conditions import compile_conditions
from mock_server.engine.entity_tags import matched
from mock_server.engine.execution import Execution
from mock_server.engine.generating import FITS
from mock_server.engine.scope import Perform, Scope
from mock_server.engine.store import Record
from mock_server.engine.values import ABSENT, same_value


def guarded(find: Perform, resource: Resource, guard: Requirement | None, scope: Scope) -> Perform:
    """Return a function that finds what `find` does and raises `Refused` where that is not as `guard` asks.

    A value that the request does not give asks for nothing.
    """
    if guard is None:
        return find
    required = _required(find, resource, guard, scope) if guard.is_asking else find
    return matched(required, resource, guard, scope) if takes_if_match(guard) else required


def _required(find: Perform, resource: Resource, guard: Requirement, scope: Scope) -> Perform:
    conditions = [(field, [scope.value(value) for value in values]) for field, values in guard.conditions.items()]
    show = None if resource.computed.keys().isdisjoint(guard.fields) else compile_view(resource, scope)
    ask = compile_conditions(guard.compared, resource, scope)
    when_not, name = guard.when_not, resource.name

    def find_guarded(execution: Execution) -> Record | None:
        record: Record | None = find(execution)
        if record is None:
            return None
        seen = record if show is None else show(execution, record)
        for field, several in conditions:
            wanted = [value for evaluate in several if (value := evaluate(execution)) is not ABSENT]
            if wanted and not any(same_value(seen.get(field), value) for value in wanted):
                left_open = execution.generator.left_open(seen.get(field), wanted)
                if left_open and execution.choices.of(left_open) == FITS:
                    continue
                detail = f"The {field} of this {name} is {seen.get(field)!r:.80}, which this request does not go with."
                raise Refused(when_not.settle(execution.choices), detail)
        if [holds for holds in ask(execution) if not holds(execution, record)]:
            raise Refused(when_not.settle(execution.choices), f"This {name} is not as this request requires it.")
        return record

    return find_guarded
