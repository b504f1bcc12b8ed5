"""The verb `delete`: remove one resource, and those that refer to it, unless that is a conflict."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.contract.model import Delete, Resource
from mock_server.contract.problems import Refused
from mock_server.engine.execution import Execution
from mock_server.engine.lookup import Lookup, looked_up_by
from mock_server.engine.scope import Lookups, Perform, Scope
from mock_server.engine.store import Owner, Record


def lookups(step: Delete, resources: Mapping[str, Resource]) -> Lookups:
    """Yield the fields by which the step finds records: of any resource, since those that refer to a removed one go as well."""
    yield from looked_up_by(step.resource, step.where)
    for resource in resources.values():
        for other, field in referring_fields(resource, resources):
            yield other.name, (field,)


def compile_delete(step: Delete, scope: Scope) -> Perform:
    """Compile a step that removes a record."""
    lookup = Lookup(step.resource, step.where, step.otherwise, step.foreign, scope)

    def remove(execution: Execution, resource: Resource, owner: Owner, record: Record) -> None:
        id, store = record[resource.id], execution.store
        for referring, field in referring_fields(resource, scope.resources):
            # What all organizations share may be referred to by any of them.
            shared = referring.owned and not resource.owned
            index = scope.index(referring, (field,))
            for holder in store.owners(referring.name) if shared else [owner if referring.owned else None]:
                for other in list(store.find(index, holder, (id,))):
                    if step.when_referred.settle(execution.choices) == "conflict":
                        raise Refused("conflict", f"At least one {referring.name} refers to this {resource.name}.")
                    remove(execution, referring, holder, store.held(referring.name, holder, other))
        store.remove(resource.name, owner, id)

    def perform(execution: Execution) -> Record | None:
        record = lookup.record(execution)
        if record is not None:
            remove(execution, step.resource, execution.owner(step.resource), record)
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
