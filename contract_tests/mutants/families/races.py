"""Races: a server that looks, waits, and acts on what it saw. Only simultaneous requests show it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from contract_tests.mutants.facts import (
    IdLookup,
    KeyLookup,
    carried_out,
    goes_by_caller,
    id_lookups,
    key_lookups,
    settled,
    steps,
    written_properties,
)
from contract_tests.mutants.families.alterations import hidden, known_ids, only_for
from contract_tests.mutants.families.update_hooks import target
from contract_tests.mutants.hooks import (
    GAP,
    ExchangeHook,
    Identify,
    IdentifyHook,
    Mutant,
    MutantContext,
    MutantExecution,
    PerformHook,
    Proceed,
)
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Operation, Resource
from mock_server.contract.problems import Refused
from mock_server.engine.engine import Performed
from mock_server.engine.store import Record
from mock_server.engine.verbs import Create, Delete, Update
from mock_server.exchange.messages import Request

FAMILY = "races"


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    for lookup in key_lookups(contract):
        about = f"two simultaneous requests of {lookup.operation.id} with one new key make two of {lookup.resource.name}"
        yield _race("made-twice", about, lookup.operation, _looking_then_making(lookup))
    for operation, step in steps(contract):
        if isinstance(step, Create):
            yield from _conflicts(contract, operation, step)
    for each in id_lookups(contract):
        if isinstance(each.step, Update):
            yield from _updates(contract, each)
        if (
            isinstance(each.step, Delete)
            and each.operation in carried_out(contract)
            and settled(contract, each.step.otherwise) == "not-found"
        ):
            about = f"two simultaneous requests of {each.operation.id} both remove one {each.resource.name}"
            yield _race("removed-twice", about, each.operation, _removed_twice(each))
    acting = [operation for operation in carried_out(contract) if operation.secured and _is_repeatable(operation)]
    for operation in acting:
        about = f"simultaneous requests of {operation.id} get the answer of the one that came last."
        name = f"{FAMILY}.answers-mixed.{operation.id}"
        yield Mutant(name, FAMILY, about, exchange=_mixed(operation), together=True)
    for operation in acting[:2]:
        about = f"simultaneous requests of {operation.id} are taken for those of the organization that came last."
        name = f"{FAMILY}.organizations-mixed.{operation.id}"
        yield Mutant(name, FAMILY, about, identify=_organizations_mixed(operation), together=True)


def _race(name: str, about: str, operation: Operation, hook: PerformHook, part: str = "") -> Mutant:
    place = f"{operation.id}.{part}" if part else operation.id
    return Mutant(f"{FAMILY}.{name}.{place}", FAMILY, f"{about}.", perform=only_for(operation, hook), together=True)


def _looking_then_making(lookup: KeyLookup) -> PerformHook:
    """Return a hook that looks for a key, waits, and does not see what came to have it meanwhile."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        asked, resource = lookup.asked(execution.body), lookup.resource
        before = known_ids(context, execution, resource, asked) if asked else []
        context.pause()
        since = [id for id in known_ids(context, execution, resource, asked) if id not in before] if asked else []
        with hidden(context, resource, [] if before else since):
            return proceed(execution)

    return hook


def _conflicts(contract: Contract, operation: Operation, step: Create) -> Iterator[Mutant]:
    """Yield what makes a second record although that is a conflict, when both are asked for at the same time."""
    resource, name = step.resource, step.resource.name
    key = {write.field for write in step.writes}.issuperset(resource.key) and bool(resource.key)
    refuses = any(settled(contract, rule.then) in ("conflict", "reuse") for rule in step.when_duplicate)
    if refuses or (key and settled(contract, step.when_key_taken) == "conflict"):
        about = f"two simultaneous requests of {operation.id} make two of {name}, of which the second is a duplicate"
        yield _race("duplicate", about, operation, _making_unseen(resource), name)


def _making_unseen(resource: Resource) -> PerformHook:
    """Return a hook that performs a request as if nothing of a resource had been made while it waited."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        owner = execution.owner(resource)
        before = {record[resource.id] for record in execution.store.scan(resource.name, owner)}
        context.pause()
        since = [record for record in execution.store.scan(resource.name, owner) if record[resource.id] not in before]
        for record in since:
            execution.store.remove(resource.name, owner, record[resource.id])
        execution.store.commit()
        try:
            return proceed(execution)
        finally:
            for record in since:
                execution.store.put(resource.name, owner, record[resource.id], record)
            execution.store.commit()

    return hook


def _updates(contract: Contract, one: IdLookup) -> Iterator[Mutant]:
    operation, name = one.operation, one.resource.name
    taken = [each for each in written_properties(contract) if each.step is one.step]
    if len(taken) > 1:
        about = f"of two simultaneous requests of {operation.id} for one {name}, one undoes what the other changed"
        yield _race("lost-update", about, operation, _overwriting(one))
    keys = [each for each in taken if each.is_key]
    if keys and isinstance(one.step, Update) and settled(contract, one.step.when_key_taken) == "conflict":
        about = f"two simultaneous requests of {operation.id} give one key to two of {name}"
        yield _race("key-twice", about, operation, _key_unseen(one))


def _overwriting(one: IdLookup) -> PerformHook:
    """Return a hook that reads a record, waits, and writes all of it back as it was, but for what was sent."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        before = target(execution, one)
        context.pause()
        if before is not None and target(execution, one) is not None:
            context.amend(one.resource, execution.owner(one.resource), before[one.resource.id], before)
        return proceed(execution)

    return hook


def _key_unseen(one: IdLookup) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        before = _holders(context, execution, one)
        context.pause()
        since = [id for id in _holders(context, execution, one) if id not in before]
        with hidden(context, one.resource, since):
            return proceed(execution)

    return hook


def _holders(context: MutantContext, execution: MutantExecution, one: IdLookup) -> list[Json]:
    record: Record = target(execution, one) or {}
    body = execution.body if isinstance(execution.body, dict) else {}
    asked = {field: body.get(field, record.get(field)) for field in one.resource.key}
    if None in asked.values():
        return []
    return [id for id in known_ids(context, execution, one.resource, asked) if id != record.get(one.resource.id)]


def _removed_twice(one: IdLookup) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        was_there = target(execution, one) is not None
        context.pause()
        try:
            performed = proceed(execution)
        except Refused as refused:
            place = f"removed {sorted(execution.parameters.items())}"
            if refused.kind != "not-found" or not was_there or place not in context.memory:
                raise
            removed: Performed = context.memory[place]
            return removed._replace(changes=[])
        context.memory[f"removed {sorted(execution.parameters.items())}"] = performed
        return performed

    return hook


def _mixed(operation: Operation) -> ExchangeHook:
    """Return a hook that keeps an answer where the next request puts its own, before it is sent."""

    def hook(context: MutantContext, call: WireRequest, proceed: Callable[[WireRequest], WireResponse]) -> WireResponse:
        reply = proceed(call)
        if context.operation_of(call) != operation.id:
            return reply
        context.memory["answer"] = reply
        time.sleep(GAP)
        latest: WireResponse = context.memory["answer"]
        return replace(latest, sent_at=reply.sent_at)

    return hook


def _organizations_mixed(operation: Operation) -> IdentifyHook:
    def hook(context: MutantContext, request: Request, proceed: Identify) -> str | None:
        organization = proceed(request)
        if context.operation_of(WireRequest(request.method, request.path)) != operation.id:
            return organization
        context.memory["organization"] = organization
        context.pause()
        latest: str = context.memory["organization"]
        return latest

    return hook


def _is_repeatable(operation: Operation) -> bool:
    """Say whether simultaneous requests may show the same credential: an operation that ends it is done once."""
    return operation.behaviour is not None and not any(map(goes_by_caller, operation.behaviour.steps))
