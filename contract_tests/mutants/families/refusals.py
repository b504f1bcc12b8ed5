"""Valid requests that are refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from contract_tests.mutants.facts import (
    WrittenProperty,
    body_properties,
    body_schema,
    spread,
    written_properties,
)
from contract_tests.mutants.families.names import VALIDATION
from contract_tests.mutants.hooks import (
    Mutant,
    MutantContext,
    ReadHook,
    ReadInput,
    ReadResult,
)
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Operation
from mock_server.contract.problems import Refused


def refused_although_valid(contract: Contract, taking: list[Operation]) -> Iterator[Mutant]:
    """Yield the mutants that refuse a valid request."""
    texts = [taken for taken in written_properties(contract) if taken.is_text]
    free = [taken for taken in texts if not taken.is_key]
    for (name, about, status, fits), start in spread(REFUSED, list(range(len(free)))):
        taken = next((one for one in free[start:] + free[:start] if _may_hold(contract, one, name)), None)
        if taken is not None:
            told = f"{taken.place}: {about} is refused."
            hook = _refusing(taken.operation, taken.token, fits, status)
            yield Mutant(f"{VALIDATION}.refused-{name}.{taken.place}", VALIDATION, told, read=hook)
    for (name, about, fits), taken in spread(REFUSED_KEYS, [taken for taken in texts if taken.is_key]):
        hook = _refusing(taken.operation, taken.token, fits, 422)
        yield Mutant(
            f"{VALIDATION}.refused-key-{name}.{taken.place}", VALIDATION, f"{taken.place}: {about} is refused.", read=hook
        )
    for operation in taking:
        schema = body_schema(operation)
        required = schema.required_in("request") if schema else set()
        optional = [name for name in body_properties(operation) if name not in required]
        for name in optional[-1:] if required else ():
            about = f"{operation.id} refuses a body without {name}, which it may do without."
            yield Mutant(f"{VALIDATION}.demanded.{operation.id}.{name}", VALIDATION, about, read=_demanding(operation, name))
        for name, property_schema in body_properties(operation).items():
            for value in (property_schema.values or ())[-1:]:
                about = f"{operation.id} refuses {value!r} as {name}."
                hook = _refusing(operation, name, lambda given, value=value: given == value, 422)  # type: ignore[misc]
                yield Mutant(f"{VALIDATION}.refused-value.{operation.id}.{name}", VALIDATION, about, read=hook)
    for operation in taking[:1]:
        about = f"{operation.id} refuses the media type with the parameter charset=utf-8."
        yield Mutant(f"{VALIDATION}.refused-charset.{operation.id}", VALIDATION, about, read=_refusing_charset(operation))


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


def _may_hold(contract: Contract, taken: WrittenProperty, name: str) -> bool:
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
