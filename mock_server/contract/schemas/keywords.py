"""Reading the keywords of a schema, whichever of its parts has them: itself, what it refers to, or its `allOf`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

from mock_server.contract.documents.document import Node, Place, refers
from mock_server.contract.files.source import Json

TYPES = frozenset({"null", "boolean", "object", "array", "number", "string"})  # integer is a kind of number
SILENT = frozenset(
    """
    $defs $comment title description default deprecated readOnly writeOnly examples example externalDocs xml
    contentEncoding contentMediaType contentSchema
    """.split()  # noqa: SIM905 (reads better)
)
"""Keywords that refuse no value."""

Direction: TypeAlias = Literal["request", "response"]
"""Where a value is sent."""

NOT_SENT: Mapping[Direction, str] = {"request": "readOnly", "response": "writeOnly"}
"""The keyword of a property that is not sent in a direction."""

BRANCHES = frozenset({"anyOf", "oneOf"})

ASSERTED_FORMATS = frozenset(
    """
    date date-time time duration email idn-email hostname idn-hostname ipv4 ipv6 uri uri-reference iri iri-reference
    uri-template json-pointer relative-json-pointer regex uuid
    """.split()  # noqa: SIM905 (reads better)
)
"""The formats that the validator holds values to; any other refuses no value."""


def conjuncts(schema: Node) -> list[Node] | None:
    """Return the mappings that all have to hold for `schema`: itself, what it refers to, its `allOf`. None for `false`."""
    parts: list[Node] = []
    stack, seen = [schema], set()
    while stack:
        node = stack.pop()
        if node.place in seen:
            continue
        seen.add(node.place)
        if node.value is False:
            return None
        if isinstance(node.value, dict):
            parts.append(node)
            if refers(node):
                target = node.document.target(node)
                stack.extend([target] if target else [])
            if "allOf" in node.value:
                stack.extend(node["allOf"].elements())
    return parts


def properties_of(schema: Node) -> dict[str, Node]:
    """Return the properties that `schema` declares, those of its `allOf` and of what it refers to included."""
    found: dict[str, Node] = {}
    for part in conjuncts(schema) or ():
        properties = part.get("properties")
        for name, property_schema in properties.items() if properties else ():
            found.setdefault(name, property_schema)
    return found


def required_of(schema: Node) -> set[str]:
    """Return the properties that `schema` requires."""
    return {name for part in conjuncts(schema) or () for name in part.value.get("required", ())}


def not_sent(schema: Node, direction: Direction) -> set[str]:
    """Return the properties that `schema` declares, and that are not sent in a direction."""
    keyword = NOT_SENT[direction]
    declared = (part["properties"].items() for part in conjuncts(schema) or () if "properties" in part.value)
    return {
        name
        for properties in declared
        for name, property_schema in properties
        if any(part.value.get(keyword) is True for part in conjuncts(property_schema) or ())
    }


def element_schemas(parts: Iterable[Node], index: int) -> list[Node]:
    """Return the schemas that an element of a list has to satisfy for mappings that all have to hold."""
    schemas = []
    for part in parts:
        leading = part.value.get("prefixItems", ())
        if index < len(leading):
            schemas.append(part["prefixItems"][index])
        elif "items" in part.value:
            schemas.append(part["items"])
    return schemas


def types_of(schema: Node) -> frozenset[str]:
    """Return the JSON types that `schema` may let through (`integer` counts as `number`)."""
    known = schema.document.types
    plain: dict[Place, frozenset[str]] = {}
    branching: dict[Place, list[list[Place]]] = {}
    stack = [schema]
    while stack:
        node = stack.pop()
        if node.place in plain or node.place in known:
            continue
        parts = conjuncts(node)
        plain[node.place] = frozenset() if parts is None else TYPES.intersection(*map(_named_types, parts))
        for branches in (list(part[keyword].elements()) for part in parts or () for keyword in BRANCHES & part.value.keys()):
            branching.setdefault(node.place, []).append([branch.place for branch in branches])
            stack.extend(branches)
    types = {place: frozenset[str]() if place in branching else own for place, own in plain.items()}
    led_to: dict[Place, list[Place]] = {}
    for place, groups in branching.items():
        for branch in (branch for group in groups for branch in group):
            led_to.setdefault(branch, []).append(place)
    pending = list(branching)
    while pending:  # a branch that leads back to where it stands adds no type
        place = pending.pop()
        lets_through = ((types[one] if one in types else known[one] for one in group) for group in branching[place])
        reached = plain[place].intersection(*(frozenset[str]().union(*group) for group in lets_through))
        if reached != types[place]:
            types[place] = reached
            pending.extend(led_to.get(place, ()))
    known.update(types)
    return known[schema.place]


def _named_types(part: Node) -> frozenset[str]:
    types = TYPES
    if "type" in part.value:
        types &= {"number" if name == "integer" else name for name in type_names(part)}
    values = listed_values(part)
    return types if values is None else types & {json_type(value) for value in values}


def type_names(part: Node) -> frozenset[str]:
    """Return the types that the keyword `type` of `part` names."""
    named = part.value["type"]
    return frozenset([named] if isinstance(named, str) else named)


def listed_values(part: Node) -> list[Any] | None:
    """Return all values that `part` lets through, where it lists them; else None."""
    if "const" in part.value:
        return [part.value["const"]]
    listed = part.value.get("enum")
    return list(listed) if listed is not None else None


def json_type(value: Json) -> str:
    """Return the JSON type of `value`; an integer is a `number`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return {str: "string", int: "number", float: "number", list: "array", dict: "object"}[type(value)]


def canonical(value: Json) -> str:
    """Return a text that is the same for equal values only: JSON tells 1 from true and not from 1.0, Python the reverse."""
    return json.dumps(_with_whole_numbers(value), sort_keys=True)


def asserting_keywords(part: Node) -> Iterator[str]:
    """Yield the keywords of `part` that may refuse a value."""
    for keyword, value in part.value.items():
        if keyword not in SILENT and not keyword.startswith("x-"):
            if keyword == "format" and value not in ASSERTED_FORMATS:
                continue
            yield keyword


def _with_whole_numbers(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_with_whole_numbers(element) for element in value]
    if isinstance(value, dict):
        return {key: _with_whole_numbers(member) for key, member in value.items()}
    return value
