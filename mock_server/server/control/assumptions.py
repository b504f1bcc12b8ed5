"""The choices for what the document leaves open."""

from __future__ import annotations

from starlette.responses import Response

from mock_server.contract.behaviours.profile import profile_in
from mock_server.contract.files.source import Json
from mock_server.server.control import views
from mock_server.server.control.endpoint import Call, Endpoint, JsonAnswer
from mock_server.server.control.schemas import TEXT, TEXTS_BY_NAME, object_of
from mock_server.server.mock import Mock

ASSUMPTION: Json = object_of(choice=TEXT, source=TEXT, date=TEXT, evidence=TEXT, default=TEXT, choices=TEXTS_BY_NAME, why=TEXT)

ASSUMPTIONS: Json = object_of(assumptions={"type": "object", "additionalProperties": ASSUMPTION})


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
    return object_of(assumptions=chosen)


def get_assumptions(call: Call) -> Response:
    """Tell every assumption."""
    return JsonAnswer(views.assumptions(call.mock))


def patch_assumptions(call: Call) -> Response:
    """Have other choices in force for the assumptions that are named."""
    call.mock.choose(profile_in(call.source, call.mock.contract.assumptions))
    return JsonAnswer(views.assumptions(call.mock))


def put_assumptions(call: Call) -> Response:
    """Have these choices in force, and for all others those of the start."""
    chosen = profile_in(call.source, call.mock.contract.assumptions)
    call.mock.choose({**call.mock.profile_at_start, **chosen})
    return JsonAnswer(views.assumptions(call.mock))


ENDPOINTS = (
    Endpoint("getAssumptions", "GET", "/assumptions", "Every assumption and its choice", get_assumptions, answer=ASSUMPTIONS),
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
)
