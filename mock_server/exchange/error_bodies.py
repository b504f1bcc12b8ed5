"""Error bodies: what tells a refusal in the shape that a document declares for it.

The members of a declared error body are known by their names and types, in the words that error formats use: RFC 9457's
`title` and `detail`, a list of `errors` with `loc` and `msg`, and so on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

from mock_server.contract.sampling.least import sample
from mock_server.contract.schema import Schema
from mock_server.contract.schemas import Violation
from mock_server.contract.source import Json, pointer_tokens
from mock_server.engine.values import ABSENT, Absent

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
"""Fills an error body in."""

Fill: TypeAlias = Callable[[Facts], "Json | Absent"]
"""Fills one member of an error body in; `ABSENT` leaves it out."""

Tell: TypeAlias = Callable[[Violation], Json]
"""Tells one violation."""

DETAIL: Fill = attrgetter("detail")

TEXTS: Mapping[str, Fill] = {
    # the name of a member: what it is filled with
    "type": lambda facts: TYPE_PREFIX + facts.kind,
    "title": attrgetter("title"),
    "error": attrgetter("title"),
    "code": attrgetter("kind"),
    "kind": attrgetter("kind"),
    "detail": DETAIL,
    "message": DETAIL,
    "msg": DETAIL,
    "description": DETAIL,
    "error_description": DETAIL,
}
NUMBERS = ("status", "code", "status_code", "statusCode")
LISTS = ("violations", "errors", "detail", "details", "validation", "issues")

VIOLATION_TEXTS: Mapping[str, str] = {
    # the name of a member: the field of the violation that it is filled with
    "location": "location",
    "in": "location",
    "pointer": "pointer",
    "path": "pointer",
    "field": "pointer",
    "property": "pointer",
    "rule": "rule",
    "type": "rule",
    "code": "rule",
    "keyword": "rule",
    "message": "message",
    "msg": "message",
    "detail": "message",
    "description": "message",
    "reason": "message",
}


def problem_details(facts: Facts) -> Json:
    """Return problem details as RFC 9457 has them, for answers that the document does not describe."""
    body = {"type": TYPE_PREFIX + facts.kind, "title": facts.title, "detail": facts.detail, "status": facts.status}
    return {**body, "violations": [violation._asdict() for violation in facts.violations]} if facts.violations else body


def compile_error_body(schema: Schema) -> Render:
    """Return what fills in an error body of this schema, as far as its members are known by their names and types."""
    if "object" in schema.types:
        return _object(schema)
    if "string" in schema.types:
        return DETAIL
    fixed = sample(schema)
    return lambda facts: fixed


def _object(schema: Schema) -> Render:
    members = schema.properties
    has_detail = any(TEXTS.get(name) is DETAIL or _lists_violations(name, member) for name, member in members.items())
    fills = []
    for name, member in members.items():
        fill = _member(name, member, needed=name in schema.required)
        if name == "error" and fill is TEXTS[name] and not has_detail:
            fill = DETAIL  # the only text there is has to tell what is wrong
        if fill is not None:
            fills.append((name, fill))

    def render(facts: Facts) -> Json:
        return {name: value for name, fill in fills if (value := fill(facts)) is not ABSENT}

    return render


def _member(name: str, schema: Schema, *, needed: bool) -> Fill | None:
    """Return what fills a member in; None where it is left out."""
    types = schema.types
    if _lists_violations(name, schema):
        return _list(schema, needed=needed)
    if schema.values is None:  # else the document says itself what it holds; that is its own sample
        if name in NUMBERS and "number" in types:
            return attrgetter("status")
        if name in TEXTS and "string" in types:
            return TEXTS[name]
        if "object" in types and "string" not in types and schema.properties:
            return _object(schema)
    if not needed:
        return None
    fixed = sample(schema)
    return lambda facts: fixed


def _lists_violations(name: str, schema: Schema) -> bool:
    return name in LISTS and "array" in schema.types and "string" not in schema.types and schema.values is None


def _list(schema: Schema, *, needed: bool) -> Fill:
    """Return what lists the violations; a list that is `needed` tells the problem where there are none."""
    tell = _telling(schema.items)

    def fill(facts: Facts) -> Json | Absent:
        violations = facts.violations
        if not violations:
            if not needed:
                return ABSENT
            violations = (Violation("body", "", facts.kind, facts.detail),)
        return [tell(violation) for violation in violations]

    return fill


def _telling(items: Schema | None) -> Tell:
    """Return what tells a violation as an element of a list."""
    if items is None or "string" in items.types:
        return lambda violation: f"{violation.pointer}: {violation.message}"
    texts = {name: VIOLATION_TEXTS.get(name) for name, member in items.properties.items() if "string" in member.types}
    if len(texts) == len(items.properties) > 1 and None not in texts.values():  # as nearly always; this way is the quickest
        names, tell_all = tuple(texts), attrgetter(*filter(None, texts.values()))
        return lambda violation: dict(zip(names, tell_all(violation), strict=True))
    members: dict[str, Tell] = {}
    for name, member in items.properties.items():
        if name == "loc" and "array" in member.types:
            members[name] = lambda violation: [violation.location, *_steps(violation.pointer)]
        elif name in VIOLATION_TEXTS and "string" in member.types:
            members[name] = attrgetter(VIOLATION_TEXTS[name])
        elif name in items.required:
            members[name] = _always(sample(member))
    return lambda violation: {name: tell(violation) for name, tell in members.items()}


def _always(value: Json) -> Callable[[Any], Json]:
    return lambda told: value


def _steps(pointer: str) -> list[str | int]:
    return [
        int(token) if token.isascii() and token.isdecimal() and len(token) < 10 else token for token in pointer_tokens(pointer)
    ]
