"""A run shows its credentials as the document asks for them, and sees that others are refused, whatever their kind."""

from __future__ import annotations

import pytest

from contract_tests.mutants.families import auth
from contract_tests.mutants.mock_target import MockTarget
from contract_tests.mutants.prove import settings_for
from contract_tests.mutants.setup import setup_for
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import Budget
from mock_server.engine.loading import load_contract

SMALL = Budget("small", sequences=2, rounds=1, generated_bodies=1, thinning=8)
NOTES = """\
openapi: 3.0.3
info: {title: Notes, version: '1'}
security: SECURITY
paths:
  /notes:
    post:
      operationId: addNote
      requestBody:
        required: true
        content:
          application/json: {schema: {type: object, required: [text], properties: {text: {type: string}}}}
      responses:
        '201': {description: The note., content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
      x-behaviour:
        - create: Note
          from: $request.body
          as: note
        - {answer: $note, status: 201}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    query: {type: apiKey, in: query, name: api_key}
    cookie: {type: apiKey, in: cookie, name: token}
    raw: {type: apiKey, in: header, name: Authorization}
    basic: {type: http, scheme: basic}
    digest: {type: http, scheme: digest}
    certificate: {type: mutualTLS}
    login: {type: oauth2, flows: {implicit: {authorizationUrl: 'https://a.example', scopes: {}}}}
  schemas:
    Note:
      type: object
      required: [id, text]
      properties: {id: {type: string}, text: {type: string}}
      x-resource: {owner: organization}
"""
PLAIN = """\
openapi: 3.1.0
info: {title: Hours, version: '1'}
security: [{login: []}]
paths:
  /hours:
    get:
      operationId: hours
      responses:
        '200':
          description: The hours.
          content: {application/json: {schema: {type: object, required: [open], properties: {open: {type: string}}}}}
components: {securitySchemes: {login: {type: http, scheme: bearer}}}
"""
JUDGED = ["[{key: []}]", "[{query: []}]", "[{cookie: []}]", "[{raw: []}]", "[{basic: []}]", "[{login: []}, {key: []}]", "[{certificate: [], key: []}]"]  # fmt: skip


@pytest.fixture
def held(tmp_path):
    """Hold a mock to a document, with one break of a name or with none."""

    def held(text: str, broken: str = ""):
        (tmp_path / "api.yaml").write_text(text)
        contract = load_contract(tmp_path / "api.yaml")
        setup = setup_for(contract)
        mutant = next(mutant for mutant in auth.mutants(contract) if mutant.name == broken) if broken else None
        return hold_to(contract, MockTarget(contract, setup, mutant=mutant), settings_for(setup, SMALL, 1))

    return held


@pytest.mark.parametrize("security", [*JUDGED, "[{digest: []}]", "[{certificate: []}]", "[{certificate: []}, {key: []}]"])
def test_a_target_that_keeps_the_contract_conforms(held, security):
    outcome = held(NOTES.replace("SECURITY", security))

    assert (outcome.verdict, outcome.findings) == ("conforms", ())
    assert outcome.created["Note"]


@pytest.mark.parametrize("security", JUDGED)
@pytest.mark.parametrize("broken", ["unprotected", "any-token", "token-case", "token-longer"])
def test_a_target_that_is_careless_with_credentials_is_caught(held, security, broken):
    outcome = held(NOTES.replace("SECURITY", security), f"auth.{broken}.addNote")

    assert outcome.verdict == "broken"


def test_a_document_without_behaviours_is_held_to_its_schemas_and_its_security(held):
    assert held(PLAIN).verdict == "conforms"
    assert held(PLAIN, "").by_operation["hours"].keys() == {200, 401, 405}
