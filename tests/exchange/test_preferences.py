"""`Prefer` chooses an answer of the document; nothing is performed."""

from __future__ import annotations

import pytest

NORTHWIND = "/v2/partners/ptn_northwind/internal-contacts"
ADA = {"email": "ada@acme.example", "internal_role": "csm"}


def prefer(api, value, body=ADA, path=NORTHWIND):
    request = api.request("POST", path, body)
    request.headers = {**request.headers, b"prefer": value.encode()}
    return api.send(request)


@pytest.mark.parametrize(
    ("code", "kind"), [("404", "not-found"), ("409", "conflict"), ("429", "asked-for"), ("413", "too-large")]
)
def test_a_documented_status_is_answered_in_its_documented_shape(talk, code, kind):
    api = talk()
    answer = prefer(api, f"code={code}")

    assert answer.status == int(code)
    assert answer.body["type"].endswith(kind)
    assert answer.body["status"] == int(code)
    assert dict(answer.headers)["Preference-Applied"] == f"code={code}"
    assert not answer.changes


@pytest.mark.parametrize(
    "value", ["example=floating", 'example="floating"', "code=201; example=floating", "return=minimal, example=floating"]
)
def test_a_named_example_is_answered(talk, value):
    answer = prefer(talk(), value)

    assert answer.body["partner_id"] is None
    assert answer.status == (201 if "201" in value else 200)


def test_a_sample_of_the_schema_is_answered(talk):
    answer = prefer(talk(), "dynamic=true")

    assert (answer.status, answer.body["internal_role"]) == (200, "account_manager")


@pytest.mark.parametrize(
    ("value", "piece"),
    [
        ("code=418", "documents no answer '418'"),
        ("code=402", "documents no answer '402'; did you mean '429'?"),
        ("code=abc", "documents no answer 'abc'"),
        ("example=nope", "has no example 'nope'"),
        ("code=404, example=x", "has no example 'x'"),
    ],
)
def test_what_cannot_be_had_is_refused_loudly(talk, value, piece):
    answer = prefer(talk(), value)

    assert (answer.status, answer.problem) == (400, "impossible-preference")
    assert piece in answer.body["detail"]
    assert answer.body["detail"][-1] in ".?"
    assert not answer.body["detail"].endswith("?.")


def test_other_preferences_are_ignored(talk):
    answer = prefer(talk(), "respond-async, wait=10")

    assert answer.status == 200
    assert answer.changes


def test_a_token_is_needed_all_the_same(talk):
    api = talk()
    request = api.request("POST", NORTHWIND, ADA, token="wrong")
    request.headers = {**request.headers, b"prefer": b"code=404"}

    assert api.send(request).status == 401


def test_a_very_long_wish_is_read_as_fast_as_a_short_one(talk):
    assert prefer(talk(), "a" * 200_000 + "!" + " " * 200_000).status == 200


@pytest.mark.parametrize(("code", "header"), [("401", "WWW-Authenticate"), ("429", "Retry-After")])
def test_an_asked_for_refusal_has_the_headers_that_the_document_declares(talk, code, header):
    assert header in dict(prefer(talk(), f"code={code}").headers)


def test_a_sample_of_a_refusal_has_the_format_in_use(talk):
    answer = prefer(talk(**{"error-format": "detail"}), "code=404, dynamic=true")

    assert (answer.media_type, set(answer.body)) == ("application/json", {"detail"})
