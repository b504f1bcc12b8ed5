"""What is wrong with a document, a fixture or a profile: where, which piece, and what would be right."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from mock_server.contract.source import Source

T = TypeVar("T")

LONGEST_PIECE = 80

MOST_LISTED = 200
"""How many flaws are told; of more, only the number is. To find the place of each takes longer the more there are."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong. `line` and `column` count from 1, or are 0 where the whole file is meant; `pointer` is a
    JSON Pointer (RFC 6901)."""

    file: str
    line: int
    column: int
    pointer: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        if not self.line:
            return f"{self.file}: {self.message}" + (f"; {self.hint}" if self.hint else "")
        place = f"{self.file}:{self.line}:{self.column}"
        where = f" at {self.pointer}" if self.pointer else ""
        hint = f"\n  {self.hint}" if self.hint else ""
        return f"{place}{where}\n  {self.message}{hint}"


class FlawedInput(Exception):  # noqa: N818 (it is named for what the user gave, which is what the message is about)
    """Raised once, with every flaw that was found (up to `MOST_LISTED`), when a document, fixture or profile cannot be used."""

    def __init__(self, flaws: Iterable[Flaw], unlisted: int = 0) -> None:
        self.flaws = tuple(flaws)
        self.unlisted = unlisted
        """How many more there are."""

        super().__init__("\n".join([*map(str, self.flaws), *([f"and {unlisted} more"] if unlisted else [])]))


class Flaws:
    """Collects flaws while reading goes on, so that all of them are told at once."""

    def __init__(self) -> None:
        self._found: dict[Flaw, None] = {}
        self._unlisted = 0
        self.places: set[tuple[str, str]] = set()
        """File and pointer of all that was noted with `add`: whoever reads on builds nothing on these parts."""

    def __len__(self) -> int:
        return len(self._found) + self._unlisted

    def add(self, source: Source, pointer: str, message: str, hint: str = "") -> None:
        """Note a flaw at `pointer` of `source`."""
        self.places.add((source.name, pointer))
        if len(self._found) >= MOST_LISTED:
            self._unlisted += 1
            return
        self._found.setdefault(source.flaw(pointer, message, hint))

    def gather(self, read: Callable[[], T]) -> T | None:
        """Return what `read` returns; None, with its flaws noted, when it raises `FlawedInput`."""
        try:
            return read()
        except FlawedInput as error:
            self.include(error)
            return None

    def include(self, error: FlawedInput) -> None:
        """Note flaws that were found elsewhere."""
        self._unlisted += error.unlisted
        for flaw in error.flaws:
            if len(self._found) < MOST_LISTED:
                self._found.setdefault(flaw)
            else:
                self._unlisted += 1

    def raise_if_any(self) -> None:
        """Raise `FlawedInput` with all that was noted, in the order of file and line; do nothing if that is nothing."""
        __tracebackhide__ = True  # a test is shown its own line
        if self._found:
            raise FlawedInput(sorted(self._found, key=lambda flaw: (flaw.file, flaw.line, flaw.column)), self._unlisted)


def is_misspelt(word: str, given: Iterable[str], known: Iterable[str] = ()) -> bool:
    """Say whether one of the `given` words that are not `known` is likely to be meant for `word`."""
    return bool(difflib.get_close_matches(word, set(given).difference(known), n=1, cutoff=0.6))


def did_you_mean(word: str, known: Iterable[str], *, or_all: bool = True) -> str:
    """Return what would be right in place of `word`: the nearest of `known`, or (`or_all`) all of them when none is near."""
    choices = sorted({str(name) for name in known} - {""})
    near = difflib.get_close_matches(str(word), choices, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    if not choices or not or_all:
        return ""
    shown = ", ".join(choices[:12]) + (", …" if len(choices) > 12 else "")
    return f"it may be one of: {shown}"


def piece(value: object) -> str:
    """Return `value` as a short quotation for a message: text in quotes, anything else as JSON."""
    text = repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_PIECE else text[: LONGEST_PIECE - 1] + "…"


def shortened(message: str, longest: int = 240) -> str:
    """Return `message`, cut when a quoted value makes it very long."""
    return message if len(message) <= longest else message[: longest - 1] + "…"
