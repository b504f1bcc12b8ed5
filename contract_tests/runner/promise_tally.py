"""How many responses were held to each promise: counted in one place, where a response is judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from contract_tests.oracle.hypotheses import Prediction
from contract_tests.runner.promise_kinds import AT_LEAST, DELETED, DOCUMENTED, NO_ERROR, PROMISES, STORED, Judged, Promise
from contract_tests.scenarios.templates import PlannedRequest, Play
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.files.source import Json
from mock_server.contract.model import Operation
from mock_server.engine.store import Change
from mock_server.engine.verbs import List, Replace, Update


@dataclass(slots=True)
class PromiseTally:
    """How many responses of each operation were held to each promise."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By operation and text of the promise."""

    def add(self, promise: Promise, operation: Operation) -> None:
        """Count one response."""
        self.counts[str(operation), promise.text] += 1

    def unexplained(self, planned: PlannedRequest, call: WireRequest, reply: WireResponse) -> None:
        """Count a response of which the status and the schema alone were judged."""
        judged = Judged(planned, call, reply)
        for promise in AT_LEAST:
            if promise.holds(judged):
                self.add(promise, planned.operation)

    def explained(
        self, planned: PlannedRequest, call: WireRequest, reply: WireResponse, play: Play, reading: Prediction | None
    ) -> Promise:
        """Count a response that the state was judged by too; return the promise that it breaks if no reading explains it."""
        answer = reading.answer if reading else None
        others = any(shown for tenant, shown in play.shown.items() if tenant != planned.tenant)
        judged = Judged(planned, call, reply, answer, others)
        held = [one for one in PROMISES if one not in AT_LEAST and one.holds(judged)]
        for promise in held:
            self.add(promise, planned.operation)
        if reading is None or answer is None:
            return NO_ERROR
        looked_at = list(self._looked_at(judged, play, answer.body))
        for promise, operation in looked_at:
            self.add(promise, operation)
        note_written(play, planned.operation, answer.changes, reading)
        return held[-1] if held else DOCUMENTED

    @staticmethod
    def _looked_at(judged: Judged, play: Play, predicted: object) -> Iterator[tuple[Promise, Operation]]:
        """Yield the operations whose earlier work a response shows, each once for each promise."""
        if not play.written:
            return
        shown = set(_ids_in(predicted, {name for name, _, _ in play.written.values()}))
        if judged.answer is not None:  # a response to a write shows what was sent, stored or not
            shown -= {change.id for change in judged.answer.changes}
        found: dict[tuple[str, str], tuple[Promise, Operation]] = {}
        updates = {step.resource.name for step in judged.operation.steps if isinstance(step, (Update, Replace))}
        lists = {step.resource.name for step in judged.operation.steps if isinstance(step, List)}
        for (resource, id), (_, operation, is_gone) in play.written.items():
            if is_gone:
                asked_for = judged.problem == "not-found" and str(id) in judged.call.path.split("/")
                if asked_for or (judged.is_valid and resource in lists):
                    found[DELETED.text, operation.id] = DELETED, operation
            elif judged.is_valid and id in shown and resource not in updates:
                found[STORED.text, operation.id] = STORED, operation
        yield from found.values()


def note_written(play: Play, operation: Operation, changes: Iterable[Change], reading: Prediction) -> None:
    """Note in a playing which records an operation made, changed or removed."""
    bindings = reading.comparison.bindings
    fields = {step.resource.name: step.resource.id for step in operation.steps}
    for change in changes:
        id = bindings.get(change.id, change.id)
        if isinstance(id, (str, int)):
            play.written[change.resource, id] = fields.get(change.resource, "id"), operation, change.after is None


def _ids_in(value: object, fields: set[str]) -> Iterator[Json]:
    """Yield the ids that a body shows."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name in fields and isinstance(member, (str, int)):
                yield member
            else:
                yield from _ids_in(member, fields)
    elif isinstance(value, list):
        for element in value:
            yield from _ids_in(element, fields)
