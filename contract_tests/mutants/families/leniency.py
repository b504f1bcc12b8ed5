"""Keywords of schemas that are not enforced."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from contract_tests.mutants.facts import (
    WrittenProperty,
    body_properties,
    body_schema,
    settled,
    sound_body,
    written_properties,
)
from contract_tests.mutants.families.alterations import only_for
from contract_tests.mutants.families.names import VALIDATION
from contract_tests.mutants.hooks import (
    Mutant,
    MutantContext,
    MutantExecution,
    PerformHook,
    Proceed,
    ReadHook,
    ReadInput,
    ReadResult,
)
from mock_server.contract.files.source import Json, pointer_to
from mock_server.contract.messages.codecs import JSON, read_json, write_json
from mock_server.contract.model import Contract, Field, Operation
from mock_server.contract.problems import Refused
from mock_server.contract.sampling.least import sample
from mock_server.contract.schemas.checks import NoChoice
from mock_server.contract.schemas.schema import Schema
from mock_server.engine.engine import Performed
from mock_server.engine.verbs import Update
from mock_server.exchange.messages import Request

Mend: TypeAlias = Callable[[Json], Json]


@dataclass(frozen=True, slots=True)
class Leniency:
    """A kind of invalid value that is let through, and what is made of it."""

    name: str
    about: str
    rules: tuple[str, ...]
    fits: Callable[[Json], bool]
    mend: Mend


def unenforced(contract: Contract, operations: list[Operation]) -> Iterator[Mutant]:
    """Yield ways in which what schemas ask for is not enforced: what is particular to a property each time, else in turn."""
    common: dict[str, list[Mutant]] = {}
    for operation in operations:
        schema = body_schema(operation)
        required = schema.required_in("request") if schema else set()
        fields = {taken.token: taken.field for taken in written_properties(contract) if taken.operation == operation}
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
    return Mutant(f"{VALIDATION}.{leniency.name}.{operation.id}.{name}", VALIDATION, about, read=hook)


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


def other_roots(operation: Operation) -> Iterator[Mutant]:
    """Yield what is taken in place of an object."""
    schema = body_schema(operation)
    if schema is None or schema.types != {"object"}:
        return
    for name, about, fits, mend in WRAPPED:
        hook = _passing(operation, ("type",), "", fits, mend)
        yield Mutant(f"{VALIDATION}.{name}.{operation.id}", VALIDATION, f"{operation.id}: {about}.", read=hook)
    if not schema.required_in("request"):
        hook = _passing(operation, ("type", "required"), "", lambda body: not isinstance(body, dict), lambda body: {})
        about = f"{operation.id}: what is no object is taken for an empty one."
        yield Mutant(f"{VALIDATION}.no-object.{operation.id}", VALIDATION, about, read=hook)
    for keyword in ("minProperties", "maxProperties", "additionalProperties"):
        if keyword in schema.rules:
            hook = _passing(operation, (keyword,), "", lambda body: True, lambda body: body)
            about = f"{operation.id}: {keyword} of the body is not looked at."
            yield Mutant(f"{VALIDATION}.{keyword}.{operation.id}", VALIDATION, about, read=hook)


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


def loose_bounds(contract: Contract) -> Iterator[Mutant]:
    """Yield what only the resource asks for, and the schema of the body does not."""
    for taken in written_properties(contract):
        if any(write.field == taken.field.name and write.check is not None for write in taken.step.writes):
            about = f"{taken.place}: a value that the {taken.resource.name} cannot have becomes one that it can."
            yield Mutant(f"{VALIDATION}.clamped.{taken.place}", VALIDATION, about, perform=_clamped(taken))
        if isinstance(taken.step, Update) and taken.nullable and settled(contract, taken.step.when_null) == "refuse":
            about = f"{taken.place}: a null that cannot be stored changes nothing, and is not refused."
            yield Mutant(f"{VALIDATION}.null-passed.{taken.place}", VALIDATION, about, perform=_null_passed(taken))


def _clamped(taken: WrittenProperty) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        try:
            return proceed(execution)
        except Refused as refused:
            if not any(one.pointer == pointer_to(taken.token) for one in refused.violations) or not isinstance(
                execution.body, dict
            ):
                raise
            if execution.body.get(taken.token) is None:
                raise
            return proceed(execution.but(body={**execution.body, taken.token: sample(taken.field.schema)}))

    return only_for(taken.operation, hook)


def _null_passed(taken: WrittenProperty) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        body = execution.body
        if isinstance(body, dict) and taken.token in body and body[taken.token] is None:
            execution = execution.but(body={name: value for name, value in body.items() if name != taken.token})
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
