"""Refusals in the shape that the document declares for their status.

The members of a declared error body are known by their names and types, in the words that error formats use: RFC 9457's
`title` and `detail`, a list of `errors` with `loc` and `msg`, and so on. A shape that cannot be filled validly stops the start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from mock_server.contract.codecs import codec_of
from mock_server.contract.model import Contract, Decision, Operation
from mock_server.contract.problems import KINDS, Refused
from mock_server.contract.samples import sample
from mock_server.contract.schema import Schema
from mock_server.contract.schemas import Media, NoChoice, Violation
from mock_server.contract.source import Json, pointer_tokens
from mock_server.engine.choices import Choices
from mock_server.exchange.messages import Answer
from mock_server.exchange.source import Source

PROBLEM_JSON = "application/problem+json"
TYPE_PREFIX = "urn:understudy:problem:"


class Facts(NamedTuple):
    """What an error body can tell."""

    kind: str
    status: int
    title: str
    detail: str
    violations: tuple[Violation, ...]


Render: TypeAlias = Callable[[Facts], Json]

DETAIL = "facts.detail"

TEXTS: Mapping[str, str] = {
    # the name of a member: the expression that it is filled with
    "type": f"{TYPE_PREFIX!r} + facts.kind",
    "title": "facts.title",
    "error": "facts.title",
    "code": "facts.kind",
    "kind": "facts.kind",
    "detail": DETAIL,
    "message": DETAIL,
    "msg": DETAIL,
    "description": DETAIL,
    "error_description": DETAIL,
}
NUMBERS = ("status", "code", "status_code", "statusCode")
LISTS = ("violations", "errors", "detail", "details", "validation", "issues")

VIOLATION_TEXTS: Mapping[str, str] = {
    "location": "violation.location",
    "in": "violation.location",
    "pointer": "violation.pointer",
    "path": "violation.pointer",
    "field": "violation.pointer",
    "property": "violation.pointer",
    "rule": "violation.rule",
    "type": "violation.rule",
    "code": "violation.rule",
    "keyword": "violation.rule",
    "message": "violation.message",
    "msg": "violation.message",
    "detail": "violation.message",
    "description": "violation.message",
    "reason": "violation.message",
}


class Refusals:
    """Turns refusals into answers, for every operation and status of a contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._schemas = contract.schemas
        self._by_schema: dict[tuple[str, str], Render] = {}
        self._statuses: dict[tuple[str, str | None], Decision[int]] = {}
        self._choices: dict[tuple[str, int], list[tuple[Media, Render]]] = {}
        for operation in contract.operations:
            for kind in (kind for kind in KINDS.values() if not kind.own):
                for status in set(self._status(kind.name, operation).possible()):
                    self._renders(operation, status)
        contract.document.flaws.raise_if_any()

    def answer(self, refused: Refused, operation: Operation | None, choices: Choices) -> Answer:
        """Return the answer that tells `refused`."""
        kind, status = KINDS[refused.kind], refused.status
        if status is None:
            status = self._status(kind.name, operation).settle(choices)
        media_type, render = (PROBLEM_JSON, _problem_details) if kind.own else self._render(operation, status, choices)
        facts = Facts(kind.name, status, kind.title, refused.detail, refused.violations)
        headers, detail, violations = list(refused.headers), refused.detail, refused.violations
        return Answer(
            status, render(facts), media_type, headers, choices.rested_on, operation, [], kind.name, detail, violations
        )

    def _status(self, kind: str, operation: Operation | None) -> Decision[int]:
        """Return the status of a kind of problem."""
        place = (kind, operation.id if operation else None)
        known = self._statuses.get(place)
        if known is None:
            known = self._statuses[place] = self._find_status(kind, operation)
        return known

    def _find_status(self, kind: str, operation: Operation | None) -> Decision[int]:
        """Return the document's own word, else 422 or 400 as it declares, else the usual status."""
        if kind in self._contract.problem_statuses:
            return self._contract.problem_statuses[kind]
        if kind == "invalid" and operation and "422" not in operation.responses and "400" in operation.responses:
            return Decision(400)
        return Decision(KINDS[kind].status)

    def _render(self, operation: Operation | None, status: int, choices: Choices) -> tuple[str, Render]:
        for media, render in self._renders(operation, status) if operation else ():
            if media.only_when is None or choices.of(media.only_when[0]) == media.only_when[1]:
                return media.type, render
        return PROBLEM_JSON, _problem_details

    def _renders(self, operation: Operation, status: int) -> list[tuple[Media, Render]]:
        place = (operation.id, status)
        if place not in self._choices:
            response = operation.response(status)
            declared = [media for media in response.content if codec_of(media.type)] if response else []
            declared.sort(key=lambda media: media.type != PROBLEM_JSON)
            self._choices[place] = [(media, self._compiled(media)) for media in declared]
        return self._choices[place]

    def _compiled(self, media: Media) -> Render:
        if media.schema is None:
            return _problem_details
        schema = media.schema.target
        place = schema.place
        if place not in self._by_schema:
            render = _compile(schema)
            self._by_schema[place] = render
            check = self._schemas.check(schema)
            violation = Violation("body", "/name", "required", "'name' is required")
            for violations in ((), (violation,)):
                body = render(Facts("invalid", 422, "A title", "A detail", violations))
                for broken in check.violations(body, NoChoice()):
                    where = broken.pointer or "the body"
                    hint = "name its members as RFC 9457 does, or give this one a `const`, `enum`, `default` or `example`"
                    schema.flaw(f"this error body cannot be filled in: at {where}, {broken.message}", hint)
        return self._by_schema[place]


def _problem_details(facts: Facts) -> Json:
    """Return problem details as RFC 9457 has them, for answers that the document does not describe."""
    body = {"type": TYPE_PREFIX + facts.kind, "title": facts.title, "detail": facts.detail, "status": facts.status}
    return {**body, "violations": [violation._asdict() for violation in facts.violations]} if facts.violations else body


def _compile(schema: Schema) -> Render:
    """Return a function that fills in an error body; it is written as a person would write it for this one shape."""
    source = Source("error_body", "facts")
    if "object" in schema.types:
        source.line(f"return {_write_object(source, schema)}")
    else:
        source.line(f"return {'facts.detail' if 'string' in schema.types else source.constant(sample(schema))}")
    return source.function()


def _write_object(source: Source, schema: Schema) -> str:
    """Write statements that fill in an object; return the variable that holds it."""
    body, required, members = source.variable("body"), schema.required, schema.properties
    has_detail = any(TEXTS.get(name) == DETAIL or _lists_violations(name, member) for name, member in members.items())
    source.line(f"{body} = {{}}")
    for name, member in members.items():
        needed = name in required
        if _lists_violations(name, member):
            condition = "" if needed else "if facts.violations: "
            source.line(f"{condition}{body}[{name!r}] = {_list(source, member, needed=needed)}")
        elif value := _write_member(source, name, member):
            if name == "error" and value == TEXTS[name] and not has_detail:
                value = DETAIL  # the only text there is has to tell what is wrong
            source.line(f"{body}[{name!r}] = {value}")
        elif needed:
            source.line(f"{body}[{name!r}] = {source.constant(sample(member))}")
    return body


def _lists_violations(name: str, schema: Schema) -> bool:
    is_fixed = schema.values is not None  # the document says itself what it holds; that is its own sample
    return name in LISTS and "array" in schema.types and "string" not in schema.types and not is_fixed


def _write_member(source: Source, name: str, schema: Schema) -> str | None:
    """Return the expression that fills in a member; None where it is not known by its name and type."""
    types = schema.types
    if schema.values is not None:
        return None
    if name in NUMBERS and "number" in types:
        return "facts.status"
    if name in TEXTS and "string" in types:
        return TEXTS[name]
    if "object" in types and "string" not in types and schema.properties:
        return _write_object(source, schema)
    return None


def _list(source: Source, schema: Schema, *, needed: bool) -> str:
    """Return the expression that lists the violations; a list that is `needed` tells the problem where there are none."""
    items = schema.items
    told = f"{source.bind('told', _told)}(facts)" if needed else "facts.violations"
    if items is None or "string" in items.types:
        return f"[f'{{violation.pointer}}: {{violation.message}}' for violation in {told}]"
    members = []
    for name, member in items.properties.items():
        if name == "loc" and "array" in member.types:
            members.append(f"{name!r}: [violation.location, *{source.bind('steps', _steps)}(violation.pointer)]")
        elif name in VIOLATION_TEXTS and "string" in member.types:
            members.append(f"{name!r}: {VIOLATION_TEXTS[name]}")
        elif name in items.required:
            members.append(f"{name!r}: {source.constant(sample(member))}")
    return f"[{{{', '.join(members)}}} for violation in {told}]"


def _told(facts: Facts) -> tuple[Violation, ...]:
    return facts.violations or (Violation("body", "", facts.kind, facts.detail),)


def _steps(pointer: str) -> list[str | int]:
    return [
        int(token) if token.isascii() and token.isdecimal() and len(token) < 10 else token for token in pointer_tokens(pointer)
    ]
