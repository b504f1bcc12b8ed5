"""The mock as an ASGI application.

The mocked operations are answered right here, since every layer in between would cost the frontend developer's application
time; what pages of other origins may do is left to Starlette.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mock_server.contract.documents.selection import selected
from mock_server.contract.files.source import Source
from mock_server.contract.messages.codecs import JSON, write_json
from mock_server.contract.model import Contract
from mock_server.engine.outgoing import Outgoing
from mock_server.exchange.error_bodies import PROBLEM_JSON, TYPE_PREFIX
from mock_server.exchange.messages import Answer, Request, headers_by_name
from mock_server.server.breaking import send_broken
from mock_server.server.faults import HEADER as FAULT_HEADER
from mock_server.server.front_page import DOCUMENT_PATH, front_page
from mock_server.server.length import length_header
from mock_server.server.log import Log
from mock_server.server.mock import Mock
from mock_server.server.settings import Settings
from mock_server.server.webhooks import Delivery

LOCAL_ORIGINS = r"https?://(?:localhost|127\.0\.0\.1|\[::1\]|[a-z0-9-]+\.localhost)(?::[0-9]{1,5})?"
ANY_ORIGIN = ".*"
EXPOSED_HEADERS = (
    "X-Mock-Assumed",
    "X-Mock-Made",
    "X-Mock-Fault",
    "X-Mock-Stub",
    "Preference-Applied",
    "WWW-Authenticate",
    "Retry-After",
    "Allow",
)

LARGEST_DISCARDED = 64 * 1024 * 1024
"""How many bytes of a body that is too large are read all the same."""

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]
Page: TypeAlias = "Callable[[Request, Scope], HttpResponse]"

CONTROLS = re.compile("[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(slots=True)
class HttpResponse:
    """What is sent for an answer: `headers` besides its length, `closes` if it is the last one of its connection, and the
    messages that go to others once it is sent."""

    status: int
    headers: Headers
    content: bytes
    closes: bool = False
    messages: tuple[Outgoing, ...] = ()


class Application:
    """Serves a mock. `mock` may be replaced while it serves: a request is answered by the one it met."""

    def __init__(self, mock: Mock, settings: Settings, log: Log) -> None:
        self.mock = mock
        self._limit = settings.max_body_size
        self._log = log
        self._origins = None if settings.no_cors else settings.cors_origin
        self._with_cors: ASGIApp | None = None
        self._settings = settings
        self._control: ASGIApp | None = None
        self.shutdown: Callable[[], None] | None = None
        """Stops the server; None where it is not for the control API to stop."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as an ASGI server asks it to."""
        if scope["type"] != "http":
            raise RuntimeError(f"only http is served, not {scope['type']}")
        has_begun = False

        async def send_noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            other = self._other(_raw_path(scope), dict(scope["headers"]))
            await (other or self._serve)(scope, receive, send_noting)
        except asyncio.CancelledError:  # the server stops, and will not wait for this client, a delay or a drip any longer
            if not has_begun:
                await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"0")]})
                await send({"type": "http.response.body", "body": b""})

    def replace(self, mock: Mock) -> None:
        """Serve another mock; whoever listens to events goes on listening."""
        mock.events = self.mock.events
        self.mock.webhooks.clear()
        self._with_cors = None  # another document has other headers
        self.mock = mock
        mock.events.changed("document")

    def stop(self) -> None:
        """Let those go who listen to events: their requests would never end."""
        self.mock.events.close()
        self.mock.webhooks.close()

    def answer_at_once(self, method: str, target: bytes, headers: Mapping[bytes, bytes], body: bytes) -> HttpResponse | None:
        """Return the answer to a request that is here in full; None where that takes more, and `__call__` has to answer."""
        path, _, query = target.partition(b"?")
        if path[:1] != b"/" or b"#" in target or self._other(path, headers) is not None:
            return None
        kept = body if len(body) <= self._limit else None
        response = self._respond(Request(method, path.decode("latin-1"), query.decode("latin-1"), headers, kept))
        if response is not None and response.messages:
            asyncio.get_running_loop().call_soon(self._send_on, response)  # when it is on its way
        return response

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that is neither for the control API nor, any more, for what minds other origins."""
        headers = headers_by_name(scope["headers"])
        try:
            body = await _read(headers, receive, self._limit)
        except ConnectionError:
            return  # half a request changes nothing, and nobody waits for its answer
        path, query = _raw_path(scope).decode("latin-1"), scope["query_string"].decode("latin-1")
        request = Request(scope["method"], path, query, headers, body)
        response = self._respond(request)
        if response is not None:
            await _send(response, scope, send)
            self._send_on(response)
        elif (page := self._page(request)) is not None:
            await _send(page(request, scope), scope, send)
        else:
            await self._answer_or_fail(request, scope, receive, send)

    def _other(self, path: bytes, headers: Mapping[bytes, bytes]) -> ASGIApp | None:
        """Return what answers in place of the mock: the control API, or what minds other origins; None for most requests."""
        if path[:8] == b"/__admin" and path[8:9] in (b"", b"/") and not self._settings.no_admin:
            return self._control_api()
        if b"origin" in headers and self._origins is not None:
            if self._with_cors is None:
                self._with_cors = _with_cors(self._serve, self._origins, _exposed(self.mock.contract))
            return self._with_cors
        return None

    def _control_api(self) -> ASGIApp:
        if self._control is None:
            from mock_server.server.control.application import control  # not before somebody asks: a mock has to start fast

            self._control = control(self, self._settings)
        return self._control

    def _respond(self, request: Request) -> HttpResponse | None:
        """Return the mock's answer; None for what is about the mock itself, and where faults and stubs may be met."""
        if (
            self.mock.faults.planned
            or self.mock.stubs.added
            or FAULT_HEADER in request.headers
            or self._page(request) is not None
        ):
            return None
        try:
            answer, content = self.mock.answer(request)
        except Exception as error:
            return _own_mistake(request, error)
        return self._told(request, answer, content)

    async def _answer_or_fail(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the mock answer, and send its answer as the fault or the stub has it that the request meets, if any."""
        try:
            failing = self.mock.answer_or_fail(request)
        except Exception as error:
            await _send(_own_mistake(request, error), scope, send)
            return
        response = self._told(request, failing.answer, failing.content)
        if failing.fault is None:
            await _send(response, scope, send)
            self._send_on(response)
            return
        headers = [*response.headers, *([(b"connection", b"close")] if response.closes else [])]
        await send_broken(response.status, headers, response.content, failing.fault, failing.seconds, scope, receive, send)
        self._send_on(response)

    def _told(self, request: Request, answer: Answer, content: bytes) -> HttpResponse:
        """Log an exchange and return its answer as it is sent."""
        self._log.exchange(request, answer)
        rested_on = answer.rested_on
        headers = _headers(answer.media_type if content else None, (*rested_on, *rested_on.values()))
        if answer.headers:
            headers = (*headers, *[_field(name, value) for name, value in answer.headers])
        return HttpResponse(answer.status, headers, content, request.body is None, answer.messages)

    def _send_on(self, response: HttpResponse) -> None:
        """Have sent to others what the answered request comes to, for whoever listens to hear of."""
        if response.messages:
            mock, loop = self.mock, asyncio.get_running_loop()

            def told(delivery: Delivery) -> None:
                with contextlib.suppress(RuntimeError):  # the server has stopped
                    loop.call_soon_threadsafe(mock.events.told_webhook, delivery.id, delivery.state)

            mock.webhooks.told = told
            mock.webhooks.send(response.messages)

    def _page(self, request: Request) -> Page | None:
        """Return what answers a request that is about the mock rather than to the API, which goes before; else None."""
        if request.path in self.mock.token_endpoint.answers_at:
            return self._token if self.mock.exchange.operation_of(request) is None else None
        if request.method not in ("GET", "HEAD"):
            return None
        if request.path == "/":
            page: Page = self._front_page
        elif self._source(request.path) is not None:
            page = self._document
        else:
            return None
        return None if any(operation.path == request.path for operation in self.mock.contract.operations) else page

    def _source(self, path: str) -> Source | None:
        """Return the file of the document that a path leads to; the main one has a path of its own as well."""
        document = self.mock.contract.document
        return document.main if path == DOCUMENT_PATH else document.sources.get(path[1:])

    def _token(self, request: Request, scope: Scope) -> HttpResponse:
        """Return a token for a client's login code; neither is for the journal."""
        answer = self.mock.token_endpoint.answer(request)
        self._log.exchange(request, answer)
        content = answer.content()
        headers = [_field(name, value) for name, value in answer.headers]
        return HttpResponse(answer.status, (*_headers(answer.media_type if content else None, ()), *headers), content)

    def _front_page(self, request: Request, scope: Scope) -> HttpResponse:
        contract, console = self.mock.contract, not self._settings.no_admin
        media_type, content = front_page(contract, _url(request, scope), request.header(b"accept"), console=console)
        return HttpResponse(200, (*_headers(media_type, ()), (b"vary", b"Accept")), content)

    def _document(self, request: Request, scope: Scope) -> HttpResponse:
        """Return a file of the document as the mock keeps it."""
        source = self._source(request.path)
        if source is None:
            raise LookupError(request.path)
        choices = [(name, entry.choice) for name, entry in self.mock.profile.items()]
        value = selected(source.value, choices)
        if source is self.mock.contract.document.main:
            value["servers"] = [{"url": _url(request, scope), "description": "This mock."}]
        return HttpResponse(200, _headers(JSON, ()), write_json(value))


def _url(request: Request, scope: Scope) -> str:
    """Return the URL that a client knows the mock by."""
    host = request.header(b"host") or "{}:{}".format(*scope["server"])
    return f"{scope['scheme']}://{host}"


async def _send(response: HttpResponse, scope: Scope, send: Send) -> None:
    headers = [*length_header(response.status, len(response.content)), *response.headers]
    if response.closes:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else response.content})


def _with_cors(app: ASGIApp, origins: Iterable[str], exposed: Iterable[str]) -> ASGIApp:
    from starlette.middleware.cors import CORSMiddleware  # not before a page asks: a mock has to start fast

    return CORSMiddleware(
        app,
        allow_origins=[origin for origin in origins if origin != "*"],
        # Where credentials are sent, an origin has to be named (Fetch standard, section 3.3.5): to allow all is to allow each.
        allow_origin_regex=ANY_ORIGIN if "*" in origins else LOCAL_ORIGINS,
        allow_methods=["*"],
        allow_headers=["*"],
        allow_credentials=True,
        expose_headers=list(exposed),
        allow_private_network=True,
        max_age=600,
    )


def _exposed(contract: Contract) -> Iterable[str]:
    """Return the headers that pages may read: the mock's own, and those of the document."""
    documented = (
        header.name
        for operation in contract.operations
        for response in operation.responses.values()
        for header in response.headers
    )
    return {name.lower(): name for name in (*documented, *EXPOSED_HEADERS)}.values()


async def _read(headers: Mapping[bytes, bytes], receive: Receive, limit: int) -> bytes | None:
    """Return the body of a request; None when it is larger than `limit` bytes. Raise `ConnectionError` as `_read_rest` does."""
    declared = headers.get(b"content-length", b"0").strip()
    fits = declared.isdigit() and int(declared[:20]) <= limit
    if not fits and headers.get(b"expect", b"").lower() == b"100-continue":
        return None  # to receive would be to ask for the body
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ConnectionError
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        return await _read_rest(body, receive, limit if fits else -1)
    return body if fits and len(body) <= limit else None


async def _read_rest(body: bytes, receive: Receive, limit: int) -> bytes | None:
    """Return a body whose first part is known, or None when it is larger than `limit` bytes.

    A body that is too large is read on for a while: a client that is cut off while it sends never sees the answer. Raise
    `ConnectionError` when the client goes away before the end.
    """
    chunks, size, more = [body], len(body), True
    while more and size < max(limit, LARGEST_DISCARDED):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        chunk = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
    return b"".join(chunks) if size <= limit else None


@lru_cache(maxsize=1024)
def _headers(media_type: str | None, rested_on: tuple[str, ...]) -> Headers:
    """Return what most answers have: the type of their body, and what they rested on, names followed by as many choices."""
    headers = [] if media_type is None else [_field("content-type", media_type)]
    if rested_on:
        half = len(rested_on) // 2
        choices = zip(rested_on[:half], rested_on[half:], strict=True)
        headers.append(_field("x-mock-assumed", ", ".join(f"{name}={choice}" for name, choice in choices)))
    return tuple(headers)


def _field(name: str, value: str) -> tuple[bytes, bytes]:
    """Return a header; what HTTP does not take, and might come from a document, is shown as question marks."""
    return name.lower().encode("latin-1"), CONTROLS.sub("?", value).encode("latin-1", "replace")


def _raw_path(scope: Scope) -> bytes:
    """Return the path as it came, still percent-encoded."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return path.partition(b"?")[0] if b"?" in path else path


def _own_mistake(request: Request, error: Exception) -> HttpResponse:
    """Return the answer to a request at which the mock itself failed; nothing was stored."""
    traceback.print_exception(error, file=sys.stderr)
    detail = f"{request.method} {request.path:.200} made the mock itself fail: {type(error).__name__}. Its log tells more."
    body = {"type": TYPE_PREFIX + "mock-failed", "title": "The mock failed", "status": 500, "detail": detail}
    return HttpResponse(500, _headers(PROBLEM_JSON, ()), write_json(body))
