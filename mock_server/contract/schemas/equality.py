"""Whether two schemas say the same, however they are written: references followed, annotations and order left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from mock_server.contract.documents.document import Node, Place
from mock_server.contract.documents.vocabulary import SUBSCHEMA, SUBSCHEMA_LIST, SUBSCHEMA_MAP
from mock_server.contract.files.source import Json
from mock_server.contract.schemas.keywords import asserting_keywords, canonical, type_names

Pair: TypeAlias = tuple[Place, Place]

MOST_COMPARED = 2000
MOST_COMPARED_IN_ALL = 20_000
"""How many parts are compared at most of two schemas, and of all of a document; beyond that, they count as different."""


class Equality:
    """Compares schemas of one document; what is found once is remembered."""

    def __init__(self) -> None:
        self._stands_for: dict[Place, Place] = {}
        """Schemas that are equal to another one; following these leads to the same one for all that are equal."""

        self._different: set[Pair] = set()
        self._left_in_all = MOST_COMPARED_IN_ALL

    def holds(self, one: Node, other: Node) -> bool:
        """Say whether both let through the same for the same reasons.

        Two that refer back to themselves in the same way are equal: they unfold to the same, however far that goes. So schemas
        are taken for equal until a difference is found, and each is then compared with one of its equals only.
        """
        assumed: dict[Place, Place] = {}
        first: Pair | None = None
        pending = [(one, other)]
        while pending:
            left, right = map(meant, pending.pop())
            pair = (left.place, right.place)
            first = first or pair
            ours, theirs = self._representative(left.place, assumed), self._representative(right.place, assumed)
            if ours == theirs:
                continue
            self._left_in_all -= 1
            may_be_equal = pair not in self._different and len(assumed) < MOST_COMPARED and self._left_in_all > 0
            inner = _compared(left, right) if may_be_equal else None
            if inner is None:
                self._different.update((first, pair))
                return False
            assumed[ours] = theirs
            pending.extend(inner)
        self._stands_for.update(assumed)
        return True

    def _representative(self, place: Place, assumed: dict[Place, Place]) -> Place:
        while (next_place := assumed.get(place) or self._stands_for.get(place)) is not None:
            place = next_place
        return place

    def of_keywords(self, one: Node, other: Node, *keywords: str) -> bool:
        """Say whether these keywords, where there are any, say the same in both."""
        for keyword in keywords:
            if (keyword in one.value) != (keyword in other.value):
                return False
            inner = _compared_keyword(keyword, one, other) if keyword in one.value else []
            if inner is None or not all(self.holds(left, right) for left, right in inner):
                return False
        return True


def meant(schema: Node) -> Node:
    """Return what `schema` refers to, if it does nothing else."""
    seen = set()
    while isinstance(schema.value, dict) and list(asserting_keywords(schema)) == ["$ref"] and schema.place not in seen:
        seen.add(schema.place)
        schema = schema.document.target(schema) or schema
    return schema


def _compared(one: Node, other: Node) -> list[tuple[Node, Node]] | None:
    """Return the schemas inside two, pair by pair, that have to be equal; None when something else differs already."""
    ours, theirs = map(_told, (one, other))
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return [] if ours is theirs else None
    if ours != theirs:
        return None
    pairs: list[tuple[Node, Node]] = []
    for keyword in ours:
        inner = _compared_keyword(keyword, one, other)
        if inner is None:
            return None
        pairs.extend(inner)
    return pairs


def _told(schema: Node) -> bool | frozenset[str]:
    """Return the keywords that a schema is made of; one without any is `true`."""
    if not isinstance(schema.value, dict):
        return schema.value is not False
    return frozenset(asserting_keywords(schema)) or True


def _compared_keyword(keyword: str, one: Node, other: Node) -> list[tuple[Node, Node]] | None:
    ours, theirs = one.value[keyword], other.value[keyword]
    if keyword == "$ref":
        targets = [(left, right) for left in _target(one) for right in _target(other)]
        return targets or None
    if keyword in SUBSCHEMA:
        return [(one[keyword], other[keyword])]
    if keyword in SUBSCHEMA_LIST:
        lists = list(one[keyword].elements()), list(other[keyword].elements())
        return list(zip(*lists, strict=True)) if len(lists[0]) == len(lists[1]) else None
    if keyword in SUBSCHEMA_MAP:
        if ours.keys() != theirs.keys():
            return None
        return [(one[keyword][name], other[keyword][name]) for name in ours]
    if keyword == "type":
        return [] if type_names(one) == type_names(other) else None
    if keyword in ("enum", "required"):
        return [] if set(map(canonical, ours)) == set(map(canonical, theirs)) else None
    return [] if _same_value(ours, theirs) else None


def _target(schema: Node) -> Iterator[Node]:
    target = schema.document.target(schema)
    if target is not None:
        yield target


def _same_value(one: Json, other: Json) -> bool:
    return canonical(one) == canonical(other)
