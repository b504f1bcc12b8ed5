"""What goes by the time since a record was made, compared: any value is right that some moment of the request has."""

from __future__ import annotations

import json
from collections.abc import Mapping

from contract_tests.oracle.times import Window, read_time
from mock_server.contract.behaviours.time_forms import FAR
from mock_server.contract.files.source import Json

STAND_IN = "\0progress "

SLACK = 0.5
"""Seconds by which a target may be late, or its clock off."""


def progress_stand_in(created: Json, steps: tuple[tuple[float, str], ...]) -> str:
    """Return what stands for a value that goes by the time since `created`."""
    return STAND_IN + json.dumps([created, steps])


def admissible_progress(
    predicted: str, window: Window, bindings: Mapping[Json, Json], ahead: tuple[float, float] | None
) -> list[str]:
    """Return the values that may be shown in the time of a request; `ahead` says how the clock of the target goes, if known."""
    start, end = window.start, window.end
    if ahead is not None:
        start, end = window.sent_at + ahead[0], window.received_at + ahead[1]
    created, steps = json.loads(predicted.removeprefix(STAND_IN))
    known = bindings.get(created, created)
    made_at = (
        float(known) if isinstance(known, (int, float)) and not isinstance(known, bool) and known > 0 else read_time(known)
    )
    if made_at is not None and made_at > FAR:  # milliseconds
        made_at /= 1000
    if made_at is None:
        if not isinstance(known, str) or not known.startswith("\0time"):
            return [value for _, value in steps]
        made_at = start
    coarse = SLACK if isinstance(known, str) else SLACK + 1
    least, most = start - made_at - coarse, end - made_at + coarse
    ends = [after for after, _ in steps[1:]] + [float("inf")]
    return [value for (after, value), end in zip(steps, ends, strict=True) if after <= most and end >= least]
