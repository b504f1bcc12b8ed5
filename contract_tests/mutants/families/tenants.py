"""Organizations: records of one that another one reaches, finds, or is told of."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from contract_tests.mutants.facts import IdLookup, KeyLookup, id_lookups, key_lookups, spread
from contract_tests.mutants.families.alterations import known_ids, only_for
from contract_tests.mutants.hooks import (
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
from mock_server.engine.verbs import Delete, Replace, Update
from mock_server.exchange.messages import Request

FAMILY = "tenants"


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    owned = [one for one in id_lookups(contract) if one.resource.owned]
    for operation in contract.operations:
        reached = [one for one in owned if one.operation == operation]
        if reached:
            about = f"{operation.id} reaches what belongs to another organization, by its ids."
            hook = only_for(operation, _reaching(contract, reached))
            yield Mutant(f"{FAMILY}.reached.{operation.id}", FAMILY, about, perform=hook)
    for one in owned:
        if isinstance(one.step, (Update, Replace, Delete)):
            about = f"{one.operation.id} refuses the id of another organization's {one.resource.name}, and acts all the same."
            hook = only_for(one.operation, _acting_abroad(one))
            yield Mutant(f"{FAMILY}.acts-abroad.{one.operation.id}", FAMILY, about, perform=hook)
    for lookup in [lookup for lookup in key_lookups(contract) if lookup.resource.owned]:
        yield from _keys(contract, lookup)
    secured = [
        operation
        for operation in contract.operations
        if operation.secured and operation.behaviour and any(step.resource.owned for step in operation.behaviour.steps)
    ]
    for operation, (name, about, identified) in spread(secured, list(_mixtures())):
        told = f"{operation.id}: {about}."
        yield Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, told, identify=_for(operation, identified))
    for operation in [operation for operation in secured if operation.body is not None]:
        about = f"{operation.id} gives an organization the answer that another one got to the same request."
        yield Mutant(f"{FAMILY}.replayed.{operation.id}", FAMILY, about, exchange=_replaying(operation))


def adopt(contract: Contract, execution: MutantExecution, resource: Resource, owner: str, id: Json) -> None:
    """Let the organization of a request have a record of another one, and what that record refers to."""
    record = execution.store.held(resource.name, owner, id)
    for field in resource.fields.values():
        other = contract.resources.get(field.refers_to or "")
        if other is not None and other.owned and record.get(field.name) is not None:
            adopt(contract, execution, other, owner, record[field.name])
    if execution.store.get(resource.name, execution.organization, id) is None:
        execution.store.put(resource.name, execution.organization, id, record)
        execution.store.commit()


def _abroad(context: MutantContext, execution: MutantExecution, one: IdLookup) -> tuple[str, Json] | None:
    """Return the other organization that has the record which a request names, and its id."""
    id = execution.parameters.get(("path", one.parameter))
    if not isinstance(id, (str, int)) or execution.store.get(one.resource.name, execution.organization, id) is not None:
        return None
    owners = [owner for owner in context.setup.organizations if owner != execution.organization]
    return next(((owner, id) for owner in owners if execution.store.get(one.resource.name, owner, id) is not None), None)


def _reaching(contract: Contract, reached: list[IdLookup]) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        for one in reached:
            abroad = _abroad(context, execution, one)
            if abroad is not None:
                adopt(contract, execution, one.resource, *abroad)
        return proceed(execution)

    return hook


def _acting_abroad(one: IdLookup) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        abroad = _abroad(context, execution, one)
        if abroad is not None:
            owner, _ = abroad
            record = execution.store.held(one.resource.name, owner, abroad[1])
            path = {
                ("path", name): record[name] for (place, name) in execution.parameters if place == "path" and record.get(name)
            }
            proceed(execution.but(organization=owner, parameters={**execution.parameters, **path}))
            raise Refused("not-found", f"There is no such {one.resource.name}.")
        return proceed(execution)

    return hook


def _keys(contract: Contract, lookup: KeyLookup) -> Iterator[Mutant]:
    name, operation = lookup.resource.name, lookup.operation
    key = " and ".join(lookup.resource.key)
    about = f"{operation.id} finds a {name} of another organization by its {key}."
    hook = only_for(operation, _finding_abroad(contract, lookup))
    yield Mutant(f"{FAMILY}.found-abroad.{operation.id}", FAMILY, about, perform=hook)
    about = f"{operation.id} refuses a {key} that another organization uses."
    yield Mutant(f"{FAMILY}.taken-abroad.{operation.id}", FAMILY, about, perform=only_for(operation, _taken_abroad(lookup)))
    about = f"{operation.id} makes a {name} in the organization that asked first, whoever asks."
    yield Mutant(f"{FAMILY}.made-abroad.{operation.id}", FAMILY, about, perform=only_for(operation, _made_abroad()))


def _holders_abroad(context: MutantContext, execution: MutantExecution, lookup: KeyLookup) -> tuple[str, Json] | None:
    """Return who else has the key that is asked for, where the organization of the request has not."""
    asked = lookup.asked(execution.body)
    if asked is None or known_ids(context, execution, lookup.resource, asked):
        return None
    for owner in context.setup.organizations:
        ids = known_ids(context, execution.but(organization=owner), lookup.resource, asked)
        if owner != execution.organization and ids:
            return owner, ids[0]
    return None


def _finding_abroad(contract: Contract, lookup: KeyLookup) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        holder = _holders_abroad(context, execution, lookup)
        if holder is not None:
            adopt(contract, execution, lookup.resource, *holder)
        return proceed(execution)

    return hook


def _taken_abroad(lookup: KeyLookup) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        if _holders_abroad(context, execution, lookup) is not None:
            raise Refused("conflict", f"Another {lookup.resource.name} has this key already.")
        return proceed(execution)

    return hook


def _made_abroad() -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        first = context.memory.setdefault("organization", execution.organization)
        return proceed(execution.but(organization=first))

    return hook


Identified = Callable[[MutantContext, Request, str], str]


def _mixtures() -> Iterator[tuple[str, str, Identified]]:
    """Yield how the organization of a request is confused with that of another one."""

    def by_path(context: MutantContext, request: Request, organization: str) -> str:
        known: str = context.memory.setdefault(request.path, organization)
        return known

    def now_and_then(context: MutantContext, request: Request, organization: str) -> str:
        last: str = context.memory.get("last", organization)
        context.memory["last"] = organization
        return last if context.count("requests") % 7 == 0 else organization

    def late(context: MutantContext, request: Request, organization: str) -> str:
        last: str = context.memory.get("last", organization)
        context.memory["last"] = organization
        return last

    yield "cached-by-path", "a path belongs to the organization that asked for it first", by_path
    yield "sometimes-last", "every seventh request is taken for one of the organization before", now_and_then
    yield "always-last", "a request is taken for one of the organization that asked before", late


def _for(operation: Operation, identified: Identified) -> IdentifyHook:
    def hook(context: MutantContext, request: Request, proceed: Identify) -> str | None:
        organization = proceed(request)
        if organization is None or context.operation_of(WireRequest(request.method, request.path)) != operation.id:
            return organization
        return identified(context, request, organization)

    return hook


def _replaying(operation: Operation) -> ExchangeHook:
    def hook(context: MutantContext, call: WireRequest, proceed: Callable[[WireRequest], WireResponse]) -> WireResponse:
        if context.operation_of(call) != operation.id or call.organization is None:
            return proceed(call)
        place = f"{call.method} {call.path}?{call.query} {call.body!r}"
        first: tuple[str, WireResponse] | None = context.memory.get(place)
        if first is not None and first[0] != call.organization:
            return first[1]
        reply = proceed(call)
        if first is None and reply.is_success:
            context.memory[place] = (call.organization, reply)
        return reply

    return hook
