"""Fields that no two records of an owner share, beside the key."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from mock_server.contract.files.source import Json, pointer_to
from mock_server.contract.model import Resource
from mock_server.contract.problems import Refused
from mock_server.contract.schemas.checks import Violation
from mock_server.engine.choices import settler
from mock_server.engine.execution import Execution
from mock_server.engine.scope import Scope
from mock_server.engine.store import Fields, Owner
from mock_server.engine.values import hashable, picker


class Uniques:
    """Refuses records that share what none may share."""

    def __init__(self, resource: Resource, scope: Scope) -> None:
        self._resource = resource
        self._settle = settler(resource.when_taken)
        self._groups = [(group, scope.index(resource, group), picker(group)) for group in resource.unique]

    def refuse(self, execution: Execution, record: Mapping[str, Json], changed: Container[str] | None = None) -> None:
        """Raise `Refused` where another record has what is unique of `record`, as far as that is `changed`: all of it in a new
        one."""
        resource, owner = self._resource, execution.owner(self._resource)
        own = None if changed is None else record[resource.id]
        for group, index, pick in self._groups:
            if changed is not None and not any(field in changed for field in group):
                continue
            values = pick(record)
            if None in values or all(id == own for id in execution.store.find(index, owner, values)):
                continue
            outcome = self._settle(execution.choices)
            if outcome != "allow":
                raise _taken(resource, group, outcome)


def _taken(resource: Resource, group: Fields, kind: str) -> Refused:
    detail = f"Another {resource.name} has this {' and '.join(group)} already."
    violations = tuple(Violation("body", pointer_to(field), "unique", detail) for field in group)
    return Refused("conflict", detail) if kind == "conflict" else Refused("invalid", detail, violations)


def always_indexed(resource: Resource) -> set[Fields]:
    """Return the fields by which records of a resource are looked up whatever the behaviours do."""
    return {*resource.unique, *((slug,) for slug in resource.slugs), *((resource.key,) if resource.key else ())}


class UniquesHeld:
    """What is unique of the records of a file: tells which of them share what none may share."""

    def __init__(self) -> None:
        self._seen: set[tuple[Any, ...]] = set()

    def repeated(self, resource: Resource, owner: Owner, record: Mapping[str, Json]) -> Iterator[Fields]:
        """Yield the groups of fields that an earlier record has the same values in."""
        for group in resource.unique if "allow" not in resource.when_taken.possible() else ():
            values = [record.get(field) for field in group]
            place = (resource.name, owner, group, *map(hashable, values))
            if place in self._seen and None not in values:
                yield group
            self._seen.add(place)
