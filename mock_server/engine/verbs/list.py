"""The verb `list`: all resources with some values, oldest first, or a part of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mock_server.contract.behaviours.declarations import DeclarationKind
from mock_server.contract.behaviours.steps import EXPRESSIONS, StepReader, step_kind
from mock_server.contract.files.source import Json
from mock_server.contract.model import Value
from mock_server.engine.execution import Execution
from mock_server.engine.scope import Perform, Scope
from mock_server.engine.store import Record
from mock_server.engine.values import ABSENT, Absent, has
from mock_server.engine.verbs.verb import Verb


@dataclass(frozen=True, slots=True, eq=False)
class List(Verb):
    """All resources whose fields have the values of `where`, oldest first; an absent query parameter filters nothing."""

    where: Mapping[str, Value]
    offset: Value | None
    limit: Value | None

    kind: ClassVar[DeclarationKind] = step_kind("list", {"where": EXPRESSIONS, "offset": {}, "limit": {}})

    @property
    def found_by(self) -> Mapping[str, Value]:
        """The values by which it finds what it is about, by field."""
        return self.where

    def __str__(self) -> str:
        return f"list {self.resource.name}" + (f" by {', '.join(self.where)}" if self.where else "")

    @classmethod
    def read(cls, reader: StepReader) -> List:
        """Return the step that `reader` reads."""
        offset, limit = reader.optional_value("offset"), reader.optional_value("limit")
        return cls(reader.resource, reader.name, reader.where(), offset, limit)

    @property
    def is_list(self) -> bool:
        """Whether it comes to a list of records, and not to one."""
        return True

    def compile(self, scope: Scope) -> Perform:
        """Return the function that lists the records."""
        resource = self.resource
        where = [(field, scope.value(value)) for field, value in self.where.items()]
        offset = scope.value(self.offset) if self.offset else None
        limit = scope.value(self.limit) if self.limit else None

        def perform(execution: Execution) -> list[Record]:
            asked = {field: value for field, evaluate in where if (value := evaluate(execution)) is not ABSENT}
            start = _whole(offset(execution)) if offset else None
            count = _whole(limit(execution)) if limit else None
            records = execution.store.scan(resource.name, execution.owner(resource))
            found = [record for record in records if has(record, asked)]
            return found[start or 0 : None if count is None else (start or 0) + count]

        return perform


def _whole(value: Json | Absent) -> int | None:
    return max(int(value), 0) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
