"""How a field writes times, as its schema has it."""

from __future__ import annotations

from mock_server.contract.behaviours.expressions import TimeForm
from mock_server.contract.schemas.schema import Schema

FAR = 100_000_000_000
"""Where a number of seconds since 1970 is so far in the future that it is one of milliseconds."""


def form_of(schema: Schema, *, milliseconds: bool) -> TimeForm:
    """Return the form of the times in a field: a number where it takes no text, a date where its format says so."""
    if "string" not in schema.types and "number" in schema.types:
        return "milliseconds" if milliseconds else "seconds"
    return "date" if "date" in schema.formats else "date-time"
