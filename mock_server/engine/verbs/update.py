"""The verb `update`: change fields of one resource; what the request leaves out stays."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.contract.model import Decision, Update
from mock_server.contract.source import Json
from mock_server.engine.duplicates import Duplicates, rule_fields
from mock_server.engine.execution import Execution
from mock_server.engine.given import Given
from mock_server.engine.lookup import Lookup, looked_up_by
from mock_server.engine.records import Recorder
from mock_server.engine.scope import Lookups, Perform, Scope
from mock_server.engine.store import Record
from mock_server.engine.values import same_value


def lookups(step: Update, resources: object) -> Lookups:
    """Yield the fields by which the step finds records."""
    yield from looked_up_by(step.resource, step.where)
    for rule in step.when_duplicate:
        yield step.resource.name, rule_fields(rule)


def compile_update(step: Update, scope: Scope) -> Perform:
    """Compile a step that changes a record."""
    resource = step.resource
    lookup = Lookup(resource, step.where, step.otherwise, step.foreign, scope)
    given = Given(resource, step.writes, scope)
    recorder = Recorder(resource, given, step.when_unchanged)
    rules = [Duplicates(rule, recorder, scope) for rule in step.when_duplicate]
    key = given.key

    def clears(execution: Execution, field: str) -> bool:
        """Say whether a null that was sent changes its field."""
        decision: Decision[str] = step.when_key_null if field in resource.key else step.when_null
        outcome = decision.settle(execution.choices)
        if outcome == "refuse":
            raise given.refusal(field, "null", f"{field!r} cannot be null")
        return outcome == "clear"

    def refuse_taken_key(execution: Execution, record: Record, after: Record) -> None:
        if key is None or all(same_value(record.get(field), after.get(field)) for field in key.fields):
            return
        others = [other for other in key.holders(execution, after) if other[resource.id] != record[resource.id]]
        if others and step.when_key_taken.settle(execution.choices) == "conflict":
            raise recorder.key_taken()

    def perform(execution: Execution) -> Record:
        record = lookup.record(execution)
        given_values = given.values(execution)
        if record is None:
            raise LookupError(step.name)  # the document cannot let an update go on without its record
        values: Mapping[str, Json] = {
            field: value
            for field, value in given_values.items()
            if value is not None or record.get(field) is None or clears(execution, field)
        }
        after = {**record, **values}
        refuse_taken_key(execution, record, after)
        for rule in rules:
            rule.refuse(execution, after, record[resource.id])
        return recorder.change(execution, record, values)

    return perform
