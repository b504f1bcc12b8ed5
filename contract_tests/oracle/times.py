"""Times in answers: reading them, how precise they are, and when by the clock of a target a request was answered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

from contract_tests.transport.wire import WireResponse
from mock_server.contract.behaviours.expressions import TimeForm
from mock_server.contract.files.source import Json

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

SLACK = 2.0
"""Seconds by which a time may lie outside of its request, as the target's own clock has it."""

MOST_AHEAD = 12 * 3600.0
"""Seconds by which the clock of a target may be ahead of ours, or behind; a Date header that tells of more tells nothing."""

SLACK_WITHOUT_DATE = 300.0
"""The same for a target whose answers carry no Date header, so that its clock is not known."""

DATE_TIME = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt ](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?"
    r"(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)

FINE = 5
"""Digits of a fraction of a second that a time has to have for two requests not to share it."""


@dataclass(frozen=True, slots=True)
class Window:
    """The span of seconds since 1970, by the target's clock, in which a request was answered.

    A busy server may tell its Date late. So a time that is of the request by our own clock is right as well.
    """

    start: float
    end: float
    sent_at: float
    received_at: float
    ahead: float = 0.0
    """By how many seconds earlier answers have shown the target's clock to be ahead of ours."""

    @classmethod
    def of(cls, reply: WireResponse, ahead: float = 0.0) -> Window:
        """Return the window of a reply; its Date header tells the target's clock to a second."""
        date, sent_at, received_at = _http_date(reply.header("date")), reply.sent_at, reply.received_at
        if date is None or abs(date - sent_at) > MOST_AHEAD:
            return cls(sent_at - SLACK_WITHOUT_DATE, received_at + SLACK_WITHOUT_DATE, sent_at, received_at, ahead)
        return cls(date - max(0.0, received_at - sent_at) - SLACK, date + 1 + SLACK, sent_at, received_at, ahead)

    def is_ahead(self, instant: float, precision: float) -> tuple[float, float]:
        """Return by how much the clock that showed `instant` is ahead of ours, at least and at most."""
        return instant - precision - self.received_at, instant + precision - self.sent_at

    @property
    def spans(self) -> tuple[tuple[float, float], ...]:
        """The spans in which a time of the request may lie: by the Date header, by our clock, by what is known of theirs."""
        ours = self.sent_at - SLACK, self.received_at + SLACK
        return (self.start, self.end), ours, (ours[0] + self.ahead, ours[1] + self.ahead)

    def __contains__(self, instant: float) -> bool:
        """Say whether an instant may be of the request."""
        return any(start <= instant <= end for start, end in self.spans)

    def later(self, seconds: float) -> Window:
        """Return the window that is so many seconds later."""
        start, end, sent_at, received_at = (at + seconds for at in (self.start, self.end, self.sent_at, self.received_at))
        return Window(start, end, sent_at, received_at, self.ahead)

    def __str__(self) -> str:
        start, end = (datetime.fromtimestamp(at).astimezone().isoformat("T", "seconds") for at in (self.start, self.end))
        return f"between {start} and {end}"


def read_time(value: object) -> float | None:
    """Return the instant that an RFC 3339 date-time names, in seconds since 1970; None for anything else."""
    return _instant(value) if isinstance(value, str) else None


@lru_cache(maxsize=1024)  # the same times stand in many predictions and answers
def _instant(value: str) -> float | None:
    if not DATE_TIME.fullmatch(value):
        return None
    text = re.sub(r"(\.\d{6})\d+", r"\1", value.upper().replace(" ", "T"))
    text = re.sub(r"\.(\d{1,5})(?=[Z+-])", lambda found: "." + found[1].ljust(6, "0"), text)
    try:
        return datetime.fromisoformat(text.replace(":60", ":59", 1) if ":60" in text[16:20] else text).timestamp()
    except (ValueError, OverflowError):
        return None


def not_at(window: Window, form: TimeForm, later: float, found: object) -> str:
    """Return what a value should be that tells the time of a request, or one so much later; an empty text where it is that."""
    shifted = window.later(later)
    if form in ("seconds", "milliseconds"):
        is_number = isinstance(found, (int, float)) and not isinstance(found, bool)
        instant = found / (1000 if form == "milliseconds" else 1) if is_number else None  # type: ignore[operator]  # a number
    elif form == "date":
        days = {datetime.fromtimestamp(at, UTC).date().isoformat() for span in shifted.spans for at in span}
        return "" if found in days else f"the date of this request, {' or '.join(sorted(days))}"
    else:
        instant = read_time(found)
    if instant is None:
        return kind_of_time(form)
    return "" if instant in shifted or instant + 1 in shifted else f"a time {shifted}"


def kind_of_time(form: TimeForm) -> str:
    """Return in words how a time is written."""
    return f"a time as {form} since 1970" if form in ("seconds", "milliseconds") else "a date-time with a zone (RFC 3339)"


def in_full(value: object, form: TimeForm) -> str | None:
    """Return the time that a value tells in a form, as RFC 3339 writes it: to the second or finer; None where it tells none."""
    if form == "date-time":
        return value if isinstance(value, str) and read_time(value) is not None else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        instant = EPOCH + timedelta(**{form: value})
    except (OverflowError, ValueError):
        return None
    return instant.isoformat("T").replace("+00:00", "Z")


def precision(*times: object) -> float:
    """Return by how many seconds two answers may show the same stored time, for one may be cut off earlier than the other."""
    least = min(fraction_digits(time) for time in times)
    return float(10**-least) + 1e-6


def a_bit_after(time: Json, number: int) -> Json:
    """Return a time that looks like another one as far as that is written, and is later by so many millionths of a second."""
    if isinstance(time, (int, float)):
        return time + min(number, 999_999) * 1e-6
    found = re.fullmatch(r"(.*:\d\d)(?:\.(\d+))?(\D.*)", time) if isinstance(time, str) else None
    shown = (found[2] or "") if found else ""
    places = 6 - len(shown)
    if found is None or places <= 0:
        return time
    return f"{found[1]}.{shown}{min(number, 10**places - 1):0{places}d}{found[3]}"


def fraction_digits(time: object) -> int:
    """Return to how many digits of a fraction of a second a time is written."""
    return _fraction_digits(time) if isinstance(time, str) else 0


@lru_cache(maxsize=1024)
def _fraction_digits(time: str) -> int:
    found = re.search(r"\.(\d+)", time)
    return len(found[1].rstrip("0")) if found else 0


@lru_cache(maxsize=64)  # an answer is compared with many predictions
def _http_date(value: str) -> float | None:
    try:
        return parsedate_to_datetime(value).timestamp() if value else None
    except (ValueError, TypeError, IndexError):
        return None
