"""What the parts of a schema ask of one value together: itself, what it refers to, its `allOf`, the chosen branches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from mock_server.contract.documents.document import Node, Place, refers
from mock_server.contract.files.source import Json
from mock_server.contract.schemas.discriminators import Discriminator, NamedSchema
from mock_server.contract.schemas.keywords import canonical, element_schemas, json_type, listed_values, type_names

Nodes: TypeAlias = tuple[Node, ...]
"""Schemas that all have to hold."""

IMPLIED_BY = {
    # The type that is meant by keywords where none is named. The first one that has a keyword counts.
    "object": ("properties", "additionalProperties", "required", "patternProperties", "propertyNames", "minProperties"),
    "array": ("items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems"),
    "string": ("pattern", "minLength", "maxLength", "format", "contentEncoding", "contentMediaType"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
NOTHING: Mapping[str, Json] = MappingProxyType({})
NUMBER_FORMATS = frozenset({"int32", "int64", "uint32", "uint64", "float", "double", "integer", "number", "unix-time"})


class Branching(NamedTuple):
    """A choice that a schema leaves: the schemas of which a value fits one, each with what its discriminator has to be."""

    place: Place
    branches: tuple[tuple[Nodes, Mapping[str, Json]], ...]


class Merged:
    """What several schemas ask of one value together. `pinned` has the values that the chosen branches give to properties."""

    def __init__(self, nodes: Nodes, pinned: Mapping[str, Json] = NOTHING) -> None:
        self.nodes = nodes
        self.pinned = pinned
        self._members: dict[str, Nodes | None] = {}
        found = parts_of(nodes)
        self.parts = found or []
        self.is_possible = found is not None

    @property
    def key(self) -> tuple[Place, ...]:
        """What tells it from another one."""
        return tuple(node.place for node in self.nodes)

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The types that a value may have, the likeliest first; none where nothing is said of them, or none is left."""
        said = [
            [part.value["type"]] if isinstance(part.value["type"], str) else part.value["type"] for part in self._with("type")
        ]
        if not said:
            return tuple(self._implied())
        left = [name for name in said[0] if all(_is_allowed(name, others) for others in said[1:])]
        if "number" in said[0] and "number" not in left and all({"number", "integer"} & {*others} for others in said[1:]):
            left.append("integer")
        return tuple(sorted(left, key=lambda name: name == "null"))

    def _implied(self) -> Iterator[str]:
        keywords = {keyword for part in self.parts for keyword in part.value}
        for name, implying in IMPLIED_BY.items():
            if not keywords.isdisjoint(implying):
                yield "number" if name == "string" and NUMBER_FORMATS.intersection(self.formats) else name
                return

    @property
    def is_open(self) -> bool:
        """Whether nothing is asked of a value that tells what it is."""
        return not self.types and self.values is None and not self.examples and not self.defaults

    @cached_property
    def is_contradictory(self) -> bool:
        """Whether it is plain that no value fits."""
        if not self.is_possible or (not self.types and any(self._with("type"))) or self.values == []:
            return True
        return any(not Merged(self.member(name) or ()).lists(value) for name, value in self.pinned.items())

    def lists(self, value: Json) -> bool:
        """Say whether a value is one of those that are listed, or none are."""
        return self.values is None or canonical(value) in map(canonical, self.values)

    @cached_property
    def values(self) -> list[Json] | None:
        """The values that are listed, where they are; each is one of all lists."""
        lists = [values for part in self.parts if (values := listed_values(part)) is not None]
        if not lists:
            return None
        others = [set(map(canonical, values)) for values in lists[1:]]
        return [value for value in lists[0] if self.takes(value) and all(canonical(value) in texts for texts in others)]

    @cached_property
    def examples(self) -> list[Json]:
        """The examples of the schema itself, the nearest first."""
        found = [part.value["example"] for part in self._with("example")]
        for part in self._with("examples"):
            found += part.value["examples"] if isinstance(part.value["examples"], list) else []
        return [value for value in found if value is not None and self.takes(value)]

    @cached_property
    def defaults(self) -> list[Json]:
        """Its defaults, the nearest first."""
        found = [part.value["default"] for part in self._with("default")]
        return [value for value in found if value is not None and self.takes(value)]

    def takes(self, value: Json) -> bool:
        """Say whether a value has one of the types."""
        kind = json_type(value)
        if not self.types:
            return True
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        return kind in self.types or (whole and "integer" in self.types)

    # What is asked of texts and numbers

    @cached_property
    def formats(self) -> list[str]:
        """The formats of a text or a number."""
        return [value for value in self._said("format") if isinstance(value, str)]

    @cached_property
    def patterns(self) -> list[str]:
        """The regular expressions that a text has to match."""
        return [value for value in self._said("pattern") if isinstance(value, str)]

    def most_of(self, keyword: str) -> Any:
        """Return the largest value of a keyword that asks for at least so much; None where there is none."""
        return max(self._said(keyword), default=None)

    def least_of(self, keyword: str) -> Any:
        """Return the least value of a keyword that asks for at most so much; None where there is none."""
        return min(self._said(keyword), default=None)

    @cached_property
    def steps(self) -> list[Any]:
        """The numbers of which a number has to be a multiple."""
        return list(self._said("multipleOf"))

    @cached_property
    def is_base64(self) -> bool:
        """Whether a text is bytes in base64."""
        return any(value in ("base64", "base64url") for value in self._said("contentEncoding"))

    # What is asked of lists

    @cached_property
    def leading(self) -> int:
        """How many elements of a list have a schema of their own."""
        return max((len(part.value["prefixItems"]) for part in self._with("prefixItems")), default=0)

    @cached_property
    def contained(self) -> Nodes:
        """The schemas of which a list has to contain elements."""
        return tuple(part["contains"] for part in self._with("contains"))

    def element(self, index: int) -> Nodes | None:
        """Return the schemas of an element of a list; None where there must not be one."""
        nodes = element_schemas(self.parts, index)
        return None if any(node.value is False for node in nodes) else tuple(nodes)

    # What is asked of objects

    @cached_property
    def properties(self) -> list[str]:
        """The names of the properties that are declared, or required, in their order."""
        declared = [name for part in self._with("properties") for name in part.value["properties"]]
        return list(dict.fromkeys([*declared, *self.pinned, *self.required]))

    @cached_property
    def required(self) -> dict[str, None]:
        """The names of the properties that an object has to have."""
        return dict.fromkeys(name for names in self._said("required") if isinstance(names, list) for name in names)

    @cached_property
    def unwanted(self) -> set[str]:
        """Properties that are best left out, since they must not stand beside others."""
        named = [part["not"].value for part in self._with("not")]
        lists = [schema["required"] for schema in named if isinstance(schema, dict) and schema.keys() == {"required"}]
        return {names[-1] for names in lists if names and names[-1] not in self.required}

    @cached_property
    def is_map(self) -> bool:
        """Whether an object has properties of any name, which one schema describes."""
        described = [part.value.get("additionalProperties") for part in self.parts]
        has_schema = any(isinstance(value, dict) and value for value in described)
        return (has_schema and not any(self._said("properties"))) or any(self._said("patternProperties"))

    @cached_property
    def key_schemas(self) -> Nodes:
        """The schemas of the names of properties."""
        return tuple(part["propertyNames"] for part in self._with("propertyNames"))

    @cached_property
    def key_patterns(self) -> list[str]:
        """The regular expressions by which names of properties are described."""
        return [pattern for patterns in self._said("patternProperties") for pattern in patterns]

    def member(self, name: str) -> Nodes | None:
        """Return the schemas of a property; None where there must not be one of this name."""
        if name not in self._members:
            nodes = [node for part in self.parts for node in _member(part, name)]
            self._members[name] = None if any(node.value is False for node in nodes) else tuple(nodes)
        return self._members[name]

    @cached_property
    def described_at(self) -> frozenset[Place]:
        """The places of the parts that describe properties, by which a schema that contains itself is known."""
        return frozenset(part.place for part in self._with("properties"))

    def says(self, keyword: str) -> bool:
        """Say whether a keyword, such as `readOnly`, is true."""
        return any(value is True for value in self._said(keyword))

    # What is left open

    def branchings(self, discriminators: Mapping[Place, Discriminator]) -> Iterator[Branching]:
        """Yield every choice that is left, each with the branches that are admissible."""
        for part in self.parts:
            told_by = discriminators.get(part.place)
            for keyword in ("oneOf", "anyOf"):
                if part.value.get(keyword):
                    named = told_by.named if told_by is not None and told_by.keyword == keyword else ()
                    yield Branching(_place(part, keyword), _branches(part[keyword], told_by, named))
            if "if" in part.value:
                positive = (part["if"], *([part["then"]] if "then" in part.value else ()))
                negative = (part["else"],) if "else" in part.value else ()
                yield Branching(_place(part, "if"), ((positive, NOTHING), (negative, NOTHING)))
            for name, schema in part["dependentSchemas"].items() if "dependentSchemas" in part.value else ():
                if name in self.properties:
                    yield Branching(schema.place, (((schema,), NOTHING), ((), NOTHING)))
            if told_by is not None and told_by.keyword is None:
                yield Branching(_place(part, "discriminator"), self._extensions(told_by))

    def _extensions(self, told_by: Discriminator) -> tuple[tuple[Nodes, Mapping[str, Json]], ...]:
        """Return the schemas that extend one with a discriminator; the one that is asked for, where that is one of them."""
        places = {node.place for node in self.parts}
        named = [one for one in told_by.named if one.names]
        for one in named:
            if one.schema.place in places or one.schema.resolved().place in places:
                return (((), {told_by.property: _first(one)}),)
        own = (((), {told_by.property: told_by.others[0]}),) if told_by.others else (((), NOTHING),)
        return (*(((one.schema,), {told_by.property: _first(one)}) for one in named), *own)

    def _with(self, keyword: str) -> Iterator[Node]:
        return (part for part in self.parts if keyword in part.value)

    def _said(self, keyword: str) -> Iterator[Any]:
        return (part.value[keyword] for part in self.parts if keyword in part.value)


def parts_of(nodes: Nodes) -> list[Node] | None:
    """Return the mappings that all have to hold, the nearest first; None where nothing can hold."""
    parts: dict[Place, Node] = {}
    stack = list(reversed(nodes))
    while stack:
        node = stack.pop()
        if node.value is False:
            return None
        if node.place in parts or not isinstance(node.value, dict):
            continue
        parts[node.place] = node
        inner = list(node["allOf"].elements()) if "allOf" in node.value else []
        if refers(node) and (target := node.document.target(node)) is not None:
            inner.insert(0, target)
        stack.extend(reversed(inner))
    return list(parts.values())


def component_name(node: Node) -> str | None:
    """Return the name under which a schema stands in the document; None where it has none."""
    target = node.resolved()
    parent, _, name = target.pointer.rpartition("/")
    return name.replace("~1", "/").replace("~0", "~") if parent in ("/components/schemas", "/definitions") else None


def _is_allowed(name: str, others: list[str]) -> bool:
    return name in others or (name == "integer" and "number" in others)


def _member(part: Node, name: str) -> Iterator[Node]:
    """Yield the schemas that one part has for a property."""
    properties, patterns = part.value.get("properties", {}), part.value.get("patternProperties", {})
    found = False
    if name in properties:
        yield part["properties"][name]
        found = True
    for pattern in patterns:
        if _finds(pattern, name):
            yield part["patternProperties"][pattern]
            found = True
    if not found and "additionalProperties" in part.value:
        yield part["additionalProperties"]


def _finds(pattern: str, name: str) -> bool:
    try:
        return bool(re.search(pattern, name))
    except re.error:
        return False


def _is_null(branch: Node) -> bool:
    value = branch.resolved().value
    return isinstance(value, dict) and "type" in value and type_names(branch.resolved()) == {"null"}


def _place(part: Node, keyword: str) -> Place:
    return part.source.name, f"{part.pointer}/{keyword}"


def _branches(
    schemas: Node, told_by: Discriminator | None, named: tuple[NamedSchema, ...]
) -> tuple[tuple[Nodes, Mapping[str, Json]], ...]:
    """Return the branches of a keyword, null last, each with what its discriminator has to be."""
    branches = list(schemas.elements())
    pins: list[Mapping[str, Json]] = [NOTHING] * len(branches)
    if told_by is not None and named:
        pins = [{told_by.property: _first(one)} if one.names else NOTHING for one in named]
    pairs = sorted(zip(branches, pins, strict=True), key=lambda pair: _is_null(pair[0]))
    return tuple(((branch,), pinned) for branch, pinned in pairs)


def _first(one: NamedSchema) -> Json:
    return one.names[0] if one.names else None
