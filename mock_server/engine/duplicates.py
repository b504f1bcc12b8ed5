"""Rules about stored records that equal the one that a request is about to make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set

from mock_server.contract.decisions import Decision
from mock_server.contract.files.source import Json
from mock_server.contract.model import DuplicateRule, Resource
from mock_server.contract.problems import Refused
from mock_server.engine.choices import settler
from mock_server.engine.execution import Execution
from mock_server.engine.lookup import indexed_fields
from mock_server.engine.records import Recorder
from mock_server.engine.scope import Scope
from mock_server.engine.store import Fields, Record
from mock_server.engine.values import picker


class Duplicates:
    """The stored records that equal another one as far as a rule says, and what follows."""

    def __init__(self, rule: DuplicateRule, recorder: Recorder, scope: Scope) -> None:
        self.rule = rule
        self.resource: Resource = recorder.resource
        self.find = self._finding(scope)
        """Returns the ids of the stored records that equal a record: find(execution, record)."""

        self._recorder = recorder
        self.settle = settler(rule.then)
        """Returns what follows when there are duplicates."""

    def _finding(self, scope: Scope) -> Callable[[Execution, Record], Sequence[Json]]:
        index, owned = scope.index(self.resource, rule_fields(self.rule)), self.resource.owned
        pick = picker(index.fields, all_there=index.texts)
        where = [(field, scope.value(value)) for field, value in self.rule.where.items()]

        def find(execution: Execution, record: Record) -> Sequence[Json]:
            return execution.store.find(index, execution.organization if owned else None, pick(record))

        def find_where(execution: Execution, record: Record) -> Sequence[Json]:
            wanted = record.copy()
            for field, evaluate in where:
                wanted[field] = evaluate(execution)
            return execution.store.find(index, execution.organization if owned else None, pick(wanted))

        return find_where if where else find

    def take(self, execution: Execution, ids: Sequence[Json], values: Mapping[str, Json], *, but: Set[str]) -> Record:
        """Return what is answered in place of a new record; raise `Refused` where that is a conflict.

        A stored record takes from `values` all `but` these fields.
        """
        outcome = self.settle(execution.choices)
        if outcome == "conflict":
            raise self.refusal()
        id = one_of(execution, self.resource, ids, self.rule.when_several)
        record = execution.held(self.resource, id)
        taken = {} if outcome == "reuse" else {field: value for field, value in values.items() if field not in but}
        return self._recorder.change(execution, record, taken)

    def refuse(self, execution: Execution, record: Record, id: Json) -> None:
        """Raise `Refused` where another record than that with `id` equals `record`, and that is a conflict."""
        others = [other for other in self.find(execution, record) if other != id]
        if others and self.settle(execution.choices) == "conflict":
            raise self.refusal()

    def refusal(self) -> Refused:
        """Return the refusal of a duplicate."""
        same = " and ".join(self.rule.same)
        return Refused("conflict", f"Another {self.resource.name} has the same {same} already.")


def rule_fields(rule: DuplicateRule) -> Fields:
    """Return the fields by which a rule finds duplicates."""
    return indexed_fields({**dict.fromkeys(rule.same), **rule.where})


def one_of(execution: Execution, resource: Resource, ids: Sequence[Json], when_several: Decision[str]) -> Json:
    """Return the one among the `ids` of an index that is meant; a choice is consulted only when there are several."""
    if len(ids) == 1:
        return ids[0]
    ids = execution.store.oldest_first(resource.name, execution.owner(resource), ids)
    return ids[0] if when_several.settle(execution.choices) == "oldest" else ids[-1]
