"""HTTP/1.1 as uvicorn speaks it, with a short way for the usual request.

An answer is computed at once and waits for nothing. So a request that comes in one piece, as nearly all do, is answered on the
spot: a task, an event and coroutines around it would take as long as the answer. Whatever takes longer goes the way of any
ASGI application: a body that is still on its way, a request behind one that goes that way, a client that does not read.
"""

from __future__ import annotations

import asyncio
import re
from functools import lru_cache
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from mock_server.exchange.messages import headers_by_name
from mock_server.server.application import Application, HttpResponse
from mock_server.server.breaking import CONNECTION
from mock_server.server.length import WITHOUT_LENGTH

UPGRADE = re.compile(rb"\r\nUpgrade:", re.IGNORECASE)
AUTHORITY = re.compile(rb"[a-z][a-z0-9+.-]*://([^/?#]*)", re.IGNORECASE)

LARGEST_HEAD = 65_536
"""How many bytes the target and the headers of a request may have: the journal keeps them, and any page can send long ones."""

TOO_LARGE_HEAD = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Protocol(HttpToolsProtocol):
    """One connection to a server of an `Application`.

    A request is held back from uvicorn from the end of its headers to the end of the piece of data at most; nothing else
    happens to a connection meanwhile.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._application: Application = config.app  # type: ignore[assignment]  # this protocol serves no other
        self._held_back = False
        self._body: list[bytes] = []
        self._piece = 0
        self._head: int | None = None
        """How many bytes of a head that is being read came after the piece that it began in; None between heads."""

        self._idle_since: float | None = None
        self._watching: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        super().connection_lost(exc)
        if self._watching is not None:
            self._watching.cancel()

    def data_received(self, data: bytes) -> None:
        """Feed the parser, and leave a request that has not ended to uvicorn.

        An `Upgrade` header is ignored, as a server may (RFC 9110 section 7.8): Java's HttpClient sends `Upgrade: h2c` with each
        first request, and the parser would take the request to end with its headers. It is renamed; to as many letters, so
        that no length changes.
        """
        self._idle_since = None
        self._piece = len(data)
        if self._head is not None:
            self._head += len(data)
        super().data_received(UPGRADE.sub(b"\r\nX-Upgra:", data) if b"pgrade" in data else data)
        if self._held_back and not self.transport.is_closing():
            self._hand_over()
        if self._head is not None and self._head > LARGEST_HEAD:
            self._refuse_head()

    def on_message_begin(self) -> None:
        """Begin to read a request; what else uvicorn begins with is left until it is needed."""
        self._head = 0
        self.url, self.headers, self.expect_100_continue = b"", [], False

    def on_headers_complete(self) -> None:
        """Hold the request back, unless it has to wait its turn."""
        large, self._head = self._head or self._piece > LARGEST_HEAD, None
        if large and len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > LARGEST_HEAD:
            self._refuse_head()
        if (self.cycle is None or self.cycle.response_complete) and not self.flow.write_paused:
            self._held_back, self._body = True, []
        else:
            self._begin_cycle()

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body."""
        if self._held_back:
            self._body.append(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Answer a request that was held back."""
        if not self._held_back:
            super().on_message_complete()
        elif self.transport.is_closing():  # what follows a last request is not performed
            self._held_back = False
        else:
            method = self.parser.get_method().decode()
            response = self._application.answer_at_once(method, self.url, headers_by_name(self.headers), b"".join(self._body))
            if response is None:
                self._hand_over()
                super().on_message_complete()
            else:
                self._held_back = False
                self._send(response, without_body=method == "HEAD")

    def _hand_over(self) -> None:
        """Have uvicorn go on with the request that was held back."""
        self._held_back = False
        self._begin_cycle()
        super().on_body(b"".join(self._body))

    def _begin_cycle(self) -> None:
        """Do what uvicorn does at the beginning of a request and at the end of its headers."""
        url, headers, expects_continue = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects_continue
        self.headers += headers
        super().on_headers_complete()
        absolute = AUTHORITY.match(url)
        if absolute:  # such a target goes before the header Host (RFC 9112 section 3.2.2)
            self.headers[:] = [(b"host", absolute[1]), *[header for header in self.headers if header[0] != b"host"]]
        self.scope["extensions"] = {CONNECTION: {"close": self.transport.close}}

    def _refuse_head(self) -> None:
        if not self.transport.is_closing():
            if self.cycle is None or self.cycle.response_complete:  # else it would pass for the answer to the one before
                self.transport.write(TOO_LARGE_HEAD)
            self.transport.close()

    def _send(self, response: HttpResponse, *, without_body: bool) -> None:
        lasts = self.parser.should_keep_alive() and self.parser.get_http_version() != "1.0" and not response.closes
        content = response.content
        self.transport.write(
            b"%b%b%b\r\n%b"
            % (
                _head(response.status, (*self.server_state.default_headers, *response.headers)),
                b"" if lasts else b"connection: close\r\n",
                b"" if response.status in WITHOUT_LENGTH else b"content-length: %d\r\n" % len(content),
                b"" if without_body else content,
            )
        )
        self.server_state.total_requests += 1
        if lasts:
            self._watch()
        else:
            self.transport.close()

    def _watch(self) -> None:
        """Have the connection closed when nothing comes for long.

        uvicorn starts a timer at each answer and stops it at each request, which is dear. This one just looks how long it is.
        """
        self._idle_since = self.loop.time()
        if self._watching is None:
            self._watching = self.loop.call_later(self.timeout_keep_alive, self._close_if_idle)

    def _close_if_idle(self) -> None:
        self._watching = None
        if self._idle_since is None:
            return  # what came goes uvicorn's way, which has a timer of its own
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._watching = self.loop.call_later(left, self._close_if_idle)
        else:
            self.timeout_keep_alive_handler()


@lru_cache(maxsize=256)
def _head(status: int, headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
    """Return the lines that many answers of the same second share."""
    return STATUS_LINE[status] + b"".join([b"%b: %b\r\n" % header for header in headers])
