"""Whether two schemas have no value in common, as far as their texts show it: "shown" is certain, "not shown" may be wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mock_server.contract.documents.document import Node, Place
from mock_server.contract.schemas.keywords import BRANCHES, TYPES, canonical, conjuncts, json_type, listed_values, types_of

DEEPEST = 4
"""How deep inside values schemas are told apart."""


class Disjointness:
    """Compares schemas of one document; what is found once is remembered."""

    def __init__(self) -> None:
        self._found: dict[tuple[frozenset[Place], frozenset[str], Place, int], bool] = {}

    def holds(self, parts: Sequence[Node], types: frozenset[str], other: Node, depth: int = 0) -> bool:
        """Say whether no value of `types` that all of `parts` let through is one of `other`."""
        place = (frozenset(part.place for part in parts), types, other.place, depth)
        if place not in self._found:
            self._found[place] = False  # while it is being looked for
            self._found[place] = self._holds(parts, types, other, depth)
        return self._found[place]

    def _holds(self, parts: Sequence[Node], types: frozenset[str], other: Node, depth: int) -> bool:
        theirs = conjuncts(other)
        common = types & types_of(other)
        if theirs is None or not common:
            return True
        if depth >= DEEPEST:
            return False
        ours_listed, theirs_listed = _listed(parts, common), _listed(theirs, common)
        if ours_listed is not None and theirs_listed is not None and ours_listed.isdisjoint(theirs_listed):
            return True
        for part in theirs:
            for keyword in BRANCHES & part.value.keys():
                if all(self.holds(parts, common, branch, depth + 1) for branch in part[keyword].elements()):
                    return True
        return common == {"object"} and self._a_property_differs(parts, theirs, depth)

    def _a_property_differs(self, ours: Sequence[Node], theirs: Sequence[Node], depth: int) -> bool:
        """Say whether a property that one side always has cannot be the same on the other."""
        required = _required_by(ours) | _required_by(theirs)
        for name in sorted(required):
            one, other = _member(ours, name), _member(theirs, name)
            if one is None or other is None:
                return True
            own = [part for schema in one for part in conjuncts(schema) or ()]
            types = TYPES.intersection(*map(types_of, one))
            if not types or any(self.holds(own, types, schema, depth + 1) for schema in other):
                return True
        return False


def _listed(parts: Iterable[Node], types: frozenset[str]) -> set[str] | None:
    """Return all values of `types`, or more, that `parts` let through, where they list them; else None."""
    lists = [values for part in parts if (values := listed_values(part)) is not None]
    if not lists:
        return None
    return {canonical(value) for value in min(lists, key=len) if json_type(value) in types}


def _required_by(parts: Iterable[Node]) -> set[str]:
    return {name for part in parts for name in part.value.get("required", ())}


def _member(parts: Iterable[Node], name: str) -> list[Node] | None:
    """Return the schemas that a property satisfies; None where there can be no such property."""
    schemas = []
    for part in parts:
        if name in part.value.get("properties", ()):
            schemas.append(part["properties"][name])
        elif "additionalProperties" in part.value and "patternProperties" not in part.value:
            schemas.append(part["additionalProperties"])
    return None if any(schema.value is False for schema in schemas) else schemas
