"""The verb `replace`: put a whole record in the place of one; where none is there, it may be made under the id asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mock_server.contract.behaviours.declarations import DeclarationKind
from mock_server.contract.behaviours.guards import GUARD, Requirement, read_requirement, requirement_told
from mock_server.contract.behaviours.steps import CONDITIONS, EACH, EXPRESSIONS, ORIGIN, StepReader, outcomes, step_kind
from mock_server.contract.decisions import Decision
from mock_server.contract.files.flaws import piece
from mock_server.contract.model import Resource, Value, Write
from mock_server.engine.execution import Execution
from mock_server.engine.given import Given
from mock_server.engine.guards import guarded
from mock_server.engine.lookup import Lookup, looked_up_by
from mock_server.engine.records import Recorder
from mock_server.engine.scope import Perform, Scope
from mock_server.engine.store import Record
from mock_server.engine.values import ABSENT
from mock_server.engine.verbs.verb import Lookups, Verb


@dataclass(frozen=True, slots=True, eq=False)
class Replace(Verb):
    """Put a whole record in the place of one: what the request leaves out has its default again, or is null or absent.

    Where there is none, and `otherwise` is `create`, one is made that has the values by which it was looked for.
    """

    where: Mapping[str, Value]
    writes: tuple[Write, ...]
    otherwise: Decision[str]
    foreign: Decision[str]
    when_key_taken: Decision[str]
    when_unchanged: Decision[str]
    guard: Requirement | None = None

    kind: ClassVar[DeclarationKind] = step_kind(
        "replace",
        {
            **EACH,
            "where": CONDITIONS,
            "from": ORIGIN,
            "set": EXPRESSIONS,
            "otherwise": outcomes("not-found", "invalid", "create"),
            "foreign": outcomes("hidden", "forbidden"),
            "when-key-taken": outcomes("conflict", "allow"),
            "when-unchanged": outcomes("kept", "when-sent", "now"),
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

    @property
    def makes(self) -> bool:
        """Whether it may make a record."""
        return "create" in self.otherwise.possible()

    def __str__(self) -> str:
        written = ", ".join(write.field for write in self.writes)
        sentence = f"replace {self.resource.name} by {', '.join(self.where)}: {written}; otherwise {self.otherwise}"
        return sentence + requirement_told(self.guard)

    @classmethod
    def read(cls, reader: StepReader) -> Replace:
        """Return the step that `reader` reads."""
        where, otherwise = reader.where(), reader.outcome("otherwise")
        makes = "create" in otherwise.possible()
        fixed = _fixed(reader, where) if makes else ()
        writes = reader.writes(making=makes, fixed=fixed)
        for write in writes if not makes else ():
            field = reader.resource.fields[write.field]
            may_lack = any(map(reader.may_be_absent, write.value.possible()))
            if may_lack and field.required and not field.nullable and not field.has_default:
                hint = "let the request require it, or `update` the record, which keeps what is left out"
                reader.node.flaw(f"the required field {piece(field.name)} is not always given", hint, cls.kind.name)
        foreign, when_key_taken = reader.outcome("foreign"), reader.outcome("when-key-taken")
        when_unchanged, guard = reader.outcome("when-unchanged"), read_requirement(reader)
        return cls(reader.resource, reader.name, where, writes, otherwise, foreign, when_key_taken, when_unchanged, guard)

    def lookups(self, resources: Mapping[str, Resource]) -> Lookups:
        """Yield the fields by which the step finds records."""
        return looked_up_by(self.resource, self.where)

    def compile(self, scope: Scope) -> Perform:
        """Return the function that replaces the record, or makes it."""
        resource, name = self.resource, self.name
        lookup = Lookup(resource, self.where, self.otherwise, self.foreign, scope)
        find = guarded(lookup.record, resource, self.guard, scope)
        given = Given(resource, self.writes, scope)
        recorder = Recorder(resource, given, self.when_unchanged)
        kept = frozenset(self.where) if self.makes else frozenset({resource.id})
        absent = {field: value for field, value in given.when_absent.items() if field not in kept}
        blank = {field: value for field, value in absent.items() if value is not ABSENT}
        may_lack = [field for field, value in absent.items() if value is ABSENT]

        def perform(execution: Execution) -> Record:
            record: Record | None = find(execution)
            values = given.values(execution)
            if record is None:
                recorder.refuse_taken_key(execution, values, self.when_key_taken)
                execution.made.append(name)
                return recorder.make(execution, recorder.draft(values))
            sent = {field: value for field, value in values.items() if field not in kept}
            after = {**blank, **sent}
            lost = [field for field in may_lack if field not in sent]
            recorder.refuse_taken_key(execution, {**record, **after}, self.when_key_taken, record)
            return recorder.change(execution, record, after, sent=bool(sent), lost=lost)

        return perform


def _fixed(reader: StepReader, where: Mapping[str, Value]) -> tuple[Write, ...]:
    """Return the fields that a new record has from what it was looked for by."""
    fields = reader.resource.fields
    return tuple(reader.write(fields[name], value, reader.node["where"][name]) for name, value in where.items())
