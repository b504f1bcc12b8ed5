"""The journal: the latest exchanges, in a ring of bounded size."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from mock_server.exchange.messages import Answer, Request


class Entry(NamedTuple):
    """One exchange. `number` counts from 1 over the life of the server."""

    number: int
    request: Request
    answer: Answer


class Journal:
    """Remembers the latest exchanges; the oldest make room for new ones."""

    def __init__(self, size: int) -> None:
        self._entries: deque[Entry] = deque(maxlen=size)
        self.count = 0

    def note(self, request: Request, answer: Answer) -> None:
        """Add an exchange."""
        self.count += 1
        self._entries.append(Entry(self.count, request, answer))

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
