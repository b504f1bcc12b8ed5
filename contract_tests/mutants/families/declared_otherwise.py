"""Mutants that follow another declaration than that of the document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from contract_tests.mutants.hooks import MutantContext, MutantExecution, PerformHook, Proceed
from mock_server.contract.model import Behaviour, Operation, Resource, Step
from mock_server.engine.answers import show_within
from mock_server.engine.engine import Performed, compile_operation
from mock_server.engine.scope import Scope

Change = Callable[[Step], Step]


def declared_otherwise(operation: Operation, change: Change) -> PerformHook:
    """Return a hook that performs `operation` with its steps changed."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        return proceed(execution) if execution.operation is not operation else perform_changed(context, execution, change)

    return hook


def perform_changed(context: MutantContext, execution: MutantExecution, change: Change) -> Performed:
    """Perform an operation with its steps changed, all or nothing."""
    operation, behaviour, store = execution.operation, execution.operation.behaviour, execution.store
    if behaviour is None:
        raise LookupError(operation.id)
    tell = context.memory.get(operation.id)
    if tell is None:
        steps = tuple(change(step) for step in behaviour.steps)
        changed = Behaviour(steps, behaviour.answer)
        resources: Mapping[str, Resource] = {
            **context.contract.resources,
            **{step.resource.name: step.resource for step in steps},
        }
        scope = Scope(resources, context.contract.views, context.layout, show_within, context.contract.problem_statuses)
        tell = context.memory[operation.id] = compile_operation(operation, changed, scope, checks_answers=False)
    try:
        status, body = tell(execution)
    except BaseException:
        store.rollback()
        raise
    execution.tell()
    return Performed(status, body, store.commit())


def step_with(step: Step, **changes: Any) -> Step:
    """Return a step that has these parts changed which it has."""
    return replace(step, **{name: value for name, value in changes.items() if hasattr(step, name)})
