"""Races: a server that looks, waits, and acts on what it saw. Only simultaneous requests show it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from contract_tests.messages import Call, Reply
from contract_tests.rehearsal.breaks.alterations import hidden, known_ids, only_for
from contract_tests.rehearsal.breaks.updates import target
from contract_tests.rehearsal.facts import ById, Lookup, by_id, carried_out, lookups, settled, steps, takings
from contract_tests.rehearsal.hooks import GAP, Break, Deed, ExchangeHook, IdentifyHook, Performed, PerformHook, Stage
from mock_server.contract.model import Contract, Create, Delete, Operation, Resource, Update
from mock_server.contract.problems import Refused
from mock_server.contract.source import Json
from mock_server.engine.store import Record
from mock_server.exchange.messages import Request

FAMILY = "races"
Proceed = Callable[[Deed], Performed]


def breaks(contract: Contract) -> Iterator[Break]:
    """Yield the breaks of this family."""
    for lookup in lookups(contract):
        about = f"two simultaneous requests of {lookup.operation.id} with one new key make two of {lookup.resource.name}"
        yield _race("made-twice", about, lookup.operation, _looking_then_making(lookup))
    for operation, step in steps(contract):
        if isinstance(step, Create):
            yield from _conflicts(contract, operation, step)
    for each in by_id(contract):
        if isinstance(each.step, Update):
            yield from _updates(contract, each)
        if (
            isinstance(each.step, Delete)
            and each.operation in carried_out(contract)
            and settled(contract, each.step.otherwise) == "not-found"
        ):
            about = f"two simultaneous requests of {each.operation.id} both remove one {each.resource.name}"
            yield _race("removed-twice", about, each.operation, _removed_twice(each))
    acting = [operation for operation in carried_out(contract) if operation.behaviour and operation.secured]
    for operation in acting:
        about = f"simultaneous requests of {operation.id} get the answer of the one that came last."
        name = f"{FAMILY}.answers-mixed.{operation.id}"
        yield Break(name, FAMILY, about, exchange=_mixed(operation), together=True)
    for operation in acting[:2]:
        about = f"simultaneous requests of {operation.id} are taken for those of the organization that came last."
        name = f"{FAMILY}.organizations-mixed.{operation.id}"
        yield Break(name, FAMILY, about, identify=_organizations_mixed(operation), together=True)


def _race(name: str, about: str, operation: Operation, hook: PerformHook, part: str = "") -> Break:
    place = f"{operation.id}.{part}" if part else operation.id
    return Break(f"{FAMILY}.{name}.{place}", FAMILY, f"{about}.", perform=only_for(operation, hook), together=True)


def _looking_then_making(lookup: Lookup) -> PerformHook:
    """Return a hook that looks for a key, waits, and does not see what came to have it meanwhile."""

    def hook(stage: Stage, deed: Deed, proceed: Proceed) -> Performed:
        asked, resource = lookup.asked(deed.body), lookup.resource
        before = known_ids(stage, deed, resource, asked) if asked else []
        stage.pause()
        since = [id for id in known_ids(stage, deed, resource, asked) if id not in before] if asked else []
        with hidden(deed.store, resource, deed.owner(resource), [] if before else since):
            return proceed(deed)

    return hook


def _conflicts(contract: Contract, operation: Operation, step: Create) -> Iterator[Break]:
    """Yield what makes a second record although that is a conflict, when both are asked for at the same time."""
    resource, name = step.resource, step.resource.name
    key = {write.field for write in step.writes}.issuperset(resource.key) and bool(resource.key)
    refuses = any(settled(contract, rule.then) in ("conflict", "reuse") for rule in step.when_duplicate)
    if refuses or (key and settled(contract, step.when_key_taken) == "conflict"):
        about = f"two simultaneous requests of {operation.id} make two of {name}, of which the second is a duplicate"
        yield _race("duplicate", about, operation, _making_unseen(resource), name)


def _making_unseen(resource: Resource) -> PerformHook:
    """Return a hook that performs a request as if nothing of a resource had been made while it waited."""

    def hook(stage: Stage, deed: Deed, proceed: Proceed) -> Performed:
        owner = deed.owner(resource)
        before = {record[resource.id] for record in deed.store.all(resource.name, owner)}
        stage.pause()
        since = [record for record in deed.store.all(resource.name, owner) if record[resource.id] not in before]
        for record in since:
            deed.store.put(resource.name, owner, record[resource.id], None)
        deed.store.commit()
        try:
            return proceed(deed)
        finally:
            for record in since:
                deed.store.put(resource.name, owner, record[resource.id], record)
            deed.store.commit()

    return hook


def _updates(contract: Contract, one: ById) -> Iterator[Break]:
    operation, name = one.operation, one.resource.name
    taken = [each for each in takings(contract) if each.step is one.step]
    if len(taken) > 1:
        about = f"of two simultaneous requests of {operation.id} for one {name}, one undoes what the other changed"
        yield _race("lost-update", about, operation, _overwriting(one))
    keys = [each for each in taken if each.is_key]
    if keys and isinstance(one.step, Update) and settled(contract, one.step.when_key_taken) == "conflict":
        about = f"two simultaneous requests of {operation.id} give one key to two of {name}"
        yield _race("key-twice", about, operation, _key_unseen(one))


def _overwriting(one: ById) -> PerformHook:
    """Return a hook that reads a record, waits, and writes all of it back as it was, but for what was sent."""

    def hook(stage: Stage, deed: Deed, proceed: Proceed) -> Performed:
        before = target(deed, one)
        stage.pause()
        if before is not None and target(deed, one) is not None:
            stage.amend(one.resource, deed.owner(one.resource), before[one.resource.id], before)
        return proceed(deed)

    return hook


def _key_unseen(one: ById) -> PerformHook:
    def hook(stage: Stage, deed: Deed, proceed: Proceed) -> Performed:
        before = _holders(stage, deed, one)
        stage.pause()
        since = [id for id in _holders(stage, deed, one) if id not in before]
        with hidden(deed.store, one.resource, deed.owner(one.resource), since):
            return proceed(deed)

    return hook


def _holders(stage: Stage, deed: Deed, one: ById) -> list[Json]:
    record: Record = target(deed, one) or {}
    body = deed.body if isinstance(deed.body, dict) else {}
    asked = {field: body.get(field, record.get(field)) for field in one.resource.key}
    if None in asked.values():
        return []
    return [id for id in known_ids(stage, deed, one.resource, asked) if id != record.get(one.resource.id)]


def _removed_twice(one: ById) -> PerformHook:
    def hook(stage: Stage, deed: Deed, proceed: Proceed) -> Performed:
        was_there = target(deed, one) is not None
        stage.pause()
        try:
            performed = proceed(deed)
        except Refused as refused:
            place = f"removed {sorted(deed.parameters.items())}"
            if refused.kind != "not-found" or not was_there or place not in stage.memory:
                raise
            removed: Performed = stage.memory[place]
            return removed._replace(changes=[])
        stage.memory[f"removed {sorted(deed.parameters.items())}"] = performed
        return performed

    return hook


def _mixed(operation: Operation) -> ExchangeHook:
    """Return a hook that keeps an answer where the next request puts its own, before it is sent."""

    def hook(stage: Stage, call: Call, proceed: Callable[[Call], Reply]) -> Reply:
        reply = proceed(call)
        if stage.operation_of(call) != operation.id:
            return reply
        stage.memory["answer"] = reply
        time.sleep(GAP)
        latest: Reply = stage.memory["answer"]
        return replace(latest, sent_at=reply.sent_at)

    return hook


def _organizations_mixed(operation: Operation) -> IdentifyHook:
    def hook(stage: Stage, request: Request, proceed: Callable[[Request], str]) -> str:
        organization = proceed(request)
        if stage.operation_of(Call(request.method, request.path)) != operation.id:
            return organization
        stage.memory["organization"] = organization
        stage.pause()
        latest: str = stage.memory["organization"]
        return latest

    return hook
