"""Discriminators: which of several schemas an object is meant for is told by the value of one of its properties.

JSON Schema knows nothing of them. So a schema that has one is compiled as conditions: the property has one of the values that
are known, and what has a value is held to the schema that the value names. Then nothing else is accepted, and what is wrong is
told of that schema alone.

    oneOf: [{$ref: Circle}, {$ref: Box}]                       anyOf, oneOf: the schemas are the branches
    discriminator: {propertyName: kind, mapping: {round: Circle}}

    discriminator: {propertyName: kind}                        else: they are those whose `allOf` has this one
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mock_server.contract.documents.document import Document, Node, Place
from mock_server.contract.files.edits import Edit
from mock_server.contract.files.flaws import Severity, did_you_mean, piece
from mock_server.contract.files.source import Json
from mock_server.contract.schemas.keywords import asserting_keywords, canonical, conjuncts, listed_values, types_of

ITSELF = "itself"
"""The name beneath `$defs` of a schema without its discriminator: what those that are named by it extend."""

IN_PLACE = ("allOf", "anyOf", "oneOf", "if", "then", "else", "not")
"""Keywords whose schemas a value itself is held to, and not its members."""


@dataclass(frozen=True, slots=True, eq=False)
class NamedSchema:
    """A schema, and the values of the property that name it; None where nothing can name it."""

    schema: Node
    names: tuple[Json, ...] | None
    is_own: bool = False
    """Whether it lets no other values through itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Discriminator:
    """What the values of a property name. They are the branches of `keyword`, or extend the schema where that is None."""

    property: str
    keyword: str | None
    named: tuple[NamedSchema, ...]
    others: tuple[Json, ...] | None
    """Further values that are let through; None where all are."""


class Discriminators:
    """The discriminators of a document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        components = document.root.get("components", "schemas")
        self._components = dict(components.items()) if components else {}

    @cached_property
    def by_place(self) -> Mapping[Place, Discriminator]:
        """Return them by the place of the schema that has one; mappings that lead nowhere are noted."""
        found = {}
        for schema in self._document.schemas():
            property = schema.value.get("discriminator") if isinstance(schema.value, dict) else None
            name = property.get("propertyName") if isinstance(property, dict) else None
            if isinstance(name, str):
                read = self._of_branches(schema, name) or self._of_extensions(schema, name)
                if read.named:
                    found[schema.place] = read
        return found

    def steps(self) -> Iterator[tuple[Place, Place]]:
        """Yield from which schemas to which others they lead, beyond what references do."""
        return ((place, one.schema.place) for place, read in self.by_place.items() for one in read.named)

    def edits(self) -> Iterator[Edit]:
        """Yield what has to be changed in a document for it to ask, in the words of JSON Schema, what they mean."""
        for place, discriminator in self.by_place.items():
            extended = list(_references_in_place(discriminator, place))
            change = _Change(discriminator, bool(extended))
            yield Edit(*place, change)
            for reference in extended:
                uri = f"{self._document.target(reference).uri}/$defs/{ITSELF}"  # type: ignore[union-attr]
                yield Edit(*reference.place, lambda copy, uri=uri: {**copy, "$ref": uri})  # type: ignore[misc]

    def _of_branches(self, schema: Node, property: str) -> Discriminator | None:
        keyword = next((keyword for keyword in ("oneOf", "anyOf") if isinstance(schema.value.get(keyword), list)), None)
        if keyword is None:
            return None
        mapped = self._mapping(schema)
        branches = list(schema[keyword].elements())
        targets = [_target(branch) for branch in branches]
        places = {target.place for target in targets}
        further = [name for name, target in mapped if target.place not in places]  # meant for what a branch consists of
        named = []
        for branch, target in zip(branches, targets, strict=True):
            given = [name for name, other in mapped if other.place in (target.place, branch.place)]
            implied = None if target.place == branch.place else [self._name(target), *further]
            listed = _listed(target, property)
            names = _names(given, listed, implied)
            named.append(NamedSchema(branch, names, names is not None and list(names) == listed))
        return Discriminator(property, keyword, tuple(named), ())

    def _of_extensions(self, schema: Node, property: str) -> Discriminator:
        mapped = self._mapping(schema)
        places = {target.place: target for _, target in mapped}
        places.update((node.place, node) for node in self._extending.get(schema.place, ()))
        named = []
        for target in places.values():
            given = [name for name, other in mapped if other.place == target.place]
            if target.place != schema.place:
                names = _names(given, _listed(target, property) if given else None, [self._name(target)])
                named.append(NamedSchema(target, names))
        own = [*(name for name, target in mapped if target.place == schema.place), self._name(schema)]
        is_closed = isinstance(schema.value["discriminator"].get("mapping"), dict)
        return Discriminator(property, None, tuple(named), (*own, *(_listed(schema, property) or ())) if is_closed else None)

    def _mapping(self, schema: Node) -> list[tuple[str, Node]]:
        """Return the schemas that the mapping of a discriminator leads to, by name."""
        mapping = schema["discriminator"].get("mapping")
        found = []
        for name, entry in mapping.items() if mapping else ():
            reference = entry.value
            if not isinstance(reference, str):
                continue
            if reference in self._components:
                found.append((name, self._components[reference].resolved()))
            elif "/" not in reference and "." not in reference:
                message = f"{piece(reference)} leads nowhere: there is no such schema"
                entry.warn(message, did_you_mean(reference, self._components))
            else:
                node = Node(self._document, entry.source, entry.pointer, {"$ref": reference})
                target = self._document.target(node, Severity.WARNING)
                if target is not None:
                    found.append((name, target.resolved()))
        return found

    @cached_property
    def _extending(self) -> Mapping[Place, list[Node]]:
        """By the place of a schema, the components that extend it by `allOf`."""
        found: dict[Place, list[Node]] = {}
        for component in self._components.values():
            if isinstance(component.value, dict) and "allOf" in component.value:
                for part in conjuncts(component) or ():
                    if "discriminator" in part.value and part.place != component.place:
                        found.setdefault(part.place, []).append(component)
        return found

    @cached_property
    def _names_of_components(self) -> Mapping[Place, str]:
        places = {component.resolved().place: name for name, component in self._components.items()}
        return places | {component.place: name for name, component in self._components.items()}

    def _name(self, schema: Node) -> str:
        """Return the name that a schema goes by where no mapping gives it another."""
        return self._names_of_components.get(schema.place) or schema.pointer.rpartition("/")[2]


class _Change:
    """Puts conditions in the place of a discriminator."""

    def __init__(self, discriminator: Discriminator, is_extended: bool) -> None:
        self._read = discriminator
        self._is_extended = is_extended

    def __call__(self, copy: dict[str, Any]) -> dict[str, Any]:
        keyword = self._read.keyword
        if keyword is None:
            changed, condition = copy, self._extended()
        elif all(map(_is_told_apart, self._read.named)):
            changed = {key: value for key, value in copy.items() if key != keyword}
            condition = self._one_of(keyword, copy[keyword])
        else:
            pairs = zip(self._read.named, copy[keyword], strict=True)
            changed = {**copy, keyword: [self._asking(one, branch) for one, branch in pairs]}
            condition = {}
        plain = {key: value for key, value in changed.items() if key != keyword}
        changed = {**changed, "allOf": [*changed.get("allOf", ()), condition]} if condition else changed
        return {**changed, "$defs": {**changed.get("$defs", {}), ITSELF: plain}} if self._is_extended else changed

    def _one_of(self, keyword: str, branches: list[Json]) -> Json:
        """Return what asks that an object fits the branch that it names, and anything else a branch."""
        meant: dict[str, tuple[Json, list[Json]]] = {}
        for one, branch in zip(self._read.named, branches, strict=True):
            for name in one.names or ():
                meant.setdefault(canonical(name), (name, []))[1].append(branch)
        by_branches: dict[str, tuple[list[Json], list[Json]]] = {}
        for name, several in meant.values():
            by_branches.setdefault(canonical(several), ([], several))[0].append(name)
        conditions = [
            {"if": self._named(names), "then": several[0] if len(several) == 1 else {keyword: several}}
            for names, several in by_branches.values()
        ]
        known = self._named([name for name, _ in meant.values()])
        return {"if": {"type": "object"}, "then": {**known, "allOf": conditions}, "else": {keyword: branches}}

    def _extended(self) -> Json:
        """Return what asks that an object fits what it names as well."""
        named = [one for one in self._read.named if one.names]
        conditions = [{"if": self._named(one.names), "then": {"$ref": one.schema.uri}} for one in named]
        if self._read.others is None:
            return {"allOf": conditions}
        names = {canonical(name): name for name in (*(name for one in named for name in one.names or ()), *self._read.others)}
        return {"allOf": conditions, "properties": {self._read.property: {"enum": list(names.values())}}}

    def _asking(self, one: NamedSchema, branch: Json) -> Json:
        """Return what asks for `branch` and for one of its names."""
        if one.names is None:
            return branch
        return {"allOf": [branch, {"required": [self._read.property]} if one.is_own else self._named(one.names)]}

    def _named(self, names: Iterable[Json] | None) -> dict[str, Any]:
        return {"required": [self._read.property], "properties": {self._read.property: {"enum": list(names or ())}}}


def _is_told_apart(one: NamedSchema) -> bool:
    """Say whether a branch is but a reference with a name, or for no object at all; one that stands here may be referred to."""
    if "object" not in types_of(one.schema):
        return True
    return one.names is not None and isinstance(one.schema.value, dict) and set(asserting_keywords(one.schema)) == {"$ref"}


def _names(given: list[Json], listed: list[Json] | None, implied: list[Json] | None) -> tuple[Json, ...] | None:
    """Return what names a schema: what the mapping says, and the schema accepts; else what it lists itself; else its name.

    Where mapping and schema contradict each other, the schema is right: it is what values were held to all along.
    """
    wanted = given or implied
    if listed is None or wanted is None:
        return tuple(wanted) if wanted is not None else tuple(listed) if listed is not None else None
    both = [name for name in wanted if name in listed]
    return tuple(both or listed)


def _listed(schema: Node, property: str) -> list[Json] | None:
    """Return the values that a schema lists for one of its properties, where it does."""
    for part in conjuncts(schema) or ():
        properties = part.value.get("properties")
        if isinstance(properties, dict) and property in properties:
            for asked in conjuncts(part["properties"][property]) or ():
                if (values := listed_values(asked)) is not None:
                    return values
    return None


def _target(branch: Node) -> Node:
    """Return what a branch refers to, also where the reference is wrapped in an `allOf` of its own."""
    node = branch.resolved()
    while isinstance(node.value, dict) and set(asserting_keywords(node)) == {"allOf"} and len(node.value["allOf"]) == 1:
        node = node["allOf"][0].resolved()
    return node


def _references_in_place(discriminator: Discriminator, place: Place) -> Iterator[Node]:
    """Yield the references by which what is named extends the schema at `place`: without an end, were they followed."""
    stack, seen = [one.schema for one in discriminator.named], set()
    while stack:
        node = stack.pop()
        if node.place in seen or node.place == place or not isinstance(node.value, dict):
            continue
        seen.add(node.place)
        if isinstance(node.value.get("$ref"), str):
            target = node.document.target(node)
            if target is not None and target.place == place:
                yield node
            elif target is not None:
                stack.append(target)
        for keyword in IN_PLACE:
            if keyword in node.value:
                stack.extend(list(node[keyword].elements()) or [node[keyword]])
