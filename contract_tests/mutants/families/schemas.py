"""Answers that are not what the document says of them: properties, types, formats, media types, statuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias
from zlib import crc32

from contract_tests.mutants.facts import carried_out, goes_by_caller, may_be_null, may_be_set, settled, spread
from contract_tests.mutants.families.alterations import answered, at, headers_with, replied, with_body, with_json
from contract_tests.mutants.hooks import Mutant, MutantContext
from contract_tests.transport.wire import WireResponse
from mock_server.contract.files.source import Json, pointer_to
from mock_server.contract.messages.codecs import is_json
from mock_server.contract.model import Contract, Operation
from mock_server.contract.schemas.schema import Schema
from mock_server.engine.verbs import Create, Delete, Find, FindOrCreate, Replace, Update

FAMILY = "schema"
DEEPEST = 4

BodyChange: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Property:
    """A property of the object at `pointer` in what an operation answers with `status`."""

    operation: Operation
    status: str
    pointer: str
    name: str
    schema: Schema
    required: bool

    @property
    def place(self) -> str:
        """The name of the property, with its operation."""
        return f"{self.operation.id}{self.pointer.replace('/', '.')}.{self.name}"

    @property
    def types(self) -> frozenset[str]:
        """The types that it may have."""
        return self.schema.types

    def changed(self, change: Callable[[MutantContext, dict[str, Any]], None]) -> Callable[[MutantContext, Any], Json]:
        """Return what applies `change` to the object that has the property, where it is shown."""

        def changed(context: MutantContext, body: Any) -> Json:
            holder = at(body, self.pointer)
            if holder is not None and self.name in holder:
                change(context, holder)
            return body

        return changed


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family: each property once, wherever it is shown; other damage in turn."""
    properties = list(_once_each(contract))
    for one in properties:
        yield from _missing(contract, one)
    properties = [one for one in properties if may_be_set(contract, one.schema)]
    for one in properties:
        if "null" not in one.types:
            yield _property(one, "null", "is null", lambda value: None)
    for kind, changes in TYPES.items():
        for (name, about, change), one in spread(changes, [one for one in properties if _is(kind, one)]):
            yield _property(one, name, about, change)
    answering = [operation for operation in carried_out(contract) if _has_json(operation)]
    for (name, about, rewrite), operation in spread(BODIES, answering):
        told = f"{operation.id}: {about}."
        yield Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, told, exchange=replied(operation, rewrite))
    yield from _refusals(contract)


def _once_each(contract: Contract) -> Iterator[Property]:
    """Yield each property that answers of success show once, in turn at the places where it is shown."""
    shown: dict[tuple[str, str], list[Property]] = {}
    for operation in carried_out(contract):
        for status, response in operation.responses.items():
            if status.startswith("2"):
                for media in response.content:
                    if media.schema is not None and is_json(media.type):
                        for one in _properties(operation, status, media.schema):
                            shown.setdefault(one.schema.place, []).append(one)
                break
    for number, places in enumerate(shown.values()):
        yield places[number % len(places)]


def _properties(operation: Operation, status: str, schema: Schema, pointer: str = "", depth: int = 0) -> Iterator[Property]:
    required = schema.required_in("response")
    for name, property_schema in schema.properties.items():
        yield Property(operation, status, pointer, name, property_schema, name in required)
        if depth < DEEPEST:
            yield from _properties(operation, status, property_schema, pointer + pointer_to(name), depth + 1)


def _missing(contract: Contract, one: Property) -> Iterator[Mutant]:
    if not one.required:
        return
    in_path = any(parameter.name == one.name for parameter in one.operation.parameters)
    when = " when it is null" if "null" in one.types and not in_path and may_be_null(contract, one.schema) else ""

    def leave_out(context: MutantContext, holder: dict[str, Any]) -> None:
        if not when or holder[one.name] is None:
            del holder[one.name]

    hook = answered(one.operation, one.changed(leave_out))
    yield Mutant(f"{FAMILY}.missing.{one.place}", FAMILY, f"{one.place} is left out{when}.", exchange=hook)


def _property(one: Property, name: str, about: str, change: BodyChange) -> Mutant:
    def alter(context: MutantContext, holder: dict[str, Any]) -> None:
        value = holder[one.name]
        holder[one.name] = change(value) if value is not None else None

    return Mutant(
        f"{FAMILY}.{name}.{one.place}", FAMILY, f"{one.place} {about}.", exchange=answered(one.operation, one.changed(alter))
    )


def _is(kind: str, one: Property) -> bool:
    if one.schema.values is not None:
        return kind == "enum"
    if "string" in one.types and "date-time" in one.schema.formats:
        return kind == "date-time"
    return kind in one.types


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


TYPES: dict[str, tuple[tuple[str, str, BodyChange], ...]] = {
    "date-time": (
        ("no-zone", "has no zone", lambda value: value[:19]),
        ("unix-seconds", "is a number of seconds", lambda value: int(_instant(value).timestamp())),
        ("date-only", "is a date without a time", lambda value: value[:10]),
        ("space-no-zone", "has a space for the T, and no zone", lambda value: value[:19].replace("T", " ")),
        ("milliseconds", "is a text of milliseconds", lambda value: str(int(_instant(value).timestamp() * 1000))),
        ("short-zone", "has a zone without minutes", lambda value: value[:19] + "+00"),
        ("http-date", "is a date as HTTP headers have it", lambda value: f"{_instant(value):%a, %d %b %Y %H:%M:%S} GMT"),
        ("empty-date", "is empty text", lambda value: ""),
    ),
    "enum": (
        ("enum-upper", "is in capitals", lambda value: value.upper() if isinstance(value, str) else value),
        ("enum-label", "is a label for people", lambda value: str(value).replace("_", " ").capitalize()),
        ("enum-number", "is the number of the value", lambda value: crc32(str(value).encode()) % 7),
        ("enum-object", "is an object with its name", lambda value: {"name": value}),
    ),
    "string": (
        ("number", "is a number", lambda value: crc32(str(value).encode())),
        ("list", "is a list of one", lambda value: [value]),
        ("object", "is an object", lambda value: {"value": value}),
        ("boolean", "is true", lambda value: True),
    ),
    "number": (
        ("text", "is a text", str),
        ("fraction", "is not a whole number", lambda value: value + 0.5),
        ("number-list", "is a list of one", lambda value: [value]),
    ),
    "array": (
        ("joined", "is a text with commas", lambda value: ",".join(map(str, value))),
        ("by-number", "is an object with numbers for names", lambda value: {str(n): one for n, one in enumerate(value)}),
    ),
    "object": (
        ("id-only", "is only an id", lambda value: next((value[name] for name in ("id", *value) if name in value), "")),
    ),
}


def _typed(value: str) -> Callable[[MutantContext, WireResponse], WireResponse]:
    return lambda context, reply: replace(reply, headers=headers_with(reply, "content-type", value))


def _written(write: Callable[[Any], bytes]) -> Callable[[MutantContext, WireResponse], WireResponse]:
    return lambda context, reply: with_body(reply, write(json.loads(reply.body)))


def _page(context: MutantContext, reply: WireResponse) -> WireResponse:
    page = with_body(reply, b"<!doctype html><title>Done</title>")
    return replace(page, headers=headers_with(page, "content-type", "text/html; charset=utf-8"))


def _status(status: int) -> Callable[[MutantContext, WireResponse], WireResponse]:
    return lambda context, reply: replace(reply, status=status)


BODIES: tuple[tuple[str, str, Callable[[MutantContext, WireResponse], WireResponse]], ...] = (
    ("plain-text", "JSON is called text/plain", _typed("text/plain; charset=utf-8")),
    ("called-html", "JSON is called text/html", _typed("text/html")),
    ("no-type", "there is no Content-Type", _typed("")),
    ("called-bytes", "JSON is called application/octet-stream", _typed("application/octet-stream")),
    ("page", "the answer is an HTML page", _page),
    (
        "enveloped",
        "the answer is wrapped in an object",
        lambda context, reply: with_json(reply, {"data": json.loads(reply.body)}),
    ),
    ("listed", "the answer is wrapped in a list", lambda context, reply: with_json(reply, [json.loads(reply.body)])),
    ("json-in-json", "the answer is JSON within a text", _written(lambda value: json.dumps(json.dumps(value)).encode())),
    ("single-quotes", "the answer is written as Python has it", _written(lambda value: repr(value).encode())),
    ("empty", "the answer is empty", lambda context, reply: with_body(reply, b"")),
    ("null-body", "the answer is null", lambda context, reply: with_body(reply, b"null")),
    ("utf-16", "the answer is in UTF-16", _written(lambda value: json.dumps(value).encode("utf-16"))),
    ("trailing-comma", "a comma too many makes it no JSON", lambda context, reply: with_body(reply, reply.body[:-1] + b",}")),
    ("twice", "the answer stands there twice", lambda context, reply: with_body(reply, reply.body * 2)),
    ("accepted", "success is answered with 202", _status(202)),
    ("no-content", "success is answered with 204 and nothing", lambda context, reply: _bare(reply, 204)),
    ("see-other", "success is answered with a redirection", lambda context, reply: _bare(reply, 303)),
)


def _bare(reply: WireResponse, status: int) -> WireResponse:
    return replace(reply, status=status, body=b"", headers=headers_with(with_body(reply, b""), "content-type", ""))


def _has_json(operation: Operation) -> bool:
    return any(status.startswith("2") and response.content for status, response in operation.responses.items())


def _refusals(contract: Contract) -> Iterator[Mutant]:
    """Yield refusals that do not refuse, or that are errors of the server, and those that lack what is documented of them."""
    for kind, may_meet in MEETS.items():
        statuses = _statuses(contract, kind)
        meeting = [operation for operation in contract.operations if may_meet(contract, operation)]
        for (name, about, rewrite), operation in spread(INSTEAD, meeting):
            told = f"{operation.id}: what is refused as {kind} {about}."
            for status in statuses[:1]:
                hook = replied(operation, rewrite, when=status)
                yield Mutant(f"{FAMILY}.{kind}-{name}.{operation.id}", FAMILY, told, exchange=hook)
    documented: set[tuple[str, str]] = set()
    for operation in contract.operations:
        for status, response in operation.responses.items():
            for media in response.content:
                if status.startswith("4") and not response.assumed and media.schema is not None:
                    schema = media.schema.target
                    if schema.place not in documented and _is_met(contract, operation, status):
                        documented.add(schema.place)
                        for one in _properties(operation, status, media.schema, depth=DEEPEST):
                            yield from _refusal_without(one)


def _refusal_without(one: Property) -> Iterator[Mutant]:
    if one.required:
        hook = answered(one.operation, one.changed(lambda context, holder: holder.pop(one.name)), when=one.status)
        about = f"{one.operation.id}: {one.name} is left out of refusals with {one.status}."
        yield Mutant(f"{FAMILY}.refusal-without.{one.operation.id}.{one.status}.{one.name}", FAMILY, about, exchange=hook)


def _statuses(contract: Contract, kind: str) -> list[str]:
    """Return the status that refusals of a kind have under the default choices."""
    decision = contract.problem_statuses.get(kind)
    usual = {"not-found": 404, "invalid": 422, "malformed": 400, "unsupported-media-type": 415, "conflict": 409}[kind]
    return [str(settled(contract, decision) if decision else usual)]


def _is_met(contract: Contract, operation: Operation, status: str) -> bool:
    return any(status in _statuses(contract, kind) and meets(contract, operation) for kind, meets in MEETS.items())


def _may_miss(contract: Contract, operation: Operation) -> bool:
    steps = operation.steps
    looking = [step for step in steps if isinstance(step, (Find, Update, Replace, Delete))]
    return any(settled(contract, step.otherwise) == "not-found" for step in looking if not goes_by_caller(step))


def _may_conflict(contract: Contract, operation: Operation) -> bool:
    for step in operation.steps:
        if isinstance(step, (Create, Update)) and any(
            settled(contract, rule.then) == "conflict" for rule in step.when_duplicate
        ):
            return True
        if isinstance(step, (Create, Update, Replace)):
            written = {write.field for write in step.writes}
            if step.resource.key and written.issuperset(step.resource.key):
                return settled(contract, step.when_key_taken) == "conflict"
        if isinstance(step, FindOrCreate) and settled(contract, step.when_found) == "conflict":
            return True
    return False


def _takes_json(contract: Contract, operation: Operation) -> bool:
    return operation.body is not None and operation.behaviour is not None


MEETS: dict[str, Callable[[Contract, Operation], bool]] = {
    "not-found": _may_miss,
    "invalid": _takes_json,
    "malformed": _takes_json,
    "unsupported-media-type": _takes_json,
    "conflict": _may_conflict,
}
"""Which operations refuse something for each kind of problem."""

INSTEAD: tuple[tuple[str, str, Callable[[MutantContext, WireResponse], WireResponse]], ...] = (
    ("server-error", "is an error of the server", _status(500)),
    ("success", "is answered with 200", _status(200)),
    ("redirection", "is answered with a redirection", lambda context, reply: _bare(reply, 302)),
)
