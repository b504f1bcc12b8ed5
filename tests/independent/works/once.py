"""Requests that may be sent again: the first answer to an `Idempotency-Key` is kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from fastapi import Request
from fastapi.responses import Response

from .state import Caller, Refusal


async def once(request: Request, caller: Caller, perform: Callable[[], Response]) -> Response:
    """Return what `perform` answers, or what it answered to the same request before. A refusal is kept too."""
    works, key = caller.works, request.headers.get("idempotency-key")
    bug = works.bug
    if key is None or bug == "keys are ignored":
        return perform()
    asked = json.dumps([request.method, request.url.path, request.url.query, await request.json()], sort_keys=True)
    org = "" if bug == "keys are of all organizations" else caller.org
    kept = works.answers.get((org, key))
    if kept is not None:
        if kept[0] != asked and bug != "a key does for any request":
            raise Refusal(works.ways.refuses_another_request_with, "the key was sent with another request")
        return works.answer(json.loads(bytes(kept[1].body)), 200) if bug == "what is sent again is 200" else kept[1]
    if bug == "keys are kept too late":
        await asyncio.sleep(0.002)
    try:
        answer = perform()
    except Refusal as refusal:
        if bug == "refusals are not kept":
            raise
        answer = works.answer(works.ways.problem(refusal.status, refusal.why), refusal.status)
    works.answers[org, key] = asked, answer
    return answer
