"""The engine: a contract whose behaviours are compiled, ready to be performed on a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from mock_server.contract.inclusion import types_of
from mock_server.contract.model import Behaviour, Contract, Create, Delete, Find, Operation, Resource, Update
from mock_server.contract.source import Json
from mock_server.engine.answers import write_answer
from mock_server.engine.choices import Choices
from mock_server.engine.locating import indexed_fields
from mock_server.engine.making import Making
from mock_server.engine.run import Absent
from mock_server.engine.scene import Scene
from mock_server.engine.store import Change, Snapshot, Store, TableLayout
from mock_server.engine.unproven import AnswerCheck
from mock_server.engine.verbs import referring_fields, write_step

Performed: TypeAlias = tuple[int, Json | Absent, list[Change]]
"""What an operation came to: status, body (`ABSENT`: none) and what it changed."""

Perform: TypeAlias = Callable[..., tuple[int, Json | Absent]]  # see `scene.PARAMETERS`


class Engine:
    """Performs the behaviours of one contract. It holds no state of its own: the store is passed in.

    Without `checks_answers`, it also gives answers that break their schemas.
    """

    def __init__(self, contract: Contract, *, checks_answers: bool = True) -> None:
        self.contract = contract
        self._checks = {
            operation.id: AnswerCheck(operation, operation.behaviour.answer.unproven)
            for operation in contract.operations
            if checks_answers and operation.behaviour and operation.behaviour.answer.unproven
        }
        self._layout = _layout(contract)
        self._behaviours = {
            operation.id: _compile_behaviour(operation, operation.behaviour, contract.resources, self._layout)
            for operation in contract.operations
            if operation.behaviour
        }

    def new_store(self, seed: Snapshot | None = None) -> Store:
        """Return a store for the resources of the contract, filled with `seed`."""
        return Store(self._layout, seed)

    def perform(
        self,
        operation: Operation,
        store: Store,
        choices: Choices,
        making: Making,
        organization: str | None,
        parameters: Mapping[tuple[str, str], Json],
        body: Json | Absent,
    ) -> Performed:
        """Perform `operation` all or nothing; raise `Refused` or `Undecided` with the store as it was."""
        try:
            status, answer = self._behaviours[operation.id](store, choices, making, organization, parameters, body)
            if operation.id in self._checks:
                self._checks[operation.id].hold(status, answer)
        except BaseException:
            store.rollback()
            raise
        return status, answer, store.commit()

    def source(self, operation: Operation) -> str:
        """Return what the behaviour of `operation` was compiled to, as Python source."""
        source: str = self._behaviours[operation.id].source  # type: ignore[attr-defined]  # see `Source.function`
        return source


def _compile_behaviour(
    operation: Operation, behaviour: Behaviour, resources: Mapping[str, Resource], layouts: Mapping[str, TableLayout]
) -> Perform:
    scene = Scene(operation.id, resources, layouts)
    for step in behaviour.steps:
        write_step(scene, step)
    write_answer(scene, behaviour)
    return scene.source.function()


def _layout(contract: Contract) -> dict[str, TableLayout]:
    """Return which groups of fields the steps of a contract look records up by."""
    indexes: dict[str, set[tuple[str, ...]]] = {name: set() for name in contract.resources}
    for resource in contract.resources.values():
        if resource.key:
            indexes[resource.name].add(resource.key)
    for step in contract.steps():
        name = step.resource.name
        if isinstance(step, (Find, Update, Delete)) and step.resource.id not in step.where:
            indexes[name].add(indexed_fields(step.where))
        if isinstance(step, (Create, Update)):
            for rule in step.when_duplicate:
                indexes[name].add(indexed_fields({**dict.fromkeys(rule.same), **rule.where}))
        if isinstance(step, Delete):
            for resource in contract.resources.values():
                for other, field in referring_fields(resource, contract.resources):
                    indexes[other.name].add((field,))
    return {
        name: TableLayout(frozenset(found), contract.resources[name].key, _texts(contract.resources[name]))
        for name, found in indexes.items()
    }


def _texts(resource: Resource) -> frozenset[str]:
    """Return the fields that every record of `resource` has and that hold nothing but text or null."""
    return frozenset(
        field.name
        for field in resource.fields.values()
        if (field.required or field.nullable) and (field.refers_to is None and types_of(field.schema) <= {"string", "null"})
    ) | {field.name for field in resource.fields.values() if field.refers_to and field.required}
