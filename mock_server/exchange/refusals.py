"""Refusals in the shape that the document declares for their status.

The members of a declared error body are known by their names and types, in the words that error formats use: RFC 9457's
`title` and `detail`, a list of `errors` with `loc` and `msg`, and so on. A shape that cannot be filled validly stops the start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

from mock_server.contract.document import Node
from mock_server.contract.inclusion import conjuncts, types_of
from mock_server.contract.model import Contract, Decision, Operation, is_json
from mock_server.contract.problems import KINDS, Refused
from mock_server.contract.resources import properties_of, required_of
from mock_server.contract.samples import sample
from mock_server.contract.schemas import Media, NoChoice, Violation
from mock_server.contract.source import Json, pointer_tokens
from mock_server.engine.choices import Choices
from mock_server.exchange.messages import Answer

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

TEXTS: Mapping[str, Callable[[Facts], str]] = {
    "type": lambda facts: TYPE_PREFIX + facts.kind,
    "title": attrgetter("title"),
    "error": attrgetter("title"),
    "code": attrgetter("kind"),
    "kind": attrgetter("kind"),
    "detail": attrgetter("detail"),
    "message": attrgetter("detail"),
    "msg": attrgetter("detail"),
    "description": attrgetter("detail"),
    "error_description": attrgetter("detail"),
}
NUMBERS = ("status", "code", "status_code", "statusCode")
LISTS = ("violations", "errors", "detail", "details", "validation", "issues")

VIOLATION_TEXTS: Mapping[str, Callable[[Violation], str]] = {
    "location": attrgetter("location"),
    "in": attrgetter("location"),
    "pointer": attrgetter("pointer"),
    "path": attrgetter("pointer"),
    "field": attrgetter("pointer"),
    "property": attrgetter("pointer"),
    "rule": attrgetter("rule"),
    "type": attrgetter("rule"),
    "code": attrgetter("rule"),
    "keyword": attrgetter("rule"),
    "message": attrgetter("message"),
    "msg": attrgetter("message"),
    "detail": attrgetter("message"),
    "description": attrgetter("message"),
    "reason": attrgetter("message"),
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
            for kind in KINDS.values():
                for status in set(self._status(kind.name, operation).possible()):
                    self._renders(operation, status)
        contract.document.flaws.raise_if_any()

    def answer(self, refused: Refused, operation: Operation | None, choices: Choices) -> Answer:
        """Return the answer that tells `refused`."""
        kind, status = KINDS[refused.kind], refused.status
        if status is None:
            status = self._status(kind.name, operation).settle(choices)
        media_type, render = self._render(operation, status, choices)
        facts = Facts(kind.name, status, kind.title, refused.detail, refused.violations)
        return Answer(
            status=status,
            body=render(facts),
            media_type=media_type,
            headers=list(refused.headers),
            rested_on=choices.rested_on,
            operation=operation,
            problem=kind.name,
            detail=refused.detail,
            violations=refused.violations,
        )

    def _status(self, kind: str, operation: Operation | None) -> Decision[int]:
        """Return the status of a kind of problem."""
        place = (kind, operation.id if operation else None)
        if place not in self._statuses:
            self._statuses[place] = self._find_status(kind, operation)
        return self._statuses[place]

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
            declared = [media for media in response.content if is_json(media.type)] if response else []
            declared.sort(key=lambda media: media.type != PROBLEM_JSON)
            self._choices[place] = [(media, self._compiled(media)) for media in declared]
        return self._choices[place]

    def _compiled(self, media: Media) -> Render:
        if media.schema is None:
            return _problem_details
        schema = media.schema.resolved()
        place = (schema.source.name, schema.pointer)
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
    body = {name: TEXTS[name](facts) for name in ("type", "title", "detail")}
    body["status"] = facts.status  # type: ignore[assignment]  # a JSON object holds both texts and numbers
    if facts.violations:
        body["violations"] = [_as_object(violation) for violation in facts.violations]  # type: ignore[assignment]
    return body


def _as_object(violation: Violation) -> Json:
    return {
        "location": violation.location,
        "pointer": violation.pointer,
        "rule": violation.rule,
        "message": violation.message,
    }


def _compile(schema: Node) -> Render:
    if "object" not in types_of(schema):
        return (lambda facts: facts.detail) if "string" in types_of(schema) else (lambda facts: sample(schema))
    required = required_of(schema)
    members: dict[str, tuple[bool, Render]] = {}
    for name, member in properties_of(schema).items():
        render = _compile_member(name, member, needed=name in required)
        if render is not None:
            members[name] = (name in required, render)
        elif name in required:
            members[name] = (True, _constantly(sample(member)))

    def render_object(facts: Facts) -> Json:
        body = {}
        for name, (needed, render) in members.items():
            value = render(facts)
            if needed or (value is not None and value != []):
                body[name] = value
        return body

    return render_object


def _compile_member(name: str, schema: Node, *, needed: bool) -> Render | None:
    types = types_of(schema)
    if any("const" in part.value or "enum" in part.value for part in conjuncts(schema) or ()):
        return None  # what the document fixes is its own sample
    if name in LISTS and "array" in types and "string" not in types:
        return _compile_list(schema, needed=needed)
    if name in NUMBERS and "number" in types:
        return lambda facts: facts.status
    if name in TEXTS and "string" in types:
        return TEXTS[name]
    if "object" in types and "string" not in types and properties_of(schema):
        return _compile(schema)
    return None


def _compile_list(schema: Node, *, needed: bool) -> Render:
    """Return what lists the violations; a list that is `needed` tells the problem itself where there are none."""
    items = next((part["items"] for part in conjuncts(schema) or () if "items" in part.value), None)
    if items is None or "string" in types_of(items):
        return lambda facts: [f"{violation.pointer}: {violation.message}" for violation in _told(facts, needed)]
    makers: dict[str, Callable[[Violation], Any]] = {}
    for name, member in properties_of(items).items():
        if name == "loc" and "array" in types_of(member):
            makers[name] = lambda violation: [violation.location, *_steps(violation.pointer)]
        elif name in VIOLATION_TEXTS and "string" in types_of(member):
            makers[name] = VIOLATION_TEXTS[name]
        elif name in required_of(items):
            makers[name] = _constantly(sample(member))
    return lambda facts: [{name: make(violation) for name, make in makers.items()} for violation in _told(facts, needed)]


def _told(facts: Facts, needed: bool) -> tuple[Violation, ...]:
    return facts.violations or ((Violation("body", "", facts.kind, facts.detail),) if needed else ())


def _steps(pointer: str) -> list[str | int]:
    return [
        int(token) if token.isascii() and token.isdecimal() and len(token) < 10 else token for token in pointer_tokens(pointer)
    ]


def _constantly(value: Json) -> Callable[[Any], Json]:
    return lambda _: value
