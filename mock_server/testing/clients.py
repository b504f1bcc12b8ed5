"""Ready clients of httpx. It is imported when a test asks for one: httpx takes longer to load than the mock to start."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx

from mock_server.contract.access.security import Carried

if TYPE_CHECKING:
    from starlette.types import ASGIApp

TIMEOUT = 30.0
"""Seconds. A delay that a test plans may be longer than what httpx waits by itself."""


def client(url: str, credential: Carried) -> httpx.Client:
    """Return a client of the server at `url`. It knows no proxy and loads no certificates, which would take long."""
    return httpx.Client(verify=False, trust_env=False, **_common(url, credential))


def async_client(url: str, credential: Carried) -> httpx.AsyncClient:
    """Return a client for tests that are coroutines.

    It keeps no connection open, so nobody has to close it: the event loop of the test is gone when the fixture could.
    """
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(verify=False, trust_env=False, limits=limits, **_common(url, credential))


def client_of_app(app: ASGIApp, credential: Carried) -> httpx.Client:
    """Return a client that calls an application in this process."""
    return httpx.Client(transport=_InProcess(app), **_common("http://mock-server", credential))


def async_client_of_app(app: ASGIApp, credential: Carried) -> httpx.AsyncClient:
    """Return a client that calls an application in this process, from a coroutine."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), **_common("http://mock-server", credential))


def _common(url: str, credential: Carried) -> dict[str, Any]:
    return {"base_url": url, "headers": list(credential.fields), "params": list(credential.query), "timeout": TIMEOUT}


class _InProcess(httpx.BaseTransport):
    """Calls an application from code that is no coroutine, perhaps amid one: in a thread with an event loop of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._transport = httpx.ASGITransport(app)
        self._thread = ThreadPoolExecutor(1, "mock-server-client")
        self._runner = asyncio.Runner(loop_factory=asyncio.SelectorEventLoop)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._thread.submit(self._runner.run, self._answer(request)).result()

    def close(self) -> None:
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._transport.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())
