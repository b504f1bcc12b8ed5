"""The verb `create`: make a resource, unless a stored one takes its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mock_server.contract.behaviours.declarations import DeclarationKind, kind_of
from mock_server.contract.behaviours.expressions import Generated
from mock_server.contract.behaviours.steps import EACH, EXPRESSIONS, ORIGIN, StepReader, outcomes, step_kind
from mock_server.contract.decisions import Decision
from mock_server.contract.files.source import Json
from mock_server.contract.model import DuplicateRule, Resource, Write
from mock_server.engine.choices import settler
from mock_server.engine.duplicates import Duplicates, rule_fields
from mock_server.engine.execution import Execution
from mock_server.engine.given import Given
from mock_server.engine.records import Recorder
from mock_server.engine.scope import Perform, Scope
from mock_server.engine.store import Record
from mock_server.engine.verbs.verb import Lookups, Verb


@dataclass(frozen=True, slots=True, eq=False)
class Create(Verb):
    """Make a resource.

    The first rule that applies decides, or (`when_several_apply`: next) the first one whose outcome is not `create`.
    """

    writes: tuple[Write, ...]
    when_duplicate: tuple[DuplicateRule, ...]
    when_several_apply: Decision[str]
    when_key_taken: Decision[str]
    when_unchanged: Decision[str]

    kind: ClassVar[DeclarationKind] = step_kind(
        "create",
        {
            **EACH,
            "from": ORIGIN,
            "set": EXPRESSIONS,
            "when-key-taken": outcomes("conflict", "allow"),
            "when-several-apply": outcomes("first", "next"),
            "when-unchanged": outcomes("kept", "when-sent", "now"),
            "when-duplicate": {"type": "array", "items": {"$ref": "#/$defs/duplicate-rule"}, "default": []},
        },
    )

    @property
    def written(self) -> tuple[Write, ...]:
        """The fields that it may give to a record."""
        return self.writes

    @property
    def makes(self) -> bool:
        """Whether it may make a record."""
        return True

    def __str__(self) -> str:
        return "; ".join([f"create {self.resource.name}", *map(str, self.when_duplicate)])

    @classmethod
    def read(cls, reader: StepReader) -> Create:
        """Return the step that `reader` reads."""
        writes, rules = reader.writes(making=True), reader.duplicate_rules(kind_of("duplicate-rule"))
        decisions = (reader.outcome(key) for key in ("when-several-apply", "when-key-taken", "when-unchanged"))
        return cls(reader.resource, reader.name, writes, rules, *decisions)

    def lookups(self, resources: Mapping[str, Resource]) -> Lookups:
        """Yield the fields by which the step finds records."""
        for rule in self.when_duplicate:
            yield self.resource.name, rule_fields(rule)

    def compile(self, scope: Scope) -> Perform:
        """Return the function that makes the record."""
        given = Given(self.resource, self.writes, scope)
        recorder = Recorder(self.resource, given, self.when_unchanged)
        rules = [Duplicates(rule, recorder, scope) for rule in self.when_duplicate]
        name, goes_on = self.name, settler(self.when_several_apply)
        # What the server makes up for a new record is not made up again for one that is there.
        generated = {write.field for write in self.writes if any(isinstance(one, Generated) for one in write.value.possible())}

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
            recorder.refuse_taken_key(execution, values, self.when_key_taken)
            draft = recorder.draft(values)
            record = in_its_place(execution, draft, values)
            if record is not None:
                return record
            execution.made.append(name)
            return recorder.make(execution, draft)

        return perform
