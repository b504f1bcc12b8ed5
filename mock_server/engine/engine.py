"""The engine: a contract whose behaviours are compiled, ready to be performed on a store."""

from __future__ import annotations

from typing import NamedTuple

from mock_server.contract.model import Behaviour, Contract, Operation, Resource, Step
from mock_server.contract.source import Json
from mock_server.engine.answers import Tell, compile_answer
from mock_server.engine.execution import Execution
from mock_server.engine.memory import MemoryStore
from mock_server.engine.scope import Perform, Scope, texts_of
from mock_server.engine.store import Change, Fields, Index, Layout, Snapshot, Store
from mock_server.engine.unproven import AnswerCheck
from mock_server.engine.values import Absent
from mock_server.engine.verbs import Verb


class Performed(NamedTuple):
    """What an operation came to: status, body (`ABSENT`: none) and what it changed."""

    status: int
    body: Json | Absent
    changes: list[Change]


class _Compiled(NamedTuple):
    """A behaviour as functions: its steps by name, in order, then its answer."""

    steps: list[tuple[str, Perform]]
    answer: Tell


class Engine:
    """Performs the behaviours of one contract. It holds no state of its own: the store is passed in.

    Without `checks_answers`, it also gives answers that break their schemas.
    """

    def __init__(self, contract: Contract, *, checks_answers: bool = True) -> None:
        self.contract = contract
        self.layout = layout_of(contract)
        self._behaviours = {
            operation.id: _compile(operation, operation.behaviour, Scope(contract.resources, self.layout), checks_answers)
            for operation in contract.operations
            if operation.behaviour
        }

    def new_store(self, seed: Snapshot | None = None) -> Store:
        """Return a store for the resources of the contract, filled with `seed`."""
        return MemoryStore(self.layout, seed)

    def perform(self, operation: Operation, execution: Execution) -> Performed:
        """Perform `operation` all or nothing; raise `Refused` or `Undecided` with the store as it was."""
        steps, answer = self._behaviours[operation.id]
        try:
            for name, step in steps:
                execution.results[name] = step(execution)
            status, body = answer(execution)
        except BaseException:
            execution.store.rollback()
            raise
        return Performed(status, body, execution.store.commit())


def _compile(operation: Operation, behaviour: Behaviour, scope: Scope, checks_answers: bool) -> _Compiled:
    steps = []
    for step in behaviour.steps:
        steps.append((step.name, _verb(step).compile(scope)))
        scope.steps[step.name] = step
    answer = compile_answer(behaviour, scope)
    if checks_answers and behaviour.answer.unproven:
        answer = AnswerCheck(operation, behaviour.answer.unproven).around(answer)
    return _Compiled(steps, answer)


def _verb(step: Step) -> Verb:
    if not isinstance(step, Verb):
        raise TypeError(f"{step} was read by something that cannot perform it")
    return step


def layout_of(contract: Contract) -> Layout:
    """Return by which fields the steps of a contract look records up, those of keys included."""
    found: dict[str, set[Fields]] = {
        resource.name: {resource.key} if resource.key else set() for resource in contract.resources.values()
    }
    for step in contract.steps():
        for name, fields in _verb(step).lookups(contract.resources):
            found[name].add(fields)
    return {
        name: {fields: _index(contract.resources[name], fields) for fields in sorted(several)}
        for name, several in found.items()
    }


def _index(resource: Resource, fields: Fields) -> Index:
    return Index(resource.name, fields, fields == resource.key, texts_of(resource).issuperset(fields))
