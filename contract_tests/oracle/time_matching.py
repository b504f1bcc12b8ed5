"""Comparing times: a new one is of its request, by the target's clock; a stored one is the same instant later."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from contract_tests.oracle.memory import Memory
from contract_tests.oracle.mismatch import Mismatch
from contract_tests.oracle.pages import AskedPage, ShownPage, Walks
from contract_tests.oracle.placeholders import Placeholder, is_unknown
from contract_tests.oracle.plain_values import Missing, shown_value
from contract_tests.oracle.times import (
    FINE,
    SLACK,
    Window,
    fraction_digits,
    in_full,
    kind_of_time,
    not_at,
    precision,
    read_time,
)
from mock_server.contract.files.source import Json, pointer_to
from mock_server.contract.model import Resource
from mock_server.engine.generating import Position

CLOCK_SLACK = 0.01
"""The same for a target on this machine, once earlier answers have shown how its clock goes."""


@dataclass(slots=True)
class TimeMatching:
    """What a comparison goes by and what it finds; the part of it that is about times."""

    made: Mapping[Json, Placeholder]
    memory: Memory
    window: Window
    sent: bytes = b""
    """The body of the request."""
    strangers_allowed: bool = False
    previous: Mapping[tuple[Json, str], Json] = field(default_factory=dict)
    """What the fields of changed records were before this request, by id and field."""
    bindings: dict[Json, Json] = field(default_factory=dict)
    learned: list[tuple[Resource, Json, str, Json]] = field(default_factory=list)
    """Fields of stored records whose values only the answer tells: resource, id (or its stand-in), field, value."""
    type_names: dict[str, Json] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    pages: Mapping[str, AskedPage] = field(default_factory=dict)
    """Which part of each list was asked for, by the name of its step."""
    shown: dict[str, ShownPage] = field(default_factory=dict)
    cursors: dict[str, Position] = field(default_factory=dict)
    """Behind which known record each cursor of the answer leads."""
    walks: Walks = field(default_factory=Walks)
    address: str = ""
    """What was asked for, but for the page of it."""
    one_clock: bool = False
    """Whether the target runs on this machine, so that all its times come from one clock."""
    ahead: tuple[float, float] = (-math.inf, math.inf)
    differences: list[Mismatch] = field(default_factory=list)

    def _compare_times(self, resource: Resource, found: Mapping[str, Json], pointer: str) -> None:
        """Note it where a record was changed before it was made, as far as its times are written."""
        if resource.created is None or resource.modified is None:
            return
        created, modified = (
            in_full(found.get(name), resource.time_form(name)) for name in (resource.created, resource.modified)
        )
        made_at, changed_at = read_time(created), read_time(modified)
        if made_at is None or changed_at is None:
            return  # that is told by the field itself
        if changed_at < made_at - precision(created, modified) - CLOCK_SLACK:
            self._differ(
                pointer + pointer_to(resource.modified),
                f"no time before {resource.created}, {shown_value(found.get(resource.created))}",
                found.get(resource.modified),
            )

    def _compare_time(
        self, resource: Resource, name: str, predicted: Json, found: Json | Missing, pointer: str, id: Json
    ) -> None:
        if predicted is None:
            if found is not None:
                self._differ(pointer, "null: nothing has changed it yet", found)
            return
        form = resource.time_form(name)
        if form == "date":
            self._compare_date(resource, name, predicted, found, pointer, id)
            return
        shown = in_full(found, form)
        instant = read_time(shown)
        if instant is None:
            self._differ(pointer, kind_of_time(form), found)
        elif predicted in self.made or is_unknown(predicted):
            is_new = predicted in self.made
            if is_new and instant not in self.window:
                self._differ(pointer, f"the time of this request, {self.window}", found)
                return
            before = in_full(self.previous.get((id, name)), form)
            if is_new and (earlier := self._stale(instant, shown, before, is_first=name == resource.created)):
                self._differ(pointer, f"the time of this request, later than {earlier}", found)
                return
            self.bindings.setdefault(predicted, found)
            kept = self.memory.apart(found) if is_new and name == resource.created and not isinstance(found, Missing) else found
            self.learned.append((resource, id, name, kept))
            if is_new:
                self.times.append(instant)
        else:
            before = in_full(predicted, form)
            stored = read_time(before)
            if stored is None or abs(instant - stored) > precision(before, shown):
                self._differ(pointer, f"{shown_value(predicted)}, as before", found)

    def _compare_date(
        self, resource: Resource, name: str, predicted: Json, found: Json | Missing, pointer: str, id: Json
    ) -> None:
        """Compare a time that is told by its day alone."""
        wrong = not_at(self.window, "date", 0, found) if predicted in self.made else ""
        if wrong:
            self._differ(pointer, wrong, found)
        elif predicted in self.made or is_unknown(predicted):
            self.bindings.setdefault(predicted, found)
            self.learned.append((resource, id, name, found))
        elif predicted != found:
            self._differ(pointer, f"{shown_value(predicted)}, as before", found)

    def _stale(self, instant: float, found: object, before: Json, *, is_first: bool) -> str:
        """Say which earlier time a time that should be new repeats, or goes back behind; an empty text when it does neither."""
        earlier = read_time(before)
        is_fine = fraction_digits(found) >= FINE  # milliseconds may well repeat
        if earlier is not None and (instant < earlier - precision(before, found) or (is_fine and instant == earlier)):
            return f"{shown_value(before)}, which it was before"
        least, most = self.window.ahead(instant, precision(found) + CLOCK_SLACK)
        least, most = max(least, self.memory.ahead[0]), min(most, self.memory.ahead[1])
        if self.one_clock and least > most:
            return "the request was sent, by the clock of the earlier answers"
        if is_first:
            self.ahead = (least, most)  # the time of making is surely of this request
        if instant < self.memory.latest_before - SLACK:
            latest = datetime.fromtimestamp(self.memory.latest_before).astimezone().isoformat("T", "milliseconds")
            return f"{latest}, which an earlier answer showed"
        return ""

    def _off_clock(self, made: Placeholder, found: object) -> str:
        """Say what a time of the request should be where it does not fit the clock of earlier answers; else an empty text."""
        instant = read_time(in_full(found, made.form)) if made.form != "date" else None
        if instant is None or made.later or not self.one_clock:
            return ""
        least, most = self.window.ahead(instant, precision(in_full(found, made.form)) + CLOCK_SLACK)
        fits = max(least, self.memory.ahead[0]) <= min(most, self.memory.ahead[1])
        return "" if fits else "the time of this request, by the clock of the earlier answers"

    def _differ(self, pointer: str, expected: str, found: object) -> None:
        self.differences.append(Mismatch(pointer or "the body", expected, shown_value(found)))
