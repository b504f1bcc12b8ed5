"""What is asked of requests: keywords of schemas that are not enforced, bodies read leniently, valid requests refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from contract_tests.mutants.facts import (
    body_properties,
    body_schema,
    key_lookups,
    sound_body,
    spread,
    written_properties,
)
from contract_tests.mutants.families.leniency import loose_bounds, other_roots, unenforced
from contract_tests.mutants.families.loose_ids import loose_ids, loose_parameters
from contract_tests.mutants.families.names import VALIDATION
from contract_tests.mutants.families.refusals import refused_although_valid
from contract_tests.mutants.hooks import (
    ExchangeHook,
    Mutant,
    MutantContext,
)
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.messages.codecs import JSON, read_json, write_json
from mock_server.contract.model import Contract, Operation
from mock_server.contract.sampling.least import sample
from mock_server.contract.schemas.schema import Schema
from mock_server.engine.verbs import FindOrCreate, Update


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    taking = [operation for operation in contract.operations if body_schema(operation) and operation.behaviour]
    yield from unenforced(contract, taking)
    for operation in taking:
        yield from other_roots(operation)
    yield from loose_bounds(contract)
    objects = [operation for operation in taking if isinstance(sound_body(operation), dict)]
    with_text = [
        one for one in objects if any(taken.is_text for taken in written_properties(contract) if taken.operation == one)
    ]
    pairs = [*spread(LENIENT_JSON, objects), *spread(LENIENT_TEXT, with_text)]
    for (name, about, mend), operation in pairs:
        told = f"{operation.id}: {about}."
        yield Mutant(f"{VALIDATION}.{name}.{operation.id}", VALIDATION, told, exchange=_mended(operation, mend))
    for (name, about, types), operation in spread(MEDIA_TYPES, taking):
        told = f"{operation.id}: {about}."
        yield Mutant(f"{VALIDATION}.{name}.{operation.id}", VALIDATION, told, exchange=_any_media_type(operation, types))
    for operation in taking:
        yield from _stored_although_refused(contract, operation)
    yield from loose_ids(contract)
    yield from loose_parameters(contract)
    yield from refused_although_valid(contract, taking)


# Bodies that are read leniently


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


LENIENT_JSON: tuple[tuple[str, str, Callable[[bytes], bytes]], ...] = (
    ("trailing-comma", "a comma before a closing brace is overlooked", lambda body: re.sub(rb",\s*}", b"}", body)),
    ("single-quotes", "single quotes are taken for double ones", lambda body: body.replace(b"'", b'"')),
    ("comments", "comments are left out", lambda body: re.sub(rb"/\*.*?\*/|//[^\n]*(?=\n)", b"", body, flags=re.DOTALL)),
    ("rest", "what stands behind the body is not looked at", lambda body: body[: body.rfind(b"}") + 1]),
    ("cut", "a body that was cut off is completed", lambda body: body.rstrip().rstrip(b",") + b"}"),
    ("cut-in-text", "a body that was cut off within a text is completed", lambda body: body + b'"}'),
    ("unquoted", "names need no quotes", lambda body: re.sub(rb"([{,]\s*)([A-Za-z_]\w*)\s*:", rb'\1"\2":', body)),
)


LENIENT_TEXT: tuple[tuple[str, str, Callable[[bytes], bytes]], ...] = (
    ("latin-1", "what is no UTF-8 is read as Latin-1", lambda body: body.decode("latin-1").encode()),
    ("replaced", "what is no UTF-8 is replaced", lambda body: _text(body).encode()),
    ("control", "raw line breaks in texts are taken", lambda body: body.replace(b"\n", b"\\n")),
)


def _mended(operation: Operation, mend: Callable[[bytes], bytes]) -> ExchangeHook:
    """Return a hook that mends bodies that are no JSON, and answers what comes of it where that is JSON."""

    def hook(context: MutantContext, call: WireRequest, proceed: Callable[[WireRequest], WireResponse]) -> WireResponse:
        if context.operation_of(call) == operation.id and call.body and not _is_json(call.body):
            mended = mend(call.body)
            if _is_json(mended):
                call = replace(call, body=mended)
        return proceed(call)

    return hook


def _is_json(body: bytes) -> bool:
    try:
        read_json(body)
    except ValueError:
        return False
    return True


MEDIA_TYPES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("any-media-type", "the media type of a body is not looked at", ("",)),
    ("text-plain", "JSON is taken as text/plain", ("text/plain",)),
    ("form", "a form is taken", ("application/x-www-form-urlencoded",)),
)


def _any_media_type(operation: Operation, types: tuple[str, ...]) -> ExchangeHook:
    def hook(context: MutantContext, call: WireRequest, proceed: Callable[[WireRequest], WireResponse]) -> WireResponse:
        given = next((value for name, value in call.headers if name.lower() == "content-type"), "").lower()
        if context.operation_of(call) == operation.id and given and any(one in given for one in types):
            others = tuple((name, value) for name, value in call.headers if name.lower() != "content-type")
            body = call.body
            if not _is_json(body) and "form" in given:
                body = write_json(dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)))
            call = replace(call, headers=(*others, ("content-type", JSON)), body=body)
        return proceed(call)

    return hook


# Refused, and done all the same


def _stored_although_refused(contract: Contract, operation: Operation) -> Iterator[Mutant]:
    """Yield the mutants that what is right about an invalid body is stored before the rest is looked at."""
    steps = operation.steps
    if not any(isinstance(step, (FindOrCreate, Update)) for step in steps) or len(body_properties(operation)) < 2:
        return
    mendable = body_properties(operation)
    about = f"{operation.id} refuses an invalid body, and has stored by then what is valid of it."
    hook = _storing(operation, lambda context, body: _valid_part(contract, operation, body, mendable))
    yield Mutant(f"{VALIDATION}.stored.{operation.id}", VALIDATION, about, exchange=hook)


def _valid_part(
    contract: Contract, operation: Operation, body: dict[str, Any], mendable: Mapping[str, Schema]
) -> dict[str, Any]:
    """Return a body with its invalid properties left out, and the missing ones filled in."""
    valid = {
        name: value
        for name, value in body.items()
        if name in mendable and contract.schemas.check(mendable[name], "request").strictest.is_valid(value)
    }
    schema = body_schema(operation)
    keys = {token for lookup in key_lookups(contract) if lookup.operation == operation for token in lookup.tokens.values()}
    for name in schema.required_in("request") if schema else ():
        if name not in valid:
            if name in keys:
                return {}
            valid[name] = sample(mendable[name])
    return valid


def _storing(operation: Operation, mend: Callable[[MutantContext, dict[str, Any]], dict[str, Any]]) -> ExchangeHook:
    def hook(context: MutantContext, call: WireRequest, proceed: Callable[[WireRequest], WireResponse]) -> WireResponse:
        reply = proceed(call)
        if context.operation_of(call) == operation.id and reply.status in (400, 422) and _is_json(call.body):
            body = read_json(call.body)
            mended = mend(context, body) if isinstance(body, dict) else {}
            if mended:
                proceed(replace(call, body=write_json(mended)))
        return reply

    return hook
