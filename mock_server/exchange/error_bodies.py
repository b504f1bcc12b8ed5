"""Error bodies: what tells a refusal in the shape that a document declares for it.

The members of a declared error body are known by their names and types, in the words that error formats use: RFC 9457's
`title` and `detail`, a list of `errors` with `loc` and `msg`, JSON:API's `source`, a `code` out of a list. What is required
beside them is made from its schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from operator import attrgetter
from typing import NamedTuple, Protocol, TypeAlias

from mock_server.contract.files.source import Json, pointer_tokens
from mock_server.contract.sampling.naming import snake_case
from mock_server.contract.schemas.checks import Violation
from mock_server.contract.schemas.schema import Schema
from mock_server.engine.values import ABSENT, Absent
from mock_server.exchange.error_codes import nearest_code

PROBLEM_JSON = "application/problem+json"
TYPE_PREFIX = "urn:understudy:problem:"
MOST_VARIANTS = 12
"""How many ways to read a schema with branches are tried."""


class Facts(NamedTuple):
    """What an error body can tell."""

    kind: str
    status: int
    title: str
    detail: str
    violations: tuple[Violation, ...]
    about: str = ""
    """What the problem is called more closely than its kind."""


Render: TypeAlias = Callable[[Facts], Json]
"""Fills an error body in."""

Fill: TypeAlias = Callable[[Facts], "Json | Absent"]
"""Fills one member of an error body in; `ABSENT` leaves it out."""

Tell: TypeAlias = Callable[[Facts, Violation], "Json | Absent"]
"""Tells one violation; `ABSENT` leaves a member of it out."""

DETAIL: Fill = attrgetter("detail")

TEXTS: Mapping[str, Fill] = {
    # the name of a member, as snake_case writes it: what it is filled with
    "type": lambda facts: TYPE_PREFIX + facts.kind,
    "title": attrgetter("title"),
    "error": attrgetter("title"),
    "summary": attrgetter("title"),
    **dict.fromkeys(("code", "kind", "error_code", "error_type", "errorcode", "faultcode"), attrgetter("kind")),
    **dict.fromkeys(("detail", "message", "msg", "description", "error_description", "error_message", "errormessage"), DETAIL),
    **dict.fromkeys(("reason", "faultstring", "fault_string", "developer_message", "user_message", "display_message"), DETAIL),
    **dict.fromkeys(("status", "status_code", "http_status"), lambda facts: str(facts.status)),
}
CODES = frozenset(
    {"code", "type", "error", "kind", "reason", "name", "status", "error_code", "error_type", "errorcode", "title"}
)
"""Members that hold one of a list of codes."""

NUMBERS = frozenset({"status", "code", "status_code", "http_status", "error_code"})
LISTS = frozenset({"violations", "errors", "detail", "details", "validation", "issues"})
PLACES = frozenset({"param", "parameter", "field", "target"})
"""Members that name what is wrong in the request."""

CONTAINERS = frozenset({"error", "err", "fault", "problem", "exception", "failure", "status", "detail", "details"})
"""Members that hold what is told."""

DEEPEST = 4
"""How deep within a body something is told."""

SUCCESS, FAILURE = frozenset({"ok", "success", "successful"}), frozenset({"failed", "failure", "is_error", "has_error"})

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
PROBE = Facts("invalid", 422, "A title", "A detail", ())


class Members(Protocol):
    """What is known of the schemas of members."""

    def made(self, schema: Schema, name: str) -> Json | Absent:
        """Return a valid value; `ABSENT` where none can be made."""

    def fits(self, schema: Schema, value: Json) -> bool:
        """Say whether a value is valid."""


def problem_details(facts: Facts) -> Json:
    """Return problem details as RFC 9457 has them, for answers that the document does not describe."""
    body = {"type": TYPE_PREFIX + facts.kind, "title": facts.title, "detail": facts.detail, "status": facts.status}
    return {**body, "violations": [violation._asdict() for violation in facts.violations]} if facts.violations else body


def tells(body: Json) -> bool:
    """Say whether an error body has any text that tells what is wrong."""
    if isinstance(body, (dict, list)):
        return any(map(tells, body.values() if isinstance(body, dict) else body))
    return isinstance(body, str)


def error_bodies(schema: Schema, members: Members) -> Iterator[Render]:
    """Yield what fills in an error body of this schema: one for each way to read its branches."""
    compiler = _Compiler(members)
    for parts in islice(_readings((schema,)), MOST_VARIANTS):
        types = frozenset.intersection(*(part.types for part in parts))
        if "object" in types:
            yield compiler.object(parts)
        elif "string" in types and parts[-1].values is None:
            yield DETAIL
        elif "array" in types and (items := _items(parts)) is not None:
            yield compiler.list(items, needed=True)
        else:
            fixed = members.made(parts[-1], "error")
            yield lambda facts, fixed=fixed: fixed  # type: ignore[misc]  # what is absent is no valid body


def _readings(parts: tuple[Schema, ...]) -> Iterator[tuple[Schema, ...]]:
    """Yield a schema with each combination of its branches, those that lead back to it left out."""
    variants = [variant.target for variant in parts[-1].variants]
    if not variants:
        yield parts
    for variant in variants:
        if variant not in parts:
            yield from _readings((*parts, variant))


def _items(parts: tuple[Schema, ...]) -> Schema | None:
    return next((part.items for part in parts if part.items is not None), None)


class _Compiler:
    """Finds what the members of an error body are filled in with, or of an object that is `depth` levels within it."""

    def __init__(self, members: Members, depth: int = 0) -> None:
        self._members = members
        self._depth = depth

    def object(self, parts: tuple[Schema, ...]) -> Render:
        """Return what fills in an object."""
        members = {name: member for part in parts for name, member in part.properties.items()}
        required = frozenset().union(*(part.required for part in parts))
        names = {name: snake_case(name) for name in members}
        has_detail = any(TEXTS.get(names[name]) is DETAIL or _lists_violations(names[name], m) for name, m in members.items())
        fills = []
        for name, member in members.items():
            fill = self._member(names[name], member, needed=name in required, has_detail=has_detail)
            if fill is not None:
                fills.append((name, fill))

        def render(facts: Facts) -> Json:
            return {name: value for name, fill in fills if (value := fill(facts)) is not ABSENT}

        return render

    def _member(self, name: str, schema: Schema, *, needed: bool, has_detail: bool) -> Fill | None:
        """Return what fills a member in; None where it is left out."""
        if _lists_violations(name, schema):
            return self.list(schema.items, needed=needed)
        known = self._known(name, schema, needed=needed, has_detail=has_detail)
        if known is not None and self._is_fit(schema, known):
            return known
        if schema.values is None and "string" not in schema.types:
            is_told = self._depth < DEEPEST and (needed or name in CONTAINERS)
            if is_told and "object" in schema.types and (schema.properties or schema.variants):
                return self._nested(schema, needed=needed)
            if name in LISTS and "object" in schema.types and schema.unnamed:
                return _by_name(schema.unnamed[0])
        if not needed:
            return None
        made = self._members.made(schema, name)
        return lambda facts: made

    def _known(self, name: str, schema: Schema, *, needed: bool, has_detail: bool) -> Fill | None:
        """Return what a member of this name and type usually tells; None where nothing is known."""
        types, values = schema.types - {"null"}, schema.values
        if types == {"boolean"} and name in SUCCESS | FAILURE:
            return lambda facts: name in FAILURE
        if values is not None:
            return _listed(values, needed=needed) if name in CODES or name in NUMBERS else None
        if "number" in types:
            return attrgetter("status") if name in NUMBERS else None
        if "string" not in types:
            return None
        if name == "error" and not has_detail:
            return DETAIL  # the only text there is has to tell what is wrong
        if name in PLACES:
            nothing: Json | Absent = ABSENT if not needed else None if schema.nullable else ""
            return lambda facts: _place(facts, nothing)
        fill, most = TEXTS.get(name), schema.max_length
        return _cut(fill, most) if fill is not None and most is not None else fill

    def _is_fit(self, schema: Schema, fill: Fill) -> bool:
        """Say whether a member takes what it is to be filled with."""
        if schema.rules <= {"type"}:
            return True
        value = fill(PROBE)
        return value is ABSENT or self._members.fits(schema, value)

    def _nested(self, schema: Schema, *, needed: bool) -> Fill | None:
        """Return what fills in an object within the body; None where nothing is known of it, and it may be left out."""
        inner = _Compiler(self._members, self._depth + 1)
        rendered = [inner.object(parts) for parts in islice(_readings((schema,)), MOST_VARIANTS)]
        if len(rendered) > 1:
            rendered = [render for render in rendered if self._members.fits(schema, render(PROBE))] or rendered
        return rendered[0] if needed or (rendered and rendered[0](PROBE)) else None

    def list(self, items: Schema | None, *, needed: bool) -> Fill:
        """Return what lists the violations; a list that is `needed` tells the problem where there are none."""
        tell = self._telling(items)

        def fill(facts: Facts) -> Json | Absent:
            violations = facts.violations
            if not violations:
                if not needed:
                    return ABSENT
                violations = (Violation("body", "", facts.kind, facts.detail),)
            return [tell(facts, violation) for violation in violations]

        return fill

    def _telling(self, items: Schema | None) -> Tell:
        """Return what tells a violation as an element of a list."""
        if items is not None and items.variants:
            items = next((parts[-1] for parts in _readings((items,)) if "object" in parts[-1].types), items)
        if items is None or "string" in items.types:
            return lambda facts, violation: f"{violation.pointer}: {violation.message}"
        texts = {
            name: VIOLATION_TEXTS.get(name) for name, member in items.properties.items() if _is_told_as_it_is(name, member)
        }
        if len(texts) == len(items.properties) > 1 and None not in texts.values():  # as nearly always; this way is the quickest
            names, tell_all = tuple(texts), attrgetter(*filter(None, texts.values()))
            return lambda facts, violation: dict(zip(names, tell_all(violation), strict=True))
        members: dict[str, Tell] = {}
        for name, member in items.properties.items():
            tell = self._told(snake_case(name), member, needed=name in items.required)
            if tell is not None:
                members[name] = tell
        return lambda facts, violation: {
            name: value for name, tell in members.items() if (value := tell(facts, violation)) is not ABSENT
        }

    def _told(self, name: str, schema: Schema, *, needed: bool) -> Tell | None:
        """Return what a member of an element tells of a violation; None where it is left out."""
        if name == "loc" and "array" in schema.types:
            return lambda facts, violation: [violation.location, *_steps(violation.pointer)]
        if name in VIOLATION_TEXTS and _is_told_as_it_is(name, schema):
            told = attrgetter(VIOLATION_TEXTS[name])
            return lambda facts, violation: told(violation)
        if name == "parameter" and _is_told_as_it_is(name, schema):
            return lambda facts, violation: ABSENT if violation.location == "body" else violation.pointer.lstrip("/")
        is_told = self._depth < DEEPEST and (needed or name == "source")
        if is_told and "object" in schema.types and schema.properties and "string" not in schema.types:
            return _Compiler(self._members, self._depth + 1)._telling(schema)
        known = self._known(name, schema, needed=needed, has_detail=True)
        if known is not None and self._is_fit(schema, known):
            return lambda facts, violation: known(facts)
        if not needed:
            return None
        made = self._members.made(schema, name)
        return lambda facts, violation: made


def _lists_violations(name: str, schema: Schema) -> bool:
    return name in LISTS and "array" in schema.types and "string" not in schema.types and schema.values is None


def _is_told_as_it_is(name: str, schema: Schema) -> bool:
    """Say whether a member of a violation is a text of ours: any text, or one of the places that a violation may have."""
    return "string" in schema.types and (schema.values is None or VIOLATION_TEXTS.get(name) == "location")


def _listed(values: tuple[Json, ...], *, needed: bool) -> Fill:
    """Return what chooses one of the listed values: the status, or the code that is nearest; the first where one is needed."""

    def fill(facts: Facts) -> Json | Absent:
        if facts.status in values:
            return facts.status
        near = nearest_code(values, facts.about, 0) if facts.about else None
        near = near if near is not None else nearest_code(values, facts.kind, facts.status)
        return near if near is not None else values[0] if needed else ABSENT

    return fill


def _cut(fill: Fill, most: int) -> Fill:
    """Return what fills in no more than `most` characters."""

    def cut(facts: Facts) -> Json | Absent:
        text = fill(facts)
        return text if not isinstance(text, str) or len(text) <= most else f"{text[: most - 1]}…" if most else ""

    return cut


def _place(facts: Facts, nothing: Json | Absent) -> Json | Absent:
    """Return the name of the first part of the request that is wrong."""
    tokens = pointer_tokens(facts.violations[0].pointer) if facts.violations else []
    return ".".join(tokens) if tokens else nothing


def _by_name(schema: Schema) -> Fill:
    """Return what tells the violations by the names of what is wrong: a text for each, or a list of texts."""
    several = "array" in schema.types and "string" not in schema.types

    def fill(facts: Facts) -> Json | Absent:
        told: dict[str, list[Json]] = {}
        for violation in facts.violations:
            name = ".".join(pointer_tokens(violation.pointer)) or violation.location
            told.setdefault(name, []).append(violation.message)
        if not told:
            return ABSENT
        return {name: messages if several else messages[0] for name, messages in told.items()}

    return fill


def _steps(pointer: str) -> list[str | int]:
    return [
        int(token) if token.isascii() and token.isdecimal() and len(token) < 10 else token for token in pointer_tokens(pointer)
    ]
