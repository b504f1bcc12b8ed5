"""Whether one schema lets through everything that another does, as far as their texts show it.

The answer errs on one side only: "shown" is certain, "not shown" may be wrong. With it the mock proves at start that what
it stores fits its resources, and that what it answers fits the contract.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mock_server.contract.document import Node, Place
from mock_server.contract.source import Json

Compared: TypeAlias = dict[tuple[Place, Place], str | None]

TYPES = frozenset({"null", "boolean", "object", "array", "number", "string"})  # integer is a kind of number
SILENT = frozenset(
    """
    $defs $comment title description default deprecated readOnly writeOnly examples example externalDocs xml discriminator
    contentEncoding contentMediaType
    """.split()  # noqa: SIM905 (reads better)
)
"""Keywords that refuse no value."""

BOUNDS: Mapping[str, Callable[[Any, Any], bool]] = {
    # keyword: whether the wide bound lets through all that the narrow one does
    "minLength": lambda wide, narrow: wide <= narrow,
    "minItems": lambda wide, narrow: wide <= narrow,
    "minProperties": lambda wide, narrow: wide <= narrow,
    "minimum": lambda wide, narrow: wide <= narrow,
    "exclusiveMinimum": lambda wide, narrow: wide <= narrow,
    "maxLength": lambda wide, narrow: wide >= narrow,
    "maxItems": lambda wide, narrow: wide >= narrow,
    "maxProperties": lambda wide, narrow: wide >= narrow,
    "maximum": lambda wide, narrow: wide >= narrow,
    "exclusiveMaximum": lambda wide, narrow: wide >= narrow,
}
SAME_WHEN_EQUAL = frozenset({"pattern", "format", "multipleOf", "uniqueItems"})
APPLIES_TO = {
    "string": ("minLength", "maxLength", "pattern", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": ("minItems", "maxItems", "uniqueItems", "items"),
    "object": ("minProperties", "maxProperties", "properties", "required", "additionalProperties"),
}


def not_included(narrow: Node, wide: Node) -> str | None:
    """Return None when every value of `narrow` is shown to be one of `wide`; else the keyword that stands in the way."""
    return _compare(narrow, wide, {})


def types_of(schema: Node, around: frozenset[Place] = frozenset()) -> frozenset[str]:
    """Return the JSON types that `schema` may let through (`integer` counts as `number`)."""
    parts = conjuncts(schema)
    if parts is None or schema.place in around:
        return frozenset()  # a branch that leads back to where it stands adds no type
    around |= {schema.place}
    types = TYPES
    for part in parts:
        if "type" in part.value:
            named = part.value["type"]
            types &= {"number" if name == "integer" else name for name in ([named] if isinstance(named, str) else named)}
        values = _values(part)
        if values is not None:
            types &= {json_type(value) for value in values}
        for keyword in ("anyOf", "oneOf"):
            if keyword in part.value:
                types &= frozenset[str]().union(*(types_of(branch, around) for branch in part[keyword].elements()))
    return types


def json_type(value: Json) -> str:
    """Return the JSON type of `value`; an integer is a `number`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return {str: "string", int: "number", float: "number", list: "array", dict: "object"}[type(value)]


def _compare(narrow: Node, wide: Node, compared: Compared) -> str | None:
    pair = (narrow.place, wide.place)
    if pair not in compared:
        compared[pair] = "$ref"  # holds while it is being compared: what leads back to itself is not shown
        compared[pair] = None if pair[0] == pair[1] else _keyword_in_the_way(narrow, wide, compared)
    return compared[pair]


def _keyword_in_the_way(narrow: Node, wide: Node, compared: Compared) -> str | None:
    narrow_values, wide_values = conjuncts(narrow), conjuncts(wide)
    if narrow_values is None:
        return None  # lets nothing through
    if wide_values is None:
        return "false"
    for part in wide_values:
        for keyword in part.value:
            if keyword in SILENT or keyword.startswith("x-") or keyword in ("$ref", "allOf"):
                continue
            if not _keyword_holds(keyword, part, narrow, narrow_values, compared):
                return str(keyword)
    return None


def _keyword_holds(keyword: str, wide: Node, narrow: Node, narrow_parts: list[Node], compared: Compared) -> bool:
    """Say whether all values that the parts of `narrow` let through together satisfy `keyword` of `wide`."""
    asked = wide.value[keyword]
    narrow_types = types_of(narrow)
    if keyword == "type":
        named = {asked} if isinstance(asked, str) else set(asked)
        if not narrow_types <= {"number" if name == "integer" else name for name in named}:
            return False
        only_integers = "integer" in named and "number" not in named and "number" in narrow_types
        return not only_integers or _only_integers(narrow_parts)
    if keyword in ("enum", "const"):
        allowed = {_canonical(value) for value in (asked if keyword == "enum" else [asked])}
        return any(
            allowed.issuperset(map(_canonical, values)) for part in narrow_parts if (values := _values(part)) is not None
        )
    for kind, keywords in APPLIES_TO.items():
        if keyword in keywords and kind not in narrow_types:
            return True  # such a keyword refuses values of its own type only
    if keyword in BOUNDS:
        return any(keyword in part.value and BOUNDS[keyword](asked, part.value[keyword]) for part in narrow_parts)
    if keyword == "properties":
        return all(_property_holds(name, schema, narrow_parts, compared) for name, schema in wide["properties"].items())
    if keyword == "required":
        given = {name for part in narrow_parts for name in part.value.get("required", ())}
        return given.issuperset(asked)
    if keyword == "additionalProperties" and asked is not False:
        return asked is True or asked == {}
    if keyword == "additionalProperties":
        known = set(wide.value.get("properties", ()))
        return any(_is_closed(part) and known.issuperset(part.value.get("properties", ())) for part in narrow_parts)
    if keyword == "items":
        return any(
            "items" in part.value
            and "prefixItems" not in part.value
            and _compare(part["items"], wide["items"], compared) is None
            for part in narrow_parts
        )
    if keyword == "anyOf":
        return any(_compare(narrow, branch, compared) is None for branch in wide["anyOf"].elements())
    return keyword in SAME_WHEN_EQUAL and any(part.value.get(keyword) == asked for part in narrow_parts)


def _property_holds(name: str, wide: Node, narrow_parts: list[Node], compared: Compared) -> bool:
    for part in narrow_parts:
        if name in part.value.get("properties", ()):
            if _compare(part["properties"][name], wide, compared) is None:
                return True
        elif _is_closed(part):
            return True
    return False


def _is_closed(part: Node) -> bool:
    """Say whether `part` lets no property through but those under its `properties`."""
    return part.value.get("additionalProperties") is False and "patternProperties" not in part.value


def _canonical(value: Json) -> str:
    """Return a text that is the same for equal values only: JSON tells 1 from true, Python does not."""
    return json.dumps(value, sort_keys=True)


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
            if "$ref" in node.value:
                target = node.document.target(node)
                stack.extend([target] if target else [])
            if "allOf" in node.value:
                stack.extend(node["allOf"].elements())
    return parts


def _values(part: Node) -> list[Any] | None:
    """Return all values that `part` lets through, where it lists them; else None."""
    if "const" in part.value:
        return [part.value["const"]]
    listed = part.value.get("enum")
    return list(listed) if listed is not None else None


def _only_integers(parts: list[Node]) -> bool:
    for part in parts:
        named = part.value.get("type", ())
        if "integer" in ([named] if isinstance(named, str) else named) and named != "number" and "number" not in named:
            return True
        values = _values(part)
        if values is not None and all(isinstance(value, int) for value in values if json_type(value) == "number"):
            return True
    return False
