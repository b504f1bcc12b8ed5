"""Operations without a behaviour or an example are answered with values made from their schemas."""

from __future__ import annotations

import pytest

from mock_server.contract.messages.codecs import write_json
from mock_server.engine.choices import Choices
from mock_server.engine.generating import Generator
from mock_server.engine.loading import load_contract
from mock_server.exchange.authentication import Credentials
from mock_server.exchange.exchange import Exchange
from mock_server.exchange.messages import Request

PETS = """\
openapi: 3.1.0
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses:
        '200': {description: All., content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {'201': {$ref: '#/components/responses/Pet'}}
  /pets/{petId}:
    parameters: [{name: petId, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {$ref: '#/components/responses/Pet'}}}
    delete: {responses: {'204': {description: Gone.}}}
  /shown:
    get:
      responses:
        '200':
          description: One.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Pet'}
              examples: {rex: {value: {name: Rex}}, luna: {value: {name: Luna}}}
  /impossible:
    get:
      responses:
        '200': {description: None., content: {application/json: {schema: {type: string, minLength: 3, maxLength: 2}}}}
components:
  responses:
    Pet: {description: One., content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
  schemas:
    Pet:
      type: object
      required: [name]
      properties: {id: {type: string, readOnly: true}, name: {type: string}, chip: {type: string, writeOnly: true}}
"""


@pytest.fixture
def send(tmp_path):
    path = tmp_path / "pets.yaml"
    path.write_text(PETS)

    def send(method, place, body=None, query="", seed=None, **headers):
        exchange = Exchange(load_contract(path), Credentials({}))
        given = {b"content-type": b"application/json", **{name.encode(): value.encode() for name, value in headers.items()}}
        request = Request(method, place, query, given, b"" if body is None else write_json(body))
        return exchange.answer(request, exchange.engine.new_store(), Choices({}), Generator(random_seed=seed))

    return send


def made_from(answer):
    return dict(answer.headers).get("X-Mock-Made")


def test_what_was_sent_comes_back_with_an_id(send):
    answer = send("POST", "/pets", {"name": "Rex", "chip": "985"})

    assert answer.body == {"id": answer.body["id"], "name": "Rex"}
    assert answer.body["id"].startswith("pet_")
    assert made_from(answer) == "schema"


def test_the_id_in_the_path_is_the_id_in_the_body(send):
    assert send("GET", "/pets/p7").body["id"] == "p7"


def test_a_list_is_as_long_as_asked_for(send):
    assert [len(send("GET", "/pets", query=query).body) for query in ("limit=1", "limit=0")] == [1, 0]
    assert len(send("GET", "/pets").body) in (2, 3)


def test_every_run_makes_the_same_unless_the_seed_differs(send):
    bodies = [send("GET", "/pets", seed=seed).content() for seed in (None, None, 5, 5)]

    assert bodies[0] == bodies[1] != bodies[2] == bodies[3]


def test_an_example_goes_first_and_is_named(send):
    answers = [send("GET", "/shown", **headers) for headers in ({}, {"prefer": "example=luna"}, {"prefer": "dynamic=true"})]

    assert [made_from(answer) for answer in answers] == ["example=rex", "example=luna", "schema"]
    assert [answer.body["name"] for answer in answers[:2]] == ["Rex", "Luna"]


def test_where_there_is_no_body_nothing_is_said_to_be_made_of_a_schema(send):
    assert made_from(send("DELETE", "/pets/p7")) != "schema"


def test_what_cannot_be_made_is_501_and_tells_the_keyword_in_the_way(send):
    answer = send("GET", "/impossible")

    assert answer.status == 501
    assert "/minLength stands in the way" in answer.detail
