"""What an operation requires beside its body is sent by every scenario, in the style of each parameter."""

from __future__ import annotations

import pytest

from contract_tests.scenarios.builder import ScenarioBuilder
from contract_tests.scenarios.signatures import read_signatures
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import Play
from contract_tests.transport.tenants import Tenant
from mock_server.engine.loading import load_contract

DOCUMENT = """\
openapi: 3.1.0
info: {title: Required, version: '1'}
security: [{key: []}]
paths:
  /{name}.json:
    get:
      parameters:
        - {name: name, in: path, required: true, schema: {enum: [a b]}}
        - {name: ids, in: query, required: true, explode: false, schema: {type: array, items: {enum: [1]}, minItems: 2, example: [1, 1]}}
        - {name: X-Color, in: header, required: true, schema: {const: blue}}
        - {name: session, in: cookie, required: true, schema: {enum: [s 1]}}
        - {name: key, in: cookie, required: true, schema: {type: string}}
      responses: {'200': {description: x, content: {application/json: {schema: {const: all}}}}}
components:
  securitySchemes: {key: {type: apiKey, in: cookie, name: key}}
"""


@pytest.fixture
def call(tmp_path):
    (tmp_path / "api.yaml").write_text(DOCUMENT)
    contract = load_contract(tmp_path / "api.yaml")
    signatures = read_signatures(contract)
    tenants = (Tenant("acme", "acme-token"),)
    builder = ScenarioBuilder(Subject(contract, signatures, tenants), "")
    builder.call(signatures[0], "")
    return Play("t", 1, tenants).call(builder.requests[0])


def test_what_is_required_is_sent_in_its_style(call):
    assert (call.path, call.query) == ("/a%20b.json", "ids=1,1")
    assert dict(call.headers) == {"x-color": "blue", "Cookie": "key=acme-token; session=s%201"}
