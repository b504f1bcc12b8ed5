"""Reading what a behaviour answers, and telling from the document whether that fits what it documents of its responses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.contract.behaviours.expressions import (
    Concatenation,
    Expression,
    FromStep,
    ListOf,
    Literal,
    ObjectOf,
    Viewed,
)
from mock_server.contract.behaviours.operators import is_operator
from mock_server.contract.behaviours.surroundings import ExpressionReader
from mock_server.contract.decisions import Decision
from mock_server.contract.documents.document import Node
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.messages.codecs import codec_of, is_json
from mock_server.contract.messages.model import Response
from mock_server.contract.model import AnswerShape, ByOutcome, Step, Unproven, View
from mock_server.contract.schemas.checks import NoChoice
from mock_server.contract.schemas.schema import Schema

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token (RFC 9110 section 5.6.2)."""

FRAMING = frozenset({"connection", "content-length", "content-type", "date", "trailer", "transfer-encoding", "upgrade"})
"""Headers that are the server's own business."""


class AnswerReader(ExpressionReader):
    """Reads the last step: what is answered."""

    @property
    def views(self) -> Mapping[str, View]:
        """The views by which something may be shown."""
        return self.around.views

    def read(self) -> AnswerShape | None:
        """Return what the step says; None, with flaws noted, when it is wrong."""
        template = self.template(self.node["answer"])
        status: Decision[int | ByOutcome] | None
        if "status" in self.node.value:
            status = self.around.decisions.read(self.node["status"], self.status)
        else:
            status = self.default_status()
        if status is None:
            return None
        unproven = self.check(template, self.node["answer"], status) if self.all_read else []
        left_open = frozenset() if "status" in self.node.value else self.left_open()
        return AnswerShape(template, status, tuple(unproven), self.headers(), left_open)

    def headers(self) -> dict[str, Expression]:
        """Return the headers that the step declares, by name."""
        headers = {}
        for name, place in self.node["headers"].items() if "headers" in self.node.value else ():
            if not HEADER_NAME.fullmatch(name) or name.lower() in FRAMING:
                place.flaw(f"{piece(name)} cannot be set as a header of an answer")
            elif (expression := self.expression(place, place.value)) is not None:
                is_plain = isinstance(expression, Literal) and isinstance(expression.value, (str, int, float))
                if isinstance(expression, (ObjectOf, ListOf, Viewed, Concatenation)) or (
                    isinstance(expression, Literal) and not is_plain
                ):
                    place.flaw("the value of a header is a text or a number")
                headers[name] = expression
        return headers

    def default(self, last: Step | None) -> AnswerShape | None:
        """Return the answer of a behaviour that declares none: the last result, or no body where none is documented."""
        status = self.default_status()
        if status is None:
            return None
        response = self.around.responses.get(str(status.fixed))
        template = FromStep(last.name, None) if last and response and response.content else None
        return AnswerShape(template, status, tuple(self.check(template, self.node, status)), left_open=self.left_open())

    def default_status(self) -> Decision[int | ByOutcome] | None:
        """Return the lowest documented status of success; None, with a flaw noted, where there is none."""
        if self.around.unread_parts.responses:
            return None
        documented = sorted(int(status) for status in self.around.responses if status.startswith("2") and status.isdecimal())
        if documented:
            return Decision(documented[0])
        self.node.flaw("the operation documents no answer of success", "declare a response 200 to 299")
        return None

    def left_open(self) -> frozenset[int]:
        """Return 200 and 201 where both are documented, both with a body or both without: which one it is, nobody says."""
        both = [self.around.responses.get(str(status)) for status in (200, 201)]
        alike = len({bool(response.content) for response in both if response is not None}) == 1
        return frozenset({200, 201}) if all(both) and alike else frozenset()

    def template(self, node: Node) -> Any:
        """Return the body's template: an expression, or a mapping of templates."""
        if isinstance(node.value, dict) and not is_operator(node.value):
            return {key: self.template(member) for key, member in node.items()}
        return self.expression(node, node.value) or Literal(None)

    def status(self, node: Node, raw: object) -> int | ByOutcome | None:
        """Return the status `raw`; None, with a flaw noted, when it is none that is documented."""
        if isinstance(raw, dict) and set(raw) == {"made", "found"}:
            made, found = (self.status(node[key], raw[key]) for key in ("made", "found"))
            return ByOutcome(made, found) if isinstance(made, int) and isinstance(found, int) else None
        if not str(raw).isdecimal():
            node.flaw(f"{piece(raw)} is not a status", "a number such as 200, or {made: 201, found: 200}")
            return None
        if str(raw) not in self.around.responses and self.around.unread_parts.responses:
            return None
        if str(raw) not in self.around.responses:
            node.flaw(f"the operation documents no answer {raw}", did_you_mean(str(raw), self.around.responses))
            return None
        return int(str(raw))

    def check(self, template: Any, node: Node, status: Decision[int | ByOutcome]) -> list[Unproven]:
        """Return the responses that are not shown to let through every body that the template gives; a flaw where none fits."""
        unproven: list[Unproven] = []
        for number in sorted(_numbers(status)):
            response = self.around.responses[str(number)]
            if template is None and response.content:
                node.flaw(f"the answer {number} is documented with a body, but nothing is answered")
            elif template is not None and not response.content:
                node.flaw(f"the answer {number} is documented without a body, but one is answered")
            for schema in _held(response) if template is not None else ():
                reason = self.never_fits(template, schema)
                if reason:
                    hint = f"the documented schema is at {schema.pointer}"
                    node.flaw(f"this never fits the schema of the answer {number}: {reason}", hint)
                    continue
                given = self.written_out(self.schema_of(template), f"{node.pointer}/{number}")
                obstacle = self.around.schemas.inclusion.obstacle(given, schema)
                if obstacle:
                    unproven.append(Unproven(number, self.around.schemas.check(schema, "response"), obstacle))
        return unproven

    def never_fits(self, template: Any, schema: Schema) -> str | None:
        """Return why no value of `template` fits `schema`; None where some may."""
        if isinstance(template, dict):
            return next(self.object_misfits(template, schema), None)
        if isinstance(template, Literal):
            broken = self.around.schemas.check(schema, "response").violations(template.value, NoChoice())
            return broken[0].message if broken else None
        given = self.schema_of(template)
        if given.get("type") == "array" and "array" not in schema.types:
            return "it is not documented as an array"
        written = self.written_out(given, f"{self.node.pointer}/{schema.pointer}")
        if self.around.schemas.inclusion.is_disjoint(written, schema):
            obstacle = self.around.schemas.inclusion.obstacle(written, schema)
            return str(obstacle) if obstacle else None
        return None

    def object_misfits(self, template: Mapping[str, Any], schema: Schema) -> Iterator[str]:
        """Yield why no object with the members of `template` fits `schema`."""
        if "object" not in schema.types:
            yield "it is not documented as an object"
            return
        for missing in sorted(schema.required_in("response") - set(template)):
            yield f"{piece(missing)} is required"
        for key, value in template.items():
            if self.is_left_out(value):
                continue
            if key in schema.properties:
                reason = self.never_fits(value, schema.properties[key])
                if reason:
                    yield f"{piece(key)}: {reason}"
            elif any(self.never_fits(value, other) for other in schema.unnamed):
                yield f"{piece(key)} is not documented"


def _held(response: Response) -> list[Schema]:
    """Return the schemas that an answer is held to: those of JSON, or of the first other type where there is none."""
    held = [
        (media.type, media.schema) for media in response.content if media.schema and codec_of(media.type).holds(media.schema)
    ]
    return [schema for media_type, schema in held if is_json(media_type)] or [schema for _, schema in held[:1]]


def _numbers(status: Decision[int | ByOutcome]) -> set[int]:
    """Return every status that an answer may have."""
    numbers: set[int] = set()
    for outcome in status.possible():
        numbers.update((outcome.made, outcome.found) if isinstance(outcome, ByOutcome) else (outcome,))
    return numbers
