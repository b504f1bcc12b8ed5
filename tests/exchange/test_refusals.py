"""Refusals are told in whatever shape a document declares for them."""

from __future__ import annotations

import pytest

from mock_server.contract.files.flaws import Severity
from mock_server.engine.choices import Choices
from mock_server.engine.generating import Generator
from mock_server.engine.loading import load_contract
from mock_server.exchange import refusals
from mock_server.exchange.authentication import Credentials
from mock_server.exchange.exchange import Exchange
from mock_server.exchange.messages import Request

DOCUMENT = """\
openapi: 3.1.0
info: {{title: A guest book, version: '1'}}
paths:
  /guests:
    post:
      requestBody:
        content:
          application/json:
            schema: {{type: object, required: [email], properties: {{age: {{type: integer}}}}}}
      responses:
        '204': {{description: Done.}}
        '422':
          description: Refused.
          content: {{application/json: {{schema: {{type: object, {shape}}}}}}}
"""
TITLE = "The request violates the contract"
DETAIL = "body /email: 'email' is required (and 1 more)"


@pytest.fixture
def refused(tmp_path):
    def refused(shape):
        path = tmp_path / "api.yaml"
        path.write_text(DOCUMENT.format(shape=shape))
        contract = load_contract(path)
        exchange = Exchange(contract, Credentials({}))
        request = Request("POST", "/guests", "", {b"content-type": b"application/json"}, b'{"age": "x"}')
        return exchange.answer(request, exchange.engine.new_store(), Choices({}), Generator()).body

    return refused


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        ("properties: {error: {type: string}, code: {type: integer}}", {"error": DETAIL, "code": 422}),
        ("properties: {error: {type: string}, message: {type: string}}", {"error": TITLE, "message": DETAIL}),
        (
            "properties: {error: {type: string}, errors: {type: array, items: {type: string}}}",
            {"error": TITLE, "errors": ["/email: 'email' is required", '/age: this value is not of type "integer"']},
        ),
        (
            "properties: {error: {type: object, properties: {code: {type: string}, message: {type: string}}}}",
            {"error": {"code": "invalid", "message": DETAIL}},
        ),
    ],
)
def test_a_refusal_tells_what_is_wrong_in_the_declared_shape(refused, shape, body):
    assert refused(f"required: [error], {shape}") == body


ERROR = "required: [error], properties: {error: {type: object, required: [type, code, message, param], properties: {type: {enum: [api_error, invalid_request_error]}, code: {type: string}, message: {type: string}, param: {type: [string, 'null']}}}}"


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        (ERROR, {"error": {"type": "invalid_request_error", "code": "invalid", "message": DETAIL, "param": "email"}}),
        (
            "required: [errors], properties: {errors: {type: array, items: {type: object, properties: {status: {type: string},"
            " code: {type: string}, title: {type: string}, detail: {type: string},"
            " source: {type: object, properties: {pointer: {type: string}, parameter: {type: string}}}}}}}",
            {
                "errors": [
                    {
                        "status": "422",
                        "code": "required",
                        "title": TITLE,
                        "detail": "'email' is required",
                        "source": {"pointer": "/email"},
                    },
                    {
                        "status": "422",
                        "code": "type",
                        "title": TITLE,
                        "detail": 'this value is not of type "integer"',
                        "source": {"pointer": "/age"},
                    },
                ]
            },
        ),
        (
            "properties: {fault: {type: object, properties: {faultstring: {type: string}, detail: {type: object,"
            " properties: {errorcode: {type: string}}}}}}",
            {"fault": {"faultstring": DETAIL, "detail": {"errorcode": "invalid"}}},
        ),
        (
            "required: [ok, error], properties: {ok: {type: boolean}, error: {enum: [not_authed, invalid_arguments, fatal_error]}}",
            {"ok": False, "error": "invalid_arguments"},
        ),
        ("required: [ok, error], properties: {ok: {const: false}, error: {enum: [a, b]}}", {"ok": False, "error": "a"}),
        (
            "properties: {message: {type: string}, errors: {type: object, additionalProperties: {type: array, items: {type: string}}}}",
            {"message": DETAIL, "errors": {"email": ["'email' is required"], "age": ['this value is not of type "integer"']}},
        ),
        ("properties: {message: {type: string, maxLength: 10}}", {"message": "body /ema…"}),
        ("properties: {errorCode: {type: string}, statusCode: {type: integer}}", {"errorCode": "invalid", "statusCode": 422}),
        (
            "required: [code, ref], properties: {code: {type: string, pattern: '^E[0-9]$'}, ref: {type: string, format: uuid}}",
            {"code": None, "ref": None},
        ),
    ],
)
def test_a_refusal_is_told_in_the_words_of_the_shape(refused, shape, body):
    told = refused(shape)

    assert told.keys() == body.keys()
    assert all(value is None or told[name] == value for name, value in body.items())


def test_of_several_shapes_of_one_status_the_first_that_can_be_filled_in_is_taken(tmp_path):
    path = tmp_path / "api.yaml"
    branches = "{anyOf: [{type: object, required: [x], properties: {x: {allOf: [{type: string}, {type: integer}]}}},"
    branches += " {type: object, required: [status, code], properties: {status: {type: string}, code: {type: integer}}}]}"
    path.write_text(DOCUMENT.format(shape="").replace("{type: object, }", branches))

    assert answered(path, b'{"age": "x"}').body == {"status": "422", "code": 422}


def answered(path, content, method="POST", place="/guests"):
    exchange = Exchange(load_contract(path), Credentials({}))
    request = Request(method, place, "", {b"content-type": b"application/json"}, content)
    return exchange.answer(request, exchange.engine.new_store(), Choices({}), Generator())


def test_what_cannot_be_filled_in_is_told_as_problem_details_and_noted(tmp_path):
    path = tmp_path / "api.yaml"
    path.write_text(DOCUMENT.format(shape="required: [x], properties: {x: {allOf: [{type: string}, {type: integer}]}}"))
    contract = load_contract(path)
    exchange = Exchange(contract, Credentials({}))
    before = contract.document.flaws.count(Severity.WARNING)
    request = Request("POST", "/guests", "", {b"content-type": b"application/json"}, b"{}")
    answer = exchange.answer(request, exchange.engine.new_store(), Choices({}), Generator())

    assert (answer.status, answer.media_type) == (422, "application/problem+json")
    assert before == 0
    assert [flaw.message for flaw in contract.document.flaws.told(Severity.WARNING)[0]] == [
        "this error body cannot be filled in: at /x, 'x' is required"
    ]


@pytest.mark.parametrize(
    ("first", "method", "place", "body"),
    [
        ("{type: integer}", "POST", "/guests", {"message": "expected JSON in UTF-8 (RFC 8259)", "code": 400}),
        ("{type: integer, example: 422}", "POST", "/guests", None),
        ("{type: integer, const: 422}", "POST", "/guests", None),
        ("{enum: [gone]}", "POST", "/guests", None),
        ("{enum: [invalid, bad_request]}", "POST", "/guests", {"code": "bad_request"}),
        ("{type: integer}", "GET", "/nowhere", {"code": 404}),
    ],
)
def test_a_status_without_a_shape_is_told_in_that_of_another_one_unless_it_contradicts(tmp_path, first, method, place, body):
    path = tmp_path / "api.yaml"
    shape = f"required: [code], properties: {{message: {{type: string}}, code: {first}}}"
    path.write_text(DOCUMENT.format(shape=shape))
    answer = answered(path, b"{", method, place)

    if body is None:
        assert answer.media_type == "application/problem+json"
    else:
        assert answer.media_type == "application/json"
        assert answer.body["code"] == body["code"]
        assert isinstance(answer.body["message"], str)


def test_the_shape_of_the_operation_goes_before_the_most_usual_one(tmp_path):
    path = tmp_path / "api.yaml"
    usual = "        '4XX': {description: No., content: {application/json: {schema: {$ref: '#/components/schemas/Usual'}}}}\n"
    others = "".join(f"  /other{n}:\n    get:\n      responses:\n{usual}" for n in range(3))
    schemas = "components: {schemas: {Usual: {type: object, properties: {usual: {type: string}, detail: {type: string}}}}}\n"
    path.write_text(DOCUMENT.format(shape="properties: {message: {type: string}}") + others + schemas)

    assert list(answered(path, b"{").body) == ["message"]
    assert list(answered(path, b"", "GET", "/nowhere").body) == ["detail"]


def test_a_start_looks_at_no_error_body(tmp_path, monkeypatch):
    path = tmp_path / "api.yaml"
    path.write_text(DOCUMENT.format(shape="properties: {message: {type: string}}"))
    looked_at = []
    monkeypatch.setattr(refusals, "error_bodies", lambda *about: looked_at.append(about) or iter(()))

    Exchange(load_contract(path), Credentials({}))

    assert looked_at == []


@pytest.mark.parametrize("required", ["", "required: [error], "])
def test_an_error_body_that_may_contain_itself_is_told_to_its_first_levels(tmp_path, required):
    path = tmp_path / "api.yaml"
    problem = f"{{type: object, {required}properties: {{message: {{type: string}}, error: {{$ref: '#/components/schemas/E'}}, order: {{$ref: '#/components/schemas/E'}}}}}}"
    text = DOCUMENT.format(shape="").replace("{type: object, }", "{$ref: '#/components/schemas/E'}")
    path.write_text(f"{text}components: {{schemas: {{E: {problem}}}}}\n")
    answer = answered(path, b'{"age": "x"}')

    assert answer.status == 422
    if required:
        assert answer.media_type == "application/problem+json"  # there is no end to it
    else:
        assert answer.body["message"] == answer.body["error"]["message"] == DETAIL
        assert "order" not in answer.body


def test_a_shape_that_takes_anything_has_problem_details(refused):
    assert refused("description: An object.").keys() >= {"title", "detail", "violations"}


def test_a_shape_that_would_tell_nothing_is_not_taken_for_another_status(tmp_path):
    path = tmp_path / "api.yaml"
    path.write_text(DOCUMENT.format(shape="additionalProperties: false, properties: {ok: {type: boolean}}"))

    assert answered(path, b'{"age": "x"}').body == {"ok": False}
    assert answered(path, b"{").media_type == "application/problem+json"


@pytest.mark.parametrize("schema", ["{}", "{schema: {type: string, maxLength: 256}}"])
def test_where_only_text_is_declared_a_refusal_is_a_sentence(tmp_path, schema):
    path = tmp_path / "api.yaml"
    json_content = "application/json: {schema: {type: object, }}"
    path.write_text(DOCUMENT.format(shape="").replace(json_content, f"text/html: {schema}"))
    exchange = Exchange(load_contract(path), Credentials({}))
    request = Request("POST", "/guests", "", {b"content-type": b"application/json"}, b'{"age": "x"}')

    answer = exchange.answer(request, exchange.engine.new_store(), Choices({}), Generator())

    assert (answer.status, answer.media_type, answer.body) == (422, "text/html", DETAIL)
