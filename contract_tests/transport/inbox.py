"""Receiving what a target sends of itself: webhooks and callbacks."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, Protocol

from contract_tests.transport.wire import Target

PATIENCE = 5.0
"""Seconds that are waited for a message that has to come."""

SETTLING = 0.2
"""Seconds that are waited for one that must not."""

LARGEST = 4 * 1024 * 1024


class Arrived(NamedTuple):
    """A message as it came: the path, headers by their names in lower case, and the body."""

    path: str
    headers: dict[str, str]
    body: bytes


class Inbox(Protocol):
    """Where messages come in."""

    url: str

    def collect(self, expected: int, beneath: str) -> list[Arrived]:
        """Return what came beneath a path since it was asked last, after waiting for as many messages as are expected there."""

    def close(self) -> None:
        """Receive nothing more."""


class HandedInbox:
    """An inbox for a target in this process, which hands its messages over before it answers."""

    url = "http://127.0.0.1:9"

    def __init__(self) -> None:
        self._arrived: list[Arrived] = []

    def put(self, message: Arrived) -> None:
        """Take a message."""
        self._arrived.append(message)

    def collect(self, expected: int, beneath: str) -> list[Arrived]:
        """Return what came beneath a path since it was asked last."""
        arrived, self._arrived = self._arrived, []
        return [one for one in arrived if one.path.startswith(beneath)]

    def close(self) -> None:
        """There is nothing to let go of."""


class SocketInbox:
    """An inbox that listens on this machine."""

    def __init__(self) -> None:
        self._came = threading.Condition()
        self._arrived: list[Arrived] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="inbox", daemon=True).start()

    def put(self, message: Arrived) -> None:
        """Take a message."""
        with self._came:
            self._arrived.append(message)
            self._came.notify_all()

    def collect(self, expected: int, beneath: str) -> list[Arrived]:
        """Return what came beneath a path since it was asked last, after waiting for what is expected there, and then for more.

        What goes elsewhere is nobody's any more: those who subscribed earlier get messages as well.
        """
        end = time.monotonic() + PATIENCE
        with self._came:
            while (
                sum(one.path.startswith(beneath) for one in self._arrived) < expected and (left := end - time.monotonic()) > 0
            ):
                self._came.wait(left)
            end = time.monotonic() + SETTLING
            while (left := end - time.monotonic()) > 0:
                self._came.wait(left)
            arrived, self._arrived = self._arrived, []
        return [one for one in arrived if one.path.startswith(beneath)]

    def close(self) -> None:
        """Receive nothing more."""
        self._server.shutdown()
        self._server.server_close()


def inbox_for(target: Target) -> Inbox | None:
    """Return an inbox that a target can reach: its own, if it hands messages over itself; None for one on another machine."""
    own: Inbox | None = getattr(target, "inbox", None)
    return own or (SocketInbox() if target.local else None)


def _handler(inbox: SocketInbox) -> type[BaseHTTPRequestHandler]:
    class Receiving(BaseHTTPRequestHandler):
        timeout = PATIENCE

        def handle_one_request(self) -> None:
            self.close_connection = True
            self.raw_requestline = self.rfile.readline(65_537)
            if not self.raw_requestline or not self.parse_request():
                return
            body = self.rfile.read(min(int(self.headers.get("content-length") or 0), LARGEST))
            inbox.put(Arrived(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Receiving
