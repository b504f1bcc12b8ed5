"""The webhooks of a mock in a test: what it sent, and a receiver on this machine that keeps what comes."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from mock_server.contract.files.source import Json
from mock_server.exchange.signing import is_signed
from mock_server.server.mock import Mock
from mock_server.server.webhooks import DELIVERY_HEADER, EVENT_HEADER, Delivery


@dataclass(frozen=True, slots=True)
class ReceivedWebhook:
    """A message as it came. `verified` says whether its signature is right; None where it is not signed."""

    event: str
    path: str
    headers: dict[str, str]
    body: bytes
    verified: bool | None

    @property
    def json(self) -> Json:
        """What the body holds."""
        return json.loads(self.body)


class WebhookInbox:
    """What a mock sends: `url` is where a receiver keeps it, started when it is first asked for."""

    def __init__(self, mock: Callable[[], Mock], sent: Callable[[], list[Delivery]]) -> None:
        self._mock = mock
        self._sent = sent
        self._came = threading.Condition()
        self._received: list[ReceivedWebhook] = []
        self._statuses: deque[int] = deque()
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Where messages are received: give this, or a path beneath it, to the API as the place for its webhooks."""
        if self._server is None:
            self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._take))
            self._server.daemon_threads = True
            threading.Thread(target=self._server.serve_forever, args=(0.05,), name="webhook receiver", daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def received(self) -> list[ReceivedWebhook]:
        """What came since the last reset, in order."""
        with self._came:
            return list(self._received)

    @property
    def deliveries(self) -> list[Delivery]:
        """What the mock sent, wherever to, with its attempts."""
        return self._sent()

    def wait_for(self, event: str | None = None, *, count: int = 1, timeout: float = 5) -> ReceivedWebhook:
        """Return the message that makes it `count` of an event, or of any; raise `AssertionError` where none comes in time."""
        __tracebackhide__ = True
        end = time.monotonic() + timeout
        with self._came:
            while True:
                fitting = [one for one in self._received if event in (None, one.event)]
                if len(fitting) >= count:
                    return fitting[count - 1]
                if not self._came.wait(max(end - time.monotonic(), 0)) and time.monotonic() >= end:
                    break
        raise AssertionError(self._lacking(event, count, timeout))

    def answer_with(self, *statuses: int) -> None:
        """Answer the next messages with these statuses; afterwards, with 204 as before."""
        with self._came:
            self._statuses.extend(statuses)

    def forget(self) -> None:
        """Forget what came, and what is to be answered."""
        with self._came:
            self._received.clear()
            self._statuses.clear()

    def close(self) -> None:
        """Receive nothing more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        mock = self._mock()
        delivery, signature = mock.webhooks.find(headers.get(DELIVERY_HEADER.lower(), "")), mock.webhooks.rules.signature
        verified = None
        if delivery is not None and signature is not None and delivery.message.secret is not None:
            verified = is_signed(signature, delivery.message.secret, headers, body)
        with self._came:
            self._received.append(ReceivedWebhook(headers.get(EVENT_HEADER.lower(), ""), path, headers, body, verified))
            status = self._statuses.popleft() if self._statuses else 204
            self._came.notify_all()
        return status

    def _lacking(self, event: str | None, count: int, timeout: float) -> str:
        came = ", ".join(one.event for one in self.received) or "none"
        sent = [f"{one.message.event} to {one.message.url}: {one.state} {one.problem}".rstrip() for one in self.deliveries]
        wanted = f"webhook {event}" if event else "webhook"
        return f"no {wanted} (number {count}) came within {timeout:g} s; came: {came}; sent: {'; '.join(sent) or 'none'}"


def _handler(take: Callable[[str, dict[str, str], bytes], int]) -> type[BaseHTTPRequestHandler]:
    class TakingHandler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65_537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            status = take(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    return TakingHandler
