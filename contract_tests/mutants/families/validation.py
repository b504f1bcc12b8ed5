"""What is asked of requests: keywords of schemas that are not enforced, bodies read leniently, valid requests refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, unquote_to_bytes

from contract_tests.mutants.facts import (
    ById,
    Taken,
    body_properties,
    body_schema,
    by_id,
    carried_out,
    lookups,
    settled,
    sound_body,
    spread,
    takings,
)
from contract_tests.mutants.families.alterations import only_for
from contract_tests.mutants.hooks import (
    ExchangeHook,
    Mutant,
    MutantContext,
    PerformHook,
    PerformInput,
    ReadHook,
    ReadInput,
    ReadResult,
)
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.codecs import JSON, read_json, write_json
from mock_server.contract.model import Contract, Field, FindOrCreate, Operation, Resource, Update
from mock_server.contract.problems import Refused
from mock_server.contract.samples import sample
from mock_server.contract.schema import Schema
from mock_server.contract.schemas import NoChoice
from mock_server.contract.source import Json, pointer_to
from mock_server.engine.engine import Performed
from mock_server.exchange.messages import Request

FAMILY = "validation"

Mend: TypeAlias = Callable[[Json], Json]


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    taking = [operation for operation in contract.operations if body_schema(operation) and operation.behaviour]
    yield from _unenforced(contract, taking)
    for operation in taking:
        yield from _root(operation)
    yield from _bounds(contract)
    objects = [operation for operation in taking if isinstance(sound_body(operation), dict)]
    with_text = [one for one in objects if any(taken.is_text for taken in takings(contract) if taken.operation == one)]
    pairs = [*spread(LENIENT_JSON, objects), *spread(LENIENT_TEXT, with_text)]
    for (name, about, mend), operation in pairs:
        told = f"{operation.id}: {about}."
        yield Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, told, exchange=_mended(operation, mend))
    for (name, about, types), operation in spread(MEDIA_TYPES, taking):
        told = f"{operation.id}: {about}."
        yield Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, told, exchange=_any_media_type(operation, types))
    for operation in taking:
        yield from _stored_although_refused(contract, operation)
    yield from _loose_ids(contract)
    yield from _parameters(contract)
    yield from _refused_although_valid(contract, taking)


# Keywords that are not enforced


@dataclass(frozen=True, slots=True)
class Leniency:
    """A kind of invalid value that is let through, and what is made of it."""

    name: str
    about: str
    rules: tuple[str, ...]
    fits: Callable[[Json], bool]
    mend: Mend


def _unenforced(contract: Contract, operations: list[Operation]) -> Iterator[Mutant]:
    """Yield ways in which what schemas ask for is not enforced: what is particular to a property each time, else in turn."""
    common: dict[str, list[Mutant]] = {}
    for operation in operations:
        schema = body_schema(operation)
        required = schema.required if schema else set()
        fields = {taken.token: taken.field for taken in takings(contract) if taken.operation == operation}
        for name, property_schema in body_properties(operation).items():
            if name not in fields:
                # It names a record, and what careless code makes of an invalid value names none: that is refused as well.
                if "string" not in property_schema.types:
                    leniency = Leniency(
                        "digits-as-id", "a text of digits is taken", ("type",), _is_digits, lambda value: int(str(value))
                    )
                    yield _lenient(operation, name, leniency)
                continue
            zero = _zero(property_schema, contract, fields[name])
            if name in required:
                about = f"it may be left out, and is {json.dumps(zero)} then"
                leniency = Leniency("required", about, ("required",), lambda value: True, lambda value: value)
                yield _lenient(operation, name, leniency, absent=zero)
            for leniency in _leniencies(property_schema, zero):
                if leniency.rules[0] in ("type", "enum"):
                    common.setdefault(leniency.name, []).append(_lenient(operation, name, leniency))
                else:
                    yield _lenient(operation, name, leniency)
    for number, places in enumerate(common.values()):
        yield places[number % len(places)]
        if len(places) > 1:
            yield places[(number + len(places) // 2) % len(places)]


def _leniencies(schema: Schema, zero: Json) -> Iterator[Leniency]:
    types, rules = schema.types, schema.rules
    if "enum" in rules:
        values = [value for value in schema.values or () if isinstance(value, str)]
        by_lower = {value.lower(): value for value in values}
        by_label = {value.lower().replace("_", " "): value for value in values}
        yield Leniency("enum-any", "any text is taken", ("enum",), _is_text, lambda value: value)
        yield Leniency("enum-default", "unknown values become the first one", ("enum",), _is_text, lambda value: values[0])
        yield _known("enum-case", "case is ignored", by_lower, str.lower)
        yield _known("enum-space", "white space is cut off", dict.fromkeys(values), str.strip)
        yield _known("enum-label", "spaces stand for underscores", by_label, lambda text: text.lower().replace("_", " "))
        yield Leniency("enum-empty", "empty text is taken", ("enum",), lambda value: value == "", lambda value: values[0])
    elif "string" in types:
        yield Leniency("number-as-text", "a number is taken as text", ("type",), _is_number, lambda value: str(value))
        yield Leniency(
            "truth-as-text", "true is taken as text", ("type",), lambda v: isinstance(v, bool), lambda v: str(v).lower()
        )
        yield Leniency("list-as-text", "a list is taken", ("type",), lambda v: isinstance(v, list), _joined)
        yield Leniency("object-as-text", "an object is taken", ("type",), lambda v: isinstance(v, dict), json.dumps)
    elif "number" in types:
        yield Leniency("text-as-number", "a text of digits is taken", ("type",), _is_digits, lambda value: int(str(value)))
        yield Leniency("fraction", "a fraction is cut off", ("type",), lambda v: isinstance(v, float), lambda v: int(v))
        yield Leniency("truth-as-number", "true is 1", ("type",), lambda v: isinstance(v, bool), lambda v: int(bool(v)))
        yield Leniency("text-as-zero", "any text is 0", ("type",), _is_text, lambda value: zero)
    if "array" in types:
        yield Leniency("bare-element", "a single element is taken for a list", ("type",), _is_text, lambda value: [value])
    if "null" not in types:
        yield Leniency("null", "null is taken", ("type", "enum"), lambda value: value is None, lambda value: zero)
    if "minLength" in rules:
        yield Leniency("minLength", "text may be shorter", ("minLength",), _is_text, lambda value: value)
    if "maxLength" in rules:
        longest = int(schema.max_length)
        yield Leniency("maxLength", "text may be longer", ("maxLength",), _is_text, lambda value: value)
        yield Leniency("cut", "longer text is cut off", ("maxLength",), _is_text, lambda value: str(value)[:longest])
    for keyword in sorted({"minimum", "maximum", "multipleOf", "pattern", "format", "minItems", "maxItems"} & rules):
        yield Leniency(keyword, f"{keyword} is not looked at", (keyword,), lambda value: True, lambda value: value)


def _known(name: str, about: str, values: dict[str, Any], change: Callable[[str], str]) -> Leniency:
    """Return the leniency that takes a text for one of `values` when it is, once changed, the same."""

    def mend(value: Json) -> Json:
        text = change(str(value))
        return values[text] or text

    return Leniency(name, about, ("enum",), lambda value: isinstance(value, str) and change(value) in values, mend)


def _lenient(operation: Operation, name: str, leniency: Leniency, absent: Json = None) -> Mutant:
    """Return the mutant that a property is let through as a leniency has it."""

    def fits(body: Json) -> bool:
        if not isinstance(body, dict):
            return False
        return leniency.name == "required" if name not in body else leniency.fits(body[name])

    def mend(body: Any) -> Json:
        return {**body, name: leniency.mend(body[name]) if name in body else absent}

    hook = _passing(operation, leniency.rules, pointer_to(name), fits, mend)
    about = f"{operation.id}.{name}: {leniency.about}."
    return Mutant(f"{FAMILY}.{leniency.name}.{operation.id}.{name}", FAMILY, about, read=hook)


def _passing(
    operation: Operation, rules: tuple[str, ...], pointer: str, fits: Callable[[Json], bool], mend: Callable[[Any], Json]
) -> ReadHook:
    """Return a hook that lets a body through when nothing is wrong with it but what `rules` find at `pointer`."""

    def hook(context: MutantContext, read_input: ReadInput, proceed: Callable[[ReadInput], ReadResult]) -> ReadResult:
        try:
            return proceed(read_input)
        except Refused as refused:
            broken = {(one.location, one.pointer, one.rule) for one in refused.violations}
            if read_input.operation.id != operation.id or not broken or broken - {("body", pointer, rule) for rule in rules}:
                raise
            body = read_json(read_input.request.body or b"null")
            if not fits(body):
                raise
            sound = replace(read_input, request=_with_body(read_input.request, sound_body(operation)))
            parameters, _ = proceed(sound)
            return parameters, mend(body)

    return hook


def _root(operation: Operation) -> Iterator[Mutant]:
    """Yield what is taken in place of an object."""
    schema = body_schema(operation)
    if schema is None or schema.types != {"object"}:
        return
    for name, about, fits, mend in WRAPPED:
        hook = _passing(operation, ("type",), "", fits, mend)
        yield Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, f"{operation.id}: {about}.", read=hook)
    if not schema.required:
        hook = _passing(operation, ("type", "required"), "", lambda body: not isinstance(body, dict), lambda body: {})
        about = f"{operation.id}: what is no object is taken for an empty one."
        yield Mutant(f"{FAMILY}.no-object.{operation.id}", FAMILY, about, read=hook)
    for keyword in ("minProperties", "maxProperties", "additionalProperties"):
        if keyword in schema.rules:
            hook = _passing(operation, (keyword,), "", lambda body: True, lambda body: body)
            about = f"{operation.id}: {keyword} of the body is not looked at."
            yield Mutant(f"{FAMILY}.{keyword}.{operation.id}", FAMILY, about, read=hook)


def _holds_object(body: Json) -> bool:
    try:
        return isinstance(body, str) and isinstance(json.loads(body), dict)
    except ValueError:
        return False


def _is_list_of_object(body: Json) -> bool:
    return isinstance(body, list) and len(body) == 1 and isinstance(body[0], dict)


WRAPPED: tuple[tuple[str, str, Callable[[Json], bool], Callable[[Any], Json]], ...] = (
    ("list-of-one", "a list of one body is taken", _is_list_of_object, lambda body: body[0]),
    ("json-in-json", "a text that holds JSON is taken", _holds_object, json.loads),
)


def _bounds(contract: Contract) -> Iterator[Mutant]:
    """Yield what only the resource asks for, and the schema of the body does not."""
    for taken in takings(contract):
        if any(write.field == taken.field.name and write.check is not None for write in taken.step.writes):
            about = f"{taken.place}: a value that the {taken.resource.name} cannot have becomes one that it can."
            yield Mutant(f"{FAMILY}.clamped.{taken.place}", FAMILY, about, perform=_clamped(taken))
        if isinstance(taken.step, Update) and taken.nullable and settled(contract, taken.step.when_null) == "refuse":
            about = f"{taken.place}: a null that cannot be stored changes nothing, and is not refused."
            yield Mutant(f"{FAMILY}.null-passed.{taken.place}", FAMILY, about, perform=_null_passed(taken))


def _clamped(taken: Taken) -> PerformHook:
    def hook(context: MutantContext, execution: PerformInput, proceed: Callable[[PerformInput], Performed]) -> Performed:
        try:
            return proceed(execution)
        except Refused as refused:
            if not any(one.pointer == pointer_to(taken.token) for one in refused.violations) or not isinstance(
                execution.body, dict
            ):
                raise
            if execution.body.get(taken.token) is None:
                raise
            return proceed(replace(execution, body={**execution.body, taken.token: sample(taken.field.schema)}))

    return only_for(taken.operation, hook)


def _null_passed(taken: Taken) -> PerformHook:
    def hook(context: MutantContext, execution: PerformInput, proceed: Callable[[PerformInput], Performed]) -> Performed:
        body = execution.body
        if isinstance(body, dict) and taken.token in body and body[taken.token] is None:
            execution = replace(execution, body={name: value for name, value in body.items() if name != taken.token})
        return proceed(execution)

    return only_for(taken.operation, hook)


def _zero(schema: Schema, contract: Contract, field: Field) -> Json:
    """Return what careless code has for a value that is not there, as far as it can be stored in `field`."""
    if "enum" in schema.rules:
        return sample(schema)
    types = schema.types
    zero: Json = "" if "string" in types else 0 if "number" in types else [] if "array" in types else False
    fits = contract.schemas.check(field.schema).violations(zero, NoChoice()) == ()
    return zero if fits else sample(field.schema)


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_digits(value: Json) -> bool:
    return isinstance(value, str) and re.fullmatch("-?[0-9]{1,18}", value) is not None


def _joined(value: Json) -> Json:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _with_body(request: Request, body: Json) -> Request:
    headers = {**request.headers, b"content-type": JSON.encode()}
    return Request(request.method, request.path, request.query, headers, write_json(body))


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
    steps = operation.behaviour.steps if operation.behaviour else ()
    if not any(isinstance(step, (FindOrCreate, Update)) for step in steps) or len(body_properties(operation)) < 2:
        return
    mendable = body_properties(operation)
    about = f"{operation.id} refuses an invalid body, and has stored by then what is valid of it."
    hook = _storing(operation, lambda context, body: _valid_part(contract, operation, body, mendable))
    yield Mutant(f"{FAMILY}.stored.{operation.id}", FAMILY, about, exchange=hook)


def _valid_part(
    contract: Contract, operation: Operation, body: dict[str, Any], mendable: Mapping[str, Schema]
) -> dict[str, Any]:
    """Return a body with its invalid properties left out, and the missing ones filled in."""
    valid = {
        name: value
        for name, value in body.items()
        if name in mendable and contract.schemas.check(mendable[name]).strictest.is_valid(value)
    }
    schema = body_schema(operation)
    keys = {token for lookup in lookups(contract) if lookup.operation == operation for token in lookup.tokens.values()}
    for name in schema.required if schema else ():
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


# Ids and parameters


def _is_uuid(resource: Resource) -> bool:
    return "uuid" in resource.fields[resource.id].schema.formats


def _loose_ids(contract: Contract) -> Iterator[Mutant]:
    """Yield ids in paths that match too much."""
    reaching = [one for one in by_id(contract) if one.operation in carried_out(contract)]
    texts = [one for one in reaching if "string" in one.resource.fields[one.resource.id].schema.types]
    for (name, about, alike), one in spread(LOOSE_TEXTS, texts):
        if name == "case" and _is_uuid(one.resource):
            continue  # case does not count in the text of a UUID (RFC 9562 section 4)
        told = f"{one.operation.id} reaches a {one.resource.name} by an id that is another one: {about}."
        hook = _near_id(one, alike)
        yield Mutant(f"{FAMILY}.id-{name}.{one.operation.id}.{one.parameter}", FAMILY, told, exchange=hook)
    numbers = [one for one in reaching if "string" not in one.resource.fields[one.resource.id].schema.types]
    for (name, about, alike), one in spread(LOOSE_NUMBERS, numbers):
        told = f"{one.operation.id} reaches a {one.resource.name} by an id that is no number: {about}."
        hook = _near_id(one, alike)
        yield Mutant(f"{FAMILY}.id-{name}.{one.operation.id}.{one.parameter}", FAMILY, told, exchange=hook)


LOOSE_TEXTS: tuple[tuple[str, str, Callable[[str, str], bool]], ...] = (
    ("case", "case does not count", lambda id, given: id.lower() == given.lower()),
    ("prefix", "the beginning of an id is enough", lambda id, given: len(given) >= 6 and id.startswith(given)),
    ("longer", "what stands behind an id is not looked at", lambda id, given: given.startswith(id)),
    ("space", "white space around an id is cut off", lambda id, given: given.strip() == id),
)

LOOSE_NUMBERS: tuple[tuple[str, str, Callable[[str, str], bool]], ...] = (
    ("digits-first", "what stands behind the digits is not looked at", lambda id, given: re.match("[0-9]*", given)[0] == id),  # type: ignore[index]
)


def _near_id(one: ById, alike: Callable[[str, str], bool]) -> ExchangeHook:
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


def _parameters(contract: Contract) -> Iterator[Mutant]:
    """Yield parameters whose schema is not enforced."""
    for operation in contract.operations:
        for parameter in operation.parameters:
            if parameter.location == "query" and (parameter.kind != "string" or parameter.check.schema.rules - {"type"}):
                about = f"{operation.id}: the parameter {parameter.name} is left out of account when it is invalid."
                hook = _without_parameter(operation, parameter.name, parameter.pointer)
                yield Mutant(f"{FAMILY}.parameter.{operation.id}.{parameter.name}", FAMILY, about, read=hook)


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


# Valid, and refused all the same


def _refused_although_valid(contract: Contract, taking: list[Operation]) -> Iterator[Mutant]:
    texts = [taken for taken in takings(contract) if taken.is_text]
    free = [taken for taken in texts if not taken.is_key]
    for (name, about, status, fits), start in spread(REFUSED, list(range(len(free)))):
        taken = next((one for one in free[start:] + free[:start] if _may_hold(contract, one, name)), None)
        if taken is not None:
            told = f"{taken.place}: {about} is refused."
            hook = _refusing(taken.operation, taken.token, fits, status)
            yield Mutant(f"{FAMILY}.refused-{name}.{taken.place}", FAMILY, told, read=hook)
    for (name, about, fits), taken in spread(REFUSED_KEYS, [taken for taken in texts if taken.is_key]):
        hook = _refusing(taken.operation, taken.token, fits, 422)
        yield Mutant(f"{FAMILY}.refused-key-{name}.{taken.place}", FAMILY, f"{taken.place}: {about} is refused.", read=hook)
    for operation in taking:
        schema = body_schema(operation)
        required = schema.required if schema else set()
        optional = [name for name in body_properties(operation) if name not in required]
        for name in optional[-1:] if required else ():
            about = f"{operation.id} refuses a body without {name}, which it may do without."
            yield Mutant(f"{FAMILY}.demanded.{operation.id}.{name}", FAMILY, about, read=_demanding(operation, name))
        for name, property_schema in body_properties(operation).items():
            for value in (property_schema.values or ())[-1:]:
                about = f"{operation.id} refuses {value!r} as {name}."
                hook = _refusing(operation, name, lambda given, value=value: given == value, 422)  # type: ignore[misc]
                yield Mutant(f"{FAMILY}.refused-value.{operation.id}.{name}", FAMILY, about, read=hook)
    for operation in taking[:1]:
        about = f"{operation.id} refuses the media type with the parameter charset=utf-8."
        yield Mutant(f"{FAMILY}.refused-charset.{operation.id}", FAMILY, about, read=_refusing_charset(operation))


WITNESSES: dict[str, Json] = {"null": None, "empty": "", "long": "x" * 120}

REFUSED: tuple[tuple[str, str, int, Callable[[Json], bool]], ...] = (
    ("null", "null", 422, lambda value: value is None),
    ("empty", "empty text", 422, lambda value: value == ""),
    ("long", "text of more than 100 characters", 422, lambda value: isinstance(value, str) and len(value) > 100),
    ("apostrophe", "text with an apostrophe", 400, lambda value: isinstance(value, str) and "'" in value),
    ("markup", "text with markup", 403, lambda value: isinstance(value, str) and "<" in value),
    ("not-ascii", "text beyond ASCII", 422, lambda value: isinstance(value, str) and not value.isascii()),
    ("emoji", "text beyond the basic plane", 400, lambda value: isinstance(value, str) and any(ord(c) > 0xFFFF for c in value)),
    ("line-break", "text with a line break", 422, lambda value: isinstance(value, str) and "\n" in value),
    ("digits", "text of digits alone", 422, lambda value: isinstance(value, str) and value.isdigit()),
    ("percent", "text with a percent sign", 400, lambda value: isinstance(value, str) and "%" in value),
    (
        "sql",
        "text with words of SQL",
        403,
        lambda value: isinstance(value, str) and re.search(r"\bOR\b|--|\bSELECT\b", value, re.I) is not None,
    ),
)

REFUSED_KEYS: tuple[tuple[str, str, Callable[[Json], bool]], ...] = (
    ("plus", "a key with a plus sign", lambda value: isinstance(value, str) and "+" in value),
    ("capitals", "a key with capitals", lambda value: isinstance(value, str) and value != value.lower()),
    ("apostrophe", "a key with an apostrophe", lambda value: isinstance(value, str) and "'" in value),
    ("hyphen", "a key with a hyphen", lambda value: isinstance(value, str) and "-" in value),
)


def _may_hold(contract: Contract, taken: Taken, name: str) -> bool:
    return taken.takes(WITNESSES.get(name, "x"), contract)


def _refusing(operation: Operation, token: str, fits: Callable[[Json], bool], status: int) -> ReadHook:
    def hook(context: MutantContext, read_input: ReadInput, proceed: Callable[[ReadInput], ReadResult]) -> ReadResult:
        parameters, body = proceed(read_input)
        if read_input.operation.id == operation.id and isinstance(body, dict) and token in body and fits(body[token]):
            raise Refused("invalid", f"{token} is not valid.", status=status)
        return parameters, body

    return hook


def _demanding(operation: Operation, name: str) -> ReadHook:
    def hook(context: MutantContext, read_input: ReadInput, proceed: Callable[[ReadInput], ReadResult]) -> ReadResult:
        parameters, body = proceed(read_input)
        if read_input.operation.id == operation.id and isinstance(body, dict) and name not in body:
            raise Refused("invalid", f"{name} is required.")
        return parameters, body

    return hook


def _refusing_charset(operation: Operation) -> ReadHook:
    def hook(context: MutantContext, read_input: ReadInput, proceed: Callable[[ReadInput], ReadResult]) -> ReadResult:
        if read_input.operation.id == operation.id and "charset" in read_input.request.header(b"content-type"):
            raise Refused("unsupported-media-type", "This media type is not accepted.")
        return proceed(read_input)

    return hook
