"""What is wrong with a document, a fixture or a profile: where, which piece, and what would be right."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from mock_server.contract.files.source import Source

T = TypeVar("T")

LONGEST_PIECE = 80

MOST_LISTED = 200
"""How many flaws are told; of more, only the number is. To find the place of each takes longer the more there are."""


class Severity(Enum):
    """What follows from a flaw."""

    ERROR = "error"
    """Nothing can be served: the file cannot be read, or what its author wrote for us is wrong."""

    BREAKS = "breaks"
    """Nothing is built on the part that it stands in: operations that need it are not supported."""

    WARNING = "warning"
    """Everything can be served without the part that is wrong."""


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
    severity: Severity = field(default=Severity.ERROR, compare=False)

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


@dataclass(frozen=True, slots=True)
class _Noted:
    """A flaw whose line was not looked for yet: that takes long, and few of a document's warnings are ever told."""

    source: Source = field(compare=False)
    file: str
    pointer: str
    message: str
    hint: str
    severity: Severity = field(compare=False)

    def flaw(self) -> Flaw:
        return replace(self.source.flaw(self.pointer, self.message, self.hint), severity=self.severity)


class Flaws:
    """Collects flaws while reading goes on, so that all of them are told at once.

    Its truth and length are those of errors alone: with any, nothing can be served.
    """

    def __init__(self) -> None:
        self._noted: dict[_Noted, None] = {}
        self._included: dict[Flaw, None] = {}
        self._unlisted = 0
        self._errors = 0
        self._told_at: dict[tuple[str, str], list[str]] = {}
        self.places: set[tuple[str, str]] = set()
        """File and pointer of all that was noted with `add` and is more than a warning: whoever reads on builds nothing on
        these parts."""

    def __len__(self) -> int:
        return self._errors + self._unlisted + sum(flaw.severity is Severity.ERROR for flaw in self._included)

    @property
    def is_incomplete(self) -> bool:
        """Whether parts could not be read: then what seems to be missing, or to be unused, may be there."""
        return len(self) > 0 or bool(self.places)

    def add(self, source: Source, pointer: str, message: str, hint: str = "", severity: Severity = Severity.ERROR) -> None:
        """Note a flaw at `pointer` of `source`."""
        noted = _Noted(source, source.name, pointer, message, hint, severity)
        if noted in self._noted:
            return
        self._noted[noted] = None
        self._errors += severity is Severity.ERROR
        if severity is not Severity.WARNING:
            self.places.add((source.name, pointer))
            self._told_at.clear()

    def gather(self, read: Callable[[], T]) -> T | None:
        """Return what `read` returns; None, with its flaws noted, when it raises `FlawedInput`."""
        try:
            return read()
        except FlawedInput as error:
            self.include(error)
            return None

    def include(self, error: FlawedInput, severity: Severity = Severity.ERROR) -> None:
        """Note flaws that were found elsewhere."""
        if severity is Severity.ERROR:
            self._unlisted += error.unlisted
        self._included.update(dict.fromkeys(replace(flaw, severity=severity) for flaw in error.flaws))

    def told(self, *severities: Severity, most: int = MOST_LISTED) -> tuple[list[Flaw], int]:
        """Return the flaws of these severities, `most` at most, in the order of file and line, and how many more there are."""
        included = [flaw for flaw in self._included if flaw.severity in severities]
        noted = [one for one in self._noted if one.severity in severities]
        flaws = dict.fromkeys([*included, *(one.flaw() for one in noted[: max(0, most - len(included))])])
        listed = sorted(list(flaws)[:most], key=lambda flaw: (flaw.file, flaw.line, flaw.column))
        return listed, len(included) + len(noted) - len(listed) + self._unlisted

    def breaking_within(self, file: str, pointer: str) -> Iterator[str]:
        """Yield the messages of the flaws anywhere in a part that are more than warnings."""
        if self.places:
            for one in self._noted:
                is_within = one.file == file and f"{one.pointer}/".startswith(f"{pointer}/")
                if is_within and one.severity is not Severity.WARNING:
                    yield one.message

    def count(self, severity: Severity) -> int:
        """Return how many flaws of a severity were noted."""
        found = [one.severity for one in self._noted] + [flaw.severity for flaw in self._included]
        return found.count(severity)

    def breaking(self, file: str, pointer: str) -> Iterator[str]:
        """Yield the messages of the flaws at a part or directly in it that are more than warnings."""
        if not self._told_at and self.places:
            for one in self._noted:
                if one.severity is not Severity.WARNING:
                    for place in {one.pointer, one.pointer.rpartition("/")[0]}:
                        self._told_at.setdefault((one.file, place), []).append(one.message)
        return iter(self._told_at.get((file, pointer), ()))

    def raise_if_any(self, *, strict: bool = False) -> None:
        """Raise `FlawedInput` with all errors (when `strict`, with all flaws); do nothing if there are none."""
        __tracebackhide__ = True  # a test is shown its own line
        if self or (strict and (self._noted or self._included)):
            raise FlawedInput(*self.told(*(Severity if strict else (Severity.ERROR,))))


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
