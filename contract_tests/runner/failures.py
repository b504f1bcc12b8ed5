"""What went wrong in a playing of a scenario, and by what it is known again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from contract_tests.oracle.hypotheses import Explanation
from contract_tests.oracle.mismatch import Mismatch
from contract_tests.runner.promise_kinds import DOCUMENTED, NO_ERROR, WEBHOOKS, Promise
from contract_tests.scenarios.templates import PlannedRequest
from contract_tests.transport.wire import WireResponse
from mock_server.contract.model import Operation
from mock_server.exchange.messages import Answer

FailureKind: TypeAlias = Literal["answer", "shape", "error", "trouble"]
"""No reading explains an answer; it breaks its schema; the server fails; no whole answer came."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong in a scenario, at its last step."""

    kind: FailureKind
    planned: PlannedRequest
    differences: tuple[Mismatch, ...]
    rested_on: Mapping[str, str] = field(default_factory=dict)
    expected_problem: str | None = None
    expected_success: bool = True
    received_status: int = 0
    promise: Promise = NO_ERROR
    expected_why: str = ""
    """Why the request had to be refused, in words that are the same in every playing."""

    @classmethod
    def of_flaws(cls, planned: PlannedRequest, flaws: Sequence[Mismatch], reply: WireResponse) -> Failure:
        """Return the failure of a reply that is wrong whatever was asked for."""
        kind: FailureKind = "trouble" if reply.trouble else "error" if reply.status >= 500 else "shape"
        promise = DOCUMENTED if kind == "shape" else NO_ERROR
        return cls(kind, planned, tuple(flaws), received_status=reply.status, promise=promise)

    @property
    def operation(self) -> Operation:
        """The operation that was asked."""
        return self.planned.operation

    @property
    def is_of_clock(self) -> bool:
        """Whether another clock would explain all that is wrong."""
        return bool(self.differences) and all(difference.of_clock for difference in self.differences)

    @property
    def is_accepted(self) -> bool:
        """Whether a request was accepted that had to be refused."""
        return self.has_wrong_status and bool(self.expected_problem) and self.received_status < 400

    @property
    def is_refused(self) -> bool:
        """Whether a request was refused that is valid, or that had to be refused otherwise."""
        return self.has_wrong_status and self.received_status >= 400

    @property
    def has_wrong_status(self) -> bool:
        """Whether no reading explains the status of the answer."""
        return self.kind == "answer" and any(one.is_status for one in self.differences)

    @property
    def cause(self) -> str:
        """A text that is the same whenever the same is wrong with the same operation, by the same query parameters."""
        query = " ".join(sorted(self.planned.query)) if any(one.kind for one in self.differences) else ""
        return f"{self.symptom} by {query}" if query else self.symptom

    def narrows(self, other: Failure) -> bool:
        """Whether the same is wrong as in another failure, or some of the same values."""
        if self.symptom == other.symptom:
            return True
        places = [{_without_numbers(one.place) for one in failure.differences} for failure in (self, other)]
        are_values = all(one.is_value and not one.kind for failure in (self, other) for one in failure.differences)
        return are_values and self.kind == other.kind and self.operation is other.operation and places[0] < places[1]

    @property
    def symptom(self) -> str:
        """A text that is the same whenever the same is wrong with the same operation."""
        id = self.operation.id
        if self.kind in ("error", "trouble"):
            return f"{id} error {self.received_status}" if self.kind == "error" else f"{id} no whole answer"
        if self.is_accepted:
            return f"{id} accepts {self.expected_problem}: {self.expected_why}"
        if self.differences and all(difference.is_status for difference in self.differences):
            return f"{id} answers {self.received_status}"
        places = " ".join(sorted({_without_numbers(difference.place) for difference in self.differences}))
        kinds = sorted({difference.kind for difference in self.differences if difference.kind})
        return f"{id} {self.kind} {places}" + (f" ({', '.join(kinds)})" if kinds else "")


def of_messages(planned: PlannedRequest, wrong: Sequence[Mismatch], reply: WireResponse) -> Failure | None:
    """Return the failure of a request that led to wrong messages; None where none is wrong."""
    if not wrong:
        return None
    return Failure("answer", planned, tuple(wrong), received_status=reply.status, promise=WEBHOOKS)


def failure_of(planned: PlannedRequest, explanation: Explanation, reply: WireResponse) -> Failure:
    """Return the failure of a reply that no reading explains."""
    nearest = explanation.nearest
    if nearest is None:
        return Failure("answer", planned, (Mismatch("the answer", "one that the contract explains", str(reply.status)),))
    return Failure(
        "answer",
        planned,
        tuple(nearest.comparison.differences),
        dict(nearest.rested_on),
        nearest.answer.problem,
        nearest.answer.problem is None,
        _status_in(nearest.comparison.differences, reply.status),
        expected_why=why_refused(nearest.answer),
    )


def _status_in(differences: Sequence[Mismatch], status: int) -> int:
    """Return the status that is wrong, which of simultaneous replies need not be that of the last one."""
    wrong = next((one.received.partition(" ")[0] for one in differences if one.is_status), "")
    return int(wrong) if wrong.isdecimal() else status


def why_refused(answer: Answer) -> str:
    """Return why an answer refuses a request, in words that are the same in every playing."""
    if answer.violations:
        return ", ".join(sorted({f"{_without_numbers(one.pointer) or one.location} {one.rule}" for one in answer.violations}))
    return generalized(answer.detail)


def generalized(text: str) -> str:
    """Return a text without what differs from one playing to the next: quoted texts, and words with digits."""
    return re.sub(r"\S*\d\S*", "*", re.sub(r"\"[^\"]*\"|'[^']*'", "*", text))


def _without_numbers(place: str) -> str:
    return "/".join("*" if token.isdecimal() else token for token in place.split("/"))
