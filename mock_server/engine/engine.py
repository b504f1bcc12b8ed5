"""The engine: a contract whose behaviours are compiled, ready to be performed on a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mock_server.contract.model import Contract, Create, Delete, Find, Operation, Update
from mock_server.contract.source import Json
from mock_server.engine.choices import Choices
from mock_server.engine.making import Making
from mock_server.engine.steps import (
    Absent,
    Run,
    compile_behaviour,
    indexed_fields,
    referring_fields,
)
from mock_server.engine.store import Change, Snapshot, Store, TableLayout


@dataclass(frozen=True, slots=True)
class Performed:
    """What an operation came to: status, body (`ABSENT`: none) and what it changed."""

    status: int
    body: Json | Absent
    changes: list[Change]


class Engine:
    """Performs the behaviours of one contract. It holds no state of its own: the store is passed in."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self._behaviours = {
            operation.id: compile_behaviour(operation.behaviour, contract.resources)
            for operation in contract.operations
            if operation.behaviour
        }
        self._layout = _layout(contract)

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
        store.begin()
        try:
            status, answer = self._behaviours[operation.id](Run(store, choices, making, organization, parameters, body))
        except BaseException:
            store.rollback()
            raise
        return Performed(status, answer, store.commit())


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
            for referring in contract.resources.values():
                for other, field in referring_fields(referring, contract.resources):
                    indexes[other.name].add((field,))
    return {name: TableLayout(frozenset(found), contract.resources[name].key) for name, found in indexes.items()}
