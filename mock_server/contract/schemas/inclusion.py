"""Whether one schema lets through everything that another does, as far as their texts show it.

The answer errs on one side only: "shown" is certain, "not shown" may be wrong. What is shown at start need not be checked when
it is stored or answered.

A comparison may come back to itself. It then counts as shown, provided that it has gone into a member or an element since: a
JSON value is finite, so what holds for everything inside it can be relied on. A pair that is met again for the very same value
has gained nothing, and is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from mock_server.contract.documents.document import Node, Place
from mock_server.contract.files.source import pointer_to
from mock_server.contract.schemas.disjointness import Disjointness
from mock_server.contract.schemas.equality import Equality, meant
from mock_server.contract.schemas.keywords import BRANCHES, TYPES, asserting_keywords, conjuncts, types_of
from mock_server.contract.schemas.schema import Schema, node_of
from mock_server.contract.schemas.value_sets import SHOWN_ALONE, TYPE_OF, SetKey, ValueSet, element, member, required_by

TOLD_ELSEWHERE = frozenset({"$ref", "allOf", "minContains", "maxContains", "then", "else"})
"""Keywords whose parts are looked at one by one, or together with another keyword."""

WHOLE = frozenset({"unevaluatedProperties", "unevaluatedItems", "discriminator"})
"""Keywords that look at all those beside them: they are equal in schemas that are equal as a whole."""

MOST_COMPARED = 1500
MOST_COMPARED_IN_ALL = 15_000
"""How many keywords are compared at most to show one inclusion, and all of a document: a check costs less than more of it."""

DEEPEST = 60
"""How many comparisons may be begun within each other."""

NOTHING = DEEPEST + 1
ANY = "*"
MOST_SPLITS = 2
"""Into how many cases, of cases, a schema is split up to compare each."""


class Obstacle(NamedTuple):
    """What keeps one schema from being shown to include another: a keyword of the wide one, and where that stands.

    `pointer` leads to the part of a value that the keyword asks something of; `*` stands for any element or property.
    """

    keyword: str
    place: Place
    pointer: str = ""

    def __str__(self) -> str:
        return f"the keyword `{self.keyword}`" + (f" of {self.pointer}" if self.pointer else "")


Pair: TypeAlias = tuple[SetKey, Place]


class Inclusion:
    """Compares schemas of one document; what is found once is remembered."""

    def __init__(self) -> None:
        self._equality = Equality()
        self._disjointness = Disjointness()
        self._parts: dict[Place, list[Node] | None] = {}
        self._shown: set[Pair] = set()
        self._refuted: dict[Pair, Obstacle] = {}
        self._open: dict[Pair, tuple[int, int]] = {}
        """The pairs that are being compared: which one it is, and how deep inside the value."""

        self._leaning: dict[Pair, tuple[int, int]] = {}
        """Pairs that are shown as soon as open ones are: the first of these, and how deep inside the value the pair stood."""

        self._trail: list[Pair] = []
        """The same pairs in the order in which they were found."""

        self._leans_on = NOTHING
        """The first open pair that was relied on since the latest one was opened."""

        self._depth = 0
        self._left = 0
        self._left_in_all = MOST_COMPARED_IN_ALL

    def obstacle(self, narrow: Schema, wide: Schema) -> Obstacle | None:
        """Return None when every value of `narrow` is shown to be one of `wide`; else what stands in the way."""
        one, other = node_of(narrow), node_of(wide)
        self._open.clear()
        self._leaning.clear()
        self._trail.clear()
        if self._equality.holds(one, other):
            return None  # the usual case, and the quickest to find
        self._depth = 0
        self._left = most = min(MOST_COMPARED, self._left_in_all)
        obstacle = self._among([one], other)
        self._left_in_all -= most - max(self._left, 0)
        return obstacle

    @property
    def steps(self) -> int:
        """How many keywords were compared so far."""
        return MOST_COMPARED_IN_ALL - self._left_in_all

    def is_disjoint(self, one: Schema, other: Schema) -> bool:
        """Say whether no value of `one` is one of `other`, as far as it is shown."""
        return self._disjointness.holds(conjuncts(node_of(one)) or (), one.types, node_of(other))

    # ------------------------------------------------------------------ the values that schemas let through together

    def _value_set(
        self, schemas: Iterable[Node], outer: ValueSet | None = None, splits: tuple[Place, str] | None = None
    ) -> ValueSet | None:
        """Return what all of `schemas` (and `outer`) let through; None where that is nothing."""
        parts = {part.place: part for part in outer.parts} if outer else {}
        types = outer.types if outer else TYPES
        for schema in schemas:
            own = self._conjuncts(schema)
            if own is None:
                return None
            parts.update((part.place, part) for part in own if not TOLD_ELSEWHERE.issuperset(asserting_keywords(part)))
            types &= types_of(schema)
        made = outer.splits if outer else ()
        return ValueSet(tuple(parts.values()), types, (*made, splits) if splits else made) if types else None

    def _conjuncts(self, schema: Node) -> list[Node] | None:
        if schema.place not in self._parts:
            self._parts[schema.place] = conjuncts(schema)
        return self._parts[schema.place]

    def _cases(self, narrow: ValueSet) -> Iterator[list[ValueSet]]:
        """Yield lists of cuts that have all values of `narrow` between them."""
        if len(narrow.splits) >= MOST_SPLITS:
            return
        for part in narrow.parts:
            for keyword in sorted(BRANCHES & part.value.keys()):
                if (part.place, keyword) not in narrow.splits:
                    branches = part[keyword].elements()
                    cases = (self._value_set([branch], narrow, (part.place, keyword)) for branch in branches)
                    yield [case for case in cases if case]
        by_types = (narrow.parts[0].place if narrow.parts else ("", ""), "")
        if len(narrow.types) > 1 and by_types not in narrow.splits:
            yield [ValueSet(narrow.parts, frozenset([kind]), (*narrow.splits, by_types)) for kind in sorted(narrow.types)]

    # ------------------------------------------------------------------ pairs

    def _among(self, schemas: Iterable[Node], wide: Node) -> Obstacle | None:
        """Compare what all of `schemas` let through with `wide`."""
        narrow = self._value_set(schemas)
        return self._compare(narrow, wide) if narrow else None

    def _inside(self, step: str | int, schemas: list[Node], wide: Node) -> Obstacle | None:
        """Compare the same for a member or an element of the value, the one behind `step`."""
        self._depth += 1
        try:
            obstacle = self._among(schemas, wide)
        finally:
            self._depth -= 1
        return obstacle and obstacle._replace(pointer=pointer_to(step) + obstacle.pointer)

    def _compare(self, narrow: ValueSet, wide: Node) -> Obstacle | None:
        wide = meant(wide)
        pair = (narrow.key, wide.place)
        if pair in self._shown:
            return None
        if pair in self._refuted:
            return self._refuted[pair]
        if pair in self._leaning and self._leaning[pair][1] <= self._depth:
            self._leans_on = min(self._leans_on, self._leaning[pair][0])
            return None
        if pair in self._open and self._open[pair][1] < self._depth:
            self._leans_on = min(self._leans_on, self._open[pair][0])
            return None
        if pair in self._open or len(self._open) >= DEEPEST:
            return Obstacle("$ref", wide.place)
        return self._opened(pair, narrow, wide)

    def _opened(self, pair: Pair, narrow: ValueSet, wide: Node) -> Obstacle | None:
        """Compare a pair that is not being compared yet, and remember what came of it and of those that relied on it."""
        number, outer, before = len(self._open), self._leans_on, len(self._trail)
        self._open[pair] = (number, self._depth)
        self._leans_on = NOTHING
        obstacle = self._obstacle(narrow, wide)
        del self._open[pair]
        leans_on, since = self._leans_on, self._trail[before:]
        if obstacle:
            self._refuted[pair] = obstacle
            self._leans_on = outer
            del self._trail[before:]
            for other in since:
                self._leaning.pop(other, None)
            return obstacle
        if leans_on < number:
            self._leaning[pair] = (leans_on, self._depth)
            self._trail.append(pair)
            self._leans_on = min(outer, leans_on)
            return None
        self._leans_on = outer
        self._shown.add(pair)
        for other in since:
            if other in self._leaning and self._leaning[other][0] >= number:
                del self._leaning[other]
                self._shown.add(other)
        return None

    def _obstacle(self, narrow: ValueSet, wide: Node) -> Obstacle | None:
        wide_parts = self._conjuncts(wide)
        if wide_parts is None:
            return Obstacle("false", wide.place)
        for part in wide_parts:
            if WHOLE & part.value.keys() and any(self._equality.holds(own, part) for own in narrow.parts):
                continue
            for keyword in asserting_keywords(part):
                if keyword not in TOLD_ELSEWHERE and (obstacle := self._keyword(keyword, part, narrow)):
                    return obstacle
        return None

    def _keyword(self, keyword: str, wide: Node, narrow: ValueSet) -> Obstacle | None:
        """Return what stands in the way of all values of `narrow` satisfying `keyword` of `wide`, if anything."""
        self._left -= 1
        here = Obstacle(keyword, wide.place)
        if self._left < 0:
            return here
        if keyword in TYPE_OF and TYPE_OF[keyword] not in narrow.types:
            return None
        if keyword in SHOWN_ALONE:
            found: Obstacle | bool = SHOWN_ALONE[keyword](keyword, wide, narrow)
        else:
            found = _COMPARED.get(keyword, Inclusion._same)(self, keyword, wide, narrow)
        if found is True:
            return None
        for cases in self._cases(narrow):
            if all(self._keyword(keyword, wide, case) is None for case in cases):
                return None
        if found is False:
            missing = sorted(set(wide.value[keyword]) - required_by(narrow)) if keyword == "required" else ()
            return here._replace(pointer=pointer_to(missing[0])) if missing else here
        return found._replace(keyword=keyword, place=wide.place) if found.keyword == "false" else found

    # ------------------------------------------------------------------ keywords

    def _properties(self, keyword: str, wide: Node, narrow: ValueSet) -> Obstacle | bool:
        for name, schema in wide[keyword].items():
            if obstacle := self._inside(name, member(narrow, name), schema):
                return obstacle if any(name in part.value.get("properties", ()) for part in narrow.parts) else False
        return True

    def _additional(self, keyword: str, wide: Node, narrow: ValueSet) -> Obstacle | bool:
        """Say whether all properties that `wide` does not name itself fit what it asks of them."""
        if wide.value[keyword] is True or wide.value[keyword] == {}:
            return True
        known = wide.value.get("properties", {}).keys()
        patterns = wide.value.get("patternProperties", {}).keys()
        return self._every_property(narrow, wide[keyword], known, patterns)

    def _patterns(self, keyword: str, wide: Node, narrow: ValueSet) -> Obstacle | bool:
        for pattern, schema in wide[keyword].items():
            own = [part[keyword][pattern] for part in narrow.parts if pattern in part.value.get(keyword, ())]
            if own and self._inside(ANY, own, schema) is None:
                continue
            found = self._every_property(narrow, schema, (), ())
            if found is not True:
                return found
        return True

    def _every_property(self, narrow: ValueSet, wide: Node, but: Iterable[str], but_like: Iterable[str]) -> Obstacle | bool:
        """Say whether all properties that the values of `narrow` may have fit `wide`, but for some."""
        found: Obstacle | bool = False
        for part in narrow.parts:
            if "additionalProperties" not in part.value:
                continue
            names = part.value.get("properties", {}).keys() - set(but)
            patterns = part.value.get("patternProperties", {}).keys() - set(but_like)
            inner = [(name, member(narrow, name)) for name in sorted(names)]
            inner.append((ANY, [part["additionalProperties"]]))
            inner += [(ANY, [part["patternProperties"][pattern]]) for pattern in patterns]
            obstacles = (self._inside(step, schemas, wide) for step, schemas in inner)
            found = next((obstacle for obstacle in obstacles if obstacle), True)
            if found is True:
                return True
        return found

    def _names(self, keyword: str, wide: Node, narrow: ValueSet) -> bool:
        own = (part[keyword] for part in narrow.parts if keyword in part.value)
        return any(self._inside(ANY, [schema], wide[keyword]) is None for schema in own)

    def _items(self, keyword: str, wide: Node, narrow: ValueSet) -> Obstacle | bool:
        """Compare the elements behind those of `prefixItems` one by one as far as the narrow schema tells them apart."""
        first = len(wide.value.get("prefixItems", ()))
        last = max((len(part.value.get("prefixItems", ())) for part in narrow.parts), default=0)
        return self._elements(narrow, ((index, wide[keyword]) for index in range(first, max(first, last) + 1)))

    def _prefix(self, keyword: str, wide: Node, narrow: ValueSet) -> Obstacle | bool:
        return self._elements(narrow, enumerate(wide[keyword].elements()))

    def _elements(self, narrow: ValueSet, asked: Iterable[tuple[int, Node]]) -> Obstacle | bool:
        most = min((part.value["maxItems"] for part in narrow.parts if "maxItems" in part.value), default=None)
        for index, schema in asked:
            if most is not None and index >= most:
                break
            if obstacle := self._inside(ANY, element(narrow, index), schema):
                return obstacle if element(narrow, index) else False
        return True

    def _contains(self, keyword: str, wide: Node, narrow: ValueSet) -> bool:
        least, most = wide.value.get("minContains", 1), wide.value.get("maxContains")
        if least == 0 and most is None:
            return True
        for part in narrow.parts:
            if keyword not in part.value or part.value.get("minContains", 1) < least:
                continue
            if most is None and self._inside(ANY, [part[keyword]], wide[keyword]) is None:
                return True
            if most is not None and part.value.get("maxContains", most + 1) <= most:
                return self._equality.of_keywords(part, wide, keyword)
        return False

    def _any_of(self, keyword: str, wide: Node, narrow: ValueSet) -> bool:
        return any(self._compare(narrow, branch) is None for branch in wide[keyword].elements())

    def _one_of(self, keyword: str, wide: Node, narrow: ValueSet) -> bool:
        if self._same(keyword, wide, narrow):
            return True
        branches = list(wide[keyword].elements())
        for number, branch in enumerate(branches):
            others = branches[:number] + branches[number + 1 :]
            if all(self._disjointness.holds(narrow.parts, narrow.types, other) for other in others):
                return self._compare(narrow, branch) is None
        return False

    def _not(self, keyword: str, wide: Node, narrow: ValueSet) -> bool:
        if self._disjointness.holds(narrow.parts, narrow.types, wide[keyword]):
            return True
        own = (part[keyword] for part in narrow.parts if keyword in part.value)
        return any(self._among([wide[keyword]], schema) is None for schema in own)

    def _same(self, keyword: str, wide: Node, narrow: ValueSet) -> bool:
        beside = ("then", "else") if keyword == "if" else ()
        together = (keyword, *beside)
        return any(keyword in part.value and self._equality.of_keywords(part, wide, *together) for part in narrow.parts)

    def _unevaluated(self, keyword: str, wide: Node, narrow: ValueSet) -> bool:
        return wide.value[keyword] is True  # what it looks at stands beside it: only a whole equal schema has the same


_COMPARED: Mapping[str, Callable[[Inclusion, str, Node, ValueSet], Obstacle | bool]] = {
    "properties": Inclusion._properties,
    "additionalProperties": Inclusion._additional,
    "patternProperties": Inclusion._patterns,
    "propertyNames": Inclusion._names,
    "items": Inclusion._items,
    "prefixItems": Inclusion._prefix,
    "contains": Inclusion._contains,
    "anyOf": Inclusion._any_of,
    "oneOf": Inclusion._one_of,
    "not": Inclusion._not,
    "unevaluatedProperties": Inclusion._unevaluated,
    "unevaluatedItems": Inclusion._unevaluated,
    "discriminator": Inclusion._unevaluated,
}
"""How keywords with schemas are shown to hold: True, or what stands in the way (False: the keyword itself). Any other holds
where the narrow schema has an equal one."""
