"""Sending an answer that meets a fault: late, cut off, in drips, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.types import Receive, Scope, Send

from mock_server.server.faults import Break, Fault
from mock_server.server.length import length_header

CONNECTION = "understudy.connection"
"""The extension of a scope (ASGI) with a function `close` that closes the connection."""

DRIP = 0.05
"""Seconds between two drips, or a little more."""


async def send_broken(
    status: int,
    headers: list[tuple[bytes, bytes]],
    content: bytes,
    fault: Fault,
    seconds: float,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Send an answer as `fault` has it, held back for `seconds`. `headers` do not tell the length yet."""
    if seconds:
        await asyncio.sleep(seconds)
    if fault.break_ in (Break.CLOSE, Break.LOSE_ANSWER):
        await _close(scope, receive)
        return
    if fault.break_ is Break.MALFORMED:
        content = content[:-1] + b","
    if scope["method"] == "HEAD":
        length, content = len(content), b""
    else:
        length = len(content)
    if fault.break_ is Break.TRUNCATE:
        content = content[: len(content) // 2]
    await send({"type": "http.response.start", "status": status, "headers": [*length_header(status, length), *headers]})
    drips = max(1, min(len(content), int((fault.drip or 0) / 1000 / DRIP)))
    size = -(-len(content) // drips) or 1
    for begin in range(0, len(content), size):
        if fault.drip:
            await asyncio.sleep(fault.drip / 1000 / drips)
        await send({"type": "http.response.body", "body": content[begin : begin + size], "more_body": True})
    if fault.break_ is Break.TRUNCATE:
        await _close(scope, receive)
    else:
        await send({"type": "http.response.body", "body": b""})


async def _close(scope: Scope, receive: Receive) -> None:
    """Close the connection and wait until it is. Raise `ConnectionResetError` where there is none, as a client would see it."""
    close: Callable[[], None] | None = scope.get("extensions", {}).get(CONNECTION, {}).get("close")
    if close is None:
        raise ConnectionResetError("a fault closes the connection")
    close()
    while (await receive())["type"] != "http.disconnect":
        pass
