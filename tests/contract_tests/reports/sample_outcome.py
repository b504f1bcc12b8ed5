"""An outcome of every sort of thing, and small pieces to make others from."""

from __future__ import annotations

import json
from typing import Any

from contract_tests.oracle.mismatch import Mismatch
from contract_tests.runner.outcome import Finding, Outcome, PromiseResult, Settlement
from contract_tests.transport.wire import Interaction, WireRequest, WireResponse

AUTHORIZATION = ("Authorization", "Bearer $TOKEN")
JSON = ("Content-Type", "application/json")
TAG = "r1a2b3c4"
NORTHWIND = "/v2/partners/ptn_northwind/internal-contacts"
NASTY = "\x1b[31mred\x1b[0m [bold]loud[/bold] <script>alert(1)</script> \u202eabc ]]> & \x00 \ud800 end"


def call(method: str, path: str, body: Any = None, *, headers=(AUTHORIZATION, JSON), query: str = "") -> WireRequest:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return WireRequest(method, path, query, tuple(headers), content, operation=f"{method} {path}", organization="token")


def reply(status: int = 200, body: Any = None, **more: Any) -> WireResponse:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return WireResponse(status, (("content-type", "application/json"),), content, **more)


def step(
    method: str, path: str, body: Any = None, status: int = 200, answer: Any = None, note: str = "", **more: Any
) -> Interaction:
    return Interaction(call(method, path, body, **more), reply(status, answer), note)


def finding(cause: str = "second-contact", **made: Any) -> Finding:
    contact = {"email": f"{TAG}-1@understudy.example", "internal_role": "csm"}
    known: dict[str, Any] = {
        "cause": cause,
        "title": "The same email twice makes two people",
        "part": "lockstep",
        "clause": "openapi.yaml#/paths/~1v2~1partners~1{partner_id}~1internal-contacts/post/x-behaviour/1",
        "source": "documented",
        "detail": "An email identifies the contact within its organization, so the second request finds the first one's contact.",
        "differences": (
            Mismatch("/internal_contact/id", '"ict_1", as in step 1', '"ict_2"'),
            Mismatch("/internal_contact/created_at", "the time of step 1", '"2026-11-23T10:00:01Z"'),
        ),
        "steps": (
            step("POST", NORTHWIND, contact, 200, {"id": "ica_1", "internal_contact": {"id": "ict_1"}}, "create the contact"),
            step("POST", NORTHWIND, contact, 200, {"id": "ica_2", "internal_contact": {"id": "ict_2"}}, "the same again"),
        ),
    }
    return Finding(**{**known, **made})


def outcome(verdict: str = "broken", **made: Any) -> Outcome:
    evidence = step("POST", NORTHWIND, {"email": "A@x.example", "internal_role": "csm"}, 200, {"id": "ica_9"}, "another case")
    known: dict[str, Any] = {
        "verdict": verdict,
        "target": "http://127.0.0.1:4010",
        "document": "openapi.yaml",
        "title": "Partner API, internal contacts",
        "started": "2026-11-23T10:00:00Z",
        "seconds": 41.25,
        "random_seed": 7,
        "budget": "standard",
        "settlements": (
            Settlement("email-case", "settled", ("lower",), "exact", evidence),
            Settlement("success-status", "settled", ("ok",), "ok", evidence),
            Settlement("second-role", "open", ("create", "update"), "create"),
            Settlement("foreign-id", "unreachable", ("hidden", "forbidden"), "hidden", why="No second token was given."),
            Settlement("existing-contact", "inconsistent", (), "keep", evidence, "Step 3 fills, step 5 keeps."),
        ),
        "differences": ("A PATCH that changes nothing is answered with a header ETag.",),
        "limits": ("No operation reads an assignment, so a role that is not stored cannot be seen.",),
        "requests": 1234,
        "by_operation": {f"POST {NORTHWIND}": {200: 900, 422: 300}, "PATCH /v2/internal-contacts/{id}": {200: 30, 0: 4}},
        "created": {"InternalContact": ("ict_1", "ict_2"), "InternalContactAssignment": ("ica_1",)},
        "tag": TAG,
    }
    if verdict == "broken":
        known["findings"] = (
            finding(),
            finding("race", part="races", title="Two requests at once make two people", times=3, out_of=40),
            finding("role-lost", title="The role is not the one that was sent", source="assumed", part="shape"),
        )
    if verdict == "unjudged":
        known |= {"reason": "The target refuses the token with 401.", "settlements": (), "requests": 3}
    return Outcome(**{**known, **made})


MADE, CHANGED = "POST /v2/partners/{partner_id}/internal-contacts", "PATCH /v2/internal-contacts/{id}"
PROMISES = (
    PromiseResult(MADE, "answers valid requests as declared", 412, "kept"),
    PromiseResult(MADE, "finds records by key", 37, "broken"),
    PromiseResult(MADE, "keeps organizations apart", 0, "not tested", "only one organization is known: give --other-token"),
    PromiseResult(CHANGED, "answers valid requests as declared", 30, "kept"),
    PromiseResult(CHANGED, "keeps organizations apart", 0, "not tested", "only one organization is known: give --other-token"),
    PromiseResult("", "rejects requests without valid credentials", 1, "kept"),
)


def with_promises(**made: Any) -> Outcome:
    """Return an outcome that has a table of promises; its first finding breaks one of them."""
    broken = finding(breaks=((MADE, "finds records by key"),))
    return outcome(**{"promises": PROMISES, "findings": (broken, finding("race", part="races", title="Two at once")), **made})
