"""Holding answers to their schemas, where the document does not show that they always fit."""

from __future__ import annotations

from mock_server.contract.files.source import Json
from mock_server.contract.model import Operation, Unproven
from mock_server.contract.problems import Refused
from mock_server.contract.schemas.checks import NoChoice
from mock_server.engine.answers import Tell
from mock_server.engine.execution import Execution
from mock_server.engine.values import Absent


class AnswerCheck:
    """Holds the answers of one operation to the schemas of those responses that are not shown to fit."""

    def __init__(self, operation: Operation, unproven: tuple[Unproven, ...]) -> None:
        self._operation = operation
        self._unproven = unproven

    def around(self, answer: Tell) -> Tell:
        """Return an answer that raises `Refused` where it would break its schema."""

        def held(execution: Execution) -> tuple[int, Json | Absent]:
            status, body = answer(execution)
            for response in self._unproven:
                if response.status == status:
                    self._hold(response, body)
            return status, body

        return held

    def _hold(self, response: Unproven, body: Json | Absent) -> None:
        violations = response.check.violations(body, NoChoice(), "response")
        if not violations:
            return
        first, schema = violations[0], response.check.schema
        detail = (
            f"What the behaviour of {self._operation} answers breaks the schema of its response {response.status}: "
            f"at {first.pointer or 'the body'}, {first.message}. Nothing was stored. Let the schema allow it "
            f"({schema.file}, {schema.pointer}), or let the behaviour answer something else."
        )
        raise Refused("unfit-response", detail, violations)
