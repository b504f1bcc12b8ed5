"""Reading `references` of `x-resource`: plain fields that hold the ids of other resources.

project_id: Project
assignee_id: {to: User, when-unknown: invalid, when-deleted: clear}
label_ids: Label        a list of ids, where the field is a list
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mock_server.contract.behaviours.assumptions import Decisions
from mock_server.contract.behaviours.declarations import declared, kind_of
from mock_server.contract.documents.document import Node
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.model import Resource
from mock_server.contract.record_rules import Reference
from mock_server.contract.unread import Unread


def with_references(
    resource: Resource, node: Node, resources: Mapping[str, Resource], decisions: Decisions, unread: Unread
) -> Resource:
    """Return a resource with the references that its `x-resource` at `node` declares; flaws are noted in the document."""
    if not isinstance(node.value.get("references"), dict):
        return resource
    found = {}
    for name, place in node["references"].items():
        reference = _read_reference(resource, name, place, resources, decisions, unread)
        if reference is not None:
            found[name] = reference
    return replace(resource, references=found)


def _read_reference(
    resource: Resource, name: str, place: Node, resources: Mapping[str, Resource], decisions: Decisions, unread: Unread
) -> Reference | None:
    to = place.value if isinstance(place.value, str) else None
    if to is None and declared("reference", place) is None:
        return None
    to, field = to or place.value["to"], resource.fields.get(name)
    other = resources.get(to)
    if other is None:
        if to not in unread.resources:
            hint = did_you_mean(to, resources)
            place.flaw(f"{piece(to)} is not a resource", hint, "to" if isinstance(place.value, dict) else None)
        return None
    if field is None:
        place.flaw(f"{resource.name} has no field {piece(name)}", did_you_mean(name, resource.fields))
        return None
    if field.refers_to is not None:
        place.flaw(f"the field {piece(name)} refers to {field.refers_to} already, by its schema", "leave it out here")
        return None
    is_list = "array" in field.schema.types
    held = field.schema.items.types if is_list and field.schema.items else field.schema.types
    if not held & other.fields[other.id].schema.types:
        place.flaw(f"the field {piece(name)} never holds an id of {to}", "their schemas share no type")
        return None
    kind = kind_of("reference")
    if isinstance(place.value, str):
        return Reference(name, to, is_list, decisions.default(kind, "when-unknown"), None)
    deleted = decisions.outcome(kind, place, "when-deleted") if "when-deleted" in place.value else None
    if deleted is not None and "clear" in deleted.possible() and not is_list and not field.nullable and field.required:
        place.flaw(f"the field {piece(name)} cannot be cleared", "it is required and cannot be null", "when-deleted")
    return Reference(name, to, is_list, decisions.outcome(kind, place, "when-unknown"), deleted)
