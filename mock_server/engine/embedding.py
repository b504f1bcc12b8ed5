"""What a record refers to by an id, shown in full: always, or where a parameter of the request names it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from mock_server.contract.behaviours.expressions import Embedded
from mock_server.contract.files.source import Json
from mock_server.contract.model import Resource
from mock_server.engine.execution import Execution
from mock_server.engine.scope import Scope
from mock_server.engine.store import Record

Embed: TypeAlias = Callable[[Execution, Record, dict[str, Any]], dict[str, Any]]
"""Returns what is shown of a record, with what it refers to."""


def compile_embedded(
    embedded: Embedded, resource: Resource, scope: Scope, show: Callable[[Execution, Record], dict[str, Any]]
) -> Embed:
    """Compile what adds the records that a field refers to; `show` shows one of them."""
    other, name, field, is_list = scope.resources[embedded.to], embedded.name, embedded.field, embedded.is_list
    place = ("query", embedded.asked_by) if embedded.asked_by is not None else None
    is_own = name != field
    nothing = {name: None} if is_own and resource.fields[name].nullable else {}

    def found(execution: Execution, id: Json) -> dict[str, Any] | None:
        record = execution.store.get(other.name, execution.owner(other), id)
        return None if record is None else show(execution, record)

    def embed(execution: Execution, record: Record, shown: dict[str, Any]) -> dict[str, Any]:
        if place is not None and not names(execution.parameters.get(place), name):
            return shown
        id = record.get(field)
        if is_list:
            records = [found(execution, one) for one in id] if isinstance(id, list) else []
            return {**shown, name: [one for one in records if one is not None]}
        referred = None if id is None else found(execution, id)
        return {**shown, **(nothing if referred is None else {name: referred})}

    return embed


def names(value: object, name: str) -> bool:
    """Say whether the value of a parameter names something: a list of names, or one text with commas between them."""
    listed = value if isinstance(value, list) else [value]
    return any(name in (part.strip() for part in one.split(",")) for one in listed if isinstance(one, str))
