"""Serving a mock from a thread with an event loop of its own, beside whatever the tests do."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from email.utils import formatdate
from typing import Any, TypeVar

import uvicorn
from uvicorn.server import ServerState

from mock_server.server.application import Application
from mock_server.server.compatibility import http_protocol

T = TypeVar("T")


class ServerThread:
    """Serves an application on a listening socket from its making until `stop`.

    The connections are uvicorn's, its server is not: that one looks ten times a second whether it should stop, and sleeps
    before it does. Here nothing waits for anything but what is to be done. The loop is Python's own whatever the policy of the
    tests says: for a request at a time it is as fast as uvloop, and loads sooner.
    """

    def __init__(self, application: Application, listener: socket.socket) -> None:
        self._application = application
        self._listener = listener
        self._state = ServerState()
        self._serving: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(target=self._run, name="mock-server", daemon=True)
        self._thread.start()
        self._loop, self._stopping = self._serving.result()

    def call(self, function: Callable[[], T]) -> T:
        """Return what `function` returns when the thread calls it: between two requests, never amid one."""
        called: Future[T] = Future()

        def call() -> None:
            try:
                called.set_result(function())
            except BaseException as error:
                called.set_exception(error)

        self._loop.call_soon_threadsafe(call)
        return called.result()

    def stop(self) -> None:
        """Stop serving. Requests under way are cut off; a test that is over does not wait for their answers."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                runner.run(self._serve())
        except BaseException as error:
            if self._serving.done():
                raise
            self._serving.set_exception(error)

    async def _serve(self) -> None:
        config = uvicorn.Config(
            self._application,
            http=http_protocol(logging.getLogger("mock_server").warning),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
        )
        config.load()
        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        server = await loop.create_server(lambda: self._connection(config), sock=self._listener)
        clock = asyncio.create_task(self._tell_time())
        self._serving.set_result((loop, stopping))
        await stopping.wait()
        clock.cancel()
        server.close()
        for connection in list(self._state.connections):
            connection.transport.abort()
        for task in list(self._state.tasks):
            task.cancel()
        await asyncio.gather(clock, *self._state.tasks, return_exceptions=True)

    def _connection(self, config: uvicorn.Config) -> asyncio.Protocol:
        make: Any = config.http_protocol_class  # its type does not tell what it takes
        connection: asyncio.Protocol = make(config=config, server_state=self._state, app_state={})
        return connection

    async def _tell_time(self) -> None:
        """Keep the `Date` of answers right (RFC 9110 section 6.6.1)."""
        while True:
            self._state.default_headers[:] = [(b"date", formatdate(usegmt=True).encode())]
            await asyncio.sleep(1)
