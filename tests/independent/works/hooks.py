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
    caller.works.drop("Hook", caller.works.get("Hook", caller.org, hook_id))
    return Response(status_code=204)


async def tell(caller: Caller, event: str, ticket: dict[str, Any]) -> None:
    """Send a message to each hook of the organization that wants the event."""
    works = caller.works
    for hook in works.of("Hook", caller.org):
        if event in hook["events"]:
            body = json.dumps({"event": event, "ticket": ticket}).encode()
            await send(works.deliver, hook["url"], signed(hook["secret"], body), body)


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
