"""The hooks that many mutants share: what is sent, what is found and what is answered, altered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import orjson

from contract_tests.mutants.facts import Lookup
from contract_tests.mutants.hooks import ExchangeHook, MutantContext, PerformHook, PerformInput, PerformResult, Proceed
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.model import Operation, Resource
from mock_server.contract.source import Json, pointer_tokens
from mock_server.engine.choices import Choices
from mock_server.engine.keys import Key
from mock_server.engine.run import Run
from mock_server.engine.store import Record, Store


def only_for(operation: Operation, hook: PerformHook) -> PerformHook:
    """Return `hook` for the requests of one operation; all others are performed as ever."""

    def only(context: MutantContext, execution: PerformInput, proceed: Proceed) -> PerformResult:
        return hook(context, execution, proceed) if execution.operation.id == operation.id else proceed(execution)

    return only


def sent(operation: Operation, token: str, change: Callable[[Json], Json]) -> PerformHook:
    """Return a hook that changes the value of a property of the body before anything is done with it."""

    def hook(context: MutantContext, execution: PerformInput, proceed: Proceed) -> PerformResult:
        body = execution.body
        if isinstance(body, dict) and token in body:
            execution = replace(execution, body={**body, token: change(body[token])})
        return proceed(execution)

    return only_for(operation, hook)


def under(operation: Operation, made: Mapping[str, str]) -> PerformHook:
    """Return a hook that performs one operation under other choices than all the others."""

    def hook(context: MutantContext, execution: PerformInput, proceed: Proceed) -> PerformResult:
        return proceed(replace(execution, choices=Choices({**execution.choices.made, **made})))

    return only_for(operation, hook)


def answered(operation: Operation, change: Callable[[MutantContext, Any], Json], *, when: str = "2") -> ExchangeHook:
    """Return a hook that changes the JSON body of the answers of an operation whose status begins with `when`."""

    def hook(context: MutantContext, call: WireRequest, proceed: Callable[[WireRequest], WireResponse]) -> WireResponse:
        reply = proceed(call)
        if context.operation_of(call) != operation.id or not str(reply.status).startswith(when) or not reply.body:
            return reply
        return with_json(reply, change(context, orjson.loads(reply.body)))

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


def with_json(reply: WireResponse, value: Json) -> WireResponse:
    """Return a reply with another JSON body."""
    return with_body(reply, orjson.dumps(value))


def with_body(reply: WireResponse, body: bytes) -> WireResponse:
    """Return a reply with another body."""
    return replace(reply, body=body, headers=headers_with(reply, "content-length", str(len(body))))


def headers_with(reply: WireResponse, name: str, value: str) -> tuple[tuple[str, str], ...]:
    """Return the headers of a reply with another value for one of them; without it when the value is empty."""
    others = tuple((key, held) for key, held in reply.headers if key.lower() != name)
    return (*others, (name, value)) if value else others


def copied(value: Any) -> Any:
    """Return a JSON value that may be changed without anybody else noticing."""
    return orjson.loads(orjson.dumps(value))


def at(body: Any, pointer: str) -> dict[str, Any] | None:
    """Return the object at a pointer; None when there is none."""
    for token in pointer_tokens(pointer):
        body = body.get(token) if isinstance(body, dict) else None
    return body if isinstance(body, dict) else None


def known_ids(context: MutantContext, execution: PerformInput, resource: Resource, asked: Mapping[str, Json]) -> list[Json]:
    """Return the ids of the records that an unbroken mock finds by a key."""
    run = Run(execution.store, Choices(context.choices), execution.making, execution.organization)
    key = Key(resource)
    return key.find(run, {field: key.stored(value, run.choices) for field, value in asked.items()})


def found(context: MutantContext, execution: PerformInput, lookup: Lookup) -> Record | None:
    """Return the record that an unbroken mock finds for a request; None when it makes one."""
    asked = lookup.asked(execution.body)
    ids = known_ids(context, execution, lookup.resource, asked) if asked else []
    return execution.store.held(lookup.resource.name, execution.owner(lookup.resource), ids[0]) if ids else None


@contextmanager
def hidden(store: Store, resource: Resource, owner: str | None, ids: list[Json]) -> Iterator[None]:
    """Let no lookup by key find the records with these ids for a while."""
    index = store.tables[resource.name].indexes[resource.key]
    entries = {index.entry(owner, store.held(resource.name, owner, id)) for id in ids}
    before = {entry: _listed(index.ids.pop(entry, None)) for entry in entries}
    for entry, held in before.items():
        for id in held:
            if id not in ids:
                index.insert(entry, id)
    try:
        yield
    finally:
        for entry, held in before.items():
            since = [id for id in _listed(index.ids.pop(entry, None)) if id not in held]
            for id in [*held, *since]:
                index.insert(entry, id)


def _listed(held: Any) -> list[Json]:
    if held is None:
        return []
    return list(held) if type(held) is list else [held]
