"""The verb `list`: all resources with some values, oldest first, or a part of them."""

from __future__ import annotations

from mock_server.contract.model import List
from mock_server.contract.source import Json
from mock_server.engine.execution import Execution
from mock_server.engine.scope import Lookups, Perform, Scope
from mock_server.engine.store import Record
from mock_server.engine.values import ABSENT, Absent, has


def lookups(step: List, resources: object) -> Lookups:
    """Yield nothing: a list looks at all records."""
    return iter(())


def compile_list(step: List, scope: Scope) -> Perform:
    """Compile a step that lists records. A condition whose value the request does not send filters nothing."""
    resource = step.resource
    where = [(field, scope.value(value)) for field, value in step.where.items()]
    offset = scope.value(step.offset) if step.offset else None
    limit = scope.value(step.limit) if step.limit else None

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
