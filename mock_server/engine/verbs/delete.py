"""The verb `delete`: remove one resource, and those that refer to it, unless that is a conflict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mock_server.contract.behaviours.declarations import DeclarationKind
from mock_server.contract.behaviours.guards import GUARD, Requirement, read_requirement, requirement_told
from mock_server.contract.behaviours.steps import CONDITIONS, EACH, StepReader, outcomes, step_kind
from mock_server.contract.decisions import Decision
from mock_server.contract.model import Resource, Value
from mock_server.engine.execution import Execution
from mock_server.engine.guards import guarded
from mock_server.engine.lookup import Lookup, looked_up_by
from mock_server.engine.references import Removal, leaves_to_step, referring_to
from mock_server.engine.scope import Perform, Scope
from mock_server.engine.store import Record
from mock_server.engine.verbs.verb import Lookups, Verb


@dataclass(frozen=True, slots=True, eq=False)
class Delete(Verb):
    """Remove one resource, and those that refer to it, unless (`when_referred`: conflict) there are any."""

    where: Mapping[str, Value]
    otherwise: Decision[str]
    foreign: Decision[str]
    when_referred: Decision[str]
    guard: Requirement | None = None

    kind: ClassVar[DeclarationKind] = step_kind(
        "delete",
        {
            **EACH,
            "where": CONDITIONS,
            "otherwise": outcomes("not-found", "invalid", "accept"),
            "foreign": outcomes("hidden", "forbidden"),
            "when-referred": outcomes("conflict", "cascade"),
            **GUARD,
        },
        required=["where"],
    )

    @property
    def found_by(self) -> Mapping[str, Value]:
        """The values by which it finds what it is about, by field."""
        return self.where

    def __str__(self) -> str:
        sentence = f"delete {self.resource.name} by {', '.join(self.where)}; when referred to {self.when_referred}"
        return sentence + requirement_told(self.guard)

    @classmethod
    def read(cls, reader: StepReader) -> Delete:
        """Return the step that `reader` reads."""
        if "when-referred" in reader.node.value and not leaves_to_step(reader.resource, reader.resources):
            hint = "leave it out, or declare the `references` to it"
            reader.node.flaw(f"nothing refers to {reader.resource.name} that this could decide about", hint, "when-referred")
        where, otherwise, foreign = reader.where(), reader.outcome("otherwise"), reader.outcome("foreign")
        when_referred = reader.outcome("when-referred")
        return cls(reader.resource, reader.name, where, otherwise, foreign, when_referred, read_requirement(reader))

    @property
    def removes(self) -> bool:
        """Whether it removes the record that it comes to."""
        return True

    @property
    def may_find_nothing(self) -> bool:
        """Whether the behaviour goes on where the step found no record."""
        return "accept" in self.otherwise.possible()

    def lookups(self, resources: Mapping[str, Resource]) -> Lookups:
        """Yield the fields by which the step finds records, those that refer to a removed one included."""
        yield from looked_up_by(self.resource, self.where)
        for resource in resources.values():
            for referring in referring_to(resource, resources):
                if not referring.is_list:
                    yield referring.resource.name, (referring.field,)

    def compile(self, scope: Scope) -> Perform:
        """Return the function that removes the record."""
        lookup = Lookup(self.resource, self.where, self.otherwise, self.foreign, scope)
        find = guarded(lookup.record, self.resource, self.guard, scope)

        removal = Removal(self.resource, self.when_referred, scope)

        def perform(execution: Execution) -> Record | None:
            record: Record | None = find(execution)
            if record is not None:
                removal.remove(execution, self.resource, execution.owner(self.resource), record)
            return record

        return perform
