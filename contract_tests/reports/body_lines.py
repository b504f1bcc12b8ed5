"""A body as lines to look at, with what is wrong marked at the lines of its JSON Pointers."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from contract_tests.reports.wording import cut, shown_body
from contract_tests.runner.outcome import Finding
from mock_server.contract.files.source import pointer_to

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
LARGEST = 4_000_000
"""Bodies of more bytes are not laid out."""
MOST_LINES, AROUND = 60, 4
"""How many lines of a body are shown, and how many before and after one that is marked."""
LONGEST_LINE = 400
WHOLE = "the body"
"""The place of what is wrong with a body as a whole."""
DEEPEST = 40
"""How deep lines are indented; what is deeper is indented so far."""


@dataclass(slots=True)
class BodyLine:
    """A line of a body. `pointer` leads to the value that begins on it; `notes` are lines after it: what was expected."""

    text: str
    pointer: str | None = None
    notes: list[str] = field(default_factory=list)
    is_wrong: bool = False
    is_gap: bool = False
    """Whether it stands for lines that are left out."""


@dataclass(slots=True)
class _Container:
    pointer: str
    is_object: bool
    key: str | None = None
    """The text of a name whose value comes next."""
    items: int = 0

    def next_pointer(self) -> str:
        place = self.items if self.key is None else json.loads(self.key)
        return self.pointer + pointer_to(place)


def body_lines(body: bytes, finding: Finding | None = None) -> list[BodyLine]:
    """Return a body as the lines to show of it: JSON laid out, other text as it is; what is long is cut, and says so.

    If it is the body that a finding is about, each value that is wrong is marked where it stands, or would stand. Numbers and
    texts are written as they came.
    """
    lines = _laid_out(body)
    if lines is None:
        return [BodyLine(line) for line in shown_body(body).split("\n")]
    for difference in finding.differences if finding else ():
        if difference.is_value or difference.place == WHOLE:
            place = difference.place.removeprefix(WHOLE)
            _mark(lines, place, cut(difference.expected, LONGEST_LINE), cut(difference.received, LONGEST_LINE))
    for line in lines:
        line.text = cut(line.text, LONGEST_LINE)
    shown = _window(lines)
    if len(shown) < len(lines) or any(line.text.endswith("…") for line in shown):
        shown.append(BodyLine(f"… ({len(body):,} bytes in all)", is_gap=True))
    return shown


def _laid_out(body: bytes) -> list[BodyLine] | None:
    """Return the lines of a JSON body; None if it is something else."""
    if len(body) > LARGEST:
        return None
    try:
        text = body.decode("utf-8")
        json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    lines: list[BodyLine] = []
    within: list[_Container] = []
    for token in TOKEN.findall(text):
        if token == ",":
            lines[-1].text += ","
        elif token in "}]":
            closed = within.pop()
            if closed.items:
                lines.append(BodyLine(_indent(within) + token))
            else:
                lines[-1].text += token
        elif token == ":":
            continue
        elif within and within[-1].is_object and within[-1].key is None:
            within[-1].key = token
        else:
            _add_value(lines, within, token)
    return lines


def _add_value(lines: list[BodyLine], within: list[_Container], token: str) -> None:
    name, pointer, indent = "", "", _indent(within)
    if within:
        holder = within[-1]
        name = f"{holder.key}: " if holder.key is not None else ""
        pointer = holder.next_pointer()
        holder.items += 1
        holder.key = None
    lines.append(BodyLine(indent + name + token, pointer))
    if token in "{[":
        within.append(_Container(pointer, token == "{"))


def _indent(within: Sequence[_Container]) -> str:
    return "  " * min(len(within), DEEPEST)


def _mark(lines: Sequence[BodyLine], place: str, expected: str, received: str) -> None:
    """Mark the line of the value; where there is no such value, the nearest one around it."""
    found, missing = None, ""
    while found is None:
        found = next((line for line in reversed(lines) if line.pointer == place), None)
        if found is None:
            place, _, last = place.rpartition("/")
            missing = f"/{last}{missing}"
    indent = found.text[: len(found.text) - len(found.text.lstrip(" "))]
    if missing:
        found.notes.append(f"{indent}  {missing} is missing: expected {expected}")
        return
    found.is_wrong = True
    is_shown = received in found.text
    found.notes.append(f"{indent}expected {expected}" if is_shown else f"{indent}expected {expected}; received {received}")


def _window(lines: list[BodyLine]) -> list[BodyLine]:
    """Return the first lines and those around each mark, with a line for what is left out between them."""
    marked = [number for number, line in enumerate(lines) if line.notes]
    near = {number for mark in marked for number in range(mark - AROUND, mark + AROUND + 1)}
    first = MOST_LINES if not marked else MOST_LINES // 2
    kept = [number for number in range(len(lines)) if number < first or number in near or len(lines) <= MOST_LINES]
    shown: list[BodyLine] = []
    before = -1
    for number in [*kept, len(lines)]:
        if number - before > 1:
            left_out = number - before - 1
            shown.append(BodyLine(f"⋯ {left_out:,} {'line' if left_out == 1 else 'lines'} left out", is_gap=True))
        if number < len(lines):
            shown.append(lines[number])
        before = number
    return shown
