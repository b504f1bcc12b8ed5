"""What an operation answers: its template filled in, resources shown in full."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mock_server.contract.expressions import FromStep
from mock_server.contract.model import Behaviour, ByOutcome, Field, Resource
from mock_server.contract.source import Json
from mock_server.engine.choices import settler
from mock_server.engine.execution import Execution
from mock_server.engine.records import join
from mock_server.engine.scope import Evaluate, Scope
from mock_server.engine.store import Record
from mock_server.engine.values import ABSENT, Absent

Tell: TypeAlias = Callable[[Execution], tuple[int, Json | Absent]]
"""A compiled answer: it returns status and body, `ABSENT` for no body."""


def compile_answer(behaviour: Behaviour, scope: Scope) -> Tell:
    """Compile what an operation answers when its steps have been performed."""
    template = behaviour.answer.template
    shown = [template.name] if isinstance(template, FromStep) else [step.name for step in behaviour.steps]
    status, body = _compile_status(behaviour, shown), _compile_template(template, behaviour, scope)
    return lambda execution: (status(execution), body(execution))


def _compile_status(behaviour: Behaviour, shown: list[str]) -> Callable[[Execution], int]:
    settle = settler(behaviour.answer.status)

    def status(execution: Execution) -> int:
        outcome = settle(execution.choices)
        if not isinstance(outcome, ByOutcome):
            return outcome
        return outcome.made if any(name in shown for name in execution.made) else outcome.found

    return status


def _compile_template(template: object, behaviour: Behaviour, scope: Scope) -> Evaluate:
    if template is None:
        return lambda execution: ABSENT
    if isinstance(template, dict):
        members = [(name, _compile_template(member, behaviour, scope)) for name, member in template.items()]
        return lambda execution: {name: value for name, evaluate in members if (value := evaluate(execution)) is not ABSENT}
    if isinstance(template, FromStep) and template.field is None:
        return _compile_result(template.name, behaviour, scope)
    return scope.expression(template)  # type: ignore[arg-type]  # nothing else is in a template


def _compile_result(name: str, behaviour: Behaviour, scope: Scope) -> Evaluate:
    """Compile what shows the result of a step."""
    step = scope.steps[name]
    resource = step.resource
    show = View(resource, scope.resources).show
    if step.is_list:
        return lambda execution: [show(execution, record) for record in execution.results[name]]
    later = behaviour.steps[next(number for number, other in enumerate(behaviour.steps) if other is step) + 1 :]
    may_be_stale = any(other.resource is resource for other in later)

    def result(execution: Execution) -> Json:
        record = execution.results[name]
        if record is None:
            return None
        if may_be_stale:
            record = execution.store.get(resource.name, execution.owner(resource), record[resource.id]) or record
        return show(execution, record)

    return result


class View:
    """Shows the records of a resource as answers have them: what they refer to in full, derived fields filled in."""

    def __init__(self, resource: Resource, resources: Mapping[str, Resource]) -> None:
        self._references: list[tuple[Field, Resource, View]] = [
            (field, resources[field.refers_to], View(resources[field.refers_to], resources))
            for field in resource.fields.values()
            if field.refers_to is not None
        ]
        self._derivations = [
            (derived.field, derived.join, settler(derived.when))
            for derived in resource.derived
            if "when-shown" in derived.when.possible()
        ]

    def show(self, execution: Execution, record: Record) -> dict[str, Any]:
        """Return a record as answers have it."""
        shown = record
        for field, other, view in self._references:
            id = record.get(field.name)
            if id is not None:
                referred = execution.held(other, id)
                shown = {**shown, field.name: view.show(execution, referred)}
        for name, joins, settle in self._derivations:
            if shown.get(name) is None:
                joined = join(joins, shown)
                if joined is not None and settle(execution.choices) == "when-shown":
                    shown = {**shown, name: joined}
        return shown
