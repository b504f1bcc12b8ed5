"""Requests that may be sent again: the first answer to an `Idempotency-Key` is kept."""

from __future__ import annotations

import json
from collections.abc import Callable

from fastapi import Request
from fastapi.responses import Response

from .state import Caller, Refusal


async def once(request: Request, caller: Caller, perform: Callable[[], Response]) -> Response:
    """Return what `perform` answers, or what it answered to the same request before. A refusal is kept too."""
    works, key = caller.works, request.headers.get("idempotency-key")
    if key is None:
        return perform()
    asked = json.dumps([request.method, request.url.path, request.url.query, await request.json()], sort_keys=True)
    kept = works.answers.get((caller.org, key))
    if kept is not None:
        if kept[0] != asked:
            raise Refusal(409, "the key was sent with another request")
        return kept[1]
    try:
        answer = perform()
    except Refusal as refusal:
        answer = works.answer(works.ways.problem(refusal.status, refusal.why), refusal.status)
    works.answers[caller.org, key] = asked, answer
    return answer
