"""What a step came to for each of several, where one that is refused leaves the others alone, and how an answer tells it."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.contract.decisions import Decision
from mock_server.contract.files.source import Json
from mock_server.contract.model import Resource
from mock_server.contract.problems import KINDS, Refused
from mock_server.engine.choices import settler
from mock_server.engine.execution import Execution
from mock_server.engine.operators import Evaluate
from mock_server.engine.store import Record
from mock_server.engine.values import ABSENT, Absent


class Several(list[Record]):
    """What came of those for which a step was done, and `outcomes` for each in its turn: a record, or why it was refused."""

    def __init__(self) -> None:
        super().__init__()
        self.outcomes: list[Record | Refused] = []


def outcomes_told(name: str, resource: Resource, done: Evaluate, refused: Evaluate) -> Evaluate:
    """Return what tells each outcome of the step `name`: `done` the record that it came to, `refused` why it came to none."""

    def tell(execution: Execution, outcome: Record | Refused) -> Json | Absent:
        outer = execution.this, execution.refusal
        if isinstance(outcome, Refused):
            execution.refusal = outcome
            told = refused(execution)
        else:
            latest = execution.store.get(resource.name, execution.owner(resource), outcome[resource.id])
            execution.this = latest or outcome
            told = done(execution)
        execution.this, execution.refusal = outer
        return told

    def outcomes(execution: Execution) -> Json:
        told = [tell(execution, outcome) for outcome in execution.results[name].outcomes]
        return [one for one in told if one is not ABSENT]

    return outcomes


def refusal_told(part: str, problem_statuses: Mapping[str, Decision[int]]) -> Evaluate:
    """Return what tells the `status`, the `kind` or the `detail` of the refusal that is told just now."""
    statuses = {kind.name: settler(problem_statuses.get(kind.name, Decision(kind.status))) for kind in KINDS.values()}

    def tell(execution: Execution) -> Json:
        refused = execution.refusal
        if refused is None:
            return None
        if part == "status":
            return refused.status or statuses[refused.kind](execution.choices)
        return refused.kind if part == "kind" else execution.generator.detail(refused.detail)

    return tell
