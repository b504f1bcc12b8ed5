"""Stored times as instants, in whichever form they are written."""

from __future__ import annotations

from datetime import UTC, datetime

from mock_server.contract.behaviours.time_forms import FAR
from mock_server.contract.files.source import Json


def instant_of(time: Json) -> float | None:
    """Return a time as seconds since 1970, None where it is none. Without a zone it is in UTC; a date is its first instant."""
    if isinstance(time, (int, float)) and not isinstance(time, bool):
        return time / 1000 if time > FAR else float(time)
    try:
        read = datetime.fromisoformat(time.upper()) if isinstance(time, str) else None
    except ValueError:
        return None
    return None if read is None else (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def microseconds(instant: float) -> int:
    """Return an instant in whole microseconds, in which clocks are compared: a fraction of a second is no exact number."""
    return round(instant * 1_000_000)
