"""What the contract says about an answer whatever the state: its status, its media type, its schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contract_tests.oracle.deviations import Deviation, ErrorBodyDeviation, StatusDeviation
from contract_tests.oracle.mismatch import STATUS, Mismatch
from contract_tests.oracle.placeholders import is_placeholder
from contract_tests.transport.wire import WireResponse
from mock_server.contract.behaviours.entity_tags import is_conditional
from mock_server.contract.files.source import Json, pointer_tokens
from mock_server.contract.messages.bodies import violations_of
from mock_server.contract.messages.codecs import codec_of, value_of
from mock_server.contract.messages.content_types import content_type
from mock_server.contract.messages.model import Response
from mock_server.contract.model import ByOutcome, Contract, Operation
from mock_server.contract.schemas.checks import NoChoice
from mock_server.engine.entity_tags import NOT_MODIFIED
from mock_server.exchange.messages import Answer

SANE: Mapping[str, frozenset[int]] = {
    "unauthenticated": frozenset({400, 401, 403, 404}),
    "forbidden": frozenset({401, 403, 404}),
    "unknown-path": frozenset({400, 401, 403, 404, 405, 410}),
    "method-not-allowed": frozenset({400, 401, 403, 404, 405}),
    "not-found": frozenset({400, 403, 404, 410, 422}),
    "malformed": frozenset({400, 415, 422}),
    "invalid": frozenset({400, 404, 413, 422}),
    "not-acceptable": frozenset({400, 406}),
    "conflict": frozenset({400, 403, 409, 412, 422}),
    "precondition-failed": frozenset({412}),
    "precondition-required": frozenset({400, 403, 412, 428}),
    "too-large": frozenset({400, 413, 422}),
    "unsupported-media-type": frozenset({400, 406, 415, 422}),
}
"""Which statuses a fair reader takes for a refusal of each kind, where no document fixes them."""


UNKNOWN = frozenset({"not-implemented", "impossible-preference", "asked-for"})
"""Problems of the mock itself: they say nothing of a deployment."""


@dataclass(slots=True)
class Judge:
    """Holds answers to what the document says of them. `tag` stands in every key value of the run."""

    contract: Contract
    tag: str = ""

    def compare_status(self, answer: Answer, reply: WireResponse) -> tuple[list[Mismatch], tuple[Deviation, ...]]:
        """Return what is wrong with the status of a reply, and what is legal, yet not as predicted."""
        if reply.trouble:
            return [Mismatch("the answer", _told(answer), reply.trouble)], ()
        if answer.problem in UNKNOWN or (answer.problem is None and answer.operation and not answer.operation.behaviour):
            return self._compare_undeclared(answer, reply), ()  # the document does not say what such a request comes to
        if answer.problem is None:
            return self._compare_success(answer, reply)
        status, expected = reply.status, answer.status
        if status == expected:
            return [], self._compare_media(answer, reply)
        if not 400 <= status < 500 or status not in SANE.get(answer.problem, frozenset()):
            return [Mismatch(STATUS, _told(answer), _received(reply))], ()
        declared = answer.operation is not None and answer.operation.behaviour is not None
        if answer.operation is not None and declared and (documented := answer.operation.responses.get(str(expected))):
            other = answer.operation.responses.get(str(status))
            if not documented.assumed and (other is None or not other.assumed):
                return [Mismatch(STATUS, f"{_told(answer)}, as documented", _received(reply))], ()
        return [], (StatusDeviation(answer.problem, status), *self._compare_media(answer, reply))

    def _compare_undeclared(self, answer: Answer, reply: WireResponse) -> list[Mismatch]:
        """Return what is wrong with the status of an operation without a behaviour.

        A request that carries nothing but a valid credential cannot be at fault: it is not rejected, unless that is documented.
        """
        operation = answer.operation
        if answer.problem is not None or operation is None or operation.parameters or operation.body:
            return []
        if reply.status < 400 or not operation.responses or operation.response(reply.status) is not None:
            return []
        return [Mismatch(STATUS, f"a documented one: {', '.join(operation.responses)}", _received(reply))]

    def _compare_success(self, answer: Answer, reply: WireResponse) -> tuple[list[Mismatch], tuple[Deviation, ...]]:
        if reply.status == answer.status:
            return [], ()
        behaviour = answer.operation.behaviour if answer.operation else None
        if behaviour is not None and behaviour.answer.status.assumption is not None:
            possible: set[int] = set()
            for outcome in behaviour.answer.status.possible():
                possible.update((outcome.made, outcome.found) if isinstance(outcome, ByOutcome) else (outcome,))
            if reply.status in possible:
                return [], (StatusDeviation(None, reply.status),)
        return [Mismatch(STATUS, _told(answer), _received(reply))], ()

    def _compare_media(self, answer: Answer, reply: WireResponse) -> tuple[Deviation, ...]:
        """Return whether the body of a refusal is told in another way than predicted."""
        if (given := essence(reply.header("content-type"))) != essence(answer.media_type):
            return (ErrorBodyDeviation(given),)
        response = answer.operation.response(answer.status) if answer.operation else None
        if response is not None and self.violations(response, reply):
            return (ErrorBodyDeviation("other"),)
        return ()

    def flaws(self, operation: Operation | None, reply: WireResponse) -> list[Mismatch]:
        """Return what is wrong with a reply whatever was asked for."""
        if reply.trouble:
            return [Mismatch("the answer", "a whole answer", reply.trouble)]
        if reply.status >= 500:
            return [Mismatch(STATUS, "an answer of the contract, not an error of the server", _received(reply))]
        if operation is None:
            return []
        response = operation.response(reply.status)
        if response is None:
            if reply.status == NOT_MODIFIED and is_conditional(operation):
                return []  # what HTTP itself says of conditional requests need not be documented
            if reply.status < 400 and operation.responses:
                documented = ", ".join(operation.responses)
                return [Mismatch(STATUS, f"a documented one: {documented}", _received(reply))]
            return []
        if response.assumed and reply.status >= 400:
            return []  # nobody documented what it looks like
        return [] if self.is_unproven(operation, reply.status) else self.violations(response, reply)

    def is_unproven(self, operation: Operation, status: int) -> bool:
        """Say whether the document may ask for a response that its own schema forbids: then that schema judges nobody."""
        return operation.behaviour is not None and any(one.status == status for one in operation.behaviour.answer.unproven)

    def is_unfit(self, operation: Operation, answer: Answer) -> bool:
        """Say whether a predicted answer breaks its schema, whatever the values are that only the target knows."""
        unproven = operation.behaviour.answer.unproven if operation.behaviour else ()
        return any(
            not is_placeholder(_part_of(answer.body, violation.pointer))
            for response in unproven
            if response.status == answer.status
            for violation in response.check.violations(answer.body, NoChoice())
        )

    def violations(self, response: Response, reply: WireResponse) -> list[Mismatch]:
        """Return what a body breaks of what is documented for its status."""
        if not response.content:
            return []
        header = reply.header("content-type")
        media = response.media_of(header) if header else None
        if media is None:
            expected = " or ".join(media.type for media in response.content)
            return [Mismatch("header Content-Type", expected, header or "none")]
        codec = codec_of(header)
        try:
            body = codec.read(reply.body, content_type(header), media)
        except ValueError as error:
            text = reply.body[:80].decode("utf-8", "replace")
            return [Mismatch("the body", codec.expected, f"{text!r}: {error}" if text else "no body at all")]
        if media.schema is None or not codec.holds(media.schema):
            return []
        found = violations_of(body, self.contract.schemas.check(media.schema, "response"), codec, NoChoice())
        return [
            Mismatch(one.pointer or "the body", f"a value that satisfies the schema ({one.rule})", one.message) for one in found
        ]


def read_body(reply: WireResponse) -> Json | None:
    """Return the value of a reply's body; None when it has none."""
    try:
        return value_of(reply.body, reply.header("content-type"))
    except ValueError:
        return None


def essence(header: str) -> str:
    """Return a media type without its parameters."""
    return content_type(header).essence


def _part_of(value: Json, pointer: str) -> Json:
    for token in pointer_tokens(pointer):
        if isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            value = value.get(token) if isinstance(value, dict) else None
    return value


def _told(answer: Answer) -> str:
    if answer.problem is None:
        return f"{answer.status}: the request is valid"
    return f"a refusal, {answer.status}: {answer.detail}" if answer.detail else f"a refusal, {answer.status}"


def _received(reply: WireResponse) -> str:
    text = reply.body[:120].decode("utf-8", "replace")
    return f"{reply.status}" + (f" {text}" if text else "")
