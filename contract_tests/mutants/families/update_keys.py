"""Updates of keys: who has which key afterwards, and what becomes of one that is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from contract_tests.mutants.facts import IdLookup, WrittenProperty, settled
from contract_tests.mutants.families.alterations import known_ids
from contract_tests.mutants.families.update_hooks import body_of, update_mutant, when_found
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract
from mock_server.contract.problems import Refused
from mock_server.engine.engine import Performed
from mock_server.engine.store import Record
from mock_server.engine.verbs import Update


def update_keys(contract: Contract, one: IdLookup, taken: list[WrittenProperty]) -> Iterator[Mutant]:
    """Yield the mutants about the keys that an update gives."""
    keys = [each for each in taken if each.is_key]
    if not keys or not isinstance(one.step, Update):
        return
    name, token = one.resource.name, keys[0].token
    yield update_mutant(
        one,
        "own-key",
        f"takes the {token} that a {name} has already for one that is in use",
        when_found(one, _own_key(one, token)),
    )
    yield update_mutant(
        one, "merges", f"answers the other {name} when its {token} is in use", when_found(one, _merging(one, token))
    )
    yield update_mutant(
        one, "foreign-key", f"refuses a {token} that another organization uses", when_found(one, _foreign_key(one, token))
    )
    if settled(contract, one.step.when_key_taken) == "conflict":
        yield update_mutant(
            one,
            "conflict-stored",
            f"refuses a {token} that is in use, and stores the other fields",
            _conflict_stored(one, token),
        )


def _own_key(one: IdLookup, token: str) -> Callable[[MutantContext, MutantExecution, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        if token in body_of(execution) and body_of(execution)[token] == record.get(token):
            raise Refused("conflict", f"This {token} is in use.")
        return proceed(execution)

    return change


def _holders(context: MutantContext, execution: MutantExecution, one: IdLookup, record: Record) -> list[Json]:
    """Return who else has the key that a record would have after an update."""
    asked = {field: body_of(execution).get(field, record.get(field)) for field in one.resource.key}
    found = [] if None in asked.values() else known_ids(context, execution, one.resource, asked)
    return [id for id in found if id != record[one.resource.id]]


def _merging(one: IdLookup, token: str) -> Callable[[MutantContext, MutantExecution, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        others = _holders(context, execution, one, record) if token in body_of(execution) else []
        if others:
            execution = execution.but(parameters={**execution.parameters, ("path", one.parameter): others[0]})
        return proceed(execution)

    return change


def _foreign_key(one: IdLookup, token: str) -> Callable[[MutantContext, MutantExecution, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        for owner in context.setup.organizations:
            if owner != execution.organization and body_of(execution).get(token) is not None:
                for other in execution.store.scan(one.resource.name, owner):
                    if other.get(token) == body_of(execution)[token]:
                        raise Refused("conflict", f"This {token} is in use.")
        return proceed(execution)

    return change


def _conflict_stored(one: IdLookup, token: str) -> PerformHook:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        try:
            return proceed(execution)
        except Refused as refused:
            rest = {name: value for name, value in body_of(execution).items() if name != token}
            if refused.kind == "conflict" and rest:
                proceed(execution.but(body=rest))
            raise

    return when_found(one, change)
