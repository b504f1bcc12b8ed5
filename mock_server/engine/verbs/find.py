"""The verb `find`: look one resource up; say what follows when it is not there, or belongs to another organization."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mock_server.contract.behaviours.declarations import DeclarationKind
from mock_server.contract.behaviours.guards import GUARD, Requirement, read_requirement, requirement_told
from mock_server.contract.behaviours.steps import CONDITIONS, EACH, StepReader, outcomes, step_kind
from mock_server.contract.decisions import Decision
from mock_server.contract.model import Resource, Value
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
    anywhere: bool = False
    """Whether it looks in every organization, so that the request goes on for that of what it finds."""

    kind: ClassVar[DeclarationKind] = step_kind(
        "find",
        {
            **EACH,
            "where": CONDITIONS,
            "otherwise": outcomes("not-found", "invalid", "accept", "unauthenticated"),
            "foreign": outcomes("hidden", "forbidden"),
            **GUARD,
            "anywhere": {"type": "boolean", "default": False},
        },
        required=["where"],
    )

    @property
    def found_by(self) -> Mapping[str, Value]:
        """The values by which it finds what it is about, by field."""
        return self.where

    def __str__(self) -> str:
        place = " anywhere" if self.anywhere else ""
        sentence = f"find {self.resource.name}{place} by {', '.join(self.where)}; otherwise {self.otherwise}"
        return sentence + requirement_told(self.guard)

    @classmethod
    def read(cls, reader: StepReader) -> Find:
        """Return the step that `reader` reads."""
        otherwise, foreign = reader.outcome("otherwise"), reader.outcome("foreign")
        anywhere = bool(reader.declaration["anywhere"]) and may_look_anywhere(reader, otherwise)
        step = cls(reader.resource, reader.name, reader.where(), otherwise, foreign, read_requirement(reader), anywhere)
        reader.around.secured |= anywhere  # from here on, it is known whose records are meant
        return step

    @property
    def tells_organization(self) -> bool:
        """Whether the request goes on for the organization of what it found."""
        return self.anywhere

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
        find = lookup.anywhere if self.anywhere else lookup.record
        return guarded(find, self.resource, self.guard, scope)


def may_look_anywhere(reader: StepReader, otherwise: Decision[str]) -> bool:
    """Say whether a step may look in every organization; else note a flaw."""
    if not reader.resource.owned:
        reader.node.flaw(f"{reader.resource.name} belongs to no organization", "leave `anywhere` out", "anywhere")
    elif reader.around.secured:
        reader.node.flaw("it is known already whose records are meant", "leave `anywhere` out", "anywhere")
    elif "each" in reader.node.value:
        reader.node.flaw("one record tells whose records are meant", "leave `each` or `anywhere` out", "anywhere")
    elif "accept" in otherwise.possible():
        hint = "otherwise: unauthenticated, not-found or invalid"
        reader.node.flaw("without a record, nothing tells whose records are meant next", hint, "otherwise")
    elif "foreign" in reader.node.value:
        reader.node.flaw("no organization is another one where all are looked at", "leave `foreign` out", "foreign")
    else:
        return True
    return False
