"""What happens, told to whoever listens. A listener that is slow loses the oldest and is told so; nobody waits for it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from mock_server.server.journal import Entry

MOST_WAITING = 1000
"""How many events may wait for a listener."""

MOST_LISTENERS = 100


class Event(NamedTuple):
    """`exchange` with an entry of the journal, or another name with plain data: `changed`, `missed`."""

    name: str
    data: Entry | Mapping[str, Any]


Next: TypeAlias = Event | None


class Events:
    """Tells events to its listeners. Ask whether there are any before making one."""

    def __init__(self) -> None:
        self.listeners: set[Listener] = set()

    def tell(self, event: Event) -> None:
        """Tell an event to all who listen; this never waits."""
        for listener in self.listeners:
            listener.add(event)

    def changed(self, part: str) -> None:
        """Tell that a part of the mock is no longer what it was, other than by an exchange."""
        if self.listeners:
            self.tell(Event("changed", {"part": part}))

    def told_webhook(self, id: str, state: str) -> None:
        """Tell that a webhook has come further."""
        if self.listeners:
            self.tell(Event("webhook", {"id": id, "state": state}))

    def listen(self) -> Listener:
        """Return a new listener; raise `ValueError` when there are too many already."""
        if len(self.listeners) >= MOST_LISTENERS:
            raise ValueError(f"{MOST_LISTENERS} are listening already")
        listener = Listener(self)
        self.listeners.add(listener)
        return listener

    def close(self) -> None:
        """Let all listeners go."""
        for listener in list(self.listeners):
            listener.close()


class Listener:
    """Receives events until it is closed, by either side."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._waiting: deque[Event] = deque()
        self._missed = 0
        self._called = asyncio.Event()
        self._closed = False

    def add(self, event: Event) -> None:
        """Have an event wait; the oldest goes where too many do."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self._missed += 1
        self._waiting.append(event)
        self._called.set()

    def close(self) -> None:
        """Listen no longer."""
        self._events.listeners.discard(self)
        self._closed = True
        self._called.set()

    async def events(self, patience: float) -> AsyncIterator[Next]:
        """Yield events as they come, and None whenever none came for `patience` seconds."""
        while not self._closed:
            self._called.clear()
            if not self._waiting:
                try:
                    await asyncio.wait_for(self._called.wait(), patience)
                except TimeoutError:
                    yield None
                continue
            if self._missed:
                missed, self._missed = self._missed, 0
                yield Event("missed", {"count": missed})
            yield self._waiting.popleft()
