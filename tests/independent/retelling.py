"""An application before another one, that tells the same answers in another manner: it knows nothing of the API behind it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, TypeAlias

from contract_tests.oracle.times import DATE_TIME
from contract_tests.transport.targets import AsgiApp

from .clocks import Clock, true_clock

SERVER_MADE = frozenset({"created_at", "modified_at", "updated_at", "expires_at", "done_at"})
"""The names of the times that the APIs of these tests make themselves."""


@dataclass
class Told:
    """An answer, before it goes out. The value of its body can be changed where it is JSON; `content` is what is sent."""

    method: str
    path: str
    status: int
    headers: list[tuple[str, str]]
    content: bytes
    sent: bytes = field(repr=False, default=b"")

    @property
    def is_json(self) -> bool:
        """Whether it is a success that tells a JSON value."""
        return 200 <= self.status < 300 and self.header("content-type").startswith("application/json") and bool(self.content)

    @property
    def value(self) -> Any:
        """The value of the body."""
        return json.loads(self.content)

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    def put(self, name: str, value: str | None) -> None:
        """Set a header, or take it away."""
        self.headers = [(key, old) for key, old in self.headers if key.lower() != name.lower()]
        if value is not None:
            self.headers.append((name, value))


Change: TypeAlias = Callable[[Told], None]


class Retelling:
    """An ASGI application that answers as `app` does, but for what the changes make of its answers."""

    def __init__(self, app: AsgiApp, *changes: Change, clock: Clock = true_clock) -> None:
        self.app = app
        self.changes = changes
        self.clock = clock

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        told = Told(scope["method"], scope["path"], 0, [], b"")

        async def hear() -> Any:
            message = await receive()
            told.sent += message.get("body", b"")
            return message

        async def keep(message: Any) -> None:
            if message["type"] == "http.response.start":
                told.status = message["status"]
                told.headers = [(key.decode("latin-1"), value.decode("latin-1")) for key, value in message["headers"]]
            elif message["type"] == "http.response.body":
                told.content += message.get("body", b"")

        await self.app(scope, hear, keep)
        told.put("date", http_date(self.clock(time.time())))
        for change in self.changes:
            change(told)
        if told.header("content-length"):
            told.put("content-length", str(len(told.content)))
        headers = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in told.headers]
        await send({"type": "http.response.start", "status": told.status, "headers": headers})
        await send({"type": "http.response.body", "body": told.content if told.method != "HEAD" else b""})


def values(change: Callable[[Any, str], Any]) -> Change:
    """Return what changes every value of a body of JSON, given with the name of the property that it stands in; inner ones first."""

    def walk(value: Any, name: str) -> Any:
        if isinstance(value, dict):
            value = {key: walk(member, key) for key, member in value.items()}
        elif isinstance(value, list):
            value = [walk(element, name) for element in value]
        return change(value, name)

    def retell(told: Told) -> None:
        if told.is_json:
            told.content = json.dumps(walk(told.value, "")).encode()

    return retell


def times(change: Callable[[str], Any], names: frozenset[str] = SERVER_MADE) -> Change:
    """Return what changes every time that the server makes."""
    return values(lambda value, name: change(value) if name in names and is_time(value) else value)


def is_time(value: Any) -> bool:
    return isinstance(value, str) and DATE_TIME.fullmatch(value) is not None


def http_date(at: float) -> str:
    return format_datetime(datetime.fromtimestamp(int(at), UTC), usegmt=True)
