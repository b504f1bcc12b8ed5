"""What an operation answers: its template filled in, resources shown in full."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from mock_server.contract.behaviours.expressions import Concatenation, Embedded, FromStep, Viewed
from mock_server.contract.files.source import Json
from mock_server.contract.model import Behaviour, ByOutcome, Resource, View
from mock_server.engine.choices import settler
from mock_server.engine.embedding import compile_embedded
from mock_server.engine.execution import Execution
from mock_server.engine.operators import Evaluate, written
from mock_server.engine.records import join
from mock_server.engine.scope import Scope
from mock_server.engine.store import Record
from mock_server.engine.values import ABSENT, Absent

Tell: TypeAlias = Callable[[Execution], tuple[int, Json | Absent]]
"""A compiled answer: it returns status and body, `ABSENT` for no body."""

Show: TypeAlias = Callable[[Execution, Record], dict[str, Any]]
"""Returns a record as answers have it."""


def compile_answer(behaviour: Behaviour, scope: Scope) -> Tell:
    """Compile what an operation answers when its steps have been performed."""
    template = behaviour.answer.template
    made = frozenset({template.name} if isinstance(template, FromStep) else {step.name for step in behaviour.steps})
    settle, body = settler(behaviour.answer.status), compile_template(template, behaviour, scope)
    headers = [(name, scope.expression(value)) for name, value in behaviour.answer.headers.items()]

    def answer(execution: Execution) -> tuple[int, Json | Absent]:
        status = settle(execution.choices)
        if isinstance(status, ByOutcome):
            status = status.found if made.isdisjoint(execution.made) else status.made
        return status, body(execution)

    def answer_with_headers(execution: Execution) -> tuple[int, Json | Absent]:
        given = [(name, evaluate(execution)) for name, evaluate in headers]
        execution.headers = [(name, written(value)) for name, value in given if value is not ABSENT and value is not None]
        return answer(execution)

    return answer_with_headers if headers else answer


def compile_template(template: object, behaviour: Behaviour, scope: Scope) -> Evaluate:
    """Compile what fills in a template: an expression, or a mapping of templates."""
    if template is None:
        return lambda execution: ABSENT
    if isinstance(template, dict):
        members = [(name, compile_template(member, behaviour, scope)) for name, member in template.items()]
        return lambda execution: {name: value for name, evaluate in members if (value := evaluate(execution)) is not ABSENT}
    if isinstance(template, FromStep) and template.field is None:
        return _compile_result(template.name, behaviour, scope, compile_view)
    if isinstance(template, Viewed):
        view = scope.views[template.view]
        return _compile_result(template.of.name, behaviour, scope, lambda resource, scope: compile_other_view(view, scope))
    if isinstance(template, Concatenation):
        lists = [compile_template(one, behaviour, scope) for one in template.lists]
        return lambda execution: [element for one in lists for element in _list(one(execution))]
    return scope.expression(template)  # type: ignore[arg-type]  # nothing else is in a template


def _list(value: Json | Absent) -> list[Json]:
    return value if isinstance(value, list) else []


def _compile_result(name: str, behaviour: Behaviour, scope: Scope, compile: Callable[[Resource, Scope], Show]) -> Evaluate:
    """Compile what shows the result of a step, as what `compile` returns shows a record."""
    step = scope.steps[name]
    resource = step.resource
    show = compile(resource, scope)
    if step.is_list:
        return lambda execution: [show(execution, record) for record in execution.results[name]]
    later = behaviour.steps[next(number for number, other in enumerate(behaviour.steps) if other is step) + 1 :]
    may_be_stale = any(other.resource is resource for other in later)

    def result(execution: Execution) -> Json:
        record = execution.results[name]
        return None if record is None else show(execution, record)

    def latest_result(execution: Execution) -> Json:
        record = execution.results[name]
        if record is None:
            return None
        latest = execution.store.get(resource.name, execution.owner(resource), record[resource.id])
        return show(execution, latest or record)

    return latest_result if may_be_stale else result


def compile_other_view(view: View, scope: Scope) -> Show:
    """Compile what shows a record in another way than in full."""
    members = [(name, scope.expression(expression)) for name, expression in view.members.items()]
    in_full = compile_view(view.resource, scope)

    def show(execution: Execution, record: Record) -> dict[str, Any]:
        outer, execution.this = execution.this, in_full(execution, record)
        try:
            return {name: value for name, evaluate in members if (value := evaluate(execution)) is not ABSENT}
        finally:
            execution.this = outer

    return show


def show_within(resource: Resource, scope: Scope) -> Show:
    """Compile what shows a record as a part of something else: without what has to be asked for."""
    return compile_view(resource, scope, is_outermost=False)


def compile_view(resource: Resource, scope: Scope, *, is_outermost: bool = True) -> Show:
    """Compile what shows a record as answers have it: what it refers to in full, derived and computed fields filled in, and
    nothing that is never sent in an answer. What has to be asked for is shown in the outermost records only."""
    resources = scope.resources
    hidden = resource.hidden
    references = [
        (field.name, other.name, other.owned, compile_view(other, scope, is_outermost=False))
        for field in resource.fields.values()
        if field.refers_to is not None and (other := resources[field.refers_to])
    ]
    derivations = [
        (derived.field, derived.join, settler(derived.when))
        for derived in resource.derived
        if "when-shown" in derived.when.possible()
    ]
    computed = [
        (name, scope.expression(expression))
        for name, expression in resource.computed.items()
        if not isinstance(expression, Embedded)
    ]
    embedded = [
        compile_embedded(one, resource, scope, compile_view(resources[one.to], scope, is_outermost=False))
        for one in resource.embedded
        if is_outermost or one.asked_by is None
    ]

    def compute(execution: Execution, record: Record, shown: dict[str, Any]) -> dict[str, Any]:
        outer, execution.this = execution.this, record
        values = {name: value for name, evaluate in computed if (value := evaluate(execution)) is not ABSENT}
        execution.this = outer
        return {**shown, **values}

    def show(execution: Execution, record: Record) -> dict[str, Any]:
        shown = record
        for field, other, owned, show_other in references:
            id = record.get(field)
            if id is not None:
                referred = execution.store.held(other, execution.organization if owned else None, id)
                shown = {**shown, field: show_other(execution, referred)}
        for name, joins, settle in derivations:
            if shown.get(name) is None:
                joined = join(joins, shown)
                if joined is not None and settle(execution.choices) == "when-shown":
                    shown = {**shown, name: joined}
        if computed:
            shown = compute(execution, record, shown)
        for embed in embedded:
            shown = embed(execution, record, shown)
        if hidden:
            shown = {name: value for name, value in shown.items() if name not in hidden}
        return shown

    return show
