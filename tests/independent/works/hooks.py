"""Whoever wants to be told: subscriptions, and messages that are signed as Standard Webhooks ask."""

from __future__ import annotations

import base64
import hmac
import json
import time
import uuid
from typing import Any

import httpx
from fastapi import APIRouter
from fastapi.responses import Response

from .models import NewHook
from .state import Caller, Calling

router = APIRouter()


@router.post("/hooks")
async def add_hook(caller: Calling, body: NewHook) -> Response:
    return caller.works.answer(caller.works.told(caller.works.make("Hook", caller.org, **body.filled())), 201)


@router.delete("/hooks/{hook_id}")
async def remove_hook(caller: Calling, hook_id: str) -> Response:
    hook = caller.works.get("Hook", caller.org, hook_id)
    caller.works.drop("Hook", hook)
    caller.works.gone.append(hook)
    return Response(status_code=204)


async def tell(caller: Caller, event: str, ticket: dict[str, Any]) -> None:
    """Send a message to each hook of the organization that wants the event."""
    works = caller.works
    bug = works.bug
    hooks = list(works.kept["Hook"].values()) if bug == "all organizations are told" else works.of("Hook", caller.org)
    if bug == "hooks that are gone are told":
        hooks = [*hooks, *(hook for hook in works.gone if hook["org"] == caller.org)]
    for hook in hooks[:1] if bug == "only the first hook is told" else hooks:
        if bug in ("nobody is told", f"nobody is told of {event}"):
            continue
        if event in hook["events"] or bug == "all is told to all":
            body = json.dumps(ticket if bug == "messages are bare" else {"event": event, "ticket": ticket}).encode()
            secret = hooks[0]["secret"] if bug == "the secret of the first hook signs all" else hook["secret"]
            headers = signed(None if bug == "messages are not signed" else secret, body)
            if "webhook-signature" in headers and works.ways.signatures > 1:
                headers["webhook-signature"] = f"v1,{'A' * 43}= {headers['webhook-signature']}"
            if bug == "messages are signed before they are written":
                headers = signed(hook["secret"], b"")
            for _ in range(2 if bug == "all is told twice" else 1):
                works.sent += 1
                await send(works.deliver, hook["url"], headers, body)


def signed(secret: str | None, body: bytes) -> dict[str, str]:
    id, sent_at = f"msg_{uuid.uuid4().hex}", str(int(time.time()))
    headers = {"content-type": "application/json", "webhook-id": id, "webhook-timestamp": sent_at}
    if secret is None:
        return headers
    key = secret.encode()
    if secret.startswith("whsec_"):
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError:
            key = secret.encode()
    digest = hmac.digest(key, f"{id}.{sent_at}.".encode() + body, "sha256")
    return {**headers, "webhook-signature": f"v1,{base64.b64encode(digest).decode()}"}


async def send(deliver: Any, url: str, headers: dict[str, str], body: bytes) -> None:
    if deliver is not None:
        deliver(url, headers, body)
        return
    async with httpx.AsyncClient() as client:
        try:
            await client.post(url, headers=headers, content=body)
        except httpx.HTTPError:
            return  # whoever does not listen is not told
