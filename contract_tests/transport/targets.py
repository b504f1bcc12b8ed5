"""Targets: a deployment behind a URL, or an ASGI application in this process."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import version
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

import httpcore
import httpx

from contract_tests.transport.bodies import LARGEST_BODY, TOO_LARGE, TooLarge, Undecodable, body_of, encodings_of
from contract_tests.transport.deadlines import DeadlineBackend
from contract_tests.transport.proxies import pool_for
from contract_tests.transport.wire import CutOff, WireRequest, WireResponse

T = TypeVar("T")
Message: TypeAlias = MutableMapping[str, Any]
AsgiApp: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]

TOGETHER = 8
"""How many requests are sent at the same time at most."""

WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose requests say that their body is empty (RFC 9110, 8.6)."""


CONNECTIONS = 4
"""Over how many connections a target on this machine is asked."""


class HttpTarget:
    """A deployment behind a URL, whose path goes before those of the contract.

    `timeout` is in seconds, and counts from the connection to the end of the body.
    """

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
        self._backend = DeadlineBackend()
        self._pool = pool_for(self._base, self._backend, verify=_context(verify), is_local=self.local)
        self._headers = [
            (b"Accept", b"application/json"),
            (b"Accept-Encoding", b"gzip, deflate"),
            (b"Connection", b"keep-alive"),
            (b"User-Agent", f"understudy/{version('understudy')} (contract tests)".encode()),
        ]
        self._threads = ThreadPoolExecutor(TOGETHER)
        self._timeout = timeout

    def send(self, call: WireRequest) -> WireResponse:
        """Send one call and return what came back."""
        sent_at, trouble = time.time(), ""
        exchange = self._backend.begin(self._timeout)
        try:
            status, headers, body = self._exchange(call)
            return WireResponse(status, headers, body, sent_at, time.time())
        except httpcore.ConnectTimeout:
            trouble = f"no connection within {self._timeout:g} seconds"
        except httpcore.ConnectError as error:
            trouble = f"no connection: {error}"
        except httpcore.TimeoutException:
            late = f"no complete response within {self._timeout:g} seconds"
            trouble = CutOff(late) if exchange.received else late
        except TooLarge as error:
            trouble = CutOff(error)
        except Undecodable as error:
            trouble = f"the body is not encoded as its Content-Encoding says: {error}"
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError) as error:
            trouble = _lost(error)
        return WireResponse(0, sent_at=sent_at, received_at=time.time(), trouble=trouble)

    def _exchange(self, call: WireRequest) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        """Return status, headers and body of the answer to a call; raise what `httpcore` does, `TooLarge` or `Undecodable`."""
        url = self._url(call)
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        given = {name.lower() for name, _ in call.headers}
        headers = [*(one for one in self._headers if one[0].decode().lower() not in given), *_headers(call)]
        content = call.body or (b"" if call.method in WITH_BODY else None)
        with self._pool.stream(call.method, target, headers=headers, content=content) as response:
            told = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers)
            encodings = encodings_of(",".join(value for name, value in told if name == "content-encoding"))
            return response.status, told, body_of(response.iter_stream(), encodings)

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
        self._pool.close()

    def _url(self, call: WireRequest) -> httpx.URL:
        raw = self._prefix + call.path + (f"?{call.query}" if call.query else "")
        return self._base.copy_with(raw_path=raw.encode("ascii"))


class AppTarget:
    """An ASGI application in this process."""

    local = True
    connections = 1

    def __init__(self, app: AsgiApp, *, name: str = "the application", timeout: float = 10.0) -> None:
        self.name = name
        self._app = app
        self._timeout = timeout
        self._sent: dict[asyncio.Task[Any] | None, int] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="contract-tests-target", daemon=True)
        self._thread.start()
        transport = httpx.ASGITransport(app=self._measured, raise_app_exceptions=False)
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
        task, late = asyncio.current_task(), f"no complete response within {self._timeout:g} seconds"
        try:
            async with asyncio.timeout(self._timeout):
                request = self._client.build_request(call.method, url, headers=_headers(call), content=call.body)
                response = await self._client.send(request)
        except TimeoutError:
            trouble = CutOff(late) if self._sent.get(task) else late
        except asyncio.CancelledError:
            if task is None or self._sent.get(task, 0) <= LARGEST_BODY:
                raise
            task.uncancel()
            trouble = CutOff(TOO_LARGE)
        except httpx.HTTPError as error:
            trouble = f"{type(error).__name__}: {error}"
        else:
            headers = tuple(response.headers.multi_items())
            return WireResponse(response.status_code, headers, response.content, sent_at, time.time())
        finally:
            self._sent.pop(task, None)
        return WireResponse(0, sent_at=sent_at, received_at=time.time(), trouble=trouble)

    async def _measured(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        """Run the application, until it has sent more than a body may have: then the exchange is over, whatever it does."""
        task = asyncio.current_task()

        async def measured(message: Message) -> None:
            is_begun = task in self._sent
            self._sent[task] = self._sent.get(task, 0) + (len(message.get("body", b"")) or 1)
            if task is not None and self._sent[task] > LARGEST_BODY:
                task.cancel()
                await asyncio.Event().wait()
            if is_begun and message.get("more_body"):
                await asyncio.sleep(0)  # an application that never waits leaves no time to anybody, and has no end
            await send(message)

        await self._app(scope, receive, measured)

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()


def _lost(error: Exception) -> str:
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


def _context(verify: bool | str) -> ssl.SSLContext:
    """Return which certificates are trusted: the usual ones, any, or those of a file."""
    return httpx.create_ssl_context(verify) if isinstance(verify, bool) else ssl.create_default_context(cafile=verify)
