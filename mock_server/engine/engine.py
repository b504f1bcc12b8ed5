"""The engine: a contract whose behaviours are compiled, ready to be performed on a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mock_server.contract.files.source import Json
from mock_server.contract.model import Behaviour, Contract, Operation, Resource, Step
from mock_server.engine.answers import Tell, compile_answer, show_within
from mock_server.engine.each import for_each
from mock_server.engine.entity_tags import tagged
from mock_server.engine.execution import Execution
from mock_server.engine.kept_answers import KEPT, keeps_answers
from mock_server.engine.memory import MemoryStore
from mock_server.engine.occasions import on_occasion
from mock_server.engine.operators import counted_by, counts_of
from mock_server.engine.outgoing import Outgoing
from mock_server.engine.scope import Scope, texts_of
from mock_server.engine.store import Change, Fields, Index, Layout, Snapshot, Store
from mock_server.engine.uniques import always_indexed
from mock_server.engine.unproven import AnswerCheck
from mock_server.engine.values import Absent
from mock_server.engine.verbs import Verb

if TYPE_CHECKING:
    from mock_server.engine.specialising import Definitions

STEADY = ("choices", "made", "organization", "rested_on", "results", "store")
"""The attributes of an execution, and of its choices, that keep their values while it is performed."""

OFTEN = 1000
"""How often an operation is performed before it is specialised: a tenth of a second is won back by some ten thousand requests.

A start does not pay for it, nor does what is rarely asked: a test, or a run of the contract tests."""

_performed = tuple.__new__  # a named tuple's own constructor is a Python function; that of `tuple` is not


class Performed(NamedTuple):
    """What an operation came to: status, body (`ABSENT`: none), what it changed, and what is sent once it is answered."""

    status: int
    body: Json | Absent
    changes: list[Change]
    messages: tuple[Outgoing, ...] = ()


class Engine:
    """Performs the behaviours of one contract. The store is passed in; what it holds itself changes only how fast it is.

    Without `checks_answers`, it also gives answers that break their schemas.
    """

    def __init__(self, contract: Contract, *, checks_answers: bool = True) -> None:
        self.contract = contract
        self.layout = layout_of(contract)
        self._definitions: Definitions | None = None
        self._compiled = {
            operation.id: compile_operation(operation, operation.behaviour, self.scope(), checks_answers=checks_answers)
            for operation in contract.operations
            if operation.behaviour
        }
        unsteady = {one.id for one in contract.operations if one.behaviour and _tells_organization(one.behaviour)}
        self._performed_by = {
            id: perform if id in unsteady else self._counting(id, perform) for id, perform in self._compiled.items()
        }

    def scope(self) -> Scope:
        """Return what is known when the steps of an operation are compiled: none of them yet."""
        return Scope(self.contract.resources, self.contract.views, self.layout, show_within, self.contract.problem_statuses)

    def new_store(self, seed: Snapshot | None = None) -> Store:
        """Return a store for the resources of the contract, filled with `seed`."""
        return MemoryStore(self.layout, seed)

    def perform(self, operation: Operation, execution: Execution) -> Performed:
        """Perform `operation` all or nothing; raise `Refused` or `Undecided` with the store as it was."""
        store = execution.store
        try:
            status, body = self._performed_by[operation.id](execution)
        except BaseException:
            store.rollback()
            raise
        return _performed(Performed, (status, body, store.commit(), execution.messages))

    def specialise(self, id: str) -> None:
        """Have the operation with this id performed by one flat function, which does the same in less time, from now on."""
        from mock_server.engine.specialising import Definitions, specialise  # not at the start, which does not need it

        self._definitions = self._definitions or Definitions()
        self._performed_by[id] = specialise(self._compiled[id], self._definitions, STEADY)

    def _counting(self, id: str, perform: Tell) -> Tell:
        """Return a function that performs an operation, and has it specialised when it has been performed often."""
        left = OFTEN

        def counted(execution: Execution) -> tuple[int, Json | Absent]:
            nonlocal left
            left -= 1
            if left == 0:
                self.specialise(id)
            return perform(execution)

        return counted


def compile_operation(operation: Operation, behaviour: Behaviour, scope: Scope, *, checks_answers: bool) -> Tell:
    """Return the function that performs a behaviour and tells the answer."""
    steps = []
    for step in behaviour.steps:
        verb = _verb(step)
        perform_one = on_occasion(step.occasions, verb.compile(scope), verb.nothing, scope)
        steps.append((step.name, for_each(step.each, perform_one, scope) if step.each else perform_one))
        scope.steps[step.name] = step
    answer = compile_answer(behaviour, scope)
    if checks_answers and behaviour.answer.unproven:
        answer = AnswerCheck(operation, behaviour.answer.unproven).around(answer)
    answer = tagged(operation, behaviour, answer)

    def perform(execution: Execution) -> tuple[int, Json | Absent]:
        for name, step in steps:
            execution.results[name] = step(execution)
        return answer(execution)

    return perform


def _tells_organization(behaviour: Behaviour) -> bool:
    """Say whether a request may go on for another organization than it began for: then that is not steady."""
    return any(step.tells_organization for step in behaviour.steps)


def _verb(step: Step) -> Verb:
    if not isinstance(step, Verb):
        raise TypeError(f"{step} was read by something that cannot perform it")
    return step


def layout_of(contract: Contract) -> Layout:
    """Return by which fields the steps of a contract look records up, those of keys included."""
    found: dict[str, set[Fields]] = {resource.name: always_indexed(resource) for resource in contract.resources.values()}
    for step in contract.steps():
        for name, fields in _verb(step).lookups(contract.resources):
            found[name].add(fields)
    for resource in contract.resources.values():
        if resource.credential is not None:
            found[resource.name].add(resource.credential.sought)
    for count in counts_of(contract):
        found[count.resource].add(counted_by(count))
    if keeps_answers(contract):
        found[KEPT] = set()
    return {
        name: {fields: _index(contract.resources[name], fields) for fields in sorted(several)}
        for name, several in found.items()
    }


def _index(resource: Resource, fields: Fields) -> Index:
    return Index(resource.name, fields, fields == resource.key, texts_of(resource).issuperset(fields))
