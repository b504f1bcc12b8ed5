"""Building a value by a plan, level by level."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from mock_server.contract.documents.document import Place
from mock_server.contract.files.source import Json
from mock_server.contract.sampling.about import About
from mock_server.contract.sampling.dice import Dice, seed_of
from mock_server.contract.sampling.merged import Merged, Nodes, component_name
from mock_server.contract.sampling.naming import VAGUE_WORDS, Named, kind_of, singular, snake_case, vocabulary
from mock_server.contract.sampling.numbers import NumberMaker
from mock_server.contract.sampling.options import Option, OptionTable
from mock_server.contract.sampling.patterns import matches, matching
from mock_server.contract.sampling.plan import Path, Plan
from mock_server.contract.sampling.texts import TextMaker

FILLED = 500
"""Where a level would lead to more parts than these, only what is required is made from there on."""

MOST_PARTS = 2000
"""Beyond this, nothing that may be left out is made."""

DEEPEST = 7
"""The level from which on only what is required is made."""

MOST_LEVELS = 40
MOST_ELEMENTS = 1000
MAP_ENTRIES = 2
UPPER_LEVELS = 2
"""Lists down to this level are what a limit in the query is about."""

ROOT: Path = ()


@dataclass(slots=True, eq=False)
class BuiltPart:
    """A part of a value: where it stands, which schemas it has to fit, and how it was made."""

    container: Any
    path: Path
    nodes: Nodes
    named: Named
    seed: int
    index: int = 0
    """Elements of a list have the same seed, and their index; so has what is in them."""

    owner: int = 0
    is_needed: bool = True
    is_tight: bool = False
    pinned: Json = None
    around: frozenset[Place] = frozenset()
    """The schemas of objects that it stands in."""

    option: Option | None = None
    choices: int = 0
    """How many options there are."""

    @property
    def is_id(self) -> bool:
        """Whether its name is that of an identifier."""
        return self.named.name in ("id", "uuid", "guid", "key") or self.named.name.endswith(("_id", "_uuid"))

    @property
    def is_cut(self) -> bool:
        """Whether it is an element of a list that ends before it."""
        last = self.path[-1] if self.path else 0
        return isinstance(last, int) and last >= len(self.container)

    def put(self, value: Json) -> None:
        """Have the part be `value`."""
        self.container[self.path[-1] if self.path else 0] = value

    def remove(self) -> None:
        """Leave the part out, and the elements after it where it is an element of a list."""
        last = self.path[-1]
        if isinstance(last, int):
            del self.container[last:]
        else:
            del self.container[last]


@dataclass(slots=True)
class Attempt:
    """A value that was built, and its parts by their paths."""

    holder: list[Json] = field(default_factory=lambda: [None])
    parts: dict[Path, BuiltPart] = field(default_factory=dict)

    @property
    def value(self) -> Json:
        """The value."""
        return self.holder[0]


class Builder:
    """Builds one value for a request by a plan."""

    def __init__(self, table: OptionTable, about: About, plan: Plan, *, hidden: str) -> None:
        self._table = table
        self._about = about
        self._plan = plan
        self._hidden = hidden
        """The keyword of properties that are never made: `writeOnly` in answers, `readOnly` in requests."""

        self._attempt = Attempt()

    def build(self, nodes: Nodes, named: Named, seed: int) -> Attempt:
        """Return the value for `nodes`."""
        attempt = self._attempt
        level = [BuiltPart(attempt.holder, ROOT, nodes, named, seed, owner=seed)]
        depth = 0
        while level and depth < MOST_LEVELS:
            below: list[BuiltPart] = []
            for part, is_tight in zip(level, self._tightness(level, depth), strict=True):
                part.is_tight = part.is_tight or is_tight
                below += self._fill(part)
            level = below
            depth += 1
        return attempt

    def _tightness(self, level: list[BuiltPart], depth: int) -> list[bool]:
        """Say of each part of a level whether it is made of what is required alone."""
        known = len(self._attempt.parts) + len(level)
        expected = list(accumulate(map(self._expected, level), initial=known))[1:]
        if depth > UPPER_LEVELS:  # the elements of a list are best alike; at the top, some parts are better than none
            expected = [expected[-1]] * len(level)
        return [depth >= DEEPEST or count > FILLED for count in expected]

    def _expected(self, part: BuiltPart) -> int:
        """Return about how many parts a part consists of."""
        option = next(iter(self._table.of(part.nodes)), None)
        if option is None or option.is_ready or option.type not in ("object", "array"):
            return 0
        return len(option.merged.properties) if option.type == "object" else 2

    def _fill(self, part: BuiltPart) -> list[BuiltPart]:
        """Give a part its value; return the parts that this consists of."""
        if part.is_cut:
            return []
        options = self._table.of(part.nodes)
        number = self._plan.numbers.get(part.path, 0)
        part.choices = len(options) + (part.pinned is not None)
        self._attempt.parts[part.path] = part
        if part.pinned is not None:
            if number == 0:
                part.put(part.pinned)
                return []
            number -= 1
        if number >= len(options):
            return []  # nothing fits, which the schema will tell
        soonest = self._table.soonest(part.nodes) if part.is_tight else ()
        option = soonest[number] if soonest else options.at(number, part.index, is_id=part.is_id)
        if part.path == ROOT and number == 0 and option.merged.is_open:
            part.put({})
            return []
        if part.is_tight and not part.is_needed and option.type in ("object", "array"):
            part.remove()
            del self._attempt.parts[part.path]
            return []
        part.option = option
        if option.is_ready:
            part.put(visible(deepcopy(option.value), option.merged, self._hidden))
            return []
        if option.type == "object":
            return self._object(part, option.merged)
        if option.type == "array":
            return self._list(part, option.merged)
        part.put(self._scalar(part, option))
        return []

    def _scalar(self, part: BuiltPart, option: Option) -> Json:
        dice = Dice(seed_of(part.seed, option.retry) if option.retry else part.seed, part.index)
        if option.type == "string":
            return TextMaker(part.named, dice, part.owner, part.index).make(option.merged, option.retry)
        if option.type == "boolean":
            is_element = bool(part.path) and isinstance(part.path[-1], int)
            return not vocabulary().is_usually_false(part.named) ^ (is_element and part.index % 2 == 1)
        return NumberMaker(part.named, dice).make(option.merged, option.type, option.retry) if option.type != "null" else None

    # Lists

    def _list(self, part: BuiltPart, merged: Merged) -> list[BuiltPart]:
        made: list[Json] = []
        part.put(made)
        around = part.around | merged.described_at
        count = self._count(part, merged, around)
        salt = self._plan.salts.get(part.path)
        seed = part.seed if salt is None else seed_of(part.seed, salt)
        named = Named(part.named.kind, singular(part.named.name))
        contained = _contained(merged)
        least = max(merged.most_of("minItems") or 0, len(contained))
        elements = []
        for index in range(count):
            nodes = merged.element(index)
            if nodes is None:
                break
            if index < len(contained):
                nodes = (*nodes, contained[index])
            made.append(None)
            element = BuiltPart(made, (*part.path, index), nodes, named, seed_of(seed, "[]"), part.index * 7 + index)
            element.is_needed, element.around = index < least, around
            element.owner, element.is_tight = element.seed, part.is_tight
            elements.append(element)
        return elements

    def _count(self, part: BuiltPart, merged: Merged, around: frozenset[Place]) -> int:
        """Return how many elements a list has."""
        least, most = merged.most_of("minItems") or 0, merged.least_of("maxItems")
        least = max(least, len(_contained(merged)))
        count = self._usual_count(part, merged, around)
        if len(part.path) <= UPPER_LEVELS and self._about.limit is not None:
            count = min(count, self._about.limit)
        count = max(count, least)
        if most is not None:
            count = min(count, most)
        cut = [path[-1] for path in self._plan.left_out if path[:-1] == part.path and isinstance(path[-1], int)]
        return min([count, MOST_ELEMENTS, *cut])

    def _usual_count(self, part: BuiltPart, merged: Merged, around: frozenset[Place]) -> int:
        if merged.leading:
            return merged.leading
        nodes = merged.element(0)
        if part.is_tight or nodes is None or self._is_recursive(nodes, around) or self._is_full:
            return 0
        usual = 2 + (seed_of(part.seed, "count") + part.index) % 2
        branches = self._table.of(nodes).branches
        first = branches[0]
        if first.ready and first.ready[0].type == "" and (len(first.ready) > 1 or not first.made):
            return min(usual, len(first.ready))
        if first.ready and first.ready[0].type == "":
            return 1
        return 2 if first.made and first.made[0].type == "boolean" else usual

    # Objects

    def _object(self, part: BuiltPart, merged: Merged) -> list[BuiltPart]:
        made: dict[str, Json] = {}
        part.put(made)
        around = part.around | merged.described_at
        kind = _kind(part, merged)
        own = seed_of(part.seed, "{}")
        members = []
        for name in self._names(part, merged, around):
            nodes = merged.member(name)
            if nodes is None:
                continue
            made[name] = None
            named = Named(kind, snake_case(name))
            member = BuiltPart(made, (*part.path, name), nodes, named, seed_of(own, name), part.index, own)
            member.is_needed, member.pinned, member.around = name in merged.required, merged.pinned.get(name), around
            member.is_tight = part.is_tight or self._is_recursive(nodes, around)
            members.append(member)
        return members

    def _names(self, part: BuiltPart, merged: Merged, around: frozenset[Place]) -> list[str]:
        """Return the names of the properties that an object is made of."""
        most = merged.least_of("maxProperties")
        names = [name for name in merged.properties if self._is_made(part, merged, name, around)]
        names += [path[-1] for path in self._plan.wanted if path[:-1] == part.path and path[-1] not in names]  # type: ignore[misc]
        least = merged.most_of("minProperties") or 0
        entries = MAP_ENTRIES if merged.is_map and not part.is_tight and part.path not in self._plan.bare else 0
        if entries or len(names) < least:
            keys = self._keys(part, merged, max(entries, least - len(names)), names)
            names += [key for key in keys if (*part.path, key) not in self._plan.left_out]
        if most is not None and len(names) > most:
            optional = [name for name in names if name not in merged.required]
            left_out = set(optional[max(0, most - (len(names) - len(optional))) :])
            names = [name for name in names if name not in left_out]
        return names

    def _is_made(self, part: BuiltPart, merged: Merged, name: str, around: frozenset[Place]) -> bool:
        path = (*part.path, name)
        nodes = merged.member(name)
        if path in self._plan.left_out or nodes is None or self._table.says(nodes, self._hidden):
            return False
        if name in merged.required or name in merged.pinned or path in self._plan.wanted:
            return True
        if part.is_tight or self._is_full or name in merged.unwanted or part.path in self._plan.bare:
            return False
        return not self._is_recursive(nodes, around) and not self._table.is_endless(nodes)

    def _keys(self, part: BuiltPart, merged: Merged, count: int, known: list[str]) -> Iterator[str]:
        """Yield names for properties that have none in the schema."""
        count = min(count, MOST_PARTS)
        dice = Dice(seed_of(part.seed, "keys"), part.index)
        patterned = [key for key in (matching(pattern, dice) for pattern in merged.key_patterns) if key is not None]
        described = Merged(merged.key_schemas)
        found = dict.fromkeys([*patterned, *self._words_for_keys(described, dice, count * 3)])
        admissible = [key for key in found if key not in known and merged.member(key) is not None]
        yield from admissible[: max(count, len(patterned) if merged.is_map else 0)]

    def _words_for_keys(self, described: Merged, dice: Dice, count: int) -> Iterator[str]:
        """Yield names that keep to what is asked of them: listed ones, plain words, else what fits the patterns."""
        if described.values is not None:
            yield from (value for value in described.values if isinstance(value, str))
            return
        words = vocabulary().words["word"]
        first = words.index(dice.word(words))
        least, most = described.most_of("minLength") or 0, described.least_of("maxLength")
        for word in words[first:] + words[:first]:
            if least <= len(word) <= (most or len(word)) and all(matches(pattern, word) for pattern in described.patterns):
                yield word
        for number in range(count):
            yield TextMaker(Named("", "key"), dice.another(number), 0, number).make(described, number)

    @property
    def _is_full(self) -> bool:
        return len(self._attempt.parts) > MOST_PARTS

    def _is_recursive(self, nodes: Nodes, around: frozenset[Place]) -> bool:
        """Say whether the usual way to make a value leads to an object of a schema that is underway already."""
        first = next(iter(self._table.of(nodes)), None)
        return first is not None and not around.isdisjoint(first.merged.described_at)


def visible(value: Json, merged: Merged, hidden: str) -> Json:
    """Return a value without its properties that are `hidden`, which is a keyword such as `writeOnly`."""
    if isinstance(value, dict):
        members = {}
        for name, member in value.items():
            inner = Merged(merged.member(name) or ())
            if not inner.says(hidden):
                members[name] = visible(member, inner, hidden)
        return members
    if isinstance(value, list):
        return [visible(element, Merged(merged.element(index) or ()), hidden) for index, element in enumerate(value)]
    return value


def _contained(merged: Merged) -> Nodes:
    """Return what the first elements of a list have to be for it to contain what is asked for."""
    least = merged.most_of("minContains")
    return merged.contained * min(1 if least is None else least, MOST_ELEMENTS)


def _kind(part: BuiltPart, merged: Merged) -> str:
    """Return what an object is: the name of its schema, else of the property that has it."""
    for node in merged.nodes:
        name = component_name(node)
        if name is not None:
            return kind_of(name)
    return part.named.kind if part.named.name in VAGUE_WORDS or not part.named.name else part.named.name
