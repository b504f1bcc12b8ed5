"""The manners of answering that no document speaks of, and the ones that look alike and break it.

`MANNERS` is the list behind the table in docs/contract-tests.md: each row there has a manner here at least. A manner is an
application that is put before any other one, so that each is tried on every API of these tests.
"""

from __future__ import annotations

import json
import re
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from .clocks import Clock, ahead, drifting, stepping, ticking, true_clock, two_nodes
from .retelling import Change, Told, http_date, times, values

STARTED = time.time()


@dataclass(frozen=True)
class Manner:
    """One manner. `changes` returns what is made of the answers of one deployment, `clock` returns the clock that it goes by.

    `row` is its row of the table.
    """

    row: str
    changes: Callable[[], tuple[Change, ...]] = tuple
    clock: Callable[[], Clock] = lambda: true_clock
    conforms: bool = True
    api: str = "partners"
    """The API by which it shows best."""


def instant(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def written(at: float, digits: int = 6, offset: timedelta = timedelta()) -> str:
    """Return a time with so many digits of a second, cut off and not rounded."""
    whole, micros = divmod(int(at * 1_000_000 + 0.5), 1_000_000)
    local = datetime.fromtimestamp(whole, timezone(offset))
    fraction = f".{micros:06d}"[: digits + 1] if digits else ""
    zone = local.strftime("%z")
    return local.strftime("%Y-%m-%dT%H:%M:%S") + fraction + (f"{zone[:3]}:{zone[3:]}" if offset else "Z")


def retimed(change: Callable[[float], str]) -> Change:
    return times(lambda text: change(instant(text)))


def dated(date: Callable[[float], float | None]) -> Change:
    """Return what changes the Date header, which is given in seconds since 1970."""

    def retell(told: Told) -> None:
        at = date(time.time())
        told.put("date", None if at is None else http_date(at))

    return retell


def off(clock: Callable[[], Clock], row: str, date: Callable[[float], float | None] | None = None) -> Manner:
    """Return the manner of a clock; `date` makes the Date header of the true time, where it is not of that clock."""
    return Manner(row, lambda: (dated(date),) if date else (), clock)


ASIDE, SET, NODES, SLOW = (
    "A clock that is ahead or behind",
    "A clock that is set during the run",
    "Nodes whose clocks differ",
    "A clock that ticks slowly",
)
CLOCKS = {
    "seven minutes ahead": off(lambda: ahead(420), ASIDE),
    "seven minutes behind": off(lambda: ahead(-420), ASIDE),
    "three hours ahead": off(lambda: ahead(10_800), ASIDE),
    "three hours and a bit behind, no Date": off(lambda: ahead(-10_925), ASIDE, lambda at: None),
    "two minutes ahead of the gateway": off(lambda: ahead(120), "A `Date` of another clock", true_clock),
    "half an hour and a bit behind the gateway": off(lambda: ahead(-1925), "A `Date` of another clock", true_clock),
    "a Date that is a minute old": off(lambda: true_clock, "A stale `Date`", lambda at: at - 60),
    "a Date that never moves": off(lambda: true_clock, "A stale `Date`", lambda at: STARTED),
    "no Date": off(lambda: true_clock, "No `Date`", lambda at: None),
    "a Date that is none": Manner("No `Date`", lambda: (lambda told: told.put("date", "now"),)),
    "a clock that is fast": off(lambda: drifting(0.002), "A drifting clock"),
    "a clock that is slow": off(lambda: drifting(-0.002), "A drifting clock"),
    "set forward on the way": off(lambda: stepping(5, 0.7), SET),
    "set back on the way": off(lambda: stepping(-5, 0.7), SET),
    "set back on the way, no Date": off(lambda: stepping(-5, 0.7), SET, lambda at: None),
    "set forward by 30 ms on the way": off(lambda: stepping(0.03, 0.7), SET),
    "set back by 30 ms on the way": off(lambda: stepping(-0.03, 0.7), SET),
    "two nodes, two seconds apart": off(lambda: two_nodes(2.0), NODES),
    "two nodes, 50 ms apart": off(lambda: two_nodes(0.05), NODES),
    "whole seconds, cut off": Manner("Times of whole seconds", lambda: (retimed(lambda at: written(int(at), 0)),)),
    "whole seconds, rounded": Manner("Times of whole seconds", lambda: (retimed(lambda at: written(round(at), 0)),)),
    "whole seconds, written as .000": Manner("Times of whole seconds", lambda: (retimed(lambda at: written(round(at), 3)),)),
    "a clock that ticks every 16 ms": off(lambda: ticking(0.015625), SLOW),
    "a clock that ticks every 100 ms": off(lambda: ticking(0.1), SLOW),
    "a clock of whole seconds": off(lambda: ticking(1.0), SLOW),
    "times of another zone": Manner(
        "Date-times in another zone", lambda: (retimed(lambda at: written(at, 6, timedelta(hours=-5, minutes=-30))),)
    ),
    "times with +00:00": Manner("Date-times in another zone", lambda: (times(lambda text: text.replace("Z", "+00:00")),)),
    "times with milliseconds": Manner("Date-times in another precision", lambda: (retimed(lambda at: written(at, 3)),)),
    "times with nine digits": Manner(
        "Date-times in another precision", lambda: (retimed(lambda at: written(at, 6).replace("Z", "417Z")),)
    ),
    "times with small letters": Manner("Date-times in small letters", lambda: (times(str.lower),)),
}

CREATED, MODIFIED = frozenset({"created_at"}), frozenset({"modified_at", "updated_at"})
CLOCK_FAULTS = {
    "times of 1970": Manner("Times of 1970, of another day, or in another unit", clock=lambda: lambda at: at % 1000),
    "times of 1970, and a true Date": off(
        lambda: lambda at: at % 1000, "Times of 1970, of another day, or in another unit", true_clock
    ),
    "times that never move": off(lambda: lambda at: STARTED, "Times that never move, or go backwards", true_clock),
    "times that go backwards": Manner("Times that never move, or go backwards", clock=lambda: lambda at: 2 * STARTED - at),
    "times of yesterday": off(lambda: ahead(-86_400), "Times of 1970, of another day, or in another unit", true_clock),
    "local times that are called UTC": off(lambda: ahead(7200), "Local times without their zone, or called UTC", true_clock),
    "times without a zone": Manner(
        "Local times without their zone, or called UTC", lambda: (times(lambda text: text.removesuffix("Z")),)
    ),
    "times in seconds since 1970": Manner(
        "Times of 1970, of another day, or in another unit", lambda: (times(lambda text: int(instant(text))),)
    ),
    "milliseconds taken for seconds": Manner(
        "Times of 1970, of another day, or in another unit", clock=lambda: lambda at: at / 1000
    ),
    "created a day late": Manner(
        "Times of 1970, of another day, or in another unit",
        lambda: (times(lambda text: written(instant(text) + 86_400), CREATED),),
    ),
    "modified an hour before": Manner(
        "Changed before it was made", lambda: (times(lambda text: written(instant(text) - 3600), MODIFIED),)
    ),
    "modified five seconds before": Manner(
        "Changed before it was made", lambda: (times(lambda text: written(instant(text) - 5), MODIFIED),)
    ),
}


def told_by(change: Callable[[Told], None], row: str) -> Manner:
    """Return the manner that changes what goes out for a success that tells JSON."""

    def retell(told: Told) -> None:
        if told.is_json:
            change(told)

    return Manner(row, lambda: (retell,))


def valued(change: Callable[[Any, str], Any], row: str) -> Manner:
    return Manner(row, lambda: (values(change),))


def dumped(row: str, **how: Any) -> Manner:
    return told_by(lambda told: setattr(told, "content", json.dumps(told.value, **how).encode()), row)


def typed(content_type: str) -> Manner:
    return told_by(lambda told: told.put("content-type", content_type), "Parameters and case of the media type")


def members(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    return change(value) if isinstance(value, dict) else value


def is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def renumbered(pattern: str, row: str) -> Manner:
    """Return the manner that writes whole numbers in another way."""

    def retell(told: Told) -> None:
        text = json.dumps(mark(told.value))
        told.content = re.sub('"@@(-?[0-9]+)"', lambda one: pattern.format(one[1]), text).encode()

    def mark(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: mark(member) for key, member in value.items()}
        if isinstance(value, list):
            return [mark(element) for element in value]
        return f"@@{value}" if is_whole(value) else value

    return told_by(retell, row)


def swapped_case(told: Told) -> None:
    told.headers = [(name.swapcase(), value) for name, value in told.headers]


def more_headers(told: Told) -> None:
    for name, value in (
        ("X-Request-Id", "7"),
        ("Cache-Control", "no-store"),
        ("Vary", "Accept"),
        ("Server", "x"),
        ("Set-Cookie", "a=b"),
    ):
        told.put(name, value)


def on_boards(manner: Manner) -> Manner:
    return replace(manner, api="boards")


ORDER, SPACE, NUMBERS, MORE, HEADERS = (
    "Order of properties",
    "White space and escapes in JSON",
    "Whole numbers written otherwise",
    "Properties that are not documented",
    "Headers",
)
EXTRA = {"_links": {"self": "/"}, "kind": None, "etag": "x", "nested": {"a": [1, {"b": None}]}}
FORMS = {
    "properties in another order": dumped(ORDER, sort_keys=True),
    "properties in reverse order": valued(lambda value, name: members(value, lambda one: dict(reversed(one.items()))), ORDER),
    "pretty-printed": dumped(SPACE, indent=4),
    "without any space": dumped(SPACE, separators=(",", ":")),
    "everything that is not ASCII escaped": dumped(SPACE, ensure_ascii=True),
    "texts as they are": dumped(SPACE, ensure_ascii=False),
    "a line feed behind": told_by(lambda told: setattr(told, "content", told.content + b"\r\n"), SPACE),
    "slashes escaped": told_by(
        lambda told: setattr(told, "content", json.dumps(told.value).replace("/", "\\/").encode()), SPACE
    ),
    "1.0 for 1": renumbered("{}.0", NUMBERS),
    "1e0 for 1": renumbered("{}e0", NUMBERS),
    "1E+0 for 1": renumbered("{}E+0", NUMBERS),
    "-0 for 0": told_by(
        lambda told: setattr(told, "content", re.sub(rb"(?<=[:\[,] )0(?=[,}\]])", b"-0", json.dumps(told.value).encode())),
        NUMBERS,
    ),
    "more properties everywhere": valued(lambda value, name: members(value, lambda one: {**one, **EXTRA}), MORE),
    "more properties before the others": valued(lambda value, name: members(value, lambda one: {**EXTRA, **one}), MORE),
    "names of headers in another case": Manner(HEADERS, lambda: (swapped_case,)),
    "more headers": Manner(HEADERS, lambda: (more_headers,)),
    "a charset": typed("application/json; charset=utf-8"),
    "a charset in capitals": typed("application/json;charset=UTF-8"),
    "a media type in capitals": typed("Application/JSON"),
    "a media type with a profile": typed('application/json; profile="/v2"'),
}

FORM_FAULTS = {
    "a byte order mark": told_by(lambda told: setattr(told, "content", b"\xef\xbb\xbf" + told.content), "A byte order mark"),
    "numbers as texts": on_boards(
        valued(lambda value, name: str(value) if is_whole(value) else value, "Numbers as texts, or other numbers")
    ),
    "1.5 for 1": on_boards(renumbered("{}.5", "Numbers as texts, or other numbers")),
    "texts in NFD": valued(
        lambda value, name: unicodedata.normalize("NFD", value) if isinstance(value, str) else value,
        "Texts normalised or trimmed",
    ),
    "texts in NFC": valued(
        lambda value, name: unicodedata.normalize("NFC", value) if isinstance(value, str) else value,
        "Texts normalised or trimmed",
    ),
    "texts trimmed": valued(
        lambda value, name: value.strip() if isinstance(value, str) else value, "Texts normalised or trimmed"
    ),
    "empty texts as null": valued(
        lambda value, name: None if value == "" else value, "An empty text for null, or null for one"
    ),
    "null as an empty text": valued(
        lambda value, name: "" if value is None else value, "An empty text for null, or null for one"
    ),
    "Latin-1": told_by(
        lambda told: setattr(told, "content", json.dumps(told.value, ensure_ascii=False).encode("latin-1", "replace")),
        "Another encoding than UTF-8",
    ),
    "no media type": told_by(lambda told: told.put("content-type", None), "Another media type, or none"),
    "text/plain": told_by(lambda told: told.put("content-type", "text/plain"), "Another media type, or none"),
    "202 for 200": told_by(lambda told: setattr(told, "status", 202), "A success status that is not documented"),
}


MANNERS: dict[str, Manner] = {**CLOCKS, **FORMS}
FAULTS: dict[str, Manner] = {name: replace(manner, conforms=False) for name, manner in {**CLOCK_FAULTS, **FORM_FAULTS}.items()}
