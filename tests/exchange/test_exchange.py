from __future__ import annotations

import pytest

from mock_server.exchange.messages import Request

NORTHWIND = "/v2/partners/ptn_northwind/internal-contacts"
ADA = {"email": "ada@acme.example", "internal_role": "csm"}


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic YWNtZTphY21l",
        "acme-token",
        "Bearer unknown",
        "Bearer acme-token extra",
        "Token acme-token",
    ],
)
def test_without_a_usable_token_there_is_401_and_a_challenge(talk, authorization):
    api = talk()
    request = api.request("POST", NORTHWIND, ADA)
    request.headers = {b"content-type": b"application/json"}
    if authorization is not None:
        request.headers[b"authorization"] = authorization.encode()
    answer = api.send(request)

    assert answer.status == 401
    assert dict(answer.headers)["WWW-Authenticate"].startswith('Bearer realm="')
    assert not answer.changes


@pytest.mark.parametrize("authorization", ["Bearer acme-token", "bearer acme-token", "BEARER   acme-token"])
def test_the_scheme_of_a_token_has_no_case(talk, authorization):
    api = talk()
    request = api.request("POST", NORTHWIND, ADA)
    request.headers = {b"content-type": b"application/json", b"authorization": authorization.encode()}

    assert api.send(request).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", NORTHWIND, b"not json"),
        ("GET", NORTHWIND, b""),
        ("GET", "/nowhere", b""),
        ("POST", NORTHWIND, None),
        ("POST", NORTHWIND + "%FF", b""),
    ],
)
def test_the_token_is_looked_at_before_anything_else(talk, method, path, body):
    assert talk().send(Request(method, path, body=body)).status == 401


def test_the_status_without_a_token_is_chosen(talk):
    answer = talk(**{"missing-token-status": "403"}).ask("POST", NORTHWIND, ADA, token="wrong")

    assert answer.status == 403
    assert answer.rested_on["missing-token-status"] == "403"


def test_an_unknown_path_is_told_with_the_nearest_one(talk):
    answer = talk().post("/v2/partners/ptn_northwind/internal-contact", ADA)

    assert answer.status == 404
    assert "/v2/partners/{partner_id}/internal-contacts" in answer.body["detail"]


@pytest.mark.parametrize("path", ["/", "", "/v2", "/v2/partners//internal-contacts", NORTHWIND + "/", "*", "//", "/x" * 3000])
def test_what_is_no_path_of_the_document_is_not_found(talk, path):
    assert talk().post(path, ADA).status == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "TRACE", "QUERY", "post"])
def test_a_method_that_a_path_has_not_is_told_with_those_it_has(talk, method):
    answer = talk().ask(method, NORTHWIND)

    assert answer.status == 405
    assert dict(answer.headers)["Allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("id", ["ptn%2Fnorthwind", "..%2F..%2F", "%00", "%F0%9F%98%80", "a%20b", "ptn_northwind%20"])
def test_an_odd_id_is_not_found_and_is_no_path(talk, id):
    answer = talk().post(f"/v2/partners/{id}/internal-contacts", ADA)

    assert (answer.status, answer.problem) == (404, "not-found")


def test_a_percent_encoded_id_is_the_id(talk):
    assert talk().post("/v2/partners/ptn%5Fnorthwind/internal-contacts", ADA).status == 200


def test_a_path_that_is_not_utf_8_is_malformed(talk):
    assert talk().post("/v2/partners/%FF/internal-contacts", ADA).status == 400


@pytest.mark.parametrize(
    "content_type",
    [b"application/json", b"application/json; charset=utf-8", b'Application/JSON;charset="UTF-8"', b"application/json ; x=y"],
)
def test_json_is_json_whatever_its_parameters(talk, content_type):
    api = talk()
    request = api.request("POST", NORTHWIND, ADA)
    request.headers = {**request.headers, b"content-type": content_type}

    assert api.send(request).status == 200


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({b"content-type": b"text/plain"}, "'text/plain' is not accepted"),
        ({b"content-type": b""}, "There is no Content-Type"),
        ({b"content-type": b"application/x-www-form-urlencoded"}, "is not accepted"),
        ({b"content-type": b"application/json; charset=latin-1"}, "charset=latin-1' is not accepted"),
        ({b"content-type": b"application/jsonp"}, "is not accepted"),
        ({b"content-encoding": b"br"}, "content encoding 'br' is not accepted"),
    ],
)
def test_another_media_type_or_encoding_is_refused_by_its_name(talk, headers, reason):
    api = talk()
    request = api.request("POST", NORTHWIND, ADA)
    request.headers = {**request.headers, **headers}
    answer = api.send(request)

    assert answer.status == 415
    assert reason in answer.body["detail"]
    assert "this operation takes application/json" in answer.body["detail"]


def test_a_body_that_is_too_large_is_refused(talk):
    api = talk()
    request = api.request("POST", NORTHWIND, ADA)
    request.body = None

    assert api.send(request).status == 413


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b'{"email": "a", "email": "b", "internal_role": "csm"}',
        b'{"email": NaN, "internal_role": "csm"}',
        b'{"email": "a", "internal_role": "csm", "x": Infinity}',
        b'{"email": "\xff", "internal_role": "csm"}',
        b'{"email": "\xed\xa0\x80", "internal_role": "csm"}',
        b'{"email": "\\ud800", "internal_role": "csm"}',
        b'{"email": "a", "internal_role": "csm", "x": 1e999}',
        b'{"email": "a", "internal_role": "csm", "x": ' + b"9" * 5000 + b"}",
        b'{"email": "a", "internal_role": "csm", "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b"[" * 100_000,
        b"\xef\xbb\xbf{}",
        b'{"email": "a", "internal_role": "csm",}',
        b'{"email": "a", "internal_role": "csm"} x',
        b"\x00",
    ],
    ids=lambda body: body[:40].decode("latin-1"),
)
def test_malformed_json_is_refused_and_nothing_is_stored(talk, body):
    api = talk()
    before = api.store.snapshot()
    answer = api.post(NORTHWIND, body)

    assert (answer.status, answer.problem) == (400, "malformed")
    assert api.store.snapshot() == before


def test_a_whole_number_of_any_size_is_a_number(talk):
    number = b"9" * 40

    assert talk().post(NORTHWIND, b'{"email": "a", "internal_role": "csm", "x": ' + number + b"}").status == 200
    assert talk().post(NORTHWIND, b'{"email": ' + number + b', "internal_role": "csm"}').status == 422


@pytest.mark.parametrize("id", ["9223372036854775807", "9" * 200, "-1"])
def test_a_whole_number_of_any_size_is_an_id(library, id):
    assert library().ask("DELETE", f"/members/{id}").status == 404


@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"', b"1", b"true", b"{}", b""])
def test_a_body_of_another_kind_is_invalid(talk, body):
    assert talk().post(NORTHWIND, body).status == 422


def test_all_violations_are_told_each_at_the_value_itself(talk):
    answer = talk(**{"unknown-properties": "refuse"}).post(NORTHWIND, {"email": "", "phone": 3, "name": "\0", "nickname": "x"})

    assert answer.status == 422
    assert {(v["location"], v["pointer"], v["rule"]) for v in answer.body["violations"]} == {
        ("body", "/internal_role", "required"),
        ("body", "/email", "minLength"),
        ("body", "/phone", "type"),
        ("body", "/name", "pattern"),
        ("body", "/nickname", "additionalProperties"),
    }
    assert {
        (v.pointer, v.rule)
        for v in talk(**{"unknown-properties": "refuse"}).post(NORTHWIND, {**ADA, "a/b": 1, "c": 2}).violations
    } == {
        ("/a~1b", "additionalProperties"),
        ("/c", "additionalProperties"),
    }


def test_a_nul_is_refused_at_its_place(talk):
    answer = talk().post(NORTHWIND, {**ADA, "name": "a\0b"})

    assert answer.status == 422
    assert [v["pointer"] for v in answer.body["violations"]] == ["/name"]
    assert answer.rested_on["nul-characters"] == "refuse"


@pytest.mark.parametrize(
    ("assumption", "choice", "body"),
    [("invalid-status", "400", {}), ("malformed-status", "422", b"{"), ("invalid-status", "422", {})],
)
def test_the_status_of_a_refused_body_is_chosen(talk, assumption, choice, body):
    answer = talk(**{assumption: choice}).post(NORTHWIND, body)

    assert str(answer.status) == choice
    assert answer.rested_on[assumption] == choice


def test_error_bodies_are_problem_details_or_a_detail_as_chosen(talk):
    problem = talk().post(NORTHWIND, {"email": "a"})
    detail = talk(**{"error-format": "detail"}).post(NORTHWIND, {"email": "a"})
    missing = talk(**{"error-format": "detail"}).patch("/v2/internal-contacts/nobody", {})

    assert problem.media_type == "application/problem+json"
    assert problem.body["status"] == 422
    assert detail.media_type == "application/json"
    assert detail.body == {
        "detail": [{"loc": ["body", "internal_role"], "msg": "'internal_role' is required", "type": "required"}]
    }
    assert missing.body == {"detail": "There is no InternalContact with id 'nobody'."}


def test_a_name_of_digits_stays_a_name_however_long(talk):
    answer = talk(**{"error-format": "detail", "unknown-properties": "refuse"}).post(NORTHWIND, {**ADA, "9" * 5000: 1})

    assert answer.body["detail"][0]["loc"] == ["body", "9" * 5000]


def test_only_an_invalid_request_has_violations(talk):
    assert "violations" not in talk().patch("/v2/internal-contacts/nobody", {}).body


def test_query_and_header_parameters_are_held_to_their_schemas(library):
    answer = library().ask("GET", "/members?limit=51&offset=x")

    assert {(v.location, v.pointer, v.rule) for v in answer.violations} == {
        ("query", "/limit", "maximum"),
        ("query", "/offset", "type"),
    }


def test_a_parameter_with_one_value_is_refused_when_it_is_given_twice(library):
    answer = library().ask("GET", "/members?limit=1&limit=2")

    assert answer.status == 422
    assert [(v.location, v.pointer, v.rule) for v in answer.violations] == [("query", "/limit", "repeated")]
    assert "'limit' is given 2 times; it has one value" in answer.detail


def test_a_value_that_is_sent_twice_is_one_value(library):
    """Some clients put their parameters into the address and hand them over once more."""
    api = library()
    answer = api.ask("GET", "/members?limit=1&offset=0&limit=1")

    assert (answer.status, answer.body) == (200, api.ask("GET", "/members?limit=1&offset=0").body)


def test_a_query_that_is_not_utf_8_is_malformed(library):
    assert library().ask("GET", "/members?branch=%FF").status == 400


def test_a_path_parameter_of_another_type_is_invalid(library):
    answer = library().ask("DELETE", "/members/one")

    assert [(v.location, v.pointer) for v in answer.violations] == [("path", "/member_id")]


def test_a_literal_path_goes_before_a_parameter_and_a_parameter_takes_the_rest(library):
    api = library()

    assert api.ask("POST", "/members/register", {"branch": "East", "number": 1}).status == 201
    assert api.ask("DELETE", "/members/register").status == 405
    assert api.ask("DELETE", "/members/2").status == 204


def test_the_same_random_seed_repeats_a_run(talk):
    answers = [[api.post(NORTHWIND, ADA).body, api.post(NORTHWIND, ADA).body] for api in (talk(), talk())]

    assert answers[0] == answers[1]
