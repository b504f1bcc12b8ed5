"""The verb `create`: make a resource, unless a stored one takes its place."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.contract.expressions import Generated
from mock_server.contract.model import Create
from mock_server.contract.source import Json
from mock_server.engine.choices import settler
from mock_server.engine.duplicates import Duplicates, rule_fields
from mock_server.engine.execution import Execution
from mock_server.engine.given import Given
from mock_server.engine.records import Recorder
from mock_server.engine.scope import Lookups, Perform, Scope
from mock_server.engine.store import Record


def lookups(step: Create, resources: object) -> Lookups:
    """Yield the fields by which the step finds records."""
    for rule in step.when_duplicate:
        yield step.resource.name, rule_fields(rule)


def compile_create(step: Create, scope: Scope) -> Perform:
    """Compile a step that makes a record."""
    given = Given(step.resource, step.writes, scope)
    recorder = Recorder(step.resource, given, step.when_unchanged)
    rules = [Duplicates(rule, recorder, scope) for rule in step.when_duplicate]
    name, key, goes_on = step.name, given.key, settler(step.when_several_apply)
    # What the server makes up for a new record is not made up again for one that is there.
    generated = {write.field for write in step.writes if any(isinstance(one, Generated) for one in write.value.possible())}

    def in_its_place(execution: Execution, draft: Record, values: Mapping[str, Json]) -> Record | None:
        """Return the stored record that takes the place of a new one; None where there is none.

        The first rule that applies decides, or (`when-several-apply: next`) the first one whose outcome is not `create`.
        """
        applied = False
        for rule in rules:
            ids = rule.find(execution, draft)
            if ids:
                if rule.settle(execution.choices) != "create" and (not applied or goes_on(execution.choices) == "next"):
                    return rule.take(execution, ids, values, but=generated)
                applied = True
        return None

    def perform(execution: Execution) -> Record:
        values = given.values(execution)
        if key is not None and key.holders(execution, values) and step.when_key_taken.settle(execution.choices) == "conflict":
            raise recorder.key_taken()
        draft = recorder.draft(values)
        record = in_its_place(execution, draft, values)
        if record is not None:
            return record
        execution.made.append(name)
        return recorder.make(execution, draft)

    return perform
