"""Choices that are made in two ways: by one operation as by another, or otherwise than a moment before."""

from __future__ import annotations

from collections.abc import Iterator

from contract_tests.mutants.families.alterations import under
from contract_tests.mutants.families.names import FIND_OR_CREATE
from contract_tests.mutants.hooks import Mutant
from mock_server.contract.model import Contract, Operation
from mock_server.engine.verbs import Create, Find, FindOrCreate, Update


def two_minds(contract: Contract) -> Iterator[Mutant]:
    """Yield operations that follow another choice about keys than the others do, or another one than for a while."""
    users: dict[str, list[Operation]] = {}
    for operation in contract.operations:
        for name in sorted(_about_keys(operation)):
            users.setdefault(name, []).append(operation)
    for name, operations in users.items():
        assumption = contract.assumptions[name]
        others = [choice for choice in assumption.choices if choice != assumption.default]
        if len(operations) > 1 and others:
            for operation in operations[:2]:
                about = f"{operation.id} follows {others[0]!r} of {name}, all other operations {assumption.default!r}."
                yield Mutant(
                    f"{FIND_OR_CREATE}.two-minds.{name}.{operation.id}",
                    FIND_OR_CREATE,
                    about,
                    perform=under(operation, {name: others[0]}),
                )


def _about_keys(operation: Operation) -> set[str]:
    """Return the assumptions about keys that an operation rests on when it looks one up."""
    names: set[str | None] = set()
    for step in operation.steps:
        key = step.resource.key
        if isinstance(step, FindOrCreate) or (isinstance(step, (Create, Find, Update)) and key and set(key) <= _fields(step)):
            names |= {step.resource.key_case.assumption, step.resource.key_space.assumption}
        if isinstance(step, FindOrCreate):
            names.add(step.resource.previous_key.assumption)
    return {name for name in names if name is not None}


def _fields(step: Create | Find | Update) -> set[str]:
    return set(step.where) if isinstance(step, Find) else {write.field for write in step.writes}
