"""A request is answered alike through the protocol, which answers at once what it can, and through ASGI."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest

from mock_server.server.application import Application
from mock_server.server.log import Log
from mock_server.server.mock import Mock
from mock_server.server.settings import Settings

ASSIGN = b"/v2/partners/ptn_northwind/internal-contacts"
ADA = json.dumps({"email": "ada@acme.example", "internal_role": "account_manager"}).encode()
HEADERS = {b"authorization": b"Bearer acme-token", b"content-type": b"application/json", b"host": b"mock"}


def application() -> Application:
    settings = Settings(random_seed=1, max_body_size=200, log_level="error", freeze_time=datetime(2026, 1, 15, tzinfo=UTC))
    return Application(Mock.from_settings(settings), settings, Log("error"))


def over_asgi(method: str, target: bytes, headers: dict[bytes, bytes], body: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
    path, _, query = target.partition(b"?")
    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": path.decode(),
        "raw_path": path,
        "query_string": query,
        "headers": [*headers.items(), (b"content-length", b"%d" % len(body))],
        "server": ("mock", 80),
        "client": ("127.0.0.1", 1),
    }
    sent = []

    async def receive():
        return {"type": "http.request", "body": body}

    async def send(message):
        sent.append(message)

    asyncio.run(application()(scope, receive, send))
    start, *parts = sent
    return start["status"], dict(start["headers"]), b"".join(part.get("body", b"") for part in parts)


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "status"),
    [
        ("POST", ASSIGN, HEADERS, ADA, 200),
        ("POST", ASSIGN, HEADERS, b"{}", 422),
        ("POST", ASSIGN, HEADERS, b" " * 201, 413),
        ("POST", ASSIGN, {}, ADA, 401),
        ("GET", b"/nowhere?a=b", HEADERS, b"", 404),
        ("POST", ASSIGN, {**HEADERS, b"prefer": b"code=409"}, ADA, 409),
    ],
)
def test_what_is_answered_at_once_is_what_asgi_answers(method, target, headers, body, status):
    at_once = application().answer_at_once(method, target, headers, body)
    over = over_asgi(method, target, headers, body)

    assert at_once is not None
    assert (over[0], over[2]) == (at_once.status, at_once.content) == (status, at_once.content)
    assert at_once.headers == tuple(header for header in over[1].items() if header[0] not in (b"content-length", b"connection"))
    assert at_once.closes == (b"connection" in over[1])


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        (b"/__admin/health", HEADERS, 200),
        (b"/openapi.json", HEADERS, 200),
        (b"/", HEADERS, 200),
        (ASSIGN, {**HEADERS, b"origin": b"http://localhost:3000"}, 405),
        (ASSIGN, {**HEADERS, b"x-mock-fault": b"delay=1"}, 405),
    ],
)
def test_what_takes_more_than_the_mock_is_left_to_asgi(target, headers, status):
    assert application().answer_at_once("GET", target, headers, b"") is None
    assert over_asgi("GET", target, headers, b"")[0] == status
