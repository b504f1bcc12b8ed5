"""Ids and parameters that are taken although they are not quite right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import unquote_to_bytes

from contract_tests.mutants.facts import (
    IdLookup,
    carried_out,
    id_lookups,
    spread,
)
from contract_tests.mutants.families.names import VALIDATION
from contract_tests.mutants.hooks import (
    ExchangeHook,
    Mutant,
    MutantContext,
    ReadHook,
    ReadInput,
    ReadResult,
)
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.messages.model import Parameter
from mock_server.contract.model import Contract, Operation, Resource
from mock_server.contract.problems import Refused
from mock_server.exchange.messages import Request


def _is_uuid(resource: Resource) -> bool:
    return "uuid" in resource.fields[resource.id].schema.formats


def loose_ids(contract: Contract) -> Iterator[Mutant]:
    """Yield ids in paths that match too much."""
    reaching = [one for one in id_lookups(contract) if one.operation in carried_out(contract)]
    texts = [one for one in reaching if "string" in one.resource.fields[one.resource.id].schema.types]
    for (name, about, alike), one in spread(LOOSE_TEXTS, texts):
        if name == "case" and _is_uuid(one.resource):
            continue  # case does not count in the text of a UUID (RFC 9562 section 4)
        told = f"{one.operation.id} reaches a {one.resource.name} by an id that is another one: {about}."
        hook = _near_id(one, alike)
        yield Mutant(f"{VALIDATION}.id-{name}.{one.operation.id}.{one.parameter}", VALIDATION, told, exchange=hook)
    numbers = [one for one in reaching if "string" not in one.resource.fields[one.resource.id].schema.types]
    for (name, about, alike), one in spread(LOOSE_NUMBERS, numbers):
        told = f"{one.operation.id} reaches a {one.resource.name} by an id that is no number: {about}."
        hook = _near_id(one, alike)
        yield Mutant(f"{VALIDATION}.id-{name}.{one.operation.id}.{one.parameter}", VALIDATION, told, exchange=hook)


LOOSE_TEXTS: tuple[tuple[str, str, Callable[[str, str], bool]], ...] = (
    ("case", "case does not count", lambda id, given: id.lower() == given.lower()),
    ("prefix", "the beginning of an id is enough", lambda id, given: len(given) >= 6 and id.startswith(given)),
    ("longer", "what stands behind an id is not looked at", lambda id, given: given.startswith(id)),
    ("space", "white space around an id is cut off", lambda id, given: given.strip() == id),
)


LOOSE_NUMBERS: tuple[tuple[str, str, Callable[[str, str], bool]], ...] = (
    ("digits-first", "what stands behind the digits is not looked at", lambda id, given: re.match("[0-9]*", given)[0] == id),  # type: ignore[index]
)


def _near_id(one: IdLookup, alike: Callable[[str, str], bool]) -> ExchangeHook:
    """Return a hook that puts the id of a record that is near in the place of an id that is not known."""

    def hook(context: MutantContext, call: WireRequest, proceed: Callable[[WireRequest], WireResponse]) -> WireResponse:
        reply = proceed(call)
        if context.operation_of(call) != one.operation.id or reply.status not in (404, 422, 400):
            return reply
        position = one.operation.path.split("/").index("{" + one.parameter + "}")
        segments = call.path.split("/")
        given = unquote_to_bytes(segments[position]).decode("utf-8", "replace")
        owner = call.organization if one.resource.owned else None
        for record in context.store.scan(one.resource.name, owner):
            id = str(record[one.resource.id])
            if id != given and alike(id, given):
                segments[position] = id
                return proceed(replace(call, path="/".join(segments)))
        return reply

    return hook


def loose_parameters(contract: Contract) -> Iterator[Mutant]:
    """Yield parameters whose schema is not enforced."""
    for operation in contract.operations:
        for parameter in operation.parameters:
            if parameter.location == "query" and _may_be_invalid(parameter):
                about = f"{operation.id}: the parameter {parameter.name} is left out of account when it is invalid."
                hook = _without_parameter(operation, parameter.name, parameter.pointer)
                yield Mutant(f"{VALIDATION}.parameter.{operation.id}.{parameter.name}", VALIDATION, about, read=hook)


def _may_be_invalid(parameter: Parameter) -> bool:
    schema = parameter.check.schema
    return "string" not in schema.types or bool(schema.rules - {"type"})


def _without_parameter(operation: Operation, name: str, pointer: str) -> ReadHook:
    def hook(context: MutantContext, read_input: ReadInput, proceed: Callable[[ReadInput], ReadResult]) -> ReadResult:
        try:
            return proceed(read_input)
        except Refused as refused:
            places = {(one.location, one.pointer) for one in refused.violations}
            if read_input.operation.id != operation.id or places != {("query", pointer)}:
                raise
            request = read_input.request
            query = "&".join(part for part in request.query.split("&") if part.partition("=")[0] != name)
            without = Request(request.method, request.path, query, request.headers, request.body)
            return proceed(replace(read_input, request=without))

    return hook
