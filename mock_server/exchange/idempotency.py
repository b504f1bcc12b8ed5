"""Requests with a key: sent again, they get the answer of the first time, and nothing is done twice.

As the draft of the IETF (httpapi-idempotency-key-header) and Stripe have it, a refusal is an answer too, once the behaviour has
begun: what is refused before (who calls, how it is written, what its schemas ask for) may be mended and sent with the same key.
"""

from __future__ import annotations

from collections.abc import Callable

from mock_server.contract.model import Idempotency, Operation
from mock_server.contract.problems import Refused
from mock_server.contract.schemas.checks import Violation
from mock_server.engine.entity_tags import sent
from mock_server.engine.execution import Execution
from mock_server.engine.generating import SECOND
from mock_server.engine.kept_answers import KEPT, fingerprint
from mock_server.engine.store import Record
from mock_server.engine.values import ABSENT
from mock_server.exchange.messages import Answer
from mock_server.exchange.responders import Responder

Refuse = Callable[[Refused, Operation, Execution], Answer]


class IdempotentResponder:
    """Answers as another responder does, each key once; `refuse` tells a refusal."""

    def __init__(self, inner: Responder, idempotency: Idempotency, refuse: Refuse) -> None:
        self._inner = inner
        self._idempotency = idempotency
        self._header = idempotency.header.lower().encode("latin-1")
        self._refuse = refuse

    def respond(self, operation: Operation, execution: Execution) -> Answer:
        """Return the answer, the kept one where there is one; raise `Refused` or `Undecided` with the store as it was."""
        key, store, owner = sent(execution, self._header), execution.store, execution.organization
        if not key or execution.request is None:
            self._check_missing(execution)
            return self._inner.respond(operation, execution)
        now = execution.generator.clock() // SECOND
        asked = fingerprint(operation.method, execution.request.path, execution.request.query, execution.body)
        kept = store.get(KEPT, owner, key)
        if kept is not None and now < kept["until"]:
            if kept["asked"] != asked:
                detail = f"The key {key:.80} was sent with another request before."
                raise Refused(self._idempotency.when_different.settle(execution.choices), detail, about="reused-key")
            return _again(kept, operation, execution)
        try:
            answer = self._inner.respond(operation, execution)
        except Refused as refused:
            answer = self._refuse(refused, operation, execution)
        store.put(KEPT, owner, key, {"asked": asked, "until": now + self._idempotency.expires, **_written(answer)})
        answer.changes = [*answer.changes, *store.commit()]
        return answer

    def _check_missing(self, execution: Execution) -> None:
        if self._idempotency.when_missing.settle(execution.choices) == "invalid":
            name = self._idempotency.header
            violation = Violation("header", f"/{name}", "required", f"{name!r} is required")
            detail = f"The header {name} is missing: a key that is the same whenever this is sent."
            raise Refused("invalid", detail, (violation,))


def _written(answer: Answer) -> Record:
    """Return an answer as it is kept."""
    kept: Record = {
        "status": answer.status,
        "media-type": answer.media_type,
        "headers": [list(header) for header in answer.headers],
        "problem": answer.problem,
        "detail": answer.detail,
    }
    return kept if answer.body is ABSENT else {**kept, "body": answer.body}


def _again(kept: Record, operation: Operation, execution: Execution) -> Answer:
    """Return an answer as it was kept."""
    return Answer(
        kept["status"],
        kept.get("body", ABSENT),
        kept["media-type"],
        [(name, value) for name, value in kept["headers"]],
        execution.choices.rested_on,
        operation,
        problem=kept["problem"],
        detail=kept["detail"],
    )
