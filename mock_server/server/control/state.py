"""The mock as a whole: whether it is there, its state, its fixtures, and all as it was at the start."""

from __future__ import annotations

from starlette.responses import Response

from mock_server.contract.files.source import Json
from mock_server.engine.fixtures import fixtures_from
from mock_server.engine.generating import Generator
from mock_server.server.control import views
from mock_server.server.control.bodies import Reset, declaration_schema
from mock_server.server.control.endpoint import Call, Endpoint, JsonAnswer, nothing, schema_from
from mock_server.server.control.schemas import TEXT, object_of

ORGANIZATION: Json = object_of(tokens={"type": "array", "items": TEXT})


def health(call: Call) -> Response:
    """Tell that the mock answers."""
    return JsonAnswer(views.health(call.mock))


def reset(call: Call) -> Response:
    """Make everything, or the parts that are named, as it was at the start."""
    call.mock.reset(call.read(Reset).parts if call.body else Reset().parts)
    return nothing()


def get_state(call: Call) -> Response:
    """Tell the whole state."""
    return JsonAnswer(call.mock.state())


def put_state(call: Call) -> Response:
    """Restore a state."""
    call.mock.restore(call.source)
    return nothing()


def get_fixtures(call: Call) -> Response:
    """Tell organizations and tokens."""
    return JsonAnswer(views.fixtures(call.mock))


def put_fixtures(call: Call) -> Response:
    """Take other fixtures."""
    generator = Generator(clock=call.mock.generator.clock)
    call.mock.load(fixtures_from(call.source, call.mock.contract, generator))
    return nothing()


ENDPOINTS = (
    Endpoint("health", "GET", "/health", "Is the mock there?", health, answer=object_of(status=TEXT, title=TEXT, version=TEXT)),
    Endpoint(
        "reset",
        "POST",
        "/reset",
        "Make everything, or some parts, as it was at the start",
        reset,
        status=204,
        schema=schema_from(Reset),
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
        answer=object_of(organizations={"type": "object", "additionalProperties": ORGANIZATION}),
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
)
