"""Requests with a key: sent again, they are answered again and done once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from workshop import Workshop, workshop_with

from mock_server.contract.files.flaws import FlawedInput
from mock_server.contract.files.source import Source
from mock_server.engine.state import read_state, state_of

TOP = "x-idempotency: {header: Idempotency-Key}"
CHAIR = {"item": "Chair"}


def place(api, key=None, body=None, **more):
    return api.ask("POST", "/orders", body or CHAIR, **({"Idempotency_Key": key} if key else {}), **more)


def orders(api):
    return [record["id"] for record in api.store.scan("Order", "first")]


def test_the_same_request_gets_the_same_answer_and_is_done_once():
    api = Workshop()
    first = place(api, "k1")
    api.ask("PATCH", f"/orders/{first.body['id']}", {"item": "Bed"})
    again = place(api, "k1", {"item": "Chair"})

    assert (again.status, again.body, again.headers, again.media_type) == (201, first.body, first.headers, first.media_type)
    assert orders(api) == [first.body["id"]]
    assert again.changes == []


def test_another_key_or_none_is_another_request():
    api = Workshop()
    answers = [place(api, "k1"), place(api, "k2"), place(api), place(api)]

    assert [answer.status for answer in answers] == [201] * 4
    assert len(orders(api)) == 4


@pytest.mark.parametrize(("outcome", "status"), [("conflict", 409), ("invalid", 422)])
def test_another_body_with_the_key_is_refused_as_declared(tmp_path, outcome, status):
    api = Workshop(workshop_with(tmp_path, (TOP, TOP.replace("}", f", when-different: {outcome}}}"))))
    first = place(api, "k1")

    assert place(api, "k1", {"item": "Table"}).status == status
    assert place(api, "k1").body == first.body
    assert len(orders(api)) == 1


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        ("[api_error, idempotency_error, conflict]", "idempotency_error"),
        ("[IdempotencyKeyReused, Conflict]", "IdempotencyKeyReused"),
        ("[not_found, conflict]", "conflict"),
    ],
)
def test_a_key_of_another_request_is_told_by_the_code_for_it_where_the_document_lists_one(tmp_path, codes, told):
    error = (
        f"{{type: object, required: [type], properties: {{type: {{type: string, enum: {codes}}}, message: {{type: string}}}}}}"
    )
    default = f"        default: {{description: Refused., content: {{application/json: {{schema: {error}}}}}}}\n"
    behaviour = "      x-behaviour:\n        - create: Order\n"
    api = Workshop(workshop_with(tmp_path, (behaviour, default + behaviour)))
    place(api, "k1")

    assert place(api, "k1", {"item": "Table"}).body["type"] == told


def test_a_key_belongs_to_one_path_and_one_organization():
    api = Workshop()
    first, second = api.placed(), api.placed()
    assert api.ask("DELETE", first, Idempotency_Key="k1").status == 204

    assert api.ask("DELETE", second, Idempotency_Key="k1").status == 409
    assert api.ask("DELETE", first, Idempotency_Key="k1").status == 204
    assert place(api, "k1", caller="theirs").status == 201


def test_what_was_refused_once_it_had_begun_is_refused_again():
    api = Workshop()
    order = api.at("started")
    refused = api.ask("DELETE", order, Idempotency_Key="k1")
    api.ask("PATCH", order, {"status": "placed"})
    again = api.ask("DELETE", order, Idempotency_Key="k1")

    assert refused.status == again.status == 409
    assert (again.problem, again.detail, again.body) == (refused.problem, refused.detail, refused.body)
    assert api.ask("DELETE", order, Idempotency_Key="k2").status == 204


def test_what_was_refused_before_it_began_may_be_mended():
    api = Workshop()

    assert place(api, "k1", {"item": ""}).status == 422
    assert place(api, "k1", caller="nobody").status == 401
    assert place(api, "k1").status == 201


def test_a_missing_key_is_refused_where_that_is_declared(tmp_path):
    api = Workshop(workshop_with(tmp_path, (TOP, TOP.replace("}", ", when-missing: invalid}"))))
    answer = place(api)

    assert answer.status == 422
    assert [(one.location, one.pointer) for one in answer.violations] == [("header", "/Idempotency-Key")]
    assert place(api, "k1").status == 201


def test_a_key_ends_by_the_clock_of_the_mock(tmp_path):
    api = Workshop(workshop_with(tmp_path, (TOP, TOP.replace("}", ", expires: 1h}"))))
    first = place(api, "k1")
    api.time += 3599
    assert place(api, "k1").body == first.body
    api.time += 1

    assert place(api, "k1").body != first.body


def test_kept_answers_are_a_part_of_the_state():
    api = Workshop()
    empty, first = api.store.snapshot(), place(api, "k1")
    text = json.dumps(state_of(api.store.snapshot()))
    api.store.restore(empty)
    assert place(api, "k1").body != first.body
    api.store.restore(read_state(Source(Path("state.json"), text), api.contract, ["first", "second"]))

    assert place(api, "k1").body == first.body
    assert json.loads(text) == state_of(api.store.snapshot())


def test_kept_answers_of_nobody_are_refused():
    api = Workshop()
    place(api, "k1")
    text = json.dumps(state_of(api.store.snapshot()))

    with pytest.raises(FlawedInput) as raised:
        read_state(
            Source(Path("state.json"), text.replace('"organization": "first"', '"organization": "frist"')),
            api.contract,
            ["first", "second"],
        )
    assert any(flaw.pointer == "/kept-answers/0/organization" for flaw in raised.value.flaws)


OWN = "operationId: changeOrder"
FLAWS = {
    "no such header": (
        (TOP, TOP.replace("Key", "Kay")),
        "has the header parameter 'Idempotency-Kay'",
        "header parameter of each",
    ),
    "no header here": ((OWN, f"{OWN}\n      {TOP}"), "no header parameter 'Idempotency-Key'", "add it to the parameters"),
    "of a reading": (("operationId: getOrder", f"operationId: getOrder\n      {TOP}"), "changes nothing", "remove it"),
    "no span": ((TOP, TOP.replace("}", ", expires: soon}")), "'soon' is not a span of time", "24h"[-1]),
    "unknown outcome": ((TOP, TOP.replace("}", ", when-different: accept}")), "'accept' is not an outcome", "conflict"),
    "no name": ((TOP, "x-idempotency: {}"), "'header' is missing", ""),
}


@pytest.mark.parametrize(("edit", "message", "hint"), FLAWS.values(), ids=FLAWS.keys())
def test_keys_that_have_no_effect_are_a_flaw(tmp_path, edit, message, hint):
    with pytest.raises(FlawedInput) as raised:
        workshop_with(tmp_path, edit)

    assert any(message in flaw.message and hint in flaw.hint for flaw in raised.value.flaws), raised.value.flaws
