"""Refusals: which status a problem has, and which declared body tells it. One that cannot be filled in stops the start."""

from __future__ import annotations

from mock_server.contract.codecs import is_json
from mock_server.contract.media import Media
from mock_server.contract.model import Contract, Decision, Operation
from mock_server.contract.problems import KINDS, Refused
from mock_server.contract.schemas import NoChoice, Violation
from mock_server.engine.choices import Choices
from mock_server.exchange.error_bodies import PROBLEM_JSON, Facts, Render, compile_error_body, problem_details
from mock_server.exchange.messages import Answer
from mock_server.exchange.negotiation import best_offer


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

    def answer(self, refused: Refused, operation: Operation | None, choices: Choices, accept: str = "") -> Answer:
        """Return the answer that tells `refused`, in the documented media type that the request accepts best, if any."""
        kind, status = KINDS[refused.kind], refused.status
        if status is None:
            status = self._status(kind.name, operation).settle(choices)
        media_type, render = (PROBLEM_JSON, problem_details) if kind.own else self._render(operation, status, choices, accept)
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

    def _render(self, operation: Operation | None, status: int, choices: Choices, accept: str) -> tuple[str, Render]:
        declared = self._renders(operation, status) if operation else []
        if accept and len(declared) > 1:
            offer = best_offer((media for media, _ in declared if _in_use(media, choices)), accept)
            if offer is not None:
                return offer.type, next(render for media, render in declared if media is offer.media)
        for media, render in declared:
            if _in_use(media, choices):
                return media.sent_as, render
        return PROBLEM_JSON, problem_details

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
            return problem_details
        schema = media.schema.target
        place = schema.place
        if place not in self._by_schema:
            render = compile_error_body(schema)
            self._by_schema[place] = render
            check = self._schemas.check(schema, "response")
            violation = Violation("body", "/name", "required", "'name' is required")
            for violations in ((), (violation,)):
                body = render(Facts("invalid", 422, "A title", "A detail", violations))
                for broken in check.violations(body, NoChoice()):
                    where = broken.pointer or "the body"
                    hint = "name its members as RFC 9457 does, or give this one a `const`, `enum`, `default` or `example`"
                    schema.warn(f"this error body cannot be filled in: at {where}, {broken.message}", hint)
        return self._by_schema[place]


def _in_use(media: Media, choices: Choices) -> bool:
    return media.only_when is None or choices.of(media.only_when[0]) == media.only_when[1]
