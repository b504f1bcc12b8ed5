"""The server itself: stopping it, and being told what happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from mock_server.contract.messages.codecs import write_json
from mock_server.server.control import views
from mock_server.server.control.bodies import Unreadable
from mock_server.server.control.endpoint import Call, Endpoint, Served
from mock_server.server.control.schemas import TEXT
from mock_server.server.events import Listener

PATIENCE = 15


def shut_down(call: Call) -> Response:
    """Stop the server, once it has answered."""
    if call.served.shutdown is None:
        raise Unreadable(409, "This mock is part of another program, which has to stop it.")
    asyncio.get_running_loop().call_soon(call.served.shutdown)
    return Response(status_code=202)


def get_events(call: Call) -> Response:
    """Tell what happens, as it happens."""
    try:
        listener = call.mock.events.listen()
    except ValueError as error:
        raise Unreadable(503, f"No more can listen: {error}.") from None
    return _EventStream(call.served, listener, call.mock.journal.noted)


class _EventStream(StreamingResponse):
    """Server-sent events. The first one tells how many exchanges the journal has seen: those after it will be told."""

    def __init__(self, served: Served, listener: Listener, noted: int) -> None:
        super().__init__(_stream(served, listener, noted), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events until either side has had enough."""
        if scope["method"] == "HEAD":
            self._listener.close()
        try:  # here and not in `_stream`, which never begins where the client goes at once
            await super().__call__(scope, receive, send)
        finally:
            self._listener.close()


async def _stream(served: Served, listener: Listener, noted: int) -> AsyncIterator[bytes]:
    yield b'event: listening\ndata: {"noted":%d}\n\n' % noted
    async for event in listener.events(PATIENCE):
        if event is None:
            yield b": nothing new\n\n"
        else:
            yield b"event: %b\ndata: %b\n\n" % (event.name.encode(), write_json(views.event(event, served.mock.redactor)))


ENDPOINTS = (
    Endpoint(
        "shutdown",
        "POST",
        "/shutdown",
        "Stop the server",
        shut_down,
        status=202,
        refusals={409: "The mock is part of another program."},
    ),
    Endpoint(
        "getEvents",
        "GET",
        "/events",
        "What happens, as server-sent events",
        get_events,
        answer=TEXT,
        media_type="text/event-stream",
        refusals={503: "Too many are listening."},
    ),
)
