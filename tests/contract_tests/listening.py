"""Servers that answer byte by byte as they are told, on real sockets."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Received:
    """A request as it came over the wire; `number` counts them, `connection` counts connections."""

    line: str
    headers: dict[str, str]
    body: bytes
    number: int
    connection: int


Answer = Callable[[Received], bytes | Iterator[bytes] | None]
"""Returns what goes back, whole or in parts; None closes the connection without a word, `RESET` resets it, `HANG` keeps it and is silent."""

RESET, HANG = b"\0reset", b"\0hang"


@dataclass
class Listening:
    url: str
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    open: set[socket.socket] = field(default_factory=set)


def http(status: int, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def json(status: int, body: bytes, *headers: str) -> bytes:
    return http(status, body, "Content-Type: application/json", *headers)


@contextmanager
def listening(answer: Answer) -> Iterator[Listening]:
    """Serve on a free port; every answer keeps the connection unless it says `Connection: close`."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        server = Listening(f"http://127.0.0.1:{listener.getsockname()[1]}")
        threads: list[threading.Thread] = []

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with server.lock:
                    server.connections += 1
                    server.open.add(connection)
                thread = threading.Thread(target=_converse, args=(server, connection, answer, server.connections), daemon=True)
                threads.append(thread)
                thread.start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for connection in list(server.open):
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


def _converse(server: Listening, connection: socket.socket, answer: Answer, number: int) -> None:
    with connection, contextlib.suppress(OSError), connection.makefile("rb") as stream:
        while line := stream.readline():
            headers: dict[str, str] = {}
            while (header := stream.readline().strip()) != b"":
                name, _, value = header.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
            body = stream.read(int(headers.get("content-length", 0)))
            with server.lock:
                received = Received(line.decode("latin-1").strip(), headers, body, len(server.received) + 1, number)
                server.received.append(received)
            content = answer(received)
            if content == RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                break
            if content == HANG:
                stream.read(1)  # until the other side gives up
                break
            if content is None:
                break
            if not isinstance(content, bytes):
                for part in content:
                    connection.sendall(part)
                break
            connection.sendall(content)
            if b"connection: close" in content.lower() or content.endswith(b"\0"):
                break
    with server.lock:
        server.open.discard(connection)
