"""Stubs: canned answers by match."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from starlette.responses import Response

from mock_server.contract.files.flaws import Flaws, did_you_mean, piece
from mock_server.contract.files.source import Json, Source, pointer_to
from mock_server.contract.messages.codecs import JSON, write_json
from mock_server.engine.values import ABSENT
from mock_server.exchange.messages import BODILESS
from mock_server.server.control.bodies import Body, MatchedRequest, Unreadable, read_model, whole
from mock_server.server.control.endpoint import Call, Endpoint, JsonAnswer, nothing, schema_from
from mock_server.server.control.schemas import INTEGER, OBJECT, TEXT, listed
from mock_server.server.faults import LONGEST_DELAY
from mock_server.server.mock import Mock
from mock_server.server.stubs import Stub, shown

FRAMING = frozenset({"connection", "content-length", "transfer-encoding"})
"""Headers that are the server's own: they tell where an answer ends."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
Value = Annotated[str, Field(pattern=r"^[\t\x20-\x7e]*$")]

STUB: Json = {
    "type": "object",
    "properties": {
        "id": TEXT,
        "request": OBJECT,
        "response": OBJECT,
        "times": {"type": ["integer", "null"]},
        "hits": INTEGER,
        "left": {"type": ["integer", "null"]},
    },
    "required": ["id", "request", "response", "hits", "left"],
    "additionalProperties": False,
}


class CannedResponse(Body):
    """What is answered: `body` as JSON or `text` as it is, `delay` milliseconds later."""

    status: Annotated[int, Field(ge=200, le=599), BeforeValidator(whole)] = 200
    headers: dict[Name, Value] = Field(default={})
    body: Any = Field(default=ABSENT, json_schema_extra={"default": None})
    text: str | None = None
    delay: float = Field(default=0, ge=0, le=LONGEST_DELAY)


class StubDeclaration(Body):
    """Which requests are answered, with what, and how often: once unless it is said, always where `times` is null."""

    request: MatchedRequest
    response: CannedResponse
    times: Annotated[int, Field(ge=1, le=1_000_000_000), BeforeValidator(whole)] | None = 1


def read_stub(source: Source, mock: Mock) -> Stub:
    """Return the stub that `source` holds; raise `FlawedInput` with every flaw when it can answer nothing."""
    __tracebackhide__ = True  # a test is shown its own line
    declared = read_model(StubDeclaration, source)
    response = declared.response
    flaws = Flaws()
    _check_request(declared.request, mock, source, flaws)
    _check_response(response, source, flaws)
    flaws.raise_if_any()
    given = {name.lower(): value for name, value in response.headers.items()}
    if response.text is not None:
        media_type, body, content = "text/plain; charset=utf-8", response.text, response.text.encode()
    else:
        media_type, body = JSON, response.body
        content = b"" if body is ABSENT else write_json(body)
    media_type = given.get("content-type", media_type)
    headers = tuple((name, value) for name, value in response.headers.items() if name.lower() != "content-type" or not content)
    return Stub(
        mock.stubs.next_id(),
        declared.request.wanted(),
        response.status,
        headers,
        media_type,
        body,
        content,
        response.delay / 1000,
        declared.times,
        declared=source.value,
    )


def _check_request(request: MatchedRequest, mock: Mock, source: Source, flaws: Flaws) -> None:
    operations = [operation.id for operation in mock.contract.operations]
    for name, known in (("operation", operations), ("organization", list(mock.fixtures.organizations))):
        value = getattr(request, name)
        if value is not None and value not in known:
            flaws.add(source, f"/request/{name}", f"there is no {name} {piece(value)}", did_you_mean(value, known))
    path = request.path
    if path is not None and (not path.startswith("/") or "?" in path or "#" in path):
        hint = "write it from its slash on; what stands behind a question mark goes to `query`"
        flaws.add(source, "/request/path", f"{piece(path)} is not a path", hint)
    elif path is not None and (path + "/").startswith("/__admin/"):
        flaws.add(source, "/request/path", f"{piece(path)} is the control API's own", "no stub answers there")


def _check_response(response: CannedResponse, source: Source, flaws: Flaws) -> None:
    if response.body is not ABSENT and response.text is not None:
        flaws.add(source, "/response/text", "there is a body already", "give one of: body, text")
    elif response.status in BODILESS and (response.body is not ABSENT or response.text is not None):
        place = "/response/body" if response.text is None else "/response/text"
        flaws.add(source, place, f"an answer {response.status} has no body", "leave it out")
    names: set[str] = set()
    for name in response.headers:
        if name.lower() in FRAMING:
            flaws.add(source, pointer_to("response", "headers", name), f"{piece(name)} is made by the server", "leave it out")
        if name.lower() in names:
            flaws.add(source, pointer_to("response", "headers", name), f"the header {piece(name)} stands twice")
        names.add(name.lower())


def _view(stub: Stub, mock: Mock) -> Json:
    told = dict(shown(stub))
    if told["request"].get("headers"):
        told["request"] = {**told["request"], "headers": mock.redactor.headers(told["request"]["headers"])}
    return told


def get_stubs(call: Call) -> Response:
    """Tell the stubs, the latest first."""
    return JsonAnswer({"stubs": [_view(stub, call.mock) for stub in call.mock.stubs.list()]})


def add_stub(call: Call) -> Response:
    """Have one more stub answer."""
    mock = call.mock
    stub = read_stub(call.source, mock)
    mock.stubs.add(stub)
    mock.events.changed("stubs")
    return JsonAnswer(_view(stub, mock), status_code=201, headers={"Location": f"/__admin/stubs/{stub.id}"})


def clear_stubs(call: Call) -> Response:
    """Have the mock answer everything itself again."""
    call.mock.reset(["stubs"])
    return nothing()


def remove_stub(call: Call) -> Response:
    """Remove one stub."""
    if not call.mock.stubs.remove(call.path["id"]):
        raise Unreadable(404, f"There is no stub {call.path['id']!r:.100}.")
    call.mock.events.changed("stubs")
    return nothing()


ENDPOINTS = (
    Endpoint(
        "getStubs",
        "GET",
        "/stubs",
        "Canned answers, the latest first, with how often each was given",
        get_stubs,
        answer={"type": "object", "properties": {"stubs": listed(STUB)}, "required": ["stubs"], "additionalProperties": False},
    ),
    Endpoint(
        "addStub",
        "POST",
        "/stubs",
        "Answer the requests that match with a canned answer, once unless `times` says otherwise",
        add_stub,
        status=201,
        answer=STUB,
        schema=schema_from(StubDeclaration),
        takes_yaml=True,
    ),
    Endpoint("clearStubs", "DELETE", "/stubs", "Remove all stubs", clear_stubs, status=204),
    Endpoint(
        "removeStub", "DELETE", "/stubs/{id}", "Remove one stub", remove_stub, status=204, may_lack="There is no such stub."
    ),
)
