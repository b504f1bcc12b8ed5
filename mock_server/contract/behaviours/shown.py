"""Reading what answers show beside what is stored: computed fields (`computed` of `x-resource`), and views (`x-view`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mock_server.contract.behaviours.assumptions import Decisions
from mock_server.contract.behaviours.declarations import declared
from mock_server.contract.behaviours.expressions import Expression, FromThis
from mock_server.contract.behaviours.progress import read_progress
from mock_server.contract.behaviours.surroundings import ExpressionReader, Surroundings
from mock_server.contract.documents.document import Document, Node
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.model import Resource, View
from mock_server.contract.schemas.checks import Schemas
from mock_server.contract.schemas.schema import Schema
from mock_server.contract.unread import Unread, UnreadParts


class ShownReader(ExpressionReader):
    """Reads the expressions by which a record is shown; they know nothing of a request."""

    def __init__(self, node: Node, surroundings: Surroundings, resource: Resource) -> None:
        super().__init__(node, surroundings)
        self.this = resource

    def shown_as(self, node: Node, schema: Schema) -> Expression | None:
        """Return the expression at `node`, shown where `schema` is documented; None, with flaws noted, when it is wrong."""
        expression = self.expression(node, node.value)
        if expression is None:
            return None
        given = self.written_out(self.schema_of(expression), f"{node.pointer}/{schema.pointer}")
        if self.around.schemas.inclusion.is_disjoint(given, schema):
            obstacle = self.around.schemas.inclusion.obstacle(given, schema)
            node.flaw("this never fits the schema of what it is shown as", str(obstacle) if obstacle else "")
        return expression


def read_shown(
    document: Document, resources: Mapping[str, Resource], schemas: Schemas, decisions: Decisions, unread: Unread
) -> tuple[dict[str, Resource], dict[str, View]]:
    """Return the resources with their computed fields, and the views by name; flaws are noted in the document."""
    surroundings = Surroundings(
        resources=resources,
        unread=unread,
        unread_parts=UnreadParts(parameters=False, body=False, responses=False),
        decisions=decisions,
        schemas=schemas,
        parameters=(),
        body=None,
        responses={},
        secured=True,
    )
    whole = {name: _with_computed(resource, document, surroundings) for name, resource in resources.items()}
    views = {}
    components = document.root.get("components", "schemas")
    for name, schema in components.items() if components else ():
        view = _read_view(name, schema, replace(surroundings, resources=whole)) if schema.is_sound else None
        if view is not None:
            views[name] = view
    return whole, views


def _with_computed(resource: Resource, document: Document, surroundings: Surroundings) -> Resource:
    schema = document.root["components"]["schemas"][resource.name].resolved()
    if "progress" in schema.value["x-resource"]:
        progress = read_progress(resource, schema["x-resource"]["progress"], surroundings.schemas)
        resource = replace(resource, computed={**resource.computed, **progress})
    if "computed" not in schema.value["x-resource"]:
        return resource
    node = schema["x-resource"]["computed"]
    reader = ShownReader(node, surroundings, resource)
    computed = {}
    for name, place in node.items():
        if name not in resource.fields:
            place.flaw(f"{resource.name} has no field {piece(name)}", did_you_mean(name, resource.fields))
        elif name in resource.server_made or name in resource.key or any(one.field == name for one in resource.derived):
            place.flaw(f"{piece(name)} has its value already", "it is an id, a key, a time, a type name or derived")
        elif (expression := reader.shown_as(place, resource.fields[name].schema)) is not None:
            computed[name] = expression
    return replace(resource, computed={**resource.computed, **computed})


def _read_view(name: str, schema: Node, surroundings: Surroundings) -> View | None:
    node = schema.resolved().extension("x-view") if isinstance(schema.resolved().value, dict) else None
    declaration = declared("view", node) if node else None
    if node is None or declaration is None:
        return None
    resource = surroundings.resources.get(declaration["of"])
    if resource is None:
        if declaration["of"] not in surroundings.unread.resources:
            hint = did_you_mean(declaration["of"], surroundings.resources)
            node.flaw(f"{piece(declaration['of'])} is not a resource", hint, "of")
        return None
    asked, reader = Schema(schema), ShownReader(node, surroundings, resource)
    members: dict[str, Expression] = {}
    for member, place in node["set"].items() if "set" in node.value else ():
        if member not in asked.properties:
            place.flaw(f"{name} has no property {piece(member)}", did_you_mean(member, asked.properties))
        elif (expression := reader.shown_as(place, asked.properties[member])) is not None:
            members[member] = expression
    for member, part in asked.properties.items():
        if member in members or ("set" in node.value and member in node.value["set"]):
            continue
        if member in resource.fields and resource.fields[member].refers_to is None:
            members[member] = FromThis(member)
        elif member in asked.required_in("response"):
            part.flaw(
                f"{resource.name} has no field {piece(member)} that {name} could show", "give it under `set` of its x-view"
            )
    return View(name, resource, asked, members)
