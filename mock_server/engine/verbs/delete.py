"""The verb `delete`: remove one resource, and those that refer to it, unless that is a conflict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mock_server.contract.behaviours.declarations import DeclarationKind
from mock_server.contract.behaviours.guards import GUARD, Requirement, read_requirement, requirement_told
from mock_server.contract.behaviours.steps import CONDITIONS, EACH, StepReader, outcomes, step_kind
from mock_server.contract.model import Decision, Resource, Value
from mock_server.contract.problems import Refused
from mock_server.engine.execution import Execution
from mock_server.engine.guards import guarded
from mock_server.engine.lookup import Lookup, looked_up_by
from mock_server.engine.scope import Perform, Scope
from mock_server.engine.store import Owner, Record
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
        where, otherwise, foreign = reader.where(), reader.outcome("otherwise"), reader.outcome("foreign")
        when_referred = reader.outcome("when-referred")
        return cls(reader.resource, reader.name, where, otherwise, foreign, when_referred, read_requirement(reader))

    @property
    def may_find_nothing(self) -> bool:
        """Whether the behaviour goes on where the step found no record."""
        return "accept" in self.otherwise.possible()

    def lookups(self, resources: Mapping[str, Resource]) -> Lookups:
        """Yield the fields by which the step finds records, those that refer to a removed one included."""
        yield from looked_up_by(self.resource, self.where)
        for resource in resources.values():
            for other, field in referring_fields(resource, resources):
                yield other.name, (field,)

    def compile(self, scope: Scope) -> Perform:
        """Return the function that removes the record."""
        lookup = Lookup(self.resource, self.where, self.otherwise, self.foreign, scope)
        find = guarded(lookup.record, self.resource, self.guard, scope)

        def remove(execution: Execution, resource: Resource, owner: Owner, record: Record) -> None:
            id, store = record[resource.id], execution.store
            for referring, field in referring_fields(resource, scope.resources):
                # What all organizations share may be referred to by any of them.
                shared = referring.owned and not resource.owned
                index = scope.index(referring, (field,))
                for holder in store.owners(referring.name) if shared else [owner if referring.owned else None]:
                    for other in list(store.find(index, holder, (id,))):
                        if self.when_referred.settle(execution.choices) == "conflict":
                            raise Refused("conflict", f"At least one {referring.name} refers to this {resource.name}.")
                        remove(execution, referring, holder, store.held(referring.name, holder, other))
            store.remove(resource.name, owner, id)

        def perform(execution: Execution) -> Record | None:
            record: Record | None = find(execution)
            if record is not None:
                remove(execution, self.resource, execution.owner(self.resource), record)
            return record

        return perform


def referring_fields(resource: Resource, resources: Mapping[str, Resource]) -> list[tuple[Resource, str]]:
    """Return the fields, with their resources, that refer to `resource`."""
    return [
        (other, field.name)
        for other in resources.values()
        for field in other.fields.values()
        if field.refers_to == resource.name
    ]
