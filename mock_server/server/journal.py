"""The journal: the latest exchanges, in a ring of bounded size.

Noting an exchange is part of answering it, so it makes one tuple and nothing else: what shows an exchange is made when somebody
looks. What is kept are the parts, not the objects that carried them, and bodies as the bytes that were sent: whatever lives
longer than its request is far from the processor when its turn comes to go, so the fewer objects the better.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mock_server.engine.run import ABSENT
from mock_server.exchange.messages import Answer, Request
from mock_server.exchange.reading import parse_json


class Entry(NamedTuple):
    """One exchange. `number` counts from 1 over the life of the server."""

    number: int
    request: Request
    answer: Answer


MOST_SHARED = 1024


class Journal:
    """Remembers the latest exchanges; the oldest make room for new ones."""

    def __init__(self, size: int) -> None:
        self._entries: deque[tuple[Any, ...]] = deque(maxlen=size)
        self._rested_on: dict[tuple[str, ...], Mapping[str, str]] = {}
        self.count = 0

    def note(self, request: Request, answer: Answer, content: bytes) -> None:
        """Add an exchange; `content` is the body of the answer as JSON, empty where there is none."""
        self.count += 1
        headers, rested_on = request.headers, answer.rested_on
        shared = self._rested_on.get(tuple(rested_on))
        if shared is None or shared != rested_on:
            shared = self._share(rested_on)
        self._entries.append(
            (
                request.method,
                request.path,
                request.query,
                b"\n".join((*headers, *headers.values())),
                request.body,
                content,
                answer.status,
                answer.media_type,
                answer.headers,
                shared,
                answer.operation,
                answer.changes,
                answer.problem,
                answer.detail,
                answer.violations,
            )
        )

    def __iter__(self) -> Iterator[Entry]:
        for number, parts in enumerate(list(self._entries), self.count - len(self._entries) + 1):
            method, path, query, headers, body, content, status, *others = parts
            answered = parse_json(content) if content else ABSENT
            yield Entry(number, Request(method, path, query, _unpacked(headers), body), Answer(status, answered, *others))

    def _share(self, rested_on: Mapping[str, str]) -> Mapping[str, str]:
        """Return one mapping for all answers that rest on the same choices."""
        if len(self._rested_on) >= MOST_SHARED:
            self._rested_on.clear()
        self._rested_on[tuple(rested_on)] = rested_on
        return rested_on

    def __len__(self) -> int:
        return len(self._entries)


def _unpacked(headers: bytes) -> dict[bytes, bytes]:
    """Return headers that were joined: their names, then their values. HTTP lets no line break into either."""
    parts = headers.split(b"\n") if headers else []
    half = len(parts) // 2
    return dict(zip(parts[:half], parts[half:], strict=True))
