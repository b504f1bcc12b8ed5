"""What schemas of bodies show: one thing, several, or a thing in an envelope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mock_server.contract.files.source import Json
from mock_server.contract.inferring.words import plain, singular
from mock_server.contract.messages.media import Media
from mock_server.contract.messages.model import Response
from mock_server.contract.model import Operation
from mock_server.contract.schemas.schema import Schema, node_of

ENVELOPES = frozenset({"data", "result", "item", "response", "payload", "record", "object", "entity", "attributes"})
DEEPEST_ENVELOPE = 2


@dataclass(frozen=True, slots=True)
class ShownThing:
    """What an answer shows: a component, whether several of it, and the names of the members around it, outermost first."""

    component: str
    schema: Schema
    several: bool
    around: tuple[str, ...] = ()


def component_of(schema: Schema) -> str:
    """Return the name of the component that a schema is, also where it is one beside null or the only part of `allOf`."""
    node = node_of(schema)
    if schema.component and not _is_alternative(schema.target):
        return schema.component
    if isinstance(node.value, dict) and "$ref" not in node.value:
        inner = [part for part in node.value.get("allOf", ()) if isinstance(part, dict)]
        if len(inner) == 1 and isinstance(inner[0].get("$ref"), str) and not node.value.get("properties"):
            return Schema.of(node["allOf"][0]).component
        variants = [one for one in schema.variants if one.types != {"null"}]
        if len(variants) == 1 and len(schema.variants) > 1:
            return variants[0].component
    return ""


def is_thing(schema: Schema) -> bool:
    """Say whether values of a schema are objects with members that are named."""
    return schema.types - {"null"} == {"object"} and bool(schema.properties) and not schema.variants


def success(operation: Operation, *statuses: str) -> Response | None:
    """Return the first of some documented answers; None where there is none of them."""
    return next((operation.responses[status] for status in statuses if status in operation.responses), None)


def schema_of(response: Response | None) -> Schema | None:
    """Return the schema of the JSON that an answer is; None where there is none."""
    media: Media | None = response.media if response else None
    return media.schema if media else None


def id_field(schema: Schema, component: str = "") -> str | None:
    """Return the member by which a thing is told from others, by its name; None where none sounds like it."""
    names = {plain(name): name for name in schema.properties if holds_id(schema.properties[name])}
    own = [plain(component) + ending for ending in ("id", "uuid", "sid")] if component else []
    return next((names[word] for word in ("id", "uuid", "guid", "sid", *own) if word in names), None)


def holds_id(schema: Schema) -> bool:
    """Say whether values of a schema may be ids."""
    kinds = schema.types - {"null"}
    return kinds in ({"string"}, {"number"}) and not schema.values


def what_is_shown(schema: Schema, depth: int = 0) -> ShownThing | None:
    """Return what a body shows; None where that is not clear."""
    if schema.types - {"null"} == {"array"}:
        return _several(schema.items)
    if not is_thing(schema):
        return None
    inner = _in_envelope(schema, depth) if depth < DEEPEST_ENVELOPE else None
    if inner is not None:
        return inner
    name = component_of(schema)
    return ShownThing(name, schema, several=False) if name else None


def _several(items: Schema | None) -> ShownThing | None:
    if items is None or not is_thing(items) or not component_of(items):
        return None
    return ShownThing(component_of(items), items, several=True)


def _in_envelope(schema: Schema, depth: int) -> ShownThing | None:
    """Return what stands in an object that is an envelope and no thing of its own; None where it is none."""
    if id_field(schema, component_of(schema)):
        return None
    found = []
    for name, member in schema.properties.items():
        if member.types - {"null"} == {"array"}:
            inner = _several(member.items)
            if inner is None:
                continue
        elif plain(name) in ENVELOPES or (component_of(member) and _names(name, component_of(member))):
            inner = what_is_shown(member, depth + 1)
            if inner is None:
                continue
        else:
            continue
        found.append(ShownThing(inner.component, inner.schema, inner.several, (name, *inner.around)))
    if len(found) != 1:
        return None
    one = found[0]
    others = schema.properties.keys() - {one.around[0]}
    plain_members = all(_is_beside(schema.properties[name]) for name in others)
    return one if plain_members or plain(one.around[0]) in ENVELOPES else None


def _names(name: str, component: str) -> bool:
    return singular(name) == singular(component) or singular(component).endswith(singular(name))


def _is_beside(schema: Schema) -> bool:
    """Say whether a member may stand beside what an envelope holds: a number, a text, or an object of these."""
    if schema.types - {"null"} == {"object"}:
        return all("object" not in part.types or not part.properties for part in schema.properties.values())
    return "array" not in schema.types


def only_value(schema: Schema) -> Json | None:
    """Return the only value that a schema lets through; None where there are several."""
    values = [value for value in schema.values or () if value is not None]
    return values[0] if len(values) == 1 else None


def names_of(schema: Schema) -> Mapping[str, str]:
    """Return the names of the members of an object, by what they are without case and separators."""
    return {plain(name): name for name in reversed(list(schema.properties))}


def _is_alternative(schema: Schema) -> bool:
    return bool(schema.variants)
