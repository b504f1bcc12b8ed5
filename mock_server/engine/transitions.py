"""Holding a change to the ways that the states of a record may go."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mock_server.contract.files.source import Json
from mock_server.contract.model import Resource
from mock_server.contract.problems import Refused
from mock_server.engine.execution import Execution
from mock_server.engine.store import Record


def transition_check(
    resource: Resource, invalid: Callable[[str, str, str], Refused]
) -> Callable[[Execution, Record, Mapping[str, Json]], None] | None:
    """Return what raises `Refused` where changes take a record from a state to one that does not follow; None where all may.

    A record that has no state yet takes any, and what stays as it is has not gone anywhere. `invalid` refuses a field.
    """
    if resource.transitions is None:
        return None
    tables, when_illegal = tuple(resource.transitions.tables.items()), resource.transitions.when_illegal

    def check(execution: Execution, record: Record, changes: Mapping[str, Json]) -> None:
        for field, table in tables:
            before = record.get(field)
            if field in changes and before is not None and changes[field] not in table.get(before, ()):
                told = f"the {field} of this {resource.name} cannot go from {before!r:.80} to {changes[field]!r:.80}"
                if when_illegal.settle(execution.choices) == "invalid":
                    raise invalid(field, "transition", told)
                raise Refused("conflict", f"T{told[1:]}.")

    return check
