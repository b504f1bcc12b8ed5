"""What an API promises, as a closed set: to which operations each promise applies, and which responses are held to it.

Which promises a response was held to follows from the request and from the reading of the contract that explains the response
(or comes nearest), and not from what a scenario was written for. So nothing counts that was not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from contract_tests.scenarios.templates import PlannedRequest
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.behaviours.entity_tags import is_conditional, takes_if_match
from mock_server.contract.model import Operation
from mock_server.engine.verbs import Delete, FindOrCreate, List, Send
from mock_server.exchange.messages import Answer

UNREADABLE = frozenset({"malformed", "unsupported-media-type", "too-large"})
"""The problems of a body that cannot be read."""

AMBIGUOUS = frozenset({400, 404})
"""Statuses that may tell of the request just as well as of its credential."""

CONDITIONS = frozenset({"if-match", "if-none-match"})


@dataclass(frozen=True, slots=True)
class Judged:
    """A response that was judged.

    `answer` is the reading of the contract that explains it, or comes nearest; None where only its status and schema were
    judged. `others_were_shown` says whether other organizations had been shown records of theirs in the same scenario.
    """

    planned: PlannedRequest
    call: WireRequest
    reply: WireResponse
    answer: Answer | None = None
    others_were_shown: bool = False

    @property
    def operation(self) -> Operation:
        """The operation that was called."""
        return self.planned.operation

    @property
    def problem(self) -> str | None:
        """Why the request is rejected, as the contract has it; None where it is valid."""
        return self.answer.problem if self.answer else None

    @property
    def is_valid(self) -> bool:
        """Whether the contract says what the request comes to, and that it succeeds."""
        return self.answer is not None and self.answer.problem is None and self.operation.behaviour is not None

    def violates(self, *locations: str) -> bool:
        """Say whether the request is rejected for something in one of these locations."""
        violations = self.answer.violations if self.answer and self.answer.problem == "invalid" else ()
        return any(violation.location in locations for violation in violations)


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise of every operation that it applies to; `holds` says whether a response was held to it."""

    text: str
    applies: Callable[[Operation], bool]
    holds: Callable[[Judged], bool]


def _never(judged: Judged) -> bool:
    """Say no: such responses are counted where they are judged together."""
    return False


def _has(*verbs: type) -> Callable[[Operation], bool]:
    return lambda operation: any(isinstance(step, verbs) for step in operation.steps)


def _is_judged_by_schema(judged: Judged) -> bool:
    response = judged.operation.response(judged.reply.status)
    if not judged.operation.responses:
        return False
    return judged.reply.status < 400 or (response is not None and not response.assumed)


def _found_by_key(judged: Judged) -> bool:
    found = {step.resource.name for step in judged.operation.steps if isinstance(step, FindOrCreate)}
    changes = judged.answer.changes if judged.answer else ()
    return judged.is_valid and bool(found) and not any(change.resource in found and change.before is None for change in changes)


def _takes_ids(operation: Operation) -> bool:
    return any(parameter.location == "path" for parameter in operation.parameters) and any(
        step.found_by for step in operation.steps
    )


def _takes_constrained(operation: Operation) -> bool:
    constrained = any(one.location != "path" for one in operation.parameters)
    return constrained and bool({"400", "422"} & operation.responses.keys())


def _is_owned(operation: Operation) -> bool:
    return operation.secured and any(step.resource.owned for step in operation.steps)


def _writes(operation: Operation) -> bool:
    return any(step.makes or step.written for step in operation.steps)


def _is_paged(operation: Operation) -> bool:
    return any(isinstance(step, List) and (step.limit is not None or step.start is not None) for step in operation.steps)


def _asks_for_page(judged: Judged) -> bool:
    return judged.is_valid and bool(judged.call.query) and _is_paged(judged.operation)


def _takes_conditions(operation: Operation) -> bool:
    return is_conditional(operation) or any(takes_if_match(getattr(step, "guard", None)) for step in operation.steps)


def _is_conditional(judged: Judged) -> bool:
    sent = {name.lower() for name, _ in judged.call.headers}
    return judged.answer is not None and bool(sent & CONDITIONS)


def _has_key(judged: Judged) -> bool:
    idempotency = judged.operation.idempotency
    sent = {name.lower() for name, _ in judged.call.headers}
    return judged.answer is not None and idempotency is not None and idempotency.header.lower() in sent


NO_ERROR = Promise("answers every request, without a server error", lambda operation: True, lambda judged: True)
DOCUMENTED = Promise("answers with documented statuses and schemas", lambda operation: True, _is_judged_by_schema)
VALID = Promise(
    "answers valid requests as declared", lambda operation: operation.behaviour is not None, lambda one: one.is_valid
)
SUCCESS = Promise(
    "answers requests with success",
    lambda operation: operation.behaviour is None,
    lambda one: one.operation.behaviour is None and one.reply.is_success and bool(one.operation.responses),
)
AT_LEAST = (NO_ERROR, DOCUMENTED, SUCCESS)
"""What every response is held to, whether or not anything more is known of its request."""

LISTED = Promise("lists the right records, in order", _has(List), lambda one: one.is_valid and _has(List)(one.operation))
PAGED = Promise("pages through lists without repeating or skipping", _is_paged, _asks_for_page)
BY_KEY = Promise("finds records by key", _has(FindOrCreate), _found_by_key)
STORED = Promise("stores what was sent", _writes, _never)
DELETED = Promise("deletes records for good", _has(Delete), _never)
CONFLICTS = Promise("rejects what conflicts with stored records", lambda one: False, lambda one: one.problem == "conflict")
UNKNOWN_IDS = Promise("rejects unknown ids", _takes_ids, lambda one: one.problem == "not-found")
PARAMETERS = Promise(
    "rejects parameters that do not fit", _takes_constrained, lambda one: one.violates("query", "header", "cookie", "path")
)
BODIES = Promise(
    "rejects invalid bodies",
    lambda operation: operation.body is not None,
    lambda one: one.problem in UNREADABLE or one.violates("body"),
)
CONDITIONAL = Promise("respects entity tags", _takes_conditions, _is_conditional)
KEPT_ANSWERS = Promise("performs a request with an idempotency key once", lambda one: one.idempotency is not None, _has_key)
WEBHOOKS = Promise("sends the declared webhooks", _has(Send), _never)
APART = Promise("keeps organizations apart", _is_owned, lambda one: one.others_were_shown and one.answer is not None)
SCOPES = Promise("rejects callers without permission", lambda one: False, lambda one: one.problem == "forbidden")
CREDENTIALS = Promise(
    "rejects requests without valid credentials",
    lambda operation: operation.secured,
    lambda one: one.problem == "unauthenticated" and one.reply.status not in AMBIGUOUS,
)
SIMULTANEOUS = Promise("loses nothing to simultaneous requests", _writes, _never)
KEPT = Promise("keeps records to the end of the run", _has(FindOrCreate), _never)

PROMISES = (
    NO_ERROR,
    DOCUMENTED,
    VALID,
    SUCCESS,
    LISTED,
    PAGED,
    BY_KEY,
    STORED,
    DELETED,
    UNKNOWN_IDS,
    CONFLICTS,
    PARAMETERS,
    BODIES,
    CONDITIONAL,
    KEPT_ANSWERS,
    WEBHOOKS,
    APART,
    SCOPES,
    CREDENTIALS,
    SIMULTANEOUS,
    KEPT,
)
"""All of them, the more telling ones later: a wrong response breaks the last one that it was held to."""


def promises_of(operation: Operation) -> Iterator[Promise]:
    """Yield what a document promises of an operation."""
    return (promise for promise in PROMISES if promise.applies(operation))
