"""Reading `references` of `x-resource`: plain fields that hold the ids of other resources.

project_id: Project
assignee_id: {to: User, when-unknown: invalid, when-deleted: clear}
label_ids: Label        a list of ids, where the field is a list
owner_id: {to: User, shown-as: owner}                                             always shown in full, in a property of its own
owner_id: {to: User, shown-as: owner, shown-when: $request.query.expand}          where the parameter names it: ?expand=owner
customer: {to: Customer, shown-when: $request.query.expand}                       in place of its id: ?expand=customer
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mock_server.contract.behaviours.assumptions import Decisions
from mock_server.contract.behaviours.declarations import declared, kind_of
from mock_server.contract.behaviours.expressions import Embedded
from mock_server.contract.documents.document import Document, Node
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.model import Field, Operation, Resource
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
    embedded = [reference.shown for reference in found.values() if reference.shown is not None]
    # What they show is not stored there, though its schema refers to a resource.
    fields = {one.name: replace(resource.fields[one.name], refers_to=None) for one in embedded}
    computed = {one.name: one for one in embedded if one.name != one.field}
    return replace(resource, references=found, fields={**resource.fields, **fields}, computed={**resource.computed, **computed})


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
    unknown = decisions.outcome(kind, place, "when-unknown")
    return Reference(name, to, is_list, unknown, deleted, _read_shown(resource, field, place, other, is_list=is_list))


def _read_shown(resource: Resource, field: Field, place: Node, other: Resource, *, is_list: bool) -> Embedded | None:
    """Return how answers show what a field refers to; None where they do not, or, with a flaw noted, cannot."""
    asked = place.value.get("shown-when")
    name = place.value.get("shown-as", field.name if asked is not None else None)
    if name is None:
        return None
    target = resource.fields.get(name)
    if target is None:
        place.flaw(f"{resource.name} has no property {piece(name)}", did_you_mean(name, resource.fields), "shown-as")
        return None
    if name == field.name and (is_list or asked is None):
        place.flaw("the ids are replaced by nothing", "`shown-as` names the property that shows the records", "shown-as")
        return None
    shown = target.schema.items if is_list else target.schema
    possible = [shown.target, *(variant.target for variant in shown.variants)] if shown is not None else []
    if other.schema.target not in possible:
        hint = f"its schema has to refer to {other.name}"
        place.flaw(f"the property {piece(name)} does not show {other.name}", hint, "shown-as" if name != field.name else None)
        return None
    if name != field.name and target.required and not is_list and (asked is not None or not _is_always_there(field, target)):
        hint = "do not require it, or let it be null" if asked is None else "do not require it"
        place.flaw(f"the property {piece(name)} is required, and not always shown", hint, "shown-as")
        return None
    parameter = asked.removeprefix("$request.query.") if asked is not None else None
    return Embedded(name, field.name, other.name, is_list, parameter)


def _is_always_there(field: Field, target: Field) -> bool:
    return target.nullable or (field.required and not field.nullable)


def check_asked(document: Document, contract_resources: Mapping[str, Resource], operations: Iterable[Operation]) -> None:
    """Note a flaw for each parameter that is to ask for something to be shown, and that no operation has."""
    known = {one.name for operation in operations for one in operation.parameters if one.location == "query"}
    for resource in contract_resources.values():
        for embedded in resource.embedded:
            if embedded.asked_by is not None and embedded.asked_by not in known and not document.flaws:
                schema = document.root["components"]["schemas"][resource.name].resolved()
                place = schema["x-resource"]["references"][embedded.field]
                hint = did_you_mean(embedded.asked_by, known)
                place.flaw(f"no operation has a query parameter {piece(embedded.asked_by)}", hint, "shown-when")
