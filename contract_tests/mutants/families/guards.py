"""States got wrong: what an operation requires of a record, and which states may follow which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from contract_tests.mutants.facts import steps
from contract_tests.mutants.families.declared_otherwise import Change, declared_otherwise, perform_changed, step_with
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from contract_tests.scenarios.guard_cases import states
from contract_tests.scenarios.state_changes import Move, moves, route, starts
from contract_tests.scenarios.subject import Subject
from mock_server.contract.behaviours.expressions import FromBody, Literal
from mock_server.contract.behaviours.guards import Requirement
from mock_server.contract.model import Contract, Operation, Resource, Step, Write
from mock_server.contract.problems import Refused
from mock_server.contract.record_rules import Transitions
from mock_server.engine.engine import Performed
from mock_server.engine.verbs import Delete, Find

FAMILY = "guards"


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    subject = Subject.of(contract, ())
    for operation, step in steps(contract):
        guard: Requirement | None = getattr(step, "guard", None)
        if guard is not None and guard.is_asking and subject.makers_of(step.resource.name):
            yield from _of_guard(operation, step, guard, subject)
    for resource in contract.resources.values():
        for field, table in resource.transitions.tables.items() if resource.transitions else ():
            yield from _of_table(subject, resource, field, table)


def _of_guard(operation: Operation, step: Step, guard: Requirement, subject: Subject) -> Iterator[Mutant]:
    unguarded = _changing(step, guard=None)
    if not _is_asked_again(operation, step, guard):
        yield _named(operation, "missing", "asks nothing of the record", declared_otherwise(operation, unguarded))
    yield _named(operation, "inverted", "goes on exactly where it should not", _inverted(operation, unguarded))
    if isinstance(step, Delete) or any(_shows(subject, step.resource, guard, write) for write in step.written):
        yield _named(operation, "late", "refuses after it has done it", _late(operation, unguarded))
    for field, values in guard.conditions.items():
        if len(guard.conditions) > 1 and _varies(subject, step.resource, field):
            others = {name: several for name, several in guard.conditions.items() if name != field}
            hook = declared_otherwise(operation, _changing(step, guard=replace(guard, conditions=others)))
            yield _named(operation, f"forgets.{field}", f"does not ask for {field}", hook)
        if len(values) > 1 and _varies(subject, step.resource, field):
            fewer = {**guard.conditions, field: values[:1]}
            hook = declared_otherwise(operation, _changing(step, guard=replace(guard, conditions=fewer)))
            yield _named(operation, f"narrow.{field}", f"takes the first value of {field} alone", hook)


def _is_asked_again(operation: Operation, step: Step, guard: Requirement) -> bool:
    """Say whether a later step looks for the record by what the guard asks for, and so refuses what the guard refuses."""
    later = operation.steps[operation.steps.index(step) + 1 :]
    return any(
        isinstance(one, Find) and one.resource is step.resource and one.where.keys() & set(guard.fields) for one in later
    )


def _varies(subject: Subject, resource: Resource, field: str) -> bool:
    return bool(list(moves(subject, resource, field)))


def _shows(subject: Subject, resource: Resource, guard: Requirement, write: Write) -> bool:
    """Say whether some record shows that a field was written though the guard stood in the way."""
    expression = write.value.possible()[0]
    if not isinstance(expression, Literal):
        return isinstance(expression, FromBody) and write.field not in guard.fields
    asked = [value.fixed.value for value in guard.conditions.get(write.field, ()) if isinstance(value.fixed, Literal)]
    others = [way.value for way in moves(subject, resource, write.field)]
    return bool(asked) and any(value not in asked and value != expression.value for value in others)


def _changing(step: Step, **changes: object) -> Change:
    """Return what changes one step and leaves the others as they are."""
    return lambda one: step_with(one, **changes) if one is step else one


def _inverted(operation: Operation, unguarded: Change) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        if execution.operation is not operation:
            return proceed(execution)
        before = context.store.snapshot()
        try:
            proceed(execution)
        except Refused as refused:
            if refused.kind == "not-found":
                raise
            return perform_changed(context, execution.but(), unguarded)
        context.store.restore(before)
        raise Refused("conflict", "This record is not as it has to be.")

    return hook


def _late(operation: Operation, unguarded: Change) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        try:
            return proceed(execution)
        except Refused:
            if execution.operation is operation:
                perform_changed(context, execution.but(), unguarded)
            raise

    return hook


def _of_table(subject: Subject, resource: Resource, field: str, table: Mapping[str, tuple[str, ...]]) -> Iterator[Mutant]:
    ways = list(moves(subject, resource, field))
    begins = list(starts(subject, resource, field))
    for state in states(resource, field):
        if not isinstance(state, str) or route(begins, ways, table, state) is None:
            continue
        following = table.get(state, ())
        illegal = [way for way in ways if way.value not in following and way.value != state]
        legal = [way for way in ways if way.value in following and way.value != state]
        for way in illegal[:1]:
            yield _of_move(resource, field, "lets", {**table, state: (*following, str(way.value))}, state, way)
        for way in legal:
            left = tuple(other for other in following if other != way.value)
            yield _of_move(resource, field, "refuses", {**table, state: left}, state, way)
    writing = {way.signature.operation.id: way.signature.operation for way in ways}
    for operation in writing.values():
        hook = declared_otherwise(operation, _with_table(resource, None))
        yield _named(operation, f"any.{field}", f"lets {field} go from anything to anything", hook)


def _of_move(resource: Resource, field: str, word: str, table: Mapping[str, tuple[str, ...]], state: str, way: Move) -> Mutant:
    operation, given = way.signature.operation, resource.transitions
    tables = {**(given.tables if given else {}), field: table}
    hook = declared_otherwise(operation, _with_table(resource, replace(given, tables=tables) if given else None))
    about = f"{word} {field} go from {state} to {way.value}"
    return _named(operation, f"{word}.{field}.{state}.{way.value}", about.replace("refuses", "does not let"), hook)


def _with_table(resource: Resource, transitions: Transitions | None) -> Change:
    changed = replace(resource, transitions=transitions)
    return lambda step: step_with(step, resource=changed) if step.resource is resource else step


def _named(operation: Operation, name: str, about: str, hook: PerformHook) -> Mutant:
    return Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, f"{operation.id} {about}.", perform=hook)
