"""What the document leaves to whoever builds the API: how times and ids look, what a refusal says, which choice is made."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from ..clocks import Clock, ahead, true_clock


def in_zone(offset: timedelta = timedelta(), precision: str = "auto", zulu: str = "") -> Callable[[datetime], str]:
    """Return what writes a time; `zulu` stands in the place of +00:00."""

    def write(time: datetime) -> str:
        text = time.astimezone(timezone(offset)).isoformat(timespec=precision)
        return text.removesuffix("+00:00") + zulu if zulu else text

    return write


def written(value: Any) -> bytes:
    return json.dumps(value).encode()


def with_fractions(value: Any, name: str = "") -> Any:
    """Return a value in which whole numbers that are no ids are written as 3.0."""
    if isinstance(value, dict):
        return {key: with_fractions(member, key) for key, member in value.items()}
    if isinstance(value, list):
        return [with_fractions(element, name) for element in value]
    is_whole = isinstance(value, int) and not isinstance(value, bool) and name not in ("id", "ticket_id")
    return float(value) if is_whole else value


def without_null(value: Any) -> Any:
    """Return a value without what is null and need not be there."""
    needed = ("updated_at", "author_id", "next_cursor")
    if isinstance(value, dict):
        return {name: without_null(one) for name, one in value.items() if one is not None or name in needed}
    return [without_null(element) for element in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Ways:
    """Each is legal."""

    time: Callable[[datetime], str] = field(default_factory=lambda: in_zone(zulu="Z"))
    clock: Clock = true_clock

    new_id: Callable[[str, int], str] = lambda kind, number: f"{kind.lower()}_{number}"
    ticket_number: Callable[[int], int] = lambda number: number
    problem: Callable[[int, str], Any] = lambda status, why: {"code": str(status), "message": why}
    more: dict[str, Any] = field(default_factory=dict)
    """Properties beside those that are documented."""

    written: Callable[[Any], bytes] = written
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cursor: str = "the record before"
    tag: str = "what is shown"
    ignores_case_of_names: bool = False
    changed_when_new: bool = False
    changed_when_unchanged: bool = False
    refuses_another_request_with: int = 409
    refuses_a_step_with: int = 409
    absolute_links: bool = False
    all_links: bool = False
    signatures: int = 1
    seeded: int = 0
    """How many sites with tickets each organization has already."""

    delay: float = 0.0
    busy: int = 0
    """Of how many requests one is told to come again later."""


USUAL = Ways()
VARIANTS: dict[str, tuple[Ways, str]] = {
    "refusals say little": (Ways(problem=lambda status, why: {"message": ""}), "addSite replaceSite"),
    "refusals say more": (
        Ways(problem=lambda status, why: {"message": "Nein.", "code": "x", "details": [{"at": why}], "id": 7}),
        "addNote changeNote",
    ),
    "answers have more than is documented": (Ways(more={"_links": {"self": "/"}, "kind": None}), "search"),
    "ids are UUIDs": (Ways(new_id=lambda kind, number: str(uuid.uuid4())), "getReport"),
    "ids are numbers in texts": (Ways(new_id=lambda kind, number: str(7000 + number)), "getSite removeSite"),
    "ids have a prefix and letters of both cases": (
        Ways(new_id=lambda kind, number: f"{kind[0]}-{uuid.uuid4().hex[:9]}X"),
        "removeHook",
    ),
    "tickets have large numbers with gaps": (Ways(ticket_number=lambda number: 9_000_000_000 + 7 * number), "listTickets"),
    "the clock is three minutes ahead": (Ways(clock=ahead(180)), "getReport"),
    "the clock is three minutes behind": (Ways(clock=ahead(-180)), "completeTicket"),
    "times are of another zone": (Ways(time=in_zone(timedelta(hours=5, minutes=30))), "changeTicket removeTicket"),
    "times are of a zone in the west": (Ways(time=in_zone(timedelta(hours=-9), "milliseconds")), "listNotes"),
    "times have an offset of nothing": (Ways(time=in_zone()), "getUser"),
    "times are in seconds": (Ways(time=in_zone(precision="seconds", zulu="Z")), "listTickets"),
    "times are in milliseconds": (Ways(time=in_zone(precision="milliseconds", zulu="Z")), "getReport"),
    "times are in nanoseconds": (Ways(time=in_zone(precision="microseconds", zulu="000Z")), "getUser"),
    "keys come in another order": (Ways(written=lambda value: json.dumps(value, sort_keys=True, indent=2).encode()), "search"),
    "texts are written as they are": (Ways(written=lambda value: json.dumps(value, ensure_ascii=False).encode()), "changeNote"),
    "whole numbers are written as 3.0": (Ways(written=lambda value: written(with_fractions(value))), "listTickets"),
    "what is null is left out": (Ways(written=lambda value: written(without_null(value))), "removeUser"),
    "the media type has a charset": (Ways(media_type="application/json; charset=utf-8"), "logout"),
    "answers have more headers": (
        Ways(headers={"Cache-Control": "no-store", "X-Request-Id": "7", "Vary": "Accept"}),
        "getTicket removeTicket",
    ),
    "answers are slow": (Ways(delay=0.01), "removeHook"),
    "cursors are kept": (Ways(cursor="kept"), "listSites"),
    "cursors are long": (Ways(cursor="long"), "listSites"),
    "tags count changes": (Ways(tag="version"), "getTicket changeTicket removeTicket"),
    "case of names is ignored": (Ways(ignores_case_of_names=True), "replaceSite"),
    "what is new was changed when it was made": (Ways(changed_when_new=True), "getSite removeSite"),
    "every change counts as one": (Ways(changed_when_unchanged=True), "changeTicket removeTicket"),
    "a key of another request does not fit": (Ways(refuses_another_request_with=422), "addSite removeSite"),
    "a step that may not follow does not fit": (Ways(refuses_a_step_with=422), "completeTicket changeTicket"),
    "links are absolute": (Ways(absolute_links=True), "startReport"),
    "links lead to all pages": (Ways(all_links=True), "listTickets"),
    "messages are signed twice": (Ways(signatures=2), "addHook completeTicket"),
    "much is there already": (Ways(seeded=12), "listSites"),
    "some requests are to come again": (Ways(busy=40), "listNotes"),
}
"""Each with the operations in whose scenarios it shows."""
