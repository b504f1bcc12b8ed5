"""What is `readOnly` need not be sent, and what is `writeOnly` is never answered, through requests of a mock."""

from __future__ import annotations

import json

import pytest

from mock_server.engine.engine import OFTEN
from mock_server.exchange.messages import Request
from mock_server.server.mock import Mock
from mock_server.server.settings import Settings

DOCUMENT = """
openapi: 3.1.0
info: {title: Lodge, version: '1'}
paths:
  /keys:
    post:
      operationId: cutKey
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Key'}}}}
      responses:
        '201': {description: Cut., content: {application/json: {schema: {$ref: '#/components/schemas/Key'}}}}
      x-behaviour: [{create: Key, from: $request.body}]
  /keys/{id}:
    get:
      operationId: showKey
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200': {description: Here., content: {application/json: {schema: {$ref: '#/components/schemas/Key'}}}}
        '404': {description: Lost.}
      x-behaviour: [{find: Key, where: {id: $request.path.id}}]
  /doors:
    post:
      operationId: hangDoor
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Door'}}}}
      responses:
        '201': {description: Hung., content: {application/json: {schema: {$ref: '#/components/schemas/Door'}}}}
      x-behaviour:
        - {create: Key, set: {room: lodge, code: '1'}, as: key}
        - {create: Door, from: $request.body, set: {key: $key}}
components:
  schemas:
    Key:
      type: object
      required: [id, room, code]
      properties: {id: {type: string, readOnly: true}, room: {type: string}, code: {type: string, writeOnly: true}}
      x-resource: {id-prefix: key_}
    Door:
      type: object
      required: [id, key]
      properties:
        id: {type: string, readOnly: true}
        color: {type: string}
        key: {$ref: '#/components/schemas/Key', readOnly: true}
      x-resource: {id-prefix: door_}
"""


@pytest.fixture
def ask(tmp_path):
    path = tmp_path / "lodge.yaml"
    path.write_text(DOCUMENT)
    mock = Mock.from_settings(Settings(document=path))

    def ask(method, path, body=None):
        sent = b"" if body is None else json.dumps(body).encode()
        answer, content = mock.answer(Request(method, path, "", {b"content-type": b"application/json"}, sent))
        return answer.status, json.loads(content)

    return ask


def test_what_the_server_makes_need_not_be_sent(ask):
    status, key = ask("POST", "/keys", {"room": "attic", "code": "1234"})

    assert (status, key["room"]) == (201, "attic")
    assert key["id"].startswith("key_")


def test_what_is_read_only_is_not_stored_when_it_is_sent_all_the_same(ask):
    status, key = ask("POST", "/keys", {"id": "key_mine", "room": "attic", "code": "1234"})

    assert status == 201
    assert key["id"] != "key_mine"


def test_what_is_write_only_has_to_be_sent(ask):
    status, problem = ask("POST", "/keys", {"room": "attic"})

    assert status == 422
    assert [violation["pointer"] for violation in problem["violations"]] == ["/code"]


def test_what_is_write_only_is_never_answered(ask):
    _, made = ask("POST", "/keys", {"room": "attic", "code": "1234"})
    status, found = ask("GET", f"/keys/{made['id']}")

    assert status == 200
    assert made == found == {"id": made["id"], "room": "attic"}


@pytest.mark.parametrize("times", [1, OFTEN + 1])
def test_nor_is_it_in_what_another_record_refers_to(ask, times):
    for _ in range(times):  # the last of many requests is answered by specialised code
        status, door = ask("POST", "/doors", {"color": "red"})

    assert status == 201
    assert door["key"].keys() == {"id", "room"}
