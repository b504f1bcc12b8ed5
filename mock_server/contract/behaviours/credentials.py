"""Reading what a resource keeps to itself (`stored` of `x-resource`), and how its records authenticate (`credential`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import jsonschema_rs

from mock_server.contract.documents.document import Node
from mock_server.contract.files.flaws import did_you_mean, piece, shortened
from mock_server.contract.model import Field, Resource
from mock_server.contract.record_rules import CredentialFields
from mock_server.contract.schemas.schema import Schema

KINDS: Mapping[str, tuple[frozenset[str], str]] = {
    "secret": (frozenset({"string"}), "a secret"),
    "name": (frozenset({"string"}), "a user name"),
    "expires": (frozenset({"string", "number"}), "a time"),
    "user": (frozenset({"string", "number"}), "the id of a user"),
    "scopes": (frozenset({"array", "string"}), "scopes"),
}
"""What the fields of a credential have to be able to hold."""


def with_stored(node: Node, name: str, shown: Mapping[str, Field]) -> dict[str, Field]:
    """Return fields with those that the `x-resource` at `node` adds, which are stored and never shown."""
    stored = dict(shown)
    for field, place in node["stored"].items() if "stored" in node.value else ():
        if field in shown:
            place.flaw(f"{name} shows its field {piece(field)}", "let its schema be `writeOnly`, or leave it out here")
            continue
        broken = next(iter(_metaschema().iter_errors(place.value)), None)
        if broken is not None:
            place.flaw(f"this is no JSON Schema: {shortened(broken.message)}")
            continue
        asks = Schema(place)
        stored[field] = Field(
            name=field,
            schema=asks,
            required=not asks.nullable and not asks.has_default,
            nullable=asks.nullable,
            has_default=asks.has_default,
            default=asks.default,
            refers_to=None,
        )
    return stored


def with_credential(resource: Resource, schema: Node) -> Resource:
    """Return a resource with what its `x-resource` says about what is never shown, and about how its records authenticate."""
    node = schema.resolved()["x-resource"]
    if "stored" not in node.value and "credential" not in node.value:
        return resource
    stored = frozenset(node.value.get("stored", ())) & resource.fields.keys()
    return replace(resource, stored=stored, credential=_read_credential(node, resource.name, resource.fields))


def _read_credential(node: Node, name: str, fields: Mapping[str, Field]) -> CredentialFields | None:
    """Return how the records of a resource authenticate; None where they do not, or where that is wrong."""
    if "credential" not in node.value:
        return None
    place = node["credential"]
    declared = place.value
    schemes = node.document.root.get("components", "securitySchemes")
    known = schemes.value if schemes else {}
    if declared["scheme"] not in known:
        place.flaw(
            f"there is no security scheme {piece(declared['scheme'])}", did_you_mean(declared["scheme"], known), "scheme"
        )
        return None
    if "name" in declared and not _asks_for_password(known[declared["scheme"]]):
        place.flaw("only the scheme `basic` has a user name", "leave `name` out", "name")
    for role, (kinds, what) in KINDS.items():
        field = declared.get(role)
        if field is None:
            continue
        if field not in fields:
            place.flaw(f"{name} has no field {piece(field)}", did_you_mean(field, fields), role)
            return None
        if not fields[field].schema.types & kinds:
            place.flaw(
                f"the field {piece(field)} cannot hold {what}", f"its schema has to allow one of: {', '.join(kinds)}", role
            )
    return CredentialFields(**declared)


def _asks_for_password(scheme: object) -> bool:
    return isinstance(scheme, dict) and str(scheme.get("scheme", "")).lower() == "basic"


@cache
def _metaschema() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for({"$ref": "https://json-schema.org/draft/2020-12/schema"}, offline=True)
