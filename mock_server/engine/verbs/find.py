"""The verb `find`: look one resource up; say what follows when it is not there, or belongs to another organization."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mock_server.contract.behaviours.declarations import DeclarationKind
from mock_server.contract.behaviours.guards import GUARD, Requirement, read_requirement, requirement_told
from mock_server.contract.behaviours.steps import CONDITIONS, StepReader, outcomes, step_kind
from mock_server.contract.model import Decision, Resource, Value
from mock_server.engine.guards import guarded
from mock_server.engine.lookup import Lookup, looked_up_by
from mock_server.engine.scope import Perform, Scope
from mock_server.engine.verbs.verb import Lookups, Verb


@dataclass(frozen=True, slots=True, eq=False)
class Find(Verb):
    """Look one resource up; `otherwise` and `foreign` say what follows when it is not there, or another organization's."""

    where: Mapping[str, Value]
    otherwise: Decision[str]
    foreign: Decision[str]
    guard: Requirement | None = None

    kind: ClassVar[DeclarationKind] = step_kind(
        "find",
        {
            "where": CONDITIONS,
            "otherwise": outcomes("not-found", "invalid", "accept"),
            "foreign": outcomes("hidden", "forbidden"),
            **GUARD,
        },
        required=["where"],
    )

    @property
    def found_by(self) -> Mapping[str, Value]:
        """The values by which it finds what it is about, by field."""
        return self.where

    def __str__(self) -> str:
        sentence = f"find {self.resource.name} by {', '.join(self.where)}; otherwise {self.otherwise}"
        return sentence + requirement_told(self.guard)

    @classmethod
    def read(cls, reader: StepReader) -> Find:
        """Return the step that `reader` reads."""
        where, otherwise, foreign = reader.where(), reader.outcome("otherwise"), reader.outcome("foreign")
        return cls(reader.resource, reader.name, where, otherwise, foreign, read_requirement(reader))

    @property
    def may_find_nothing(self) -> bool:
        """Whether the behaviour goes on where the step found no record."""
        return "accept" in self.otherwise.possible()

    def lookups(self, resources: Mapping[str, Resource]) -> Lookups:
        """Yield the fields by which the step finds records."""
        return looked_up_by(self.resource, self.where)

    def compile(self, scope: Scope) -> Perform:
        """Return the function that looks the record up."""
        lookup = Lookup(self.resource, self.where, self.otherwise, self.foreign, scope)
        return guarded(lookup.record, self.resource, self.guard, scope)
