"""Reading `x-resource`: which schemas are kinds of things that the API keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from mock_server.contract.behaviours.assumptions import Decisions
from mock_server.contract.behaviours.credentials import with_credential, with_stored
from mock_server.contract.behaviours.declarations import Declaration, declared, kind_of
from mock_server.contract.behaviours.identity import with_identity
from mock_server.contract.behaviours.references import with_references
from mock_server.contract.behaviours.transitions import with_transitions
from mock_server.contract.documents.document import Document, Node, Place
from mock_server.contract.documents.reachable import reachable
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.model import Derived, Field, Resource
from mock_server.contract.schemas.keywords import properties_of, required_of
from mock_server.contract.schemas.schema import Schema
from mock_server.contract.unread import Unread

OWNER = "organization"
TEXT = frozenset({"string"})


def read_resources(document: Document, decisions: Decisions, unread: Unread) -> dict[str, Resource]:
    """Return the resources of `document` by the name of their schema; flaws are noted in the document."""
    schemas = document.root.get("components", "schemas")
    places: dict[Place, str] = {}
    for name, schema in schemas.items() if schemas else ():
        if not schema.is_sound:
            unread.resources.add(name)
        elif _declares_resource(schema):
            _name_place(places, name, schema)
    resources = {}
    for name in places.values():
        flaws_before = len(document.flaws)
        resource = _read_resource(name, schemas[name], places, decisions) if schemas else None
        if resource is not None and schemas:
            node = schemas[name].resolved()["x-resource"]
            resource = with_transitions(with_identity(resource, node, decisions), node, decisions)
            resources[name] = with_credential(resource, schemas[name])
        if len(document.flaws) > flaws_before:
            unread.resources.add(name)
    for name, resource in list(resources.items()):
        if schemas:
            node = schemas[name].resolved()["x-resource"]
            resources[name] = with_references(resource, node, resources, decisions, unread)
    for resource in resources.values():
        if _refers_back(resource, resources):
            hint = "hold the other one's id instead of showing it in full"
            resource.schema.flaw(f"{resource.name} refers back to itself", hint)
    return resources


def _refers_back(resource: Resource, resources: dict[str, Resource]) -> bool:
    reached: set[str] = set()
    stack = [resource.name]
    while stack:
        for field in resources[stack.pop()].fields.values():
            if field.refers_to == resource.name:
                return True
            if field.refers_to in resources and field.refers_to not in reached:
                reached.add(field.refers_to)
                stack.append(field.refers_to)
    return False


def refuse_dependent(schema: Node) -> None:
    """Note a flaw for each `x-when` in a schema of what is stored or answered."""
    if schema.place not in schema.document.conditional:
        return
    for part in reachable(schema):
        if isinstance(part.value, dict) and "x-when" in part.value:
            message = "what is stored or answered has one shape; it cannot depend on choices by `x-when`"
            part.flaw(message, "put it into the schema of the request", "x-when")


def _declares_resource(schema: Node) -> bool:
    """Say whether `schema` is a resource of its own, and not just another name of one in the main file."""
    target = schema.resolved()
    is_other_name = target.source is schema.source and target.pointer != schema.pointer
    return isinstance(target.value, dict) and "x-resource" in target.value and not is_other_name


def _name_place(places: dict[Place, str], name: str, schema: Node) -> None:
    """Note that the resource at a place goes by `name`; a resource in another file may be named once."""
    place = schema.resolved().place
    if place in places:
        hint = f"let all but one of them refer to that one: $ref: '#/components/schemas/{places[place]}'"
        schema.flaw(f"{places[place]} and {name} are one resource, and it can have one name only", hint, "$ref")
        return
    places[place] = name


def _read_resource(name: str, schema: Node, places: Mapping[Place, str], decisions: Decisions) -> Resource | None:
    node = schema.resolved().extension("x-resource")
    declaration = declared("resource", node) if node else None
    if node is None or declaration is None:
        return None
    owner, id = declaration["owner"], declaration["id"]
    if owner not in (None, OWNER):
        node.flaw(f"{piece(owner)} cannot own a resource", f"the owner is {OWNER!r}, or there is none", "owner")
    refuse_dependent(schema)
    fields = with_stored(node, name, _read_fields(schema, places))
    if id not in fields:
        schema.flaw(f"the resource has no field {piece(id)} for its id", did_you_mean(id, fields))
        return None

    def known(place: Node, field: str | None, kinds: frozenset[str], what: str) -> None:
        if field is None:
            return
        if field not in fields:
            place.flaw(f"{name} has no field {piece(field)}", did_you_mean(field, fields))
        elif not fields[field].schema.types & kinds:
            hint = f"its schema has to allow one of: {', '.join(sorted(kinds))}"
            place.flaw(f"the field {piece(field)} cannot hold {what}", hint)

    modified = fields.get(declaration["modified"] or "")
    modified_when_new = decisions.outcome(kind_of("resource"), node, "modified-when-new")
    if modified and not modified.nullable and "none" in modified_when_new.possible():
        node.flaw(f"{piece(modified.name)} cannot be null on a new {name}", "modified-when-new: created", "modified")

    for role in ("created", "modified"):
        known(node[role] if role in node.value else node, declaration[role], frozenset({"string", "number"}), "a time")
    for index, field in enumerate(declaration["key"]):
        known(node["key"][index], field, frozenset({"string", "number"}), "a key")
    for field in declaration["type-name"]:
        known(node["type-name"][field], field, TEXT, "a type name")
    if not fields[id].schema.types & {"string", "number"}:
        schema.flaw("an id has to be a text or a whole number", key="properties")
    return Resource(
        name=name,
        schema=Schema(schema),
        fields=fields,
        owned=owner is not None,
        id=id,
        id_prefix=declaration["id-prefix"],
        key=tuple(declaration["key"]),
        key_case=decisions.outcome(kind_of("resource"), node, "key-case"),
        key_space=decisions.outcome(kind_of("resource"), node, "key-space"),
        previous_key=decisions.outcome(kind_of("resource"), node, "previous-key"),
        created=declaration["created"],
        modified=declaration["modified"],
        modified_when_new=modified_when_new,
        type_name=next(iter(declaration["type-name"].items()), None),
        derived=tuple(_read_derived(declaration, node, known, decisions)),
        etag=declaration["etag"],
    )


def _read_derived(
    declaration: Declaration, node: Node, known: Callable[[Node, str | None, frozenset[str], str], None], decisions: Decisions
) -> Iterator[Derived]:
    """Yield the fields that are joined of others; `known` notes a flaw for a field that there is none of, or cannot hold it."""
    for field, entry in declaration["derived"].items():
        place = node["derived"][field]
        for part in (field, *entry["join"]):
            known(place, part, frozenset({"string"}), "a text")
        yield Derived(field, tuple(entry["join"]), decisions.outcome(kind_of("derived"), place, "when"))


def _read_fields(schema: Node, places: Mapping[Place, str]) -> dict[str, Field]:
    required = required_of(schema)
    fields = {}
    for name, property_schema in properties_of(schema).items():
        property_asks = Schema(property_schema)
        fields[name] = Field(
            name=name,
            schema=property_asks,
            required=name in required,
            nullable=property_asks.nullable,
            has_default=property_asks.has_default,
            default=property_asks.default,
            refers_to=_referred_resource(property_schema, places),
        )
    if not fields:
        schema.flaw("a resource needs `properties`")
    return fields


def _referred_resource(schema: Node, places: Mapping[Place, str]) -> str | None:
    """Return the resource that stands in a field: its schema is a reference to one, alone or beside null. One that may be a
    text or a number as well holds what it is given."""
    if Schema(schema).types - {"null"} != {"object"}:
        return None
    candidates = [schema]
    if isinstance(schema.value, dict):
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema.value:
                candidates.extend(schema[keyword].elements())
    referred = (candidate.resolved().place for candidate in candidates)
    return next((places[place] for place in referred if place in places), None)
