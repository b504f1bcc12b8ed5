"""The hooks that many breaks share: what is sent, what is found and what is answered, altered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import orjson

from contract_tests.messages import Call, Reply
from contract_tests.rehearsal.facts import Lookup
from contract_tests.rehearsal.hooks import Deed, ExchangeHook, Performed, PerformHook, Stage
from mock_server.contract.model import Operation, Resource
from mock_server.contract.source import Json, pointer_tokens
from mock_server.engine.choices import Choices
from mock_server.engine.keys import Key
from mock_server.engine.run import Run
from mock_server.engine.store import Record, Store


def only_for(operation: Operation, hook: PerformHook) -> PerformHook:
    """Return `hook` for the requests of one operation; all others are performed as ever."""

    def only(stage: Stage, deed: Deed, proceed: Callable[[Deed], Performed]) -> Performed:
        return hook(stage, deed, proceed) if deed.operation.id == operation.id else proceed(deed)

    return only


def sent(operation: Operation, token: str, change: Callable[[Json], Json]) -> PerformHook:
    """Return a hook that changes the value of a property of the body before anything is done with it."""

    def hook(stage: Stage, deed: Deed, proceed: Callable[[Deed], Performed]) -> Performed:
        body = deed.body
        if isinstance(body, dict) and token in body:
            deed = replace(deed, body={**body, token: change(body[token])})
        return proceed(deed)

    return only_for(operation, hook)


def under(operation: Operation, made: Mapping[str, str]) -> PerformHook:
    """Return a hook that performs one operation under other choices than all the others."""

    def hook(stage: Stage, deed: Deed, proceed: Callable[[Deed], Performed]) -> Performed:
        return proceed(replace(deed, choices=Choices({**deed.choices.made, **made})))

    return only_for(operation, hook)


def answered(operation: Operation, change: Callable[[Stage, Any], Json], *, when: str = "2") -> ExchangeHook:
    """Return a hook that changes the JSON body of the answers of an operation whose status begins with `when`."""

    def hook(stage: Stage, call: Call, proceed: Callable[[Call], Reply]) -> Reply:
        reply = proceed(call)
        if stage.operation_of(call) != operation.id or not str(reply.status).startswith(when) or not reply.body:
            return reply
        return with_json(reply, change(stage, orjson.loads(reply.body)))

    return hook


def replied(operation: Operation, change: Callable[[Stage, Reply], Reply], *, when: str = "2") -> ExchangeHook:
    """Return a hook that changes the answers of an operation whose status begins with `when`."""

    def hook(stage: Stage, call: Call, proceed: Callable[[Call], Reply]) -> Reply:
        reply = proceed(call)
        fits = stage.operation_of(call) == operation.id and str(reply.status).startswith(when)
        return change(stage, reply) if fits else reply

    return hook


def with_json(reply: Reply, value: Json) -> Reply:
    """Return a reply with another JSON body."""
    return with_body(reply, orjson.dumps(value))


def with_body(reply: Reply, body: bytes) -> Reply:
    """Return a reply with another body."""
    return replace(reply, body=body, headers=headers_with(reply, "content-length", str(len(body))))


def headers_with(reply: Reply, name: str, value: str) -> tuple[tuple[str, str], ...]:
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


def known_ids(stage: Stage, deed: Deed, resource: Resource, asked: Mapping[str, Json]) -> list[Json]:
    """Return the ids of the records that an unbroken mock finds by a key."""
    run = Run(deed.store, Choices(stage.choices), deed.making, deed.organization)
    key = Key(resource)
    return key.find(run, {field: key.stored(value, run.choices) for field, value in asked.items()})


def found(stage: Stage, deed: Deed, lookup: Lookup) -> Record | None:
    """Return the record that an unbroken mock finds for a request; None when it makes one."""
    asked = lookup.asked(deed.body)
    ids = known_ids(stage, deed, lookup.resource, asked) if asked else []
    return deed.store.held(lookup.resource.name, deed.owner(lookup.resource), ids[0]) if ids else None


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
