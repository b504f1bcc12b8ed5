"""What is planned to go wrong."""

from __future__ import annotations

from starlette.responses import Response

from mock_server.contract.files.source import Json
from mock_server.server.control import views
from mock_server.server.control.bodies import Unreadable, declaration_schema
from mock_server.server.control.endpoint import Call, Endpoint, JsonAnswer, nothing
from mock_server.server.control.schemas import OBJECT, object_of
from mock_server.server.faults import read_fault, read_faults
from mock_server.server.mock import Mock

FAULTS: Json = object_of(faults={"type": "array", "items": OBJECT})


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
    return object_of(faults={"type": "array", "items": _fault_schema(mock)})


def get_faults(call: Call) -> Response:
    """Tell what is planned to go wrong."""
    return JsonAnswer(views.faults(call.mock.faults))


def add_fault(call: Call) -> Response:
    """Plan one more fault."""
    mock = call.mock
    names = {planned.fault.name for planned in mock.faults.list()}
    name = next(name for number in range(1, len(names) + 2) if (name := f"fault-{number}") not in names)
    fault = read_fault(call.source, mock.contract, mock.fixtures.organizations, name)
    mock.faults.add(fault)
    mock.events.changed("faults")
    return JsonAnswer(views.faults(mock.faults), status_code=201, headers={"Location": f"/__admin/faults/{fault.name}"})


def put_faults(call: Call) -> Response:
    """Plan these faults and no others."""
    mock = call.mock
    faults = read_faults(call.source, mock.contract, mock.fixtures.organizations)
    mock.faults.clear()
    mock.faults.add(*faults)
    mock.events.changed("faults")
    return JsonAnswer(views.faults(mock.faults))


def clear_faults(call: Call) -> Response:
    """Let nothing go wrong any more."""
    call.mock.faults.clear()
    call.mock.events.changed("faults")
    return nothing()


def remove_fault(call: Call) -> Response:
    """Plan one fault no more."""
    if not call.mock.faults.remove(call.path["name"]):
        raise Unreadable(404, f"There is no fault {call.path['name']!r:.100}.")
    call.mock.events.changed("faults")
    return nothing()


ENDPOINTS = (
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
)
