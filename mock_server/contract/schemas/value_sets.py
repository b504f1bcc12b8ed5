"""What can be told of the values that several schemas let through together, keyword by keyword, without comparing others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from mock_server.contract.documents.document import Node, Place
from mock_server.contract.files.source import Json
from mock_server.contract.schemas.keywords import canonical, element_schemas, json_type, listed_values, type_names

Bound: TypeAlias = Callable[[Any, Any], bool]

BOUNDS: Mapping[str, Bound] = {
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
OTHER_BOUNDS: Mapping[str, tuple[str, Bound]] = {
    # keyword: another one of the narrow schema that may do, and whether it does
    "minimum": ("exclusiveMinimum", lambda wide, narrow: wide <= narrow),
    "exclusiveMinimum": ("minimum", lambda wide, narrow: wide < narrow),
    "maximum": ("exclusiveMaximum", lambda wide, narrow: wide >= narrow),
    "exclusiveMaximum": ("maximum", lambda wide, narrow: wide > narrow),
}
APPLIES_TO = {
    "string": ("minLength", "maxLength", "pattern", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": ("minItems", "maxItems", "uniqueItems", "items", "prefixItems", "contains", "unevaluatedItems"),
    "object": (
        *("minProperties", "maxProperties", "properties", "required", "additionalProperties", "patternProperties"),
        *("propertyNames", "dependentRequired", "dependentSchemas", "unevaluatedProperties", "discriminator"),
    ),
}
TYPE_OF = {keyword: kind for kind, keywords in APPLIES_TO.items() for keyword in keywords}
"""The only type whose values a keyword may refuse."""


@dataclass(frozen=True, slots=True)
class ValueSet:
    """The values of some types that all of several schemas let through."""

    parts: tuple[Node, ...]
    types: frozenset[str]
    splits: tuple[tuple[Place, str], ...] = ()
    """What it was split up by: a keyword that has branches, or (an empty one) the types."""

    @property
    def key(self) -> SetKey:
        """What tells it from others."""
        return frozenset(part.place for part in self.parts), self.types, self.splits


SetKey: TypeAlias = tuple[frozenset[Place], frozenset[str], tuple[tuple[Place, str], ...]]


def type_holds(keyword: str, wide: Node, narrow: ValueSet) -> bool:
    """Say whether the values are of the types that `wide` names."""
    named = type_names(wide)
    if not narrow.types <= {"number" if name == "integer" else name for name in named}:
        return False
    only_integers = "integer" in named and "number" not in named and "number" in narrow.types
    return not only_integers or _only_integers(narrow.parts)


def values_hold(keyword: str, wide: Node, narrow: ValueSet) -> bool:
    """Say whether the values are among those that `wide` lists."""
    allowed = set(map(canonical, listed_values(wide) or ()))
    values = listed_by(narrow)
    return values is not None and allowed.issuperset(map(canonical, values))


def bound_holds(keyword: str, wide: Node, narrow: ValueSet) -> bool:
    """Say whether the values keep to a bound of `wide`."""
    asked, holds = wide.value[keyword], BOUNDS[keyword]
    other, other_holds = OTHER_BOUNDS.get(keyword, ("", holds))
    for part in narrow.parts:
        if keyword in part.value and holds(asked, part.value[keyword]):
            return True
        if other in part.value and other_holds(asked, part.value[other]):
            return True
    values = listed_by(narrow)
    return values is not None and all(_is_within(keyword, asked, value) for value in values)


def multiple_holds(keyword: str, wide: Node, narrow: ValueSet) -> bool:
    """Say whether the values are multiples of what `wide` asks for."""
    asked = wide.value[keyword]
    if asked == 1 and _only_integers(narrow.parts):
        return True
    steps = [part.value[keyword] for part in narrow.parts if keyword in part.value]
    return any(step == asked or (isinstance(step, int) and isinstance(asked, int) and step % asked == 0) for step in steps)


def unique_holds(keyword: str, wide: Node, narrow: ValueSet) -> bool:
    """Say whether the elements of the values differ, if `wide` asks for it."""
    return wide.value[keyword] is False or any(part.value.get(keyword) is True for part in narrow.parts)


def required_holds(keyword: str, wide: Node, narrow: ValueSet) -> bool:
    """Say whether the values have all properties that `wide` requires."""
    return required_by(narrow).issuperset(wide.value[keyword])


def dependent_required_holds(keyword: str, wide: Node, narrow: ValueSet) -> bool:
    """Say whether the values have all properties that `wide` requires beside others."""
    given = required_by(narrow)
    for name, asked in wide.value[keyword].items():
        beside = given.union(*(part.value.get(keyword, {}).get(name, ()) for part in narrow.parts))
        if not beside.issuperset(asked):
            return False
    return True


def member(narrow: ValueSet, name: str) -> list[Node]:
    """Return the schemas that a property of the values of `narrow` satisfies."""
    schemas = []
    for part in narrow.parts:
        if name in part.value.get("properties", ()):
            schemas.append(part["properties"][name])
        elif "additionalProperties" in part.value and "patternProperties" not in part.value:
            schemas.append(part["additionalProperties"])
    return schemas


def element(narrow: ValueSet, index: int) -> list[Node]:
    """Return the schemas that an element of the values of `narrow` satisfies."""
    return element_schemas(narrow.parts, index)


def required_by(narrow: ValueSet) -> set[str]:
    """Return the properties that the values of `narrow` have."""
    return {name for part in narrow.parts for name in part.value.get("required", ())}


def listed_by(narrow: ValueSet) -> list[Any] | None:
    """Return all values of `narrow`, or more, where its schemas list them; else None."""
    lists = [values for part in narrow.parts if (values := listed_values(part)) is not None]
    if narrow.types <= {"null", "boolean"}:
        lists.append([None, True, False])
    if not lists:
        return None
    shortest = min(lists, key=len)
    return [value for value in shortest if json_type(value) in narrow.types]


def _is_within(keyword: str, bound: Any, value: Json) -> bool:
    """Say whether a value keeps to a bound."""
    if json_type(value) != TYPE_OF[keyword]:
        return True
    measured = value if TYPE_OF[keyword] == "number" else len(value)
    return BOUNDS[keyword](bound, measured) and not (keyword.startswith("exclusive") and measured == bound)


def _only_integers(parts: Iterable[Node]) -> bool:
    for part in parts:
        named = type_names(part) if "type" in part.value else frozenset()
        if "integer" in named and "number" not in named:
            return True
        values = listed_values(part)
        if values is not None and all(isinstance(value, int) for value in values if json_type(value) == "number"):
            return True
    return False


SHOWN_ALONE: Mapping[str, Callable[[str, Node, ValueSet], bool]] = {
    "type": type_holds,
    "enum": values_hold,
    "const": values_hold,
    **dict.fromkeys(BOUNDS, bound_holds),
    "multipleOf": multiple_holds,
    "uniqueItems": unique_holds,
    "required": required_holds,
    "dependentRequired": dependent_required_holds,
}
"""How keywords that hold no schemas are shown to be satisfied by all values of a set."""
