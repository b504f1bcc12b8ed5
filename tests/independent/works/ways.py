"""What the document leaves to whoever builds the API: how times and ids look, what a refusal says, which choice is made."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any


def with_zulu(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def by_offset(hours: int) -> Callable[[datetime], str]:
    return lambda time: time.astimezone(timezone(timedelta(hours=hours))).isoformat()


def to_seconds(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def to_milliseconds(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Ways:
    """Each is legal."""

    time: Callable[[datetime], str] = with_zulu
    """How a time is written."""

    clock: timedelta = timedelta()
    """By how much the clock is ahead."""

    new_id: Callable[[str, int], str] = lambda kind, number: f"{kind.lower()}_{number}"
    first_ticket: int = 1
    ticket_step: int = 1
    problem: Callable[[int, str], Any] = lambda status, why: {"code": str(status), "message": why}
    shown: Callable[[dict[str, Any]], dict[str, Any]] = dict
    """What is done to each object that an answer is, or holds at its top."""

    written: Callable[[Any], bytes] = lambda value: json.dumps(value).encode()
    """How JSON is written."""

    cursor: str = "after"
    """`after` names the record before, `place` is an opaque key into what is kept, `signed` is longer."""

    tag: str = "hash"
    """`hash` of what is shown, `version` counts changes."""

    names_ignore_case: bool = False
    updated_when_new: bool = False
    updated_when_unchanged: bool = False
    absolute_links: bool = False
    all_links: bool = False
    statuses: dict[int, int] = field(default_factory=dict)
    """Which other status is given for a refusal, where the document has several that fit."""

    headers: dict[str, str] = field(default_factory=dict)
    seeded: int = 0
    """How many sites with tickets are there already."""

    delay: float = 0.0


def uuids(kind: str, number: int) -> str:
    return str(uuid.uuid4())


USUAL = Ways()
