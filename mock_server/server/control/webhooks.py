"""What the mock sent of itself: webhooks and callbacks, with what became of each."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from starlette.responses import Response

from mock_server.contract.files.source import Json
from mock_server.server.control import views
from mock_server.server.control.bodies import Query, Unreadable
from mock_server.server.control.endpoint import Call, Endpoint, JsonAnswer, nothing
from mock_server.server.control.schemas import BODY, INTEGER, NULLABLE_TEXT, TEXT, TEXTS_BY_NAME, listed, object_of

ATTEMPT: Json = object_of(
    time={"type": "string", "format": "date-time"},
    status={"type": ["integer", "null"]},
    problem=TEXT,
    milliseconds={"type": "number"},
)

DELIVERY: Json = object_of(
    id=TEXT,
    number=INTEGER,
    time={"type": "string", "format": "date-time"},
    event=TEXT,
    method=TEXT,
    url=TEXT,
    organization=NULLABLE_TEXT,
    signed={"type": "boolean"},
    headers=TEXTS_BY_NAME,
    body=BODY,
    state={"enum": ["pending", "delivered", "failed", "refused"]},
    problem=TEXT,
    attempts=listed(ATTEMPT),
)


class WebhookQuery(Query):
    """Which deliveries are wanted."""

    event: str | None = None
    state: str | None = None
    limit: Annotated[int, Field(ge=1, le=100_000)] = 1000


def get_webhooks(call: Call) -> Response:
    """Tell the deliveries that are wanted, the latest ones where they are many."""
    wanted: WebhookQuery = call.query
    found = [
        one
        for one in call.mock.webhooks.deliveries()
        if wanted.event in (None, one.message.event) and wanted.state in (None, one.state)
    ]
    return JsonAnswer({"count": len(found), "webhooks": [views.delivery(one) for one in found[-wanted.limit :]]})


def redeliver(call: Call) -> Response:
    """Send a message once more, under its id."""
    webhooks, id = call.mock.webhooks, call.path["id"]
    delivery = webhooks.find(id)
    if delivery is None:
        raise Unreadable(404, f"There is no webhook {id:.50}, or no longer.")
    if not webhooks.again(delivery):
        raise Unreadable(409, "It is on its way, or was not kept, or may not be sent.")
    return JsonAnswer(views.delivery(delivery), status_code=202)


def clear_webhooks(call: Call) -> Response:
    """Forget what was sent, and send no more of what waits."""
    call.mock.webhooks.clear()
    call.mock.events.changed("webhooks")
    return nothing()


ENDPOINTS = (
    Endpoint(
        "getWebhooks",
        "GET",
        "/webhooks",
        "What was sent to others: the latest webhooks and callbacks, oldest first",
        get_webhooks,
        answer=object_of(count=INTEGER, webhooks=listed(DELIVERY)),
        query=WebhookQuery,
    ),
    Endpoint(
        "redeliverWebhook",
        "POST",
        "/webhooks/{id}/redeliver",
        "Send one of them once more",
        redeliver,
        status=202,
        answer=DELIVERY,
        may_lack="There is no such webhook, or no longer.",
        refusals={409: "It is on its way, or was not kept, or may not be sent."},
    ),
    Endpoint("clearWebhooks", "DELETE", "/webhooks", "Forget them, and send no more of what waits", clear_webhooks, status=204),
)
