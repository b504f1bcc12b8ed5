"""What the control API can do: one table, which is served and of which its OpenAPI document is made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from mock_server.contract.codecs import write_json
from mock_server.contract.profile import profile_in
from mock_server.contract.source import Json, Source
from mock_server.engine.fixtures import fixtures_from
from mock_server.engine.generating import Generator
from mock_server.server.control import views
from mock_server.server.control.bodies import (
    Advance,
    Body,
    ClockSetting,
    FilterQuery,
    ListQuery,
    OperationsQuery,
    Query,
    Reset,
    Unreadable,
    WantedRequest,
    declaration_schema,
    read_model,
    schema_of,
)
from mock_server.server.differences import differences, shown
from mock_server.server.events import Listener
from mock_server.server.faults import read_fault, read_faults
from mock_server.server.mock import Mock

PATIENCE = 15
"""Seconds after which a listener to whom nothing happened is told so, which shows whether it is still there."""

MOST_NEAREST = 3

B = TypeVar("B", bound=Body)

OBJECT: Json = {"type": "object"}
INTEGER: Json = {"type": "integer"}
TEXT: Json = {"type": "string"}
BOOLEAN: Json = {"type": "boolean"}


class Served(Protocol):
    """What the control API controls."""

    mock: Mock
    shutdown: Callable[[], None] | None


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the control API, read and checked as far as its endpoint tells. `url` is where the mock is reached."""

    served: Served
    url: str
    path: Mapping[str, str]
    query: Any
    body: Source | None

    @property
    def mock(self) -> Mock:
        """The mock that is served now."""
        return self.served.mock

    @property
    def source(self) -> Source:
        """The body, which is there."""
        if self.body is None:
            raise Unreadable(400, "A body is needed.")
        return self.body

    def read(self, model: type[B]) -> B:
        """Return the body read as `model`; raise `FlawedInput` with every flaw."""
        return read_model(model, self.source)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path under `/__admin`. `schema` returns what a body has to be; None: no body is taken."""

    id: str
    method: str
    path: str
    summary: str
    handle: Callable[[Call], Response]
    status: int = 200
    answer: Json = None
    query: type[Query] = Query
    schema: Callable[[Mock], Json] | None = None
    needs_body: bool = True
    takes_yaml: bool = False
    may_lack: str = ""
    """What a 404 means, where there may be one."""

    media_type: str = "application/json"
    refusals: Mapping[int, str] = field(default_factory=dict)


class Json_(JSONResponse):  # noqa: N801 (`Json` is the type of what it holds)
    """JSON, with whole numbers of any size."""

    def render(self, content: Any) -> bytes:
        """Return the JSON text."""
        return write_json(content)


def _object(**members: Json) -> Json:
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


def _nothing() -> Response:
    return Response(status_code=204)


def health(call: Call) -> Response:
    """Tell that the mock answers."""
    return Json_(views.health(call.mock))


def reset(call: Call) -> Response:
    """Make everything, or the parts that are named, as it was at the start."""
    call.mock.reset(call.read(Reset).parts if call.body else Reset().parts)
    return _nothing()


def get_state(call: Call) -> Response:
    """Tell the whole state."""
    return Json_(call.mock.state())


def put_state(call: Call) -> Response:
    """Restore a state."""
    call.mock.restore(call.source)
    return _nothing()


def get_fixtures(call: Call) -> Response:
    """Tell organizations and tokens."""
    return Json_(views.fixtures(call.mock))


def put_fixtures(call: Call) -> Response:
    """Take other fixtures."""
    generator = Generator(clock=call.mock.generator.clock)
    call.mock.load(fixtures_from(call.source, call.mock.contract, generator))
    return _nothing()


def get_requests(call: Call) -> Response:
    """Tell the entries of the journal that are wanted, the latest ones where they are many."""
    journal, wanted = call.mock.journal, call.query.filter()
    listed = [views.exchange(entry, call.mock.secrets) for entry in journal.entries(wanted, call.query.limit)]
    return Json_({"count": journal.count(wanted), "noted": journal.noted, "requests": listed})


def count_requests(call: Call) -> Response:
    """Tell how many entries are wanted."""
    return Json_({"count": call.mock.journal.count(call.query.filter())})


def get_request(call: Call) -> Response:
    """Tell one entry of the journal."""
    number = call.path["number"]
    for entry in call.mock.journal:
        if str(entry.number) == number:
            return Json_(views.exchange(entry, call.mock.secrets))
    raise Unreadable(404, f"The journal has no exchange {number:.20}, or no longer.")


def clear_requests(call: Call) -> Response:
    """Empty the journal."""
    call.mock.reset(["requests"])
    return _nothing()


def nearest_requests(call: Call) -> Response:
    """Tell the requests that come nearest to an expected one, and in what they differ."""
    wanted, secrets = call.read(WantedRequest).wanted(), call.mock.secrets
    compared = [(entry, list(differences(wanted, views.Seen(entry, secrets)))) for entry in call.mock.journal]
    compared.sort(key=lambda pair: (sum(difference.weight for difference in pair[1]), -pair[0].number))
    nearest = [
        {
            "request": views.exchange(entry, secrets),
            "differences": [
                {"place": found.place, "expected": shown(found.expected), "got": shown(found.got)} for found in several
            ],
        }
        for entry, several in compared[:MOST_NEAREST]
    ]
    return Json_({"matching": sum(not several for _, several in compared), "nearest": nearest})


def get_faults(call: Call) -> Response:
    """Tell what is planned to go wrong."""
    return Json_(views.faults(call.mock.faults))


def add_fault(call: Call) -> Response:
    """Plan one more fault."""
    mock = call.mock
    names = {planned.fault.name for planned in mock.faults.list()}
    name = next(name for number in range(1, len(names) + 2) if (name := f"fault-{number}") not in names)
    fault = read_fault(call.source, mock.contract, mock.fixtures.organizations, name)
    mock.faults.add(fault)
    mock.events.changed("faults")
    return Json_(views.faults(mock.faults), status_code=201, headers={"Location": f"/__admin/faults/{fault.name}"})


def put_faults(call: Call) -> Response:
    """Plan these faults and no others."""
    mock = call.mock
    faults = read_faults(call.source, mock.contract, mock.fixtures.organizations)
    mock.faults.clear()
    mock.faults.add(*faults)
    mock.events.changed("faults")
    return Json_(views.faults(mock.faults))


def clear_faults(call: Call) -> Response:
    """Let nothing go wrong any more."""
    call.mock.faults.clear()
    call.mock.events.changed("faults")
    return _nothing()


def remove_fault(call: Call) -> Response:
    """Plan one fault no more."""
    if not call.mock.faults.remove(call.path["name"]):
        raise Unreadable(404, f"There is no fault {call.path['name']!r:.100}.")
    call.mock.events.changed("faults")
    return _nothing()


def get_assumptions(call: Call) -> Response:
    """Tell every assumption."""
    return Json_(views.assumptions(call.mock))


def patch_assumptions(call: Call) -> Response:
    """Have other choices in force for the assumptions that are named."""
    call.mock.choose(profile_in(call.source, call.mock.contract.assumptions))
    return Json_(views.assumptions(call.mock))


def put_assumptions(call: Call) -> Response:
    """Have these choices in force, and for all others those of the start."""
    chosen = profile_in(call.source, call.mock.contract.assumptions)
    call.mock.choose({**call.mock.profile_at_start, **chosen})
    return Json_(views.assumptions(call.mock))


def get_clock(call: Call) -> Response:
    """Tell what time it is."""
    return Json_(views.clock(call.mock.clock))


def put_clock(call: Call) -> Response:
    """Set the clock, stop it, or let it go on."""
    wanted, clock = call.read(ClockSetting), call.mock.clock
    runs = clock.runs if wanted.runs is None else wanted.runs
    return _set_clock(call, lambda: clock.go_on(wanted.time) if runs else clock.freeze(wanted.time))


def advance_clock(call: Call) -> Response:
    """Be later."""
    by = timedelta(seconds=call.read(Advance).seconds)
    return _set_clock(call, lambda: call.mock.clock.advance(by))


def reset_clock(call: Call) -> Response:
    """Be at the time of the start, or of the machine."""
    return _set_clock(call, call.mock.clock.reset)


def _set_clock(call: Call, change: Callable[[], None]) -> Response:
    try:
        change()
    except ValueError as error:
        raise Unreadable(422, f"The clock stays as it is: {error}.") from None
    call.mock.events.changed("clock")
    return Json_(views.clock(call.mock.clock))


def get_operations(call: Call) -> Response:
    """Tell every operation with a request that works, for one organization or for any."""
    organization = call.query.organization
    if organization is not None and organization not in call.mock.fixtures.organizations:
        raise Unreadable(404, f"There is no organization {organization!r:.100}.")
    return Json_(views.operations(call.mock, call.url, organization))


def get_resources(call: Call) -> Response:
    """Tell what the API keeps."""
    return Json_(views.resources(call.mock))


def shut_down(call: Call) -> Response:
    """Stop the server, once it has answered."""
    if call.served.shutdown is None:
        raise Unreadable(409, "This mock is part of another program, which has to stop it.")
    asyncio.get_running_loop().call_soon(call.served.shutdown)
    return Response(status_code=202)


def get_events(call: Call) -> Response:
    """Tell what happens, as it happens."""
    try:
        listener = call.mock.events.listen()
    except ValueError as error:
        raise Unreadable(503, f"No more can listen: {error}.") from None
    return _EventStream(call.served, listener, call.mock.journal.noted)


class _EventStream(StreamingResponse):
    """Server-sent events. The first one tells how many exchanges the journal has seen: those after it will be told."""

    def __init__(self, served: Served, listener: Listener, noted: int) -> None:
        super().__init__(_stream(served, listener, noted), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events until either side has had enough."""
        if scope["method"] == "HEAD":
            self._listener.close()
        try:  # here and not in `_stream`, which never begins where the client goes at once
            await super().__call__(scope, receive, send)
        finally:
            self._listener.close()


async def _stream(served: Served, listener: Listener, noted: int) -> AsyncIterator[bytes]:
    yield b'event: listening\ndata: {"noted":%d}\n\n' % noted
    async for event in listener.events(PATIENCE):
        if event is None:
            yield b": nothing new\n\n"
        else:
            yield b"event: %b\ndata: %b\n\n" % (event.name.encode(), write_json(views.event(event, served.mock.secrets)))


def _choices_schema(mock: Mock) -> Json:
    texts = {"date": TEXT, "evidence": TEXT, "source": {"enum": ["documented", "assumed", "observed"]}}
    members = {
        name: {
            "anyOf": [
                {"enum": list(assumption.choices)},
                {
                    "type": "object",
                    "properties": {"choice": {"enum": list(assumption.choices)}, **texts},
                    "required": ["choice"],
                    "additionalProperties": False,
                },
            ]
        }
        for name, assumption in mock.contract.assumptions.items()
    }
    chosen = {"type": "object", "properties": members, "additionalProperties": False}
    return _object(assumptions=chosen)


def _fault_schema(mock: Mock) -> Json:
    schema, fixed = dict(declaration_schema("fault")), declaration_schema("fixed-delay")["properties"]["delay"]
    delay = {"anyOf": [fixed, declaration_schema("delay"), {"type": "null"}], "description": "Milliseconds."}
    match = dict(schema["properties"]["match"])
    operations: list[Json] = [operation.id for operation in mock.contract.operations]
    match["properties"] = {
        **match["properties"],
        "operation": {"enum": [*operations, None], "default": None},
        "organization": {"enum": [*mock.fixtures.organizations, None], "default": None},
    }
    broken = {"enum": ["close", "lose-answer", "truncate", "malformed", None], "default": None}
    schema["properties"] = {**schema["properties"], "delay": delay, "match": match, "break": broken}
    return schema


def _faults_schema(mock: Mock) -> Json:
    return _object(faults={"type": "array", "items": _fault_schema(mock)})


NULLABLE_TEXT: Json = {"type": ["string", "null"]}
BODY: Json = {"type": "object", "properties": {"size": INTEGER, "json": {}, "text": TEXT}, "required": ["size"]}
TEXTS_BY_NAME: Json = {"type": "object", "additionalProperties": TEXT}
VIOLATION: Json = _object(location=TEXT, pointer=TEXT, rule=TEXT, message=TEXT)
CHANGE: Json = _object(
    resource=TEXT, organization=NULLABLE_TEXT, id={}, before={"type": ["object", "null"]}, after={"type": ["object", "null"]}
)
EXCHANGE: Json = _object(
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
    answer=_object(headers=TEXTS_BY_NAME, body=BODY),
    rested_on=TEXTS_BY_NAME,
    problem=NULLABLE_TEXT,
    detail=TEXT,
    violations={"type": "array", "items": VIOLATION},
    changes={"type": "array", "items": CHANGE},
    fault=NULLABLE_TEXT,
)
DIFFERENCE: Json = _object(place=TEXT, expected=TEXT, got=TEXT)
ASSUMPTION: Json = _object(choice=TEXT, source=TEXT, date=TEXT, evidence=TEXT, default=TEXT, choices=TEXTS_BY_NAME, why=TEXT)
CLOCK: Json = _object(time={"type": "string", "format": "date-time"}, runs={"type": "boolean"})
ASSUMPTIONS: Json = _object(assumptions={"type": "object", "additionalProperties": ASSUMPTION})
FAULTS: Json = _object(faults={"type": "array", "items": OBJECT})
RESOURCE: Json = _object(
    owned=BOOLEAN,
    id=TEXT,
    key={"type": "array", "items": TEXT},
    fields={
        "type": "array",
        "items": _object(name=TEXT, refers_to=NULLABLE_TEXT, nullable=BOOLEAN, server_made=BOOLEAN),
    },
)
ORGANIZATION: Json = _object(tokens={"type": "array", "items": TEXT})
EXAMPLE: Json = _object(path=TEXT, query=TEXT, headers=TEXTS_BY_NAME, body=BODY, curl=TEXT)
OPERATION: Json = _object(
    id=TEXT,
    method=TEXT,
    path=TEXT,
    summary=TEXT,
    secured=BOOLEAN,
    parameters={"type": "array", "items": _object(**{"name": TEXT, "in": TEXT, "required": BOOLEAN})},
    statuses={"type": "array", "items": TEXT},
    examples={"type": "array", "items": TEXT},
    example={"anyOf": [EXAMPLE, {"type": "null"}]},
    refusal=TEXT,
)


def _listed(members: Json) -> Json:
    return {"type": "array", "items": members}


def endpoints() -> Sequence[Endpoint]:
    """Return all endpoints."""

    def fixed(model: type[Body]) -> Callable[[Mock], Json]:
        return lambda _: schema_of(model)

    return (
        Endpoint(
            "health", "GET", "/health", "Is the mock there?", health, answer=_object(status=TEXT, title=TEXT, version=TEXT)
        ),
        Endpoint(
            "reset",
            "POST",
            "/reset",
            "Make everything, or some parts, as it was at the start",
            reset,
            status=204,
            schema=fixed(Reset),
            needs_body=False,
        ),
        Endpoint("getState", "GET", "/state", "The whole state", get_state, answer=declaration_schema("state")),
        Endpoint(
            "putState",
            "PUT",
            "/state",
            "Restore a state, all or nothing",
            put_state,
            status=204,
            schema=lambda _: declaration_schema("state"),
            takes_yaml=True,
        ),
        Endpoint(
            "getFixtures",
            "GET",
            "/fixtures",
            "The organizations with their tokens",
            get_fixtures,
            answer=_object(organizations={"type": "object", "additionalProperties": ORGANIZATION}),
        ),
        Endpoint(
            "putFixtures",
            "PUT",
            "/fixtures",
            "Take other fixtures; a reset of the state returns to these",
            put_fixtures,
            status=204,
            schema=lambda _: declaration_schema("fixtures"),
            takes_yaml=True,
        ),
        Endpoint(
            "getRequests",
            "GET",
            "/requests",
            "The journal: the latest exchanges, oldest first",
            get_requests,
            answer=_object(count=INTEGER, noted=INTEGER, requests=_listed(EXCHANGE)),
            query=ListQuery,
        ),
        Endpoint(
            "countRequests",
            "GET",
            "/requests/count",
            "How many exchanges are in the journal",
            count_requests,
            answer=_object(count=INTEGER),
            query=FilterQuery,
        ),
        Endpoint(
            "nearestRequests",
            "POST",
            "/requests/nearest",
            "The requests that come nearest to an expected one",
            nearest_requests,
            answer=_object(matching=INTEGER, nearest=_listed(_object(request=EXCHANGE, differences=_listed(DIFFERENCE)))),
            schema=fixed(WantedRequest),
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
        Endpoint("getFaults", "GET", "/faults", "What is planned to go wrong", get_faults, answer=FAULTS),
        Endpoint(
            "addFault",
            "POST",
            "/faults",
            "Plan a fault; it takes the place of another of its name",
            add_fault,
            status=201,
            answer=FAULTS,
            schema=_fault_schema,
            takes_yaml=True,
        ),
        Endpoint(
            "putFaults",
            "PUT",
            "/faults",
            "Plan these faults and no others",
            put_faults,
            answer=FAULTS,
            schema=_faults_schema,
            takes_yaml=True,
        ),
        Endpoint("clearFaults", "DELETE", "/faults", "Plan no faults", clear_faults, status=204),
        Endpoint(
            "removeFault",
            "DELETE",
            "/faults/{name}",
            "Plan one fault no more",
            remove_fault,
            status=204,
            may_lack="There is no such fault.",
        ),
        Endpoint(
            "getAssumptions", "GET", "/assumptions", "Every assumption and its choice", get_assumptions, answer=ASSUMPTIONS
        ),
        Endpoint(
            "patchAssumptions",
            "PATCH",
            "/assumptions",
            "Choose otherwise for some assumptions, from the next request on",
            patch_assumptions,
            answer=ASSUMPTIONS,
            schema=_choices_schema,
            takes_yaml=True,
        ),
        Endpoint(
            "putAssumptions",
            "PUT",
            "/assumptions",
            "The same; those that are not named are as at the start",
            put_assumptions,
            answer=ASSUMPTIONS,
            schema=_choices_schema,
            takes_yaml=True,
        ),
        Endpoint("getClock", "GET", "/clock", "What time it is for the mock", get_clock, answer=CLOCK),
        Endpoint(
            "putClock",
            "PUT",
            "/clock",
            "Set the clock, stop it, or let it go on",
            put_clock,
            answer=CLOCK,
            schema=fixed(ClockSetting),
        ),
        Endpoint(
            "advanceClock",
            "POST",
            "/clock/advance",
            "Be some seconds later",
            advance_clock,
            answer=CLOCK,
            schema=fixed(Advance),
        ),
        Endpoint("resetClock", "DELETE", "/clock", "Be at the time of the start", reset_clock, answer=CLOCK),
        Endpoint(
            "getOperations",
            "GET",
            "/operations",
            "Every operation with a request that works",
            get_operations,
            answer=_object(operations=_listed(OPERATION)),
            query=OperationsQuery,
            may_lack="There is no such organization.",
        ),
        Endpoint(
            "getResources",
            "GET",
            "/resources",
            "What the API keeps, and the fields of its records",
            get_resources,
            answer=_object(resources={"type": "object", "additionalProperties": RESOURCE}),
        ),
        Endpoint(
            "shutdown",
            "POST",
            "/shutdown",
            "Stop the server",
            shut_down,
            status=202,
            refusals={409: "The mock is part of another program."},
        ),
        Endpoint(
            "getEvents",
            "GET",
            "/events",
            "What happens, as server-sent events",
            get_events,
            answer=TEXT,
            media_type="text/event-stream",
            refusals={503: "Too many are listening."},
        ),
    )
