"""What an operation answers: its template filled in, resources shown in full."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mock_server.contract.expressions import FromStep
from mock_server.contract.model import Behaviour, ByOutcome, List, Resource
from mock_server.engine.records import join
from mock_server.engine.run import ABSENT, Run, compile_expression
from mock_server.engine.store import Record

Show: TypeAlias = Callable[[Run, Record], Record]


def compile_status(behaviour: Behaviour) -> Callable[[Run], int]:
    """Return what settles the status of an answer."""
    decision, template = behaviour.answer.status, behaviour.answer.template
    shown = [template.name] if isinstance(template, FromStep) else [step.name for step in behaviour.steps]

    def status(run: Run) -> int:
        outcome = decision.settle(run.choices)
        if not isinstance(outcome, ByOutcome):
            return outcome
        return outcome.made if any(name in run.made for name in shown) else outcome.found

    return status


def compile_body(behaviour: Behaviour, resources: Mapping[str, Resource]) -> Callable[[Run], Any]:
    """Return what makes the body of an answer; `ABSENT` stands for no body."""
    return _compile_template(behaviour.answer.template, behaviour, resources)


def _compile_template(template: object, behaviour: Behaviour, resources: Mapping[str, Resource]) -> Callable[[Run], Any]:
    if template is None:
        return lambda run: ABSENT
    if isinstance(template, dict):
        members = {key: _compile_template(member, behaviour, resources) for key, member in template.items()}
        return lambda run: {key: value for key, member in members.items() if (value := member(run)) is not ABSENT}
    if isinstance(template, FromStep) and template.field is None:
        return _compile_result(template.name, behaviour, resources)
    ids = {step.name: step.resource.id for step in behaviour.steps}
    return compile_expression(template, ids)  # type: ignore[arg-type]  # nothing else is in a template


def _compile_result(name: str, behaviour: Behaviour, resources: Mapping[str, Resource]) -> Callable[[Run], Any]:
    position, step = next((index, step) for index, step in enumerate(behaviour.steps) if step.name == name)
    resource = step.resource
    show = compile_show(resource, resources)
    may_be_stale = any(later.resource is resource for later in behaviour.steps[position + 1 :])
    if isinstance(step, List):
        return lambda run: [show(run, record) for record in run.results[name]]

    def result(run: Run) -> Any:
        record = run.results[name]
        if record is not None and may_be_stale:
            record = run.store.get(resource.name, run.owner(resource), record[resource.id]) or record
        return show(run, record) if record is not None else None

    return result


def compile_show(resource: Resource, resources: Mapping[str, Resource]) -> Show:
    """Return what shows a record as answers have it: what it refers to in full, derived fields filled in."""
    references = [
        (field.name, resources[field.refers_to], compile_show(resources[field.refers_to], resources))
        for field in resource.fields.values()
        if field.refers_to is not None
    ]
    derivations = [derived for derived in resource.derived if "when-shown" in derived.when.possible()]
    if not references and not derivations:
        return lambda run, record: record

    def show(run: Run, record: Record) -> Record:
        shown = record
        for name, other, show_other in references:
            id = record.get(name)
            if id is not None:
                referred = run.store.held(other.name, run.organization if other.owned else None, id)
                shown = {**shown, name: show_other(run, referred)}
        for derived in derivations:
            if record.get(derived.field) is None:
                joined = join(derived, record)
                if joined is not None and derived.when.settle(run.choices) == "when-shown":
                    shown = {**shown, derived.field: joined}
        return shown

    return show
