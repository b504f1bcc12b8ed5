"""What the mocked API has: its operations, each with a request that works, and its resources."""

from __future__ import annotations

from starlette.responses import Response

from mock_server.contract.files.source import Json
from mock_server.server.control import views
from mock_server.server.control.bodies import OperationsQuery, Unreadable
from mock_server.server.control.endpoint import Call, Endpoint, JsonAnswer
from mock_server.server.control.schemas import BODY, BOOLEAN, NULLABLE_TEXT, TEXT, TEXTS_BY_NAME, listed, object_of

RESOURCE: Json = object_of(
    owned=BOOLEAN,
    id=TEXT,
    key={"type": "array", "items": TEXT},
    fields={
        "type": "array",
        "items": object_of(name=TEXT, refers_to=NULLABLE_TEXT, nullable=BOOLEAN, server_made=BOOLEAN),
    },
)

EXAMPLE: Json = object_of(path=TEXT, query=TEXT, headers=TEXTS_BY_NAME, body=BODY, curl=TEXT)

OPERATION: Json = object_of(
    id=TEXT,
    method=TEXT,
    path=TEXT,
    summary=TEXT,
    secured=BOOLEAN,
    credentials={"type": "array", "items": object_of(**{"in": TEXT, "name": TEXT, "scheme": NULLABLE_TEXT, "kind": TEXT})},
    parameters={"type": "array", "items": object_of(**{"name": TEXT, "in": TEXT, "required": BOOLEAN, "sent": TEXT})},
    statuses={"type": "array", "items": TEXT},
    examples={"type": "array", "items": TEXT},
    example={"anyOf": [EXAMPLE, {"type": "null"}]},
    refusal=TEXT,
)


def get_operations(call: Call) -> Response:
    """Tell every operation with a request that works, for one organization or for any."""
    organization = call.query.organization
    if organization is not None and organization not in call.mock.fixtures.organizations:
        raise Unreadable(404, f"There is no organization {organization!r:.100}.")
    return JsonAnswer(views.operations(call.mock, call.url, organization))


def get_resources(call: Call) -> Response:
    """Tell what the API keeps."""
    return JsonAnswer(views.resources(call.mock))


ENDPOINTS = (
    Endpoint(
        "getOperations",
        "GET",
        "/operations",
        "Every operation with a request that works",
        get_operations,
        answer=object_of(operations=listed(OPERATION)),
        query=OperationsQuery,
        may_lack="There is no such organization.",
    ),
    Endpoint(
        "getResources",
        "GET",
        "/resources",
        "What the API keeps, and the fields of its records",
        get_resources,
        answer=object_of(resources={"type": "object", "additionalProperties": RESOURCE}),
    ),
)
