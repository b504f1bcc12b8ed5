"""A deadline for whole exchanges: a target that spreads its bytes over time has no more of it than any other."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore

PIECE = 16 * 1024
"""How many bytes are written at once: so few that a socket takes them all, or none."""


class TimedExchange:
    """A request and its answer, for as long as they may take. `received` counts the bytes that came."""

    __slots__ = ("_end", "received")

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self.received = 0

    def left(self, late: type[httpcore.TimeoutException]) -> float:
        """Return how many seconds are left; raise `late` when none are."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise late
        return left


class DeadlineBackend(httpcore.NetworkBackend):
    """Network streams on which every operation gets what is left of the exchange that its thread is in.

    Only the look-up of a host's name cannot be bounded: the resolver of the system has its own limits.
    """

    def __init__(self) -> None:
        self._sockets = httpcore.SyncBackend()
        self._of_thread = threading.local()

    def begin(self, seconds: float) -> TimedExchange:
        """Begin an exchange in this thread, in place of the one before."""
        exchange = self._of_thread.exchange = TimedExchange(seconds)
        return exchange

    @property
    def exchange(self) -> TimedExchange:
        """The exchange that this thread is in."""
        exchange: TimedExchange = self._of_thread.exchange
        return exchange

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a host that answers."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        failed: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in dict.fromkeys(str(one[4][0]) for one in found):
            left = self.exchange.left(httpcore.ConnectTimeout)
            try:
                stream = self._sockets.connect_tcp(address, port, left, local_address, socket_options)
            except httpcore.ConnectError as error:
                failed = error
                continue
            return DeadlineStream(stream, self)
        raise failed


class DeadlineStream(httpcore.NetworkStream):
    """A connection that is used by one exchange after the other."""

    def __init__(self, stream: httpcore.NetworkStream, backend: DeadlineBackend) -> None:
        self._stream = stream
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what comes, at the latest at the end of the exchange."""
        exchange = self._backend.exchange
        content = self._stream.read(max_bytes, exchange.left(httpcore.ReadTimeout))
        exchange.received += len(content)
        return content

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write everything, at the latest at the end of the exchange."""
        for start in range(0, len(buffer), PIECE):
            self._stream.write(buffer[start : start + PIECE], self._backend.exchange.left(httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Return the encrypted stream."""
        left = self._backend.exchange.left(httpcore.ConnectTimeout)
        return DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, left), self._backend)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        """Return what the stream knows of itself."""
        return self._stream.get_extra_info(info)
