"""A second implementation of the tickets document, written by hand, with bugs that may be switched on."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from .works import accounts, hooks, notes, sites, tickets
from .works.careless import Careless
from .works.state import Refusal, Works
from .works.ways import USUAL, Ways


class Paced:
    """An application that takes its time, and that is too busy for some requests."""

    def __init__(self, app: Any, delay: float, busy: int) -> None:
        self.app, self.delay, self.busy = app, delay, busy
        self.count = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.count += 1
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.busy and self.count % self.busy == 0:
            answer = Response(b'{"message": "later"}', 429, {"Retry-After": "0"}, "application/json")
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)


def create_app(bug: str = "", ways: Ways = USUAL) -> FastAPI:
    """Return the API; each has a state of its own."""
    app = FastAPI(openapi_url=None)
    works = app.state.works = Works(bug, ways)

    async def refuse(request: Request, error: Exception) -> Response:
        if isinstance(error, Refusal):
            status, why = error.status, error.why
        elif isinstance(error, RequestValidationError):
            status, why = 422, str(error.errors()[0]["msg"])
        else:
            status = error.status_code if isinstance(error, HTTPException) else 500
            why = "no"
        headers = {"WWW_Authenticate": "Bearer"} if status == 401 else {}
        return works.answer(ways.problem(status, why), status, **headers)

    for kind in (Refusal, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, refuse)
    app.add_middleware(Careless, bug=bug)
    app.add_middleware(Paced, delay=ways.delay, busy=ways.busy)
    for part in (accounts, sites, tickets, notes, hooks):
        app.include_router(part.router)
    return app
