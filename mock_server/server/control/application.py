"""The control API as an ASGI application: guarded, bounded, and the same for every endpoint."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike, stat_result
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mock_server.contract.access.security import CHALLENGE_HEADER
from mock_server.contract.files.flaws import FlawedInput
from mock_server.contract.files.source import Json, Source
from mock_server.contract.messages.codecs import write_json
from mock_server.exchange.error_bodies import PROBLEM_JSON, TYPE_PREFIX
from mock_server.server.control.bodies import Query, Unreadable, read_body, read_query
from mock_server.server.control.document import PREFIX, document
from mock_server.server.control.endpoint import Call, Endpoint, JsonAnswer, Served
from mock_server.server.control.endpoints import ENDPOINTS
from mock_server.server.control.guard import SCHEME, Guard
from mock_server.server.settings import Settings

HEALTH = f"{PREFIX}/health"
"""What answers everybody: scripts wait for it, and it tells nothing else."""

CONSOLE = Path(__file__).parent.parent / "console"

LARGEST_BODY = 64 * 1024 * 1024
"""Bytes of a body: a state that was told has to fit when it comes back."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ALWAYS_SENT = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)

TITLES = {
    400: "The request cannot be read",
    401: "The admin token is needed",
    403: "The control API is not for this request",
    404: "There is no such thing",
    405: "The path does not have this method",
    409: "That is not possible here",
    413: "The body is too large",
    415: "The media type is not supported",
    422: "The request does not fit",
    503: "Too many want this",
}


TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
"""What the console's files are, whatever this machine thinks of their names: a browser runs no script of another type."""


def control(served: Served, settings: Settings) -> ASGIApp:
    """Return the application that controls what is `served`."""
    guard = Guard(settings.admin_token)

    async def told(request: Request) -> Response:
        _let_in(request, guard)
        read_query(Query, request.query_params.multi_items())
        return JsonAnswer(document(served.mock, ENDPOINTS, needs_token=guard.needs_token))

    async def to_console(request: Request) -> Response:
        return RedirectResponse(f"{PREFIX}/")

    routes: list[BaseRoute] = [Route(PREFIX, to_console, methods=["GET"])]
    for path in dict.fromkeys(endpoint.path for endpoint in ENDPOINTS):
        several = [endpoint for endpoint in ENDPOINTS if endpoint.path == path]
        routes.append(Route(PREFIX + path, _Resource(several, served, guard)))
    routes.append(Route(f"{PREFIX}/openapi.json", told, methods=["GET"]))
    routes.append(Mount(PREFIX, _Files(directory=CONSOLE, html=True)))
    application = Starlette(
        routes=routes,
        exception_handlers={Unreadable: _unreadable, FlawedInput: _flawed, HTTPException: _http_error},
    )
    application.router.redirect_slashes = False
    return _guarded(application, guard)


class _Files(StaticFiles):
    """The console's files."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return a file with its type."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        media_type = TYPES.get(Path(full_path).suffix)
        if media_type is not None:
            response.headers["content-type"] = f"{media_type}; charset=utf-8"
        return response


class _Resource:
    """One path, with all of its methods. (Not a function: Starlette would tell of other methods in its own way.)"""

    def __init__(self, several: Iterable[Endpoint], served: Served, guard: Guard) -> None:
        self._by_method = {endpoint.method: endpoint for endpoint in several}
        self._served = served
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        endpoint = self._by_method.get("GET" if request.method == "HEAD" else request.method)
        if endpoint is None or PREFIX + endpoint.path != HEALTH:
            _let_in(request, self._guard)
        if endpoint is None:
            allowed = ", ".join([*self._by_method, *(["HEAD"] if "GET" in self._by_method else [])])
            return _problem(405, f"Only {allowed} is taken here.", {"Allow": allowed})
        query = read_query(endpoint.query, request.query_params.multi_items())
        body = await _read(request, endpoint)
        url = f"{request.url.scheme}://{request.headers.get('host', 'localhost')}"
        return endpoint.handle(Call(self._served, url, request.path_params, query, body))


def _let_in(request: Request, guard: Guard) -> None:
    """Raise `Unreadable` for a request that may see the console's files at most."""
    refusal = guard.refusal(request.scope, is_page=False)
    if refusal is not None:
        raise Unreadable(*refusal)


async def _read(request: Request, endpoint: Endpoint) -> Source | None:
    """Return the body, of which no more is read than it may have."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST_BODY:
            raise Unreadable(413, f"A body of at most {LARGEST_BODY:,} bytes is taken.")
    if endpoint.schema is None or (not content and not endpoint.needs_body):
        return None
    return read_body(bytes(content), request.headers.get("content-type", ""), takes_yaml=endpoint.takes_yaml)


def _guarded(application: Starlette, guard: Guard) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name for name, _ in message["headers"]}
                kept = (b"cache-control", b"no-cache" if b"etag" in names else b"no-store")
                message = {**message, "headers": [*message["headers"], kept, *ALWAYS_SENT]}
            await send(message)

        if scope["path"] != HEALTH:
            refusal = guard.refusal(scope, is_page=True)
            if refusal is not None:
                await _problem(*refusal, {})(scope, receive, send_safely)
                return
        try:
            await application(scope, receive, send_safely)
        except ClientDisconnect:
            return  # half a request changes nothing, and nobody waits for its answer

    return answer


async def _unreadable(_: Request, error: Exception) -> Response:
    if not isinstance(error, Unreadable):
        raise error
    headers = {413: {"Connection": "close"}, 401: {CHALLENGE_HEADER: SCHEME.challenge(is_unknown=False)}}.get(error.status, {})
    return _problem(error.status, error.detail, headers)


async def _flawed(_: Request, error: Exception) -> Response:
    if not isinstance(error, FlawedInput):
        raise error
    flaws = [
        {"line": flaw.line, "column": flaw.column, "pointer": flaw.pointer, "message": flaw.message, "hint": flaw.hint}
        for flaw in error.flaws
    ]
    first = error.flaws[0]
    others = len(flaws) - 1 + error.unlisted
    more = f" (and {others} more)" if others else ""
    hint = f"; {first.hint}" if first.hint else ""
    detail = f"Nothing was changed. {first.pointer or 'The body'}: {first.message}{hint}{more}"
    return _problem(422, detail, {}, flaws=flaws)


async def _http_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return _problem(error.status_code, str(error.detail), dict(error.headers or {}))


def _problem(status: int, detail: str, headers: dict[str, str], **more: Json) -> Response:
    title = TITLES.get(status, "It did not work")
    body = {"type": f"{TYPE_PREFIX}control-{status}", "title": title, "status": status, "detail": detail, **more}
    return Response(write_json(body), status, headers, PROBLEM_JSON)
