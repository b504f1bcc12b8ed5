"""What the report of a test tells about its mocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pytest

from mock_server.testing.readings import Reading, told
from mock_server.testing.requests import Asked
from mock_server.testing.server import Handle

MOST_SHOWN = 20
"""How many exchanges are shown, the latest ones."""

LONGEST_BODY = 400


def sections(handles: list[Handle], reading: Reading | None) -> Iterator[tuple[str, str]]:
    """Yield title and text of what a failing test shows."""
    if reading is not None:
        yield "mock server: reading", f"passes as assumed; fails if: {told(reading, handles[0].contract)}"
    for handle in handles:
        text = "\n".join((*_exchanges(handle.requests), *_faults(handle)))
        yield f"mock server: exchanges{_place(handle)}", handle.masking.text(text)


def summary(repeated: Iterable[pytest.TestReport]) -> Iterator[str]:
    """Yield the lines that tell how tests went under further readings."""
    calls: dict[str, list[pytest.TestReport]] = {}
    for report in repeated:
        if report.when == "call" or report.failed:
            calls.setdefault(str(dict(report.user_properties)["mock_server_test"]), []).append(report)
    readings = sum(len({report.nodeid for report in reports}) for reports in calls.values())
    yield f"{_counted(len(calls), 'test')} repeated under {_counted(readings, 'reading')} that can affect the outcome"
    for nodeid, reports in calls.items():
        failed = dict.fromkeys(dict(report.user_properties)["mock_server_reading"] for report in reports if report.failed)
        if failed:
            yield f"{nodeid} passes as assumed; fails if"
            yield from (f"    {text}" for text in failed)


def _exchanges(requests: Sequence[Asked]) -> Iterator[str]:
    everything = list(requests)
    shown = everything[-MOST_SHOWN:]
    if not everything:
        yield "no requests"
    elif len(shown) < len(everything):
        yield f"… {len(everything) - len(shown)} earlier exchanges"
    for asked in shown:
        yield f"{asked.number}. {asked}" + (f"  ({asked.fault})" if asked.fault else "")
        if asked.problem:
            yield f"   rejected ({asked.problem}): {asked.detail}"
            if len(asked.violations) > 1:
                yield from (f"   - {v.location} {v.pointer}: {v.message}" for v in asked.violations)
            if asked.body:
                yield f"   sent: {_shortened(asked.body.decode('utf-8', 'replace'))}"


def _faults(handle: Handle) -> Iterator[str]:
    for planned in handle.faults():
        fault, limit = planned.fault, "" if planned.fault.times is None else f" of {planned.fault.times}"
        declared = ", ".join(f"{name}: {value}" for name, value in fault.declared.items() if name != "name" and value)
        happened = f"happened {planned.injected}{limit} times" if planned.injected else "never happened"
        yield f"planned {fault.name} {happened} ({declared})"


def _place(handle: Handle) -> str:
    return f" at {url}" if (url := getattr(handle, "url", "")) else ""


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_BODY else text[: LONGEST_BODY - 1] + "…"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
