"""What time it is for the mock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from starlette.responses import Response

from mock_server.contract.files.source import Json
from mock_server.server.control import views
from mock_server.server.control.bodies import Advance, ClockSetting, Unreadable
from mock_server.server.control.endpoint import Call, Endpoint, JsonAnswer, schema_from
from mock_server.server.control.schemas import object_of

CLOCK: Json = object_of(time={"type": "string", "format": "date-time"}, runs={"type": "boolean"})


def get_clock(call: Call) -> Response:
    """Tell what time it is."""
    return JsonAnswer(views.clock(call.mock.clock))


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
    return JsonAnswer(views.clock(call.mock.clock))


ENDPOINTS = (
    Endpoint("getClock", "GET", "/clock", "What time it is for the mock", get_clock, answer=CLOCK),
    Endpoint(
        "putClock",
        "PUT",
        "/clock",
        "Set the clock, stop it, or let it go on",
        put_clock,
        answer=CLOCK,
        schema=schema_from(ClockSetting),
    ),
    Endpoint(
        "advanceClock",
        "POST",
        "/clock/advance",
        "Be some seconds later",
        advance_clock,
        answer=CLOCK,
        schema=schema_from(Advance),
    ),
    Endpoint("resetClock", "DELETE", "/clock", "Be at the time of the start", reset_clock, answer=CLOCK),
)
