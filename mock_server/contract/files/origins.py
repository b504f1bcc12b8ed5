"""Documents put together from parts of files. Each part knows where it stands, so that a mistake is told where to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from mock_server.contract.files.flaws import Flaw
from mock_server.contract.files.source import Json, Source, pointer_to, pointer_tokens

Location: TypeAlias = tuple[str | int, ...]


@dataclass(slots=True)
class Origin:
    """Where a part of the result stands in its file, and where its own parts do as far as they came from elsewhere."""

    source: Source
    pointer: str
    parts: dict[str, Origin] = field(default_factory=dict)

    def part(self, key: str | int) -> Origin:
        """Return the origin of a part, to be changed with it."""
        token = str(key)
        if token not in self.parts:
            self.parts[token] = Origin(self.source, self.pointer + pointer_to(token))
        return self.parts[token]

    def copy(self) -> Origin:
        """Return an origin for a copy of the part."""
        return Origin(self.source, self.pointer, {token: part.copy() for token, part in self.parts.items()})


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the document with its origin; what is done to one is done to both."""

    value: Json
    origin: Origin

    def __getitem__(self, key: str | int) -> Part:
        return Part(self.value[key], self.origin.part(key))

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def items(self) -> Iterator[tuple[str, Part]]:
        """Yield the members of a mapping, in order; nothing for another value."""
        if isinstance(self.value, dict):
            yield from ((key, self[key]) for key in list(self.value))

    def elements(self) -> Iterator[Part]:
        """Yield the elements of a list; nothing for another value."""
        if isinstance(self.value, list):
            yield from (self[index] for index in range(len(self.value)))

    def at(self, location: Location) -> Part:
        """Return the part at a location beneath this one."""
        part = self
        for key in location:
            part = part[key]
        return part

    def put(self, key: str | int, new: Part) -> None:
        """Set a member."""
        self.value[key] = new.value
        self.origin.parts[str(key)] = new.origin

    def append(self, new: Part) -> None:
        """Add an element."""
        self.origin.parts[str(len(self.value))] = new.origin
        self.value.append(new.value)

    def remove(self, key: str | int) -> None:
        """Remove a member or an element; the elements after it move."""
        if isinstance(key, int):
            kept = [self.origin.part(index) for index in range(len(self.value)) if index != key]
            self.origin.parts = {str(index): part for index, part in enumerate(kept)}
        else:
            self.origin.parts.pop(key, None)
        del self.value[key]

    def copy(self) -> Part:
        """Return a part that can be changed apart from this one."""
        return Part(deepcopy(self.value), self.origin.copy())

    def made(self, value: Json) -> Part:
        """Return a value that the files do not have, and that is told as standing where this part does."""
        return Part(value, Origin(self.origin.source, self.origin.pointer))


class Composed(Source):
    """A document put together from the parts of others. The first gives it its name, unless it has a `path` of its own."""

    def __init__(self, base: Source, root: Part, others: Iterable[Source] = (), path: Path | None = None) -> None:
        super().__init__(path or base.path, base.text, value=root.value)
        self.duplicates = base.duplicates
        self._sources = (base, *others)
        self._origin = root.origin

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files that it was read from."""
        return tuple(path for source in self._sources for path in source.paths)

    def flaw(self, pointer: str, message: str, hint: str = "") -> Flaw:
        """Return a flaw at `pointer` of the result, told in the file that the part came from."""
        origin = self._origin
        tokens = pointer_tokens(pointer)
        while tokens and tokens[0] in origin.parts:
            origin = origin.parts[tokens.pop(0)]
        return origin.source.flaw(origin.pointer + pointer_to(*tokens), message, hint)
