"""What may be given for a schema: the values that its author wrote down, and each kind of value that can be made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from mock_server.contract.documents.document import Place
from mock_server.contract.files.source import Json
from mock_server.contract.sampling.merged import Merged, Nodes
from mock_server.contract.schemas.discriminators import Discriminator
from mock_server.contract.schemas.keywords import canonical

Key: TypeAlias = tuple[Place, ...]

MOST_BRANCHES = 40
"""How many combinations of branches are tried."""

ENDLESS = 16
"""A value of so many levels is not made, if it need not have fewer."""

RETRIES = 3
"""How often a value is made, each time another one, before it is given up."""

ANYTHING = ("string", "object", "number", "boolean", "array")
"""The types that are tried where none is asked for."""

VARIABLE = ("string", "number", "integer")
"""Types of which another value can be made."""


@dataclass(frozen=True, slots=True)
class Option:
    """One way to give a value: the `value` that is `ready`, or one of a `type` that is made."""

    merged: Merged
    type: str
    value: Json = None
    is_ready: bool = False
    retry: int = 0


@dataclass(frozen=True, slots=True)
class Branch:
    """The ways to give a value under one combination of branches: those that are ready go before those that are made."""

    ready: tuple[Option, ...]
    made: tuple[Option, ...]

    def at(self, number: int, index: int, *, is_id: bool) -> Option:
        """Return an option by its number; the element of a list that has `index` has another one first."""
        ready = self.ready
        if index and len(ready) == 1 and self.made and (is_id or ready[0].type in ("object", "array")):
            return (*self.made, *ready)[number]  # a list of the same thing again and again shows little
        return ready[(number + index) % len(ready)] if number < len(ready) else self.made[number - len(ready)]

    def __len__(self) -> int:
        return len(self.ready) + len(self.made)


@dataclass(frozen=True, slots=True)
class OptionList:
    """The ways to give a value for a schema, the best first."""

    branches: tuple[Branch, ...]

    def __iter__(self) -> Iterator[Option]:
        for branch in self.branches:
            yield from branch.ready
            yield from branch.made

    def __len__(self) -> int:
        return sum(map(len, self.branches))

    def at(self, number: int, index: int, *, is_id: bool) -> Option:
        """Return an option by its number; the element of a list that has `index` has another one first."""
        for branch in self.branches:
            if number < len(branch):
                return branch.at(number, index, is_id=is_id)
            number -= len(branch)
        raise IndexError(number)


class OptionTable:
    """Finds the options of schemas, each once."""

    def __init__(self, discriminators: Mapping[Place, Discriminator]) -> None:
        self._discriminators = discriminators
        self._options: dict[Key, OptionList] = {}
        self._soonest: dict[Key, tuple[Option, ...]] = {}
        self._said: dict[tuple[Key, str], bool] = {}
        self._fits: dict[tuple[Key, int], bool] = {}

    def of(self, nodes: Nodes) -> OptionList:
        """Return the options of what has to hold `nodes`, all of them."""
        key = key_of(nodes)
        found = self._options.get(key)
        if found is None:
            found = self._options[key] = _options(nodes, self._discriminators)
        return found

    def soonest(self, nodes: Nodes) -> tuple[Option, ...]:
        """Return the options, those first that come to an end within the fewest levels."""
        key = key_of(nodes)
        found = self._soonest.get(key)
        if found is None:
            found = self._soonest[key] = tuple(sorted(self.of(nodes), key=self._depth))
        return found

    def is_endless(self, nodes: Nodes) -> bool:
        """Say whether a value would have to contain itself."""
        return not any(self._comes_to_an_end(nodes, limit) for limit in range(ENDLESS))

    def says(self, nodes: Nodes, keyword: str) -> bool:
        """Say whether a keyword, such as `readOnly`, is true of what is asked for."""
        place = (key_of(nodes), keyword)
        known = self._said.get(place)
        if known is None:
            known = self._said[place] = Merged(nodes).says(keyword)
        return known

    def _depth(self, option: Option) -> int:
        return next((limit for limit in range(ENDLESS) if self._ends(option, limit)), ENDLESS)

    def _comes_to_an_end(self, nodes: Nodes, limit: int) -> bool:
        """Say whether some value has no more levels than `limit`."""
        place = (key_of(nodes), limit)
        known = self._fits.get(place)
        if known is None:
            options = self.of(nodes)  # where there is none, that is another reason why no value is made
            known = self._fits[place] = not len(options) or any(self._ends(option, limit) for option in options)
        return known

    def _ends(self, option: Option, limit: int) -> bool:
        if option.is_ready or option.type not in ("object", "array"):
            return True
        merged = option.merged
        if option.type == "array":
            needed = max(merged.most_of("minItems") or 0, merged.leading, len(merged.contained))
            inner = [merged.element(index) for index in range(min(needed, merged.leading + 1))]
        else:
            inner = [merged.member(name) for name in merged.required]
        return not inner or (limit > 0 and all(nodes is None or self._comes_to_an_end(nodes, limit - 1) for nodes in inner))


def key_of(nodes: Nodes) -> Key:
    """Return what tells schemas that hold together from others."""
    return tuple([node.place for node in nodes])


def _options(nodes: Nodes, discriminators: Mapping[Place, Discriminator]) -> OptionList:
    branches, seen = [], set()
    for merged in islice(resolutions(nodes, discriminators), MOST_BRANCHES):
        ready = []
        for value in _ready(merged):
            if (text := canonical(value)) not in seen:
                kind = "object" if isinstance(value, dict) else "array" if isinstance(value, list) else ""
                ready.append(Option(merged, kind, value, is_ready=True))
                seen.add(text)
        made = tuple(Option(merged, kind) for kind in merged.types or ANYTHING) if merged.values is None else ()
        branches.append(Branch(tuple(ready), made))
    made_again = tuple(
        Option(option.merged, option.type, retry=retry)
        for retry in range(1, RETRIES)
        for branch in branches
        for option in branch.made
        if option.type in VARIABLE
    )
    return OptionList((*branches, Branch((), made_again)))


def _ready(merged: Merged) -> Iterator[Json]:
    """Yield the values that the author of a schema wrote down: examples, the constant, the default, the list."""
    values = merged.values
    listed = None if values is None else set(map(canonical, values))
    for value in (*merged.examples, *merged.defaults):
        if listed is None or canonical(value) in listed:
            yield value
    yield from sorted(values or (), key=lambda value: value is None or value == "")


def resolutions(nodes: Nodes, discriminators: Mapping[Place, Discriminator]) -> Iterator[Merged]:
    """Yield what is asked of a value under each combination of branches that is not plainly contradictory."""

    def resolved(merged: Merged, settled: frozenset[Place]) -> Iterator[Merged]:
        if merged.is_contradictory:
            return
        branching = next((one for one in merged.branchings(discriminators) if one.place not in settled), None)
        if branching is None:
            yield merged
            return
        for further, pinned in branching.branches:
            chosen = Merged((*merged.nodes, *further), {**merged.pinned, **pinned})
            yield from resolved(chosen, settled | {branching.place})

    yield from resolved(Merged(nodes), frozenset())
