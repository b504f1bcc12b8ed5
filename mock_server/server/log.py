"""What the server tells on standard error: a line for each exchange, written a few at a time."""

from __future__ import annotations

import asyncio
import sys
from typing import TextIO

from mock_server.contract.problems import KINDS
from mock_server.exchange.messages import Answer, Request
from mock_server.server.settings import LOG_LEVELS

FLUSH_AFTER = 0.05
"""Seconds that a line may wait; a person does not notice, and a busy server writes many lines at once."""


class Log:
    """Tells what is at least as grave as its level."""

    def __init__(self, level: str, stream: TextIO | None = None) -> None:
        self._rank = LOG_LEVELS.index(level)
        self.tells_exchanges = self._rank <= 1
        self._stream = stream or sys.stderr
        self._waiting: list[str] = []

    def exchange(self, request: Request, answer: Answer) -> None:
        """Tell an exchange: what was asked, the status, why it was refused or what the answer rested on.

        That the document contradicts itself is a warning.
        """
        is_warning = answer.problem is not None and KINDS[answer.problem].own and self._rank <= 2
        if not self.tells_exchanges and not is_warning:
            return
        line = f"{request.method} {request.path} {answer.status}"
        if answer.problem:
            line += f"  {answer.detail}"
        elif answer.rested_on and self._rank == 0:
            line += "  assumed " + ", ".join(f"{name}={choice}" for name, choice in answer.rested_on.items())
        if len(answer.violations) < 2:
            self._tell(_printable(line))
            return
        lines = [line, *[f"{location} {pointer}: {message}" for location, pointer, _, message in answer.violations]]
        self._tell("\n    ".join(lines if "".join(lines).isprintable() else map(_printable, lines)))

    def info(self, text: str) -> None:
        """Tell something that a person wants to know."""
        if self._rank <= 1:
            self._tell(text)

    def warning(self, text: str) -> None:
        """Tell something that a person has to know."""
        if self._rank <= 2:
            self._tell(text)

    def flush(self) -> None:
        """Write what waits."""
        lines, self._waiting = self._waiting, []
        if lines:
            self._stream.write("\n".join(lines) + "\n")
            self._stream.flush()

    def _tell(self, line: str) -> None:
        self._waiting.append(line)
        if len(self._waiting) == 1:
            try:
                asyncio.get_running_loop().call_later(FLUSH_AFTER, self.flush)
            except RuntimeError:
                self.flush()


def _printable(text: str) -> str:
    """Return what a client sent without control characters and line breaks, which must not reach a terminal or a log."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
