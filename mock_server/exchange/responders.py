"""Who answers an operation, once its request is known to be in order: the engine or the document.

Each operation has its responder from the start. A responder may stand around another one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from mock_server.contract.messages.codecs import JSON
from mock_server.contract.messages.model import Response
from mock_server.contract.model import Contract, Operation
from mock_server.contract.problems import Refused
from mock_server.engine.engine import Performed
from mock_server.engine.execution import Execution
from mock_server.exchange.documented_headers import DocumentedHeaders
from mock_server.exchange.messages import Answer

Perform: TypeAlias = Callable[[Operation, Execution], Performed]
"""Performs a behaviour, as `Engine.perform` does."""


class Responder(Protocol):
    """Answers requests that were read and found in order."""

    def respond(self, operation: Operation, execution: Execution) -> Answer:
        """Return the answer; raise `Refused` or `Undecided` with the store as it was."""


def not_supported(operation: Operation) -> Refused:
    """Return the refusal of an operation that cannot be mocked."""
    return Refused("not-implemented", f"{operation} is not supported: {'; '.join(operation.unsupported)}.")


UNDOCUMENTED: tuple[str, Response | None] = (JSON, None)
"""The shape of 304, which a document need not tell."""


class BehaviourResponder:
    """Answers with what the behaviour of an operation comes to."""

    def __init__(self, perform: Perform, contract: Contract, headers: DocumentedHeaders) -> None:
        self._perform = perform
        self._headers = headers
        self._shapes = {
            (operation.id, int(response.status)): (
                response.media.sent_as if response.media else JSON,
                response if response.headers else None,
            )
            for operation in contract.operations
            for response in operation.responses.values()
            if response.status.isdecimal()
        }

    def respond(self, operation: Operation, execution: Execution) -> Answer:
        """Return the answer of the behaviour, all of it performed or nothing."""
        status, body, changes, messages = self._perform(operation, execution)
        media_type, with_headers = self._shapes.get((operation.id, status), UNDOCUMENTED)
        answer = Answer(status, body, media_type, execution.headers or [], execution.choices.rested_on, operation, changes)
        if messages:
            answer.messages = messages
        if with_headers is not None:
            self._headers.add(answer, with_headers, execution.request, execution.generator)
        return answer
