"""Spans of time as an author writes them: `90s`, `15m`, `1h`, `250ms`, `7d`, or a number of seconds."""

from __future__ import annotations

import re

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

FORM = "a number with a unit: 250ms, 30s, 15m, 1h, 7d"

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd])")


def parse_duration(value: object) -> float:
    """Return the seconds that a span of time has; raise `ValueError` where it is none."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return float(value)
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(value)
    return float(found[1]) * SECONDS[found[2]]
