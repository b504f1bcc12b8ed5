"""Documents without behaviours: a target is held to its statuses, its schemas and its security."""

from __future__ import annotations

import json

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import contract_tests
from mock_server.testing.running import running

TOKEN = "shelter-token-1"
PETS = """\
openapi: 3.1.0
info: {title: Pets, version: '1'}
security: [{bearer: []}]
paths:
  /pets:
    get:
      operationId: listPets
      parameters: [{name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}}]
      responses:
        '200': {description: All., content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}}
    post:
      operationId: addPet
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/New'}}}}
      responses: {'201': {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
  /pets/{petId}:
    parameters: [{name: petId, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getPet
      responses: {'200': {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
    delete:
      operationId: removePet
      responses: {'204': {description: Gone.}}
  /ping:
    get:
      operationId: ping
      security: []
      responses: {'200': {description: Here., content: {application/json: {schema: {const: pong}}}}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
  schemas:
    New: {type: object, required: [name], properties: {name: {type: string}}}
    Pet: {type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}}}
"""


class Shelter:
    """A correct server of its own, but for what `wrong` names."""

    def __init__(self, wrong: str = "") -> None:
        self.wrong = wrong
        self.pets = {1: "somebody's"}
        self.next_id = 2

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/ping", self.ping),
                Route("/pets", self.listed, methods=["GET"]),
                Route("/pets", self.added, methods=["POST"]),
                Route("/pets/{id}", self.shown, methods=["GET"]),
                Route("/pets/{id}", self.removed, methods=["DELETE"]),
            ]
        )

    def refusal(self, request, operation):
        known = request.headers.get("authorization") == f"Bearer {TOKEN}" or self.wrong == f"{operation} lets everybody in"
        return None if known else JSONResponse({"detail": "who are you?"}, 401)

    def shape(self, id):
        return {"id": str(id) if self.wrong == "ids are texts" else id, "name": self.pets[id]}

    async def ping(self, request):
        return Response(status_code=404) if self.wrong == "ping is not there" else JSONResponse("pong")

    async def listed(self, request):
        return self.refusal(request, "list") or JSONResponse([self.shape(id) for id in self.pets])

    async def added(self, request):
        if refusal := self.refusal(request, "add"):
            return refusal
        try:
            name = json.loads(await request.body())["name"]
        except (ValueError, KeyError, TypeError):
            if self.wrong == "a bad body is an error":
                raise
            return JSONResponse({"detail": "no"}, 422)
        if not isinstance(name, str):
            return JSONResponse({"detail": "no"}, 422)
        id, self.next_id = self.next_id, self.next_id + 1
        self.pets[id] = name
        return JSONResponse(self.shape(id), 200 if self.wrong == "another status" else 201)

    async def shown(self, request):
        if refusal := self.refusal(request, "show"):
            return refusal
        id = request.path_params["id"]
        if not id.isdecimal() or int(id) not in self.pets:
            return JSONResponse({"detail": "no"}, 404)
        return Response("broken", 500) if self.wrong == "what is there is an error" else JSONResponse(self.shape(int(id)))

    async def removed(self, request):
        if refusal := self.refusal(request, "remove"):
            return refusal
        if self.wrong == "nothing is removed":
            return Response(status_code=501)
        id = request.path_params["id"]
        if not id.isdecimal() or self.pets.pop(int(id), None) is None:
            return JSONResponse({"detail": "no"}, 404)
        return Response(status_code=204)


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    path = tmp_path_factory.mktemp("pets") / "pets.yaml"
    path.write_text(PETS)
    return path


@pytest.fixture
def held(document):
    def hold(wrong="", **more):
        shelter = Shelter(wrong)
        outcome = contract_tests.run(shelter.app(), document=document, token=TOKEN, budget="quick", **more)
        return outcome, shelter

    return hold


def results(outcome, operation):
    return {one.promise: (one.result, one.why) for one in outcome.promises if one.operation == operation}


def test_a_right_server_conforms_and_every_operation_was_called_with_success(held):
    outcome, shelter = held()

    assert outcome.verdict == "conforms", outcome.findings
    succeeded = {one.operation: one.result for one in outcome.promises if one.promise == "answers requests with success"}
    assert succeeded == dict.fromkeys(
        ["GET /pets", "POST /pets", "GET /pets/{petId}", "DELETE /pets/{petId}", "GET /ping"], "kept"
    )
    assert results(outcome, "POST /pets")["rejects requests without valid credentials"] == ("kept", "")
    assert "declares no behaviour" in results(outcome, "POST /pets")["rejects invalid bodies"][1]
    assert shelter.pets[1] == "somebody's"


@pytest.mark.parametrize(
    ("wrong", "operation", "promise"),
    [
        ("ids are texts", "POST /pets", "answers with documented statuses and schemas"),
        ("another status", "POST /pets", "answers with documented statuses and schemas"),
        ("what is there is an error", "GET /pets/{petId}", "answers every request, without a server error"),
        ("a bad body is an error", "POST /pets", "answers every request, without a server error"),
        ("add lets everybody in", "POST /pets", "rejects requests without valid credentials"),
        ("show lets everybody in", "GET /pets/{petId}", "rejects requests without valid credentials"),
        ("remove lets everybody in", "DELETE /pets/{petId}", "rejects requests without valid credentials"),
        ("list lets everybody in", "GET /pets", "rejects requests without valid credentials"),
        ("ping is not there", "GET /ping", "answers with documented statuses and schemas"),
    ],
)
def test_what_is_wrong_is_found(held, wrong, operation, promise):
    outcome, _ = held(wrong)

    assert outcome.exit_code() == 1
    assert (operation, promise) in {pair for finding in outcome.findings for pair in finding.breaks}
    assert results(outcome, operation)[promise][0] == "broken"


def test_what_a_target_does_not_implement_is_not_tested_and_no_finding(held):
    outcome, _ = held("nothing is removed")

    assert outcome.verdict == "conforms", outcome.findings
    told = results(outcome, "DELETE /pets/{petId}")["answers requests with success"]
    assert told == ("not tested", "the target does not implement the operation: it returns 501")


def test_the_mock_conforms_to_the_document_that_it_serves(document):
    seed = {"organizations": {"shelter": {"tokens": [TOKEN]}}}
    with running(document=document, seed=seed) as server:
        outcome = contract_tests.run(server.url, document=document, token=TOKEN, budget="quick")

    assert outcome.verdict == "conforms", outcome.findings


def test_a_document_that_describes_no_response_says_that_nothing_was_checked(tmp_path):
    path = tmp_path / "silent.yaml"
    path.write_text("openapi: 3.1.0\ninfo: {title: S, version: '1'}\npaths: {/ping: {get: {operationId: ping}}}\n")

    outcome = contract_tests.run(Shelter().app(), document=path, budget="quick")

    assert (outcome.verdict, outcome.exit_code()) == ("unjudged", 2)
    assert outcome.reason == "nothing was checked: no response is described by the document"


def test_a_run_that_may_send_next_to_nothing_has_checked_nothing(held):
    outcome, _ = held(max_requests=1)

    assert outcome.exit_code() == 2
    assert "the run stopped at its limit of 1 requests, before anything was judged" in outcome.reason


def test_what_schemathesis_cannot_generate_is_told_and_the_rest_is_judged(held, monkeypatch):
    def fails(contract):
        raise RecursionError("too deep")

    monkeypatch.setattr("contract_tests.runner.searching.operations_of", fails)

    outcome, _ = held("another status")

    assert outcome.verdict == "broken"
    assert any("Schemathesis cannot read the document (RecursionError: too deep)" in limit for limit in outcome.limits)
