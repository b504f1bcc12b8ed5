"""Documented headers are sent with what behaviours and refusals answer as well."""

from __future__ import annotations

import json

import pytest

from mock_server.engine.choices import Choices
from mock_server.engine.generating import Generator
from mock_server.engine.loading import load_contract
from mock_server.exchange.authentication import Credentials
from mock_server.exchange.exchange import Exchange
from mock_server.exchange.messages import Request

GUESTS = """\
openapi: 3.1.0
info: {title: Guests, version: '1'}
paths:
  /guests:
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/NewGuest'}}}
      responses:
        '201':
          description: The guest.
          headers:
            Location: {required: true, schema: {type: string}, example: /guests/elsewhere}
            ETag: {required: true, schema: {type: string, pattern: '^"'}}
            X-Impossible: {required: true, schema: false}
          content: {application/json: {schema: {$ref: '#/components/schemas/Guest'}}}
        '422':
          description: Refused.
          headers: {X-Request-Id: {required: true, schema: {type: string, minLength: 1}}}
      x-behaviour:
        - create: Guest
          from: $request.body
          as: guest
        - answer: $guest
          status: 201
    get:
      responses:
        '200':
          description: The guests.
          headers: {X-Total-Count: {schema: {type: integer}}}
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Guest'}}}}
      x-behaviour:
        - list: Guest
          as: guests
        - answer: $guests
  /rooms:
    get:
      parameters: [{name: page, in: query, schema: {type: integer, default: 1}}]
      responses:
        '200':
          description: The guests, one on each page.
          headers: {X-Next-Page: {schema: {type: integer}}, X-Prev-Page: {schema: {type: integer}, example: 7}}
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Guest'}}}}
      x-behaviour:
        - {list: Guest, limit: 1, page: $request.query.page, as: page}
        - {answer: $page, headers: {x-next-page: $page.next, X-Prev-Page: $page.previous}}
  /guests/{guest}:
    get:
      parameters: [{name: guest, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: The guest.}}
components:
  schemas:
    NewGuest: {type: object, required: [name], properties: {name: {type: string}}}
    Guest:
      type: object
      required: [id, name]
      properties: {id: {type: string}, name: {type: string}}
      x-resource: {}
"""


@pytest.fixture
def ask(tmp_path):
    """Ask an exchange about guests: ask(method, body, path, query)."""
    (tmp_path / "guests.yaml").write_text(GUESTS)
    contract = load_contract(tmp_path / "guests.yaml")
    exchange, generator = Exchange(contract, Credentials({"token": "somebody"})), Generator(random_seed=1)
    store = exchange.engine.new_store()

    def ask(method, body=None, path="/guests", query=""):
        content = b"" if body is None else json.dumps(body).encode()
        request = Request(method, path, query, {b"content-type": b"application/json"}, content)
        return exchange.answer(request, store, Choices({}), generator)

    return ask


def test_a_behaviour_tells_where_the_thing_is_that_it_made(ask):
    answers = [ask("POST", {"name": name}) for name in ("Ada", "Grace")]

    assert [dict(answer.headers)["Location"] for answer in answers] == [f"/guests/{answer.body['id']}" for answer in answers]
    assert dict(answers[0].headers)["ETag"] != dict(answers[1].headers)["ETag"]


def test_a_behaviour_leaves_out_what_cannot_be_sent(ask):
    answer = ask("POST", {"name": "Ada"})

    assert answer.status == 201
    assert "X-Impossible" not in dict(answer.headers)


def test_a_behaviour_tells_how_many_there_are(ask):
    for name in ("Ada", "Grace"):
        ask("POST", {"name": name})

    assert ask("GET").headers == [("X-Total-Count", "2")]


def test_what_a_behaviour_gives_and_is_null_is_not_made_up(ask):
    for name in ("Ada", "Grace"):
        ask("POST", {"name": name})

    assert ask("GET", path="/rooms").headers == [("x-next-page", "2")]
    assert ask("GET", path="/rooms", query="page=2").headers == [("X-Prev-Page", "1")]


def test_a_refusal_has_the_headers_that_are_documented_for_it(ask):
    answer = ask("POST", {})

    assert answer.status == 422
    assert dict(answer.headers)["X-Request-Id"]
