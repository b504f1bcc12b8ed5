"""The journal: what the mock was asked, and what it answered."""

from __future__ import annotations

from starlette.responses import Response

from mock_server.contract.files.source import Json
from mock_server.server.control import views
from mock_server.server.control.bodies import FilterQuery, ListQuery, Unreadable, WantedRequest
from mock_server.server.control.endpoint import Call, Endpoint, JsonAnswer, nothing, schema_from
from mock_server.server.control.schemas import BODY, INTEGER, NULLABLE_TEXT, TEXT, TEXTS_BY_NAME, listed, object_of
from mock_server.server.differences import differences, shown

MOST_NEAREST = 3

VIOLATION: Json = object_of(location=TEXT, pointer=TEXT, rule=TEXT, message=TEXT)

CHANGE: Json = object_of(
    resource=TEXT, organization=NULLABLE_TEXT, id={}, before={"type": ["object", "null"]}, after={"type": ["object", "null"]}
)

EXCHANGE: Json = object_of(
    number=INTEGER,
    time={"type": "string", "format": "date-time"},
    method=TEXT,
    path=TEXT,
    query=TEXT,
    headers=TEXTS_BY_NAME,
    body=BODY,
    operation=NULLABLE_TEXT,
    organization=NULLABLE_TEXT,
    status={"type": ["integer", "null"]},
    answer=object_of(headers=TEXTS_BY_NAME, body=BODY),
    rested_on=TEXTS_BY_NAME,
    problem=NULLABLE_TEXT,
    detail=TEXT,
    violations={"type": "array", "items": VIOLATION},
    changes={"type": "array", "items": CHANGE},
    fault=NULLABLE_TEXT,
    stub=NULLABLE_TEXT,
)

DIFFERENCE: Json = object_of(place=TEXT, expected=TEXT, got=TEXT)


def get_requests(call: Call) -> Response:
    """Tell the entries of the journal that are wanted, the latest ones where they are many."""
    journal, wanted = call.mock.journal, call.query.filter()
    entries = [views.exchange(entry, call.mock.redactor) for entry in journal.entries(wanted, call.query.limit)]
    return JsonAnswer({"count": journal.count(wanted), "noted": journal.noted, "requests": entries})


def count_requests(call: Call) -> Response:
    """Tell how many entries are wanted."""
    return JsonAnswer({"count": call.mock.journal.count(call.query.filter())})


def get_request(call: Call) -> Response:
    """Tell one entry of the journal."""
    number = call.path["number"]
    for entry in call.mock.journal:
        if str(entry.number) == number:
            return JsonAnswer(views.exchange(entry, call.mock.redactor))
    raise Unreadable(404, f"The journal has no exchange {number:.20}, or no longer.")


def clear_requests(call: Call) -> Response:
    """Empty the journal."""
    call.mock.reset(["requests"])
    return nothing()


def nearest_requests(call: Call) -> Response:
    """Tell the requests that come nearest to an expected one, and in what they differ."""
    wanted, redactor = call.read(WantedRequest).wanted(), call.mock.redactor
    compared = [(entry, list(differences(wanted, views.ComparedEntry(entry, redactor)))) for entry in call.mock.journal]
    compared.sort(key=lambda pair: (sum(difference.weight for difference in pair[1]), -pair[0].number))
    nearest = [
        {
            "request": views.exchange(entry, redactor),
            "differences": [
                {"place": found.place, "expected": shown(found.expected), "got": shown(found.got)} for found in several
            ],
        }
        for entry, several in compared[:MOST_NEAREST]
    ]
    return JsonAnswer({"matching": sum(not several for _, several in compared), "nearest": nearest})


ENDPOINTS = (
    Endpoint(
        "getRequests",
        "GET",
        "/requests",
        "The journal: the latest exchanges, oldest first",
        get_requests,
        answer=object_of(count=INTEGER, noted=INTEGER, requests=listed(EXCHANGE)),
        query=ListQuery,
    ),
    Endpoint(
        "countRequests",
        "GET",
        "/requests/count",
        "How many exchanges are in the journal",
        count_requests,
        answer=object_of(count=INTEGER),
        query=FilterQuery,
    ),
    Endpoint(
        "nearestRequests",
        "POST",
        "/requests/nearest",
        "The requests that come nearest to an expected one",
        nearest_requests,
        answer=object_of(matching=INTEGER, nearest=listed(object_of(request=EXCHANGE, differences=listed(DIFFERENCE)))),
        schema=schema_from(WantedRequest),
    ),
    Endpoint(
        "getRequest",
        "GET",
        "/requests/{number}",
        "One exchange",
        get_request,
        answer=EXCHANGE,
        may_lack="The journal has no such exchange, or no longer.",
    ),
    Endpoint("clearRequests", "DELETE", "/requests", "Empty the journal", clear_requests, status=204),
)
