"""Refusals are told in whatever shape a document declares for them."""

from __future__ import annotations

import pytest

from mock_server.engine.choices import Choices
from mock_server.engine.generating import Generator
from mock_server.engine.loading import load_contract
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
