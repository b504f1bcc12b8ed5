"""Refusals: which status a problem has, and in which shape of the document it is told.

Where the document has no shape for a status, its shape for others is taken: that of another refusal of the operation, else the
most usual one. What fills a shape in is found when it is needed first. Where none fits, problem details (RFC 9457) tell it.
"""

from __future__ import annotations

from functools import cached_property

from mock_server.contract.decisions import Decision
from mock_server.contract.documents.document import Place
from mock_server.contract.files.source import Json
from mock_server.contract.messages.codecs import codec_of, is_json
from mock_server.contract.messages.media import Media
from mock_server.contract.model import Contract, Operation
from mock_server.contract.problems import KINDS, Kind, Refused
from mock_server.contract.schemas.checks import NoChoice, Schemas, Violation
from mock_server.contract.schemas.schema import Schema
from mock_server.engine.choices import Choices
from mock_server.engine.values import ABSENT, Absent
from mock_server.exchange.error_bodies import DETAIL, PROBE, PROBLEM_JSON, Facts, Render, error_bodies, problem_details, tells
from mock_server.exchange.error_shapes import ErrorShapes, contradicts
from mock_server.exchange.messages import Answer
from mock_server.exchange.negotiation import best_offer

HINT = "name its members as RFC 9457 does, or give this one a `const`, `enum`, `default` or `example`"
OF_THE_MOCK = frozenset({"not-implemented", "impossible-preference"})
"""Kinds of problems that only a mock has: a document's shape for other problems says nothing of them."""

PROBED = (Violation("body", "/name", "required", "'name' is required"),)


class Refusals:
    """Turns refusals into answers, for every operation and status of a contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._members = SchemaMembers(contract.schemas)
        self._by_schema: dict[Place, Render | None] = {}
        self._statuses: dict[tuple[str, str | None], Decision[int]] = {}
        self._documented: dict[tuple[str, int], list[tuple[Media, Render]]] = {}
        self._borrowed: dict[tuple[str | None, str, int], tuple[str, Render]] = {}

    def find_all(self) -> None:
        """Find now what fills in every refusal, so that the document has it noted where that is not possible."""
        for operation in self._contract.operations:
            for kind in (kind for kind in KINDS.values() if not kind.own):
                for status in set(self._status(kind.name, operation).possible()):
                    self._of_status(operation, status)

    def answer(self, refused: Refused, operation: Operation | None, choices: Choices, accept: str = "") -> Answer:
        """Return the answer that tells `refused`, in the documented media type that the request accepts best, if any."""
        kind, status = KINDS[refused.kind], refused.status
        if status is None:
            status = self._status(kind.name, operation).settle(choices)
        media_type, render = self._render(operation, kind, status, choices, accept)
        facts = Facts(kind.name, status, kind.title, refused.detail, refused.violations, refused.about)
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

    def _render(
        self, operation: Operation | None, kind: Kind, status: int, choices: Choices, accept: str
    ) -> tuple[str, Render]:
        """Return the media type of a refusal, and what fills its body in."""
        if kind.own:
            return PROBLEM_JSON, problem_details
        documented = self._of_status(operation, status) if operation else []
        if accept and len(documented) > 1:
            offer = best_offer((media for media, _ in documented if _in_use(media, choices)), accept)
            if offer is not None:
                return offer.type, next(render for media, render in documented if media is offer.media)
        for media, render in documented:
            if _in_use(media, choices):
                return media.sent_as, render
        is_documented = operation is not None and operation.response(status) is not None
        if is_documented or kind.name in OF_THE_MOCK:
            return PROBLEM_JSON, problem_details
        return self._borrow(operation, kind, status)

    def _of_status(self, operation: Operation, status: int) -> list[tuple[Media, Render]]:
        """Return the shapes that an operation has for a status, problem details first."""
        place = (operation.id, status)
        if place not in self._documented:
            response = operation.response(status)
            content = response.content if response else ()
            declared = [media for media in content if is_json(media.type)] or [media for media in content if _is_text(media)]
            declared.sort(key=lambda media: media.type != PROBLEM_JSON)
            found = [(media, self._compiled(media)) for media in declared]
            self._documented[place] = [(media, render) for media, render in found if render is not None]
        return self._documented[place]

    def _borrow(self, operation: Operation | None, kind: Kind, status: int) -> tuple[str, Render]:
        """Return the shape that the document has for other refusals, where it says nothing that would be wrong of this one."""
        place = (operation.id if operation else None, kind.name, status)
        if place not in self._borrowed:
            self._borrowed[place] = (PROBLEM_JSON, problem_details)
            for shape in self._shapes.likely(operation):
                if contradicts(shape, kind.name, status):
                    continue
                render = self._compiled(shape.media)
                if render is not None and tells(render(PROBE._replace(kind=kind.name, status=status))):
                    self._borrowed[place] = (shape.media.sent_as, render)
                    break
        return self._borrowed[place]

    @cached_property
    def _shapes(self) -> ErrorShapes:
        return ErrorShapes(self._contract.operations)

    def _compiled(self, media: Media) -> Render | None:
        """Return what fills in a body of a media type; None, with a warning noted, where nothing does."""
        if media.schema is None:
            return problem_details if is_json(media.type) else DETAIL
        schema = media.schema.target
        if schema.place not in self._by_schema:
            self._by_schema[schema.place] = self._found(schema)
        return self._by_schema[schema.place]

    def _found(self, schema: Schema) -> Render | None:
        check = self._contract.schemas.check(schema, "response")
        broken: tuple[Violation, ...] = ()
        probes = (PROBE, PROBE._replace(violations=PROBED))
        for render in error_bodies(schema, self._members):
            bodies = [render(facts) for facts in probes]
            found = [check.violations(body, NoChoice()) for body in bodies]
            if not any(found):
                is_open = not any(check.violations(problem_details(facts), NoChoice()) for facts in probes)
                return problem_details if is_open and not any(map(tells, bodies)) else render
            broken = broken or next(filter(None, found))
        for violation in broken:
            where = violation.pointer or "the body"
            schema.warn(f"this error body cannot be filled in: at {where}, {violation.message}", HINT)
        return None


def _is_text(media: Media) -> bool:
    """Say whether a body is plain words, as those of `text/plain` and `text/html` are."""
    return codec_of(media.type).name == "text" and (media.schema is None or "string" in media.schema.types)


class SchemaMembers:
    """What is known of the schemas of the members of error bodies."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def made(self, schema: Schema, name: str) -> Json | Absent:
        """Return a valid value; `ABSENT` where none can be made."""
        from mock_server.contract.sampling.about import About  # few error bodies need it
        from mock_server.contract.sampling.maker import CannotMakeError, Maker

        try:
            return Maker(self._schemas).make(schema, About(), name)
        except CannotMakeError:
            return ABSENT

    def fits(self, schema: Schema, value: Json) -> bool:
        """Say whether a value is valid."""
        return self._schemas.check(schema, "response").strictest.is_valid(value)


def _in_use(media: Media, choices: Choices) -> bool:
    return media.only_when is None or choices.of(media.only_when[0]) == media.only_when[1]
