"""Every admissible answer, each with the choices it rests on."""

from __future__ import annotations

import random

NORTHWIND = "/v2/partners/ptn_northwind/internal-contacts"
FLOATING = f"{NORTHWIND}/ica_alan_floating"


def test_a_request_that_rests_on_no_choice_has_one_reading(talk):
    api = talk()
    readings = api.readings(api.request("PATCH", "/v2/internal-contacts/ict_grace", {"phone": "+1"}))

    assert len(readings) == 1
    assert readings[0][1] == {}


def test_each_choice_of_a_consulted_assumption_has_a_reading(talk):
    api = talk()
    readings = api.readings(api.request("PATCH", FLOATING, {"internal_role": "csm"}))

    assert [(answer.status, rested_on) for answer, rested_on in readings] == [
        (404, {"floating-assignment-in-role-change": "not-found", "error-format": "problem"}),
        (404, {"floating-assignment-in-role-change": "not-found", "error-format": "detail"}),
        (200, {"floating-assignment-in-role-change": "accept"}),
    ]


def test_settled_choices_do_not_fork(talk):
    api = talk()
    request = api.request("PATCH", FLOATING, {"internal_role": "csm"})

    assert [answer.status for answer, _ in api.readings(request, **{"floating-assignment-in-role-change": "accept"})] == [200]


def test_reading_a_request_leaves_the_state_as_it_was(talk):
    api = talk(**{"duplicate-assignment": "reuse"})
    before = api.store.snapshot()
    request = api.request("POST", NORTHWIND, {"email": "Ada@acme.example", "internal_role": "csm"})

    assert len(api.readings(request)) > 10
    assert api.store.snapshot() == before


def test_a_reading_is_what_is_answered_under_its_choices(talk):
    bodies = [
        {"email": "grace@acme.example", "internal_role": "csm", "phone": "1"},
        {"email": " GRACE@acme.example", "internal_role": "account_executive"},
        {"email": "alan@acme.example", "internal_role": "lead", "nickname": "x"},
        {"email": "", "internal_role": "lead"},
    ]
    for body in bodies:
        api = talk()
        readings = api.readings(api.request("POST", NORTHWIND, body), **{"error-format": "problem"})
        for predicted, rested_on in random.Random(1).sample(readings, min(40, len(readings))):
            twin = talk(**rested_on)
            answered = twin.post(NORTHWIND, body)
            assert answered.status == predicted.status
            assert {**answered.rested_on} == {"error-format": "problem", **rested_on} or {**answered.rested_on} == rested_on
            assert _known(answered.body) == _known(predicted.body)


def _known(body):
    """Leave out what the server makes."""
    if not isinstance(body, dict):
        return body
    made = ("id", "created_at", "modified_at", "remote_id")
    return {name: _known(value) if name not in made else value is None for name, value in body.items()}
