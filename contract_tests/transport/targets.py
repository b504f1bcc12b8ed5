"""Targets: a deployment behind a URL, or an ASGI application in this process."""

from __future__ import annotations

import asyncio
import ipaddress
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import version
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

import httpx

from contract_tests.transport.wire import CutOff, WireRequest, WireResponse

T = TypeVar("T")
Message: TypeAlias = MutableMapping[str, Any]
AsgiApp: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]

TOGETHER = 8
"""How many requests are sent at the same time at most."""


CONNECTIONS = 4
"""Over how many connections a target on this machine is asked."""


class HttpTarget:
    """A deployment behind a URL, whose path goes before those of the contract. `timeout` is in seconds."""

    def __init__(self, url: str, *, timeout: float = 10.0, verify: bool | str = True) -> None:
        try:
            parts = urlsplit(url)
            usable = (
                parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and httpx.URL(url) and " " not in url
            )
        except (ValueError, httpx.InvalidURL):
            usable = False
        if usable and (parts.query or parts.fragment or parts.username or parts.password):
            raise ValueError("the URL of the target has more than a scheme, a host and a path; tokens are given as options")
        if not usable:
            raise ValueError(
                f"{url!r} is not the URL of an API; it begins with http:// or https://, as http://127.0.0.1:4010 does"
            )
        self.name = url.rstrip("/")
        self.local = is_local(parts.hostname or "")
        self.connections = CONNECTIONS if self.local else 1
        self._prefix = parts.path.rstrip("/")
        self._base = httpx.URL(f"{parts.scheme}://{parts.netloc}")
        limits = httpx.Limits(max_connections=TOGETHER * 2, max_keepalive_connections=TOGETHER * 2)
        headers = {"User-Agent": f"understudy/{version('understudy')} (contract tests)", "Accept": "application/json"}
        self._client = httpx.Client(
            timeout=timeout,
            verify=_context(verify),
            limits=limits,
            headers=headers,
            cookies=_no_cookies(),
            trust_env=not self.local,  # a proxy is for what is further away
        )
        self._threads = ThreadPoolExecutor(TOGETHER)
        self._timeout = timeout

    def send(self, call: WireRequest) -> WireResponse:
        """Send one call and return what came back."""
        sent_at = time.time()
        try:
            request = self._client.build_request(call.method, self._url(call), headers=_headers(call), content=call.body)
            if not any(name.lower() == "content-type" for name, _ in call.headers):
                request.headers.pop("content-type", None)
            response = self._client.send(request)
        except httpx.HTTPError as error:
            return WireResponse(0, sent_at=sent_at, received_at=time.time(), trouble=self._told(error))
        return WireResponse(response.status_code, tuple(response.headers.multi_items()), response.content, sent_at, time.time())

    def send_together(self, calls: list[WireRequest]) -> list[WireResponse]:
        """Send all calls at the same time, each on a connection of its own."""
        barrier = threading.Barrier(len(calls))

        def send(call: WireRequest) -> WireResponse:
            barrier.wait()
            return self.send(call)

        return list(self._threads.map(send, calls))

    def close(self) -> None:
        """Close all connections."""
        self._threads.shutdown()
        self._client.close()

    def _url(self, call: WireRequest) -> httpx.URL:
        raw = self._prefix + call.path + (f"?{call.query}" if call.query else "")
        return self._base.copy_with(raw_path=raw.encode("ascii"))

    def _told(self, error: httpx.HTTPError) -> str:
        if isinstance(error, httpx.TimeoutException):
            what = "connection" if isinstance(error, httpx.ConnectTimeout) else "whole answer"
            return f"no {what} within {self._timeout:g} seconds"
        if isinstance(error, httpx.ConnectError):
            return f"no connection: {error}"
        return _lost(error)


class AppTarget:
    """An ASGI application in this process."""

    local = True
    connections = 1

    def __init__(self, app: AsgiApp, *, name: str = "the application", timeout: float = 10.0) -> None:
        self.name = name
        self._timeout = timeout
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="contract-tests-target", daemon=True)
        self._thread.start()
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", cookies=_no_cookies())

    def send(self, call: WireRequest) -> WireResponse:
        """Send one call and return what came back."""
        return self._run(self._send(call))

    def send_together(self, calls: list[WireRequest]) -> list[WireResponse]:
        """Send all calls at the same time."""

        async def send_all() -> list[WireResponse]:
            return list(await asyncio.gather(*(self._send(call) for call in calls)))

        return self._run(send_all())

    def close(self) -> None:
        """Stop the loop that the application runs in."""
        self._run(self._client.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _send(self, call: WireRequest) -> WireResponse:
        sent_at = time.time()
        url = httpx.URL("http://127.0.0.1").copy_with(raw_path=(call.path + (f"?{call.query}" if call.query else "")).encode())
        try:
            request = self._client.build_request(call.method, url, headers=_headers(call), content=call.body)
            response = await asyncio.wait_for(self._client.send(request), self._timeout)
        except TimeoutError:
            return WireResponse(
                0, sent_at=sent_at, received_at=time.time(), trouble=f"no answer within {self._timeout:g} seconds"
            )
        except httpx.HTTPError as error:
            return WireResponse(0, sent_at=sent_at, received_at=time.time(), trouble=f"{type(error).__name__}: {error}")
        return WireResponse(response.status_code, tuple(response.headers.multi_items()), response.content, sent_at, time.time())

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()


def _lost(error: httpx.HTTPError) -> str:
    """Say what became of an answer that did not come, or not as a whole."""
    told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return CutOff(f"the answer was cut off ({told})") if "without sending complete message body" in str(error) else told


def is_local(host: str) -> bool:
    """Say whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _headers(call: WireRequest) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in call.headers]


def _no_cookies() -> CookieJar:
    """Return a jar that keeps nothing: what one organization was given is not for the next request."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


def _context(verify: bool | str) -> Any:
    """Return what `httpx` takes for the certificates to trust: its own, none, or those of a file."""
    if isinstance(verify, bool):
        return verify
    import ssl

    return ssl.create_default_context(cafile=verify)
