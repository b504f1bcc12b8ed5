"""The verb `update`: change fields of one resource; what the request leaves out stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mock_server.contract.behaviours.declarations import DeclarationKind, kind_of
from mock_server.contract.behaviours.guards import GUARD, Requirement, read_requirement, requirement_told
from mock_server.contract.behaviours.steps import CONDITIONS, EACH, EXPRESSIONS, ORIGIN, StepReader, outcomes, step_kind
from mock_server.contract.decisions import Decision
from mock_server.contract.files.source import Json
from mock_server.contract.model import DuplicateRule, Resource, Value, Write
from mock_server.engine.duplicates import Duplicates, rule_fields
from mock_server.engine.execution import Execution
from mock_server.engine.given import Given
from mock_server.engine.guards import guarded
from mock_server.engine.lookup import Lookup, looked_up_by
from mock_server.engine.records import Recorder
from mock_server.engine.scope import Perform, Scope
from mock_server.engine.store import Record
from mock_server.engine.verbs.verb import Lookups, Verb


@dataclass(frozen=True, slots=True, eq=False)
class Update(Verb):
    """Change fields of one resource; what the request leaves out stays."""

    where: Mapping[str, Value]
    writes: tuple[Write, ...]
    otherwise: Decision[str]
    foreign: Decision[str]
    when_null: Decision[str]
    when_key_null: Decision[str]
    when_key_taken: Decision[str]
    when_unchanged: Decision[str]
    when_duplicate: tuple[DuplicateRule, ...]
    guard: Requirement | None = None

    kind: ClassVar[DeclarationKind] = step_kind(
        "update",
        {
            **EACH,
            "where": CONDITIONS,
            "from": ORIGIN,
            "set": EXPRESSIONS,
            "otherwise": outcomes("not-found", "invalid"),
            "foreign": outcomes("hidden", "forbidden"),
            "when-null": outcomes("clear", "ignore", "refuse"),
            "when-key-null": {**outcomes("clear", "ignore", "refuse"), "default": "refuse"},
            "when-key-taken": outcomes("conflict", "allow"),
            "when-unchanged": outcomes("kept", "when-taken", "when-sent", "now"),
            "when-duplicate": {"type": "array", "items": {"$ref": "#/$defs/update-duplicate-rule"}, "default": []},
            **GUARD,
        },
        required=["where"],
    )

    @property
    def found_by(self) -> Mapping[str, Value]:
        """The values by which it finds what it is about, by field."""
        return self.where

    @property
    def written(self) -> tuple[Write, ...]:
        """The fields that it may give to a record."""
        return self.writes

    def __str__(self) -> str:
        written = ", ".join(write.field for write in self.writes)
        sentence = f"update {self.resource.name} by {', '.join(self.where)}: {written}"
        return "; ".join([sentence, *map(str, self.when_duplicate)]) + requirement_told(self.guard)

    @classmethod
    def read(cls, reader: StepReader) -> Update:
        """Return the step that `reader` reads."""
        where, writes = reader.where(), reader.writes(making=False)
        keys = ("otherwise", "foreign", "when-null", "when-key-null", "when-key-taken", "when-unchanged")
        decisions: dict[str, Any] = {key.replace("-", "_"): reader.outcome(key) for key in keys}
        rules = reader.duplicate_rules(kind_of("update-duplicate-rule"))
        guard = read_requirement(reader)
        return cls(reader.resource, reader.name, where, writes, when_duplicate=rules, guard=guard, **decisions)

    def lookups(self, resources: Mapping[str, Resource]) -> Lookups:
        """Yield the fields by which the step finds records."""
        yield from looked_up_by(self.resource, self.where)
        for rule in self.when_duplicate:
            yield self.resource.name, rule_fields(rule)

    def compile(self, scope: Scope) -> Perform:
        """Return the function that changes the record."""
        resource = self.resource
        lookup = Lookup(resource, self.where, self.otherwise, self.foreign, scope)
        find = guarded(lookup.record, resource, self.guard, scope)
        given = Given(resource, self.writes, scope)
        recorder = Recorder(resource, given, self.when_unchanged)
        rules = [Duplicates(rule, recorder, scope) for rule in self.when_duplicate]

        def clears(execution: Execution, field: str) -> bool:
            """Say whether a null that was sent changes its field."""
            decision: Decision[str] = self.when_key_null if field in resource.key else self.when_null
            outcome = decision.settle(execution.choices)
            if outcome == "refuse":
                raise given.refusal(field, "null", f"{field!r} cannot be null")
            return outcome == "clear"

        def is_taken(execution: Execution, field: str, value: Json) -> bool:
            """Say whether a value that was sent is not ignored, whether or not it changes its field."""
            decision: Decision[str] = self.when_key_null if field in resource.key else self.when_null
            return value is not None or decision.settle(execution.choices) != "ignore"

        def perform(execution: Execution) -> Record:
            record: Record | None = find(execution)
            given_values = given.values(execution)
            if record is None:
                raise LookupError(self.name)  # the document cannot let an update go on without its record
            values: Mapping[str, Json] = {
                field: value
                for field, value in given_values.items()
                if value is not None or record.get(field) is None or clears(execution, field)
            }
            after = {**record, **values}
            recorder.refuse_taken_key(execution, after, self.when_key_taken, record)
            for rule in rules:
                rule.refuse(execution, after, record[resource.id])
            return recorder.change(
                execution,
                record,
                values,
                sent=bool(given_values),
                taken=lambda: any(is_taken(execution, *given) for given in given_values.items()),
            )

        return perform
