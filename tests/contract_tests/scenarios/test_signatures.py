"""What the operations of a small document take and give."""

from __future__ import annotations

import re

import pytest

from contract_tests.scenarios.signatures import Signature, read_signatures
from mock_server.engine.loading import load_contract

COINS = """
openapi: 3.1.0
info: {title: Coins, version: '1'}
paths:
  /coins:
    post:
      operationId: mint
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/NewCoin'}}}
      responses: {'201': {description: The coin and its secret., content: {application/json: {schema: {type: object}}}}}
      x-behaviour:
        - {create: Coin, from: $request.body, set: {secret: $generated}, as: coin}
        - {answer: {coin: {id: $coin.id, code: $coin.code}, secret: $coin.secret}, status: 201}
  /coins/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    delete:
      operationId: melt
      responses: {'200': {description: Gone., content: {application/json: {schema: {type: object}}}}, '404': {description: Unknown.}}
      x-behaviour:
        - {delete: Coin, where: {id: $request.path.id}, as: coin}
        - {answer: {id: $coin.id, melted: true}}
components:
  schemas:
    NewCoin:
      type: object
      required: [code, metals]
      properties:
        code: {type: string, pattern: '^[A-Z]{3}$'}
        metals: {type: array, items: {enum: [gold, tin]}}
    Coin:
      x-resource: {stored: {secret: {type: string}}}
      type: object
      required: [id, code]
      properties: {id: {type: string}, code: {type: string}}
"""


@pytest.fixture
def coins(tmp_path) -> dict[str, Signature]:
    path = tmp_path / "coins.yaml"
    path.write_text(COINS)
    return {signature.operation.id: signature for signature in read_signatures(load_contract(path))}


def test_a_text_of_a_form_is_filled_in_with_such_texts(coins):
    code = coins["mint"].of("body")[0]
    values = [code.value(variant) for variant in range(4)]

    assert all(re.fullmatch("[A-Z]{3}", value) for value in values)
    assert len(set(values)) > 1


def test_a_list_of_what_is_listed_has_one_of_it(coins):
    metals = coins["mint"].of("body")[1]

    assert [metals.value(variant) for variant in range(3)] == [["gold"], ["tin"], ["gold"]]


def test_what_is_made_is_given_where_its_id_is_shown(coins):
    assert coins["mint"].gives == {"Coin": "/coin"}
    assert coins["melt"].gives == {}
