"""A second implementation of the tickets document, written by hand, with bugs that may be switched on."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from .works import accounts, hooks, notes, sites, tickets
from .works.state import Refusal, Works
from .works.ways import USUAL, Ways


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
    for part in (accounts, sites, tickets, notes, hooks):
        app.include_router(part.router)
    return app
