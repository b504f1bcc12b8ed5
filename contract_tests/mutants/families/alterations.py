"""The hooks that many mutants share: what is sent, what is found and what is answered, altered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from typing import Any

from contract_tests.mutants.facts import KeyLookup
from contract_tests.mutants.hooks import ExchangeHook, MutantContext, MutantExecution, PerformHook, Proceed
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.files.source import Json, pointer_tokens
from mock_server.contract.messages.codecs import JSON, codec_of, value_of
from mock_server.contract.model import Operation, Resource
from mock_server.engine.choices import Choices
from mock_server.engine.engine import Performed
from mock_server.engine.keys import Key
from mock_server.engine.store import Change, Index, Record


def only_for(operation: Operation, hook: PerformHook) -> PerformHook:
    """Return `hook` for the requests of one operation; all others are performed as ever."""

    def only(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        return hook(context, execution, proceed) if execution.operation.id == operation.id else proceed(execution)

    return only


def sent(operation: Operation, token: str, change: Callable[[Json], Json]) -> PerformHook:
    """Return a hook that changes the value of a property of the body before anything is done with it."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        body = execution.body
        if isinstance(body, dict) and token in body:
            execution = execution.but(body={**body, token: change(body[token])})
        return proceed(execution)

    return only_for(operation, hook)


def under(operation: Operation, made: Mapping[str, str]) -> PerformHook:
    """Return a hook that performs one operation under other choices than all the others."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        return proceed(execution.but(choices=Choices({**execution.choices.made, **made})))

    return only_for(operation, hook)


def answered(operation: Operation, change: Callable[[MutantContext, Any], Json], *, when: str = "2") -> ExchangeHook:
    """Return a hook that changes the JSON body of the answers of an operation whose status begins with `when`."""

    def hook(context: MutantContext, call: WireRequest, proceed: Callable[[WireRequest], WireResponse]) -> WireResponse:
        reply = proceed(call)
        if context.operation_of(call) != operation.id or not str(reply.status).startswith(when) or not reply.body:
            return reply
        return with_json(reply, change(context, value_of(reply.body, reply.header("content-type"))))

    return hook


def replied(
    operation: Operation, change: Callable[[MutantContext, WireResponse], WireResponse], *, when: str = "2"
) -> ExchangeHook:
    """Return a hook that changes the answers of an operation whose status begins with `when`."""

    def hook(context: MutantContext, call: WireRequest, proceed: Callable[[WireRequest], WireResponse]) -> WireResponse:
        reply = proceed(call)
        fits = context.operation_of(call) == operation.id and str(reply.status).startswith(when)
        return change(context, reply) if fits else reply

    return hook


Amend = Callable[[MutantContext, MutantExecution, Change], None]
"""Does something more about a change that was made."""


def amending(resource: Resource, amend: Amend) -> PerformHook:
    """Return a hook that does something more about each change of a resource, and keeps it."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        for change in performed.changes:
            if change.resource == resource.name:
                amend(context, execution, change)
        execution.store.commit()
        return performed

    return hook


def with_json(reply: WireResponse, value: Json) -> WireResponse:
    """Return a reply with another JSON body."""
    codec = codec_of(reply.header("content-type") or JSON)
    return with_body(reply, codec.write(value))


def with_body(reply: WireResponse, body: bytes) -> WireResponse:
    """Return a reply with another body."""
    return replace(reply, body=body, headers=headers_with(reply, "content-length", str(len(body))))


def headers_with(reply: WireResponse, name: str, value: str) -> tuple[tuple[str, str], ...]:
    """Return the headers of a reply with another value for one of them; without it when the value is empty."""
    others = tuple((key, held) for key, held in reply.headers if key.lower() != name)
    return (*others, (name, value)) if value else others


def copied(value: Any) -> Any:
    """Return a JSON value that may be changed without anybody else noticing."""
    return deepcopy(value)


def at(body: Any, pointer: str) -> dict[str, Any] | None:
    """Return the object at a pointer; None when there is none."""
    for token in pointer_tokens(pointer):
        body = body.get(token) if isinstance(body, dict) else None
    return body if isinstance(body, dict) else None


def known_ids(context: MutantContext, execution: MutantExecution, resource: Resource, asked: Mapping[str, Json]) -> list[Json]:
    """Return the ids of the records that an unbroken mock finds by a key."""
    looking = execution.but(choices=Choices(context.choices))
    key = Key(resource, context.layout[resource.name][resource.key])
    found = key.find(looking, {field: key.stored(value, looking.choices) for field, value in asked.items()})
    return [record[resource.id] for record in found]


def found(context: MutantContext, execution: MutantExecution, lookup: KeyLookup) -> Record | None:
    """Return the record that an unbroken mock finds for a request; None when it makes one."""
    asked = lookup.asked(execution.body)
    ids = known_ids(context, execution, lookup.resource, asked) if asked else []
    return execution.store.held(lookup.resource.name, execution.owner(lookup.resource), ids[0]) if ids else None


@contextmanager
def hidden(context: MutantContext, resource: Resource, ids: Collection[Json]) -> Iterator[None]:
    """Let no lookup by key find the records with these ids for a while."""
    store, key = context.store, context.layout[resource.name][resource.key]
    find = store.find

    def find_others(index: Index, owner: str | None, values: tuple[Any, ...]) -> Sequence[Json]:
        found = find(index, owner, values)
        return [id for id in found if id not in ids] if index == key else found

    store.find = find_others  # type: ignore[method-assign]  # for this store, and not for long
    try:
        yield
    finally:
        del store.find
