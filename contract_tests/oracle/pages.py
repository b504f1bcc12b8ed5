"""Pages of lists at a target that may hold what this run did not make.

Of a whole list, only the order of this run's own records is known, and they stand between others. So a page is right that has
no more records than were asked for, nothing of this run's that does not belong to the list, and its own records one after the
other: from the first one where the page is the first, and up to the last one where the page is not full.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qs, urlsplit

from mock_server.contract.files.source import Json
from mock_server.engine.generating import Cut, Position

WrongPage: TypeAlias = Literal["size", "repeats", "extra", "order", "gap", "start", "end", "walk"]
"""What is wrong with a page: it has too many items, one twice, one that does not belong there, two in the wrong order, one left
out between two, another first one, too few at its end, or it does not go on where the page before ended."""


@dataclass(slots=True)
class AskedPage:
    """What a request asks for: all records of the list that this run knows of, in order, and which part of it."""

    records: Sequence[Any]
    cut: Cut
    position: Callable[[Any], Position]


@dataclass(slots=True)
class ShownPage:
    """What was found of a page: how many records in all, and which of those that are known of, from `first` to before `end`."""

    count: int
    first: int
    end: int
    known: int
    is_exact: bool
    is_full: bool
    ids: Sequence[Json] = ()
    """The ids of all its items, in order."""

    is_backwards: bool = False

    def has_more(self) -> bool | None:
        """Say whether there are more records behind the page, or before one that is asked for backwards; None where that cannot
        be known."""
        if self.first > 0 if self.is_backwards else self.end < self.known:
            return True
        return False if self.is_exact or not self.is_full else None


@dataclass(slots=True)
class Walks:
    """How far the pages of lists were looked at, by address without the page: up to which offset, and which known record."""

    ends: dict[str, tuple[int, int]] = field(default_factory=dict)


def shown_page(
    asked: AskedPage, expected: Sequence[Json], found: Sequence[Json], *, is_exact: bool
) -> tuple[ShownPage, WrongPage | None]:
    """Return what a page shows, and what is wrong with it (None: it is right).

    `expected` has the ids of all records of the list that are known of, in order, and `found` those of the items of the page.
    Of an exact list, all records are known.
    """
    if not asked.cut.backwards:
        page, wrong = _shown(asked, expected, found, is_exact=is_exact)
        return replace(page, ids=found), wrong
    forwards = replace(asked, cut=replace(asked.cut, start=0, backwards=False))
    page, wrong = _shown(forwards, expected[::-1], found[::-1], is_exact=is_exact)
    first, end = page.known - page.end, page.known - page.first
    return replace(page, first=first, end=end, ids=found, is_backwards=True), wrong


def _shown(
    asked: AskedPage, expected: Sequence[Json], found: Sequence[Json], *, is_exact: bool
) -> tuple[ShownPage, WrongPage | None]:
    start, limit = asked.cut.start, asked.cut.limit
    places = {id: place for place, id in enumerate(expected)}
    mine = [places[id] for id in found if id in places]
    is_full = limit is not None and len(found) >= limit
    first, end = (mine[0], mine[-1] + 1) if mine else (min(start, len(expected)),) * 2
    page = ShownPage(len(found), first, end, len(expected), is_exact, is_full)
    if limit is not None and len(found) > limit:
        return page, "size"
    told = [id for id in found if id is not None]
    if len(set(told)) != len(told):
        return page, "repeats"
    if is_exact and len(mine) < len(found):
        return page, "extra"
    if mine != sorted(mine):
        return page, "order"
    if mine and mine != list(range(mine[0], mine[0] + len(mine))):
        return page, "gap"
    # Where a page starts among all records is known of the first one, and of one that begins behind a known record.
    is_anchored = is_exact or start == 0 or asked.cut.paging in ("cursor", "record")
    if mine and (mine[0] != start if is_anchored else mine[0] > start):
        return page, "start"
    if not is_full and (mine or is_anchored) and end != len(expected):
        return page, "end"
    return page, None


def wrong_fact(name: str, predicted: Json, found: Json, shown: ShownPage) -> str:
    """Return what should be told of a list under `name`; an empty text where what is told is right."""
    more = shown.has_more()
    if name in ("total", "pages") and not shown.is_exact:
        is_number = isinstance(found, int) and not isinstance(found, bool)
        return "" if is_number and found >= predicted and (name == "pages" or found >= shown.count) else f"at least {predicted}"
    if name == "count":
        return "" if found == shown.count else str(shown.count)
    if name == "has-more":
        return "" if isinstance(found, bool) and more in (None, found) else str(more).lower()
    if name in ("first", "last"):
        end = shown.ids[0 if name == "first" else -1] if shown.ids else None
        return "" if found == end else f"{end}, the id of its {name} record"
    if name == "next":
        return _wrong_next(predicted, found, more)
    if name == "link":
        has_next = isinstance(found, str) and 'rel="next"' in found.replace("rel=next", 'rel="next"')
        if more is None or has_next == more:
            return ""
        return "a link to the next page" if more else "no link to a next page"
    return "" if found == predicted or (found is None and predicted is None) else str(predicted)


def _wrong_next(predicted: Json, found: Json, more: bool | None) -> str:
    if found is None:
        return "the next page" if more else ""
    if more is False:
        return "null: there is no next page"
    if isinstance(predicted, int) and not isinstance(predicted, bool) and found != predicted:
        return str(predicted)
    return "" if isinstance(found, (str, int)) and found != "" else "the next page"


def position_after(asked: AskedPage, shown: ShownPage) -> Position:
    """Return behind which known record a next page starts."""
    return asked.position(asked.records[shown.end - 1]) if shown.end > 0 else ()


def cursors_of(found: Json) -> list[str]:
    """Return the texts of an answer's value by which a next page may be asked for: the value, or those of the links in it."""
    if not isinstance(found, str):
        return []
    texts = [found]
    for part in found.split(","):
        address, _, rest = part.strip().partition(">")
        if address.startswith("<") and "next" in rest:
            texts += [value for values in parse_qs(urlsplit(address[1:]).query).values() for value in values]
    if "?" in found and not found.startswith("<"):
        texts += [value for values in parse_qs(urlsplit(found).query).values() for value in values]
    return texts


def walked(walks: Walks, address: str, asked: AskedPage, shown: ShownPage) -> WrongPage | None:
    """Return what is wrong between a page and the one before it, if that was just looked at; None where nothing is."""
    before = walks.ends.get(address) if asked.cut.paging in ("offset", "page") else None
    wrong: WrongPage | None = None
    if before is not None and before[0] == asked.cut.start and not shown.is_exact and shown.first != before[1]:
        shows_some = shown.end > shown.first
        if shows_some or (not shown.is_full and before[1] < shown.known):
            wrong = "walk"
    if asked.cut.limit is not None and shown.is_full:
        behind = shown.end if shown.end > shown.first else (before[1] if before and before[0] == asked.cut.start else shown.end)
        walks.ends[address] = (asked.cut.start + asked.cut.limit, behind)
    return wrong
