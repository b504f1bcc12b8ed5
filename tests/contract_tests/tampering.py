"""A server that answers as another one does, but for what is changed."""

from __future__ import annotations

import socket
import threading

from listening import http, listening


def tampering(url: str, change):
    """Answer as the server at `url` does, but for what `change` makes of its answers."""
    host, port = url.removeprefix("http://").split(":")
    lock = threading.Lock()

    def answer(received):
        with lock, socket.create_connection((host, int(port))) as upstream:
            headers = {**received.headers, "connection": "close", "content-length": str(len(received.body))}
            head = "\r\n".join([received.line, *(f"{name}: {value}" for name, value in headers.items())])
            upstream.sendall(head.encode("latin-1") + b"\r\n\r\n" + received.body)
            content = b"".join(iter(lambda: upstream.recv(65536), b""))
        head, _, body = content.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        kept = [
            line.decode("latin-1")
            for line in head.split(b"\r\n")[1:]
            if not line.lower().startswith((b"content-length", b"connection"))
        ]
        status, body = change(received, status, body)
        return http(status, body, *kept)

    return listening(answer)
