"""Handlers: functions of a test answer operations with the engine at hand, all or nothing, held to the document."""

from __future__ import annotations

import pytest

import mock_server

DOCUMENT = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets:
    post:
      operationId: addPet
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}}
      responses: {"201": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}}
      x-behaviour:
        - create: Pet
          from: $request.body
          as: pet
        - {answer: $pet, status: 201}
  /pets/{pet}:
    parameters: [{name: pet, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getPet
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
        "404": {description: none}
components:
  schemas:
    Pet:
      type: object
      required: [id, name]
      properties: {id: {type: integer}, name: {type: string}}
      x-resource: {id: id}
"""


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "pets.yaml"
    path.write_text(DOCUMENT)
    return path


def test_a_handler_has_the_engine_and_what_it_stores_is_stored(document):
    def add(request):
        if request.find("Pet", name="Rex"):
            return request.proceed()
        kept = request.create("Pet", name="Rex")
        other = request.create("Pet", name="gone")
        request.delete("Pet", other["id"])
        return 201, request.update("Pet", kept["id"], name="Rex"), {"X-Made-By": "test"}

    def get(request):
        return request.find("Pet", id=request.path["pet"]) or (404, None)

    with mock_server.running(document, handlers={"addPet": add, "getPet": get}) as server:
        made = server.client.post("/pets", json={"name": "x"})
        proceeded = server.client.post("/pets", json={"name": "y"})
        found = server.client.get(f"/pets/{made.json()['id']}")
        missed = server.client.get("/pets/99")
        stored = [record["name"] for record in server.state[""]["Pet"]]

    assert (made.status_code, made.json()["name"], made.headers["X-Made-By"]) == (201, "Rex", "test")
    assert (proceeded.status_code, proceeded.json()["name"]) == (201, "y")
    assert found.json() == made.json()
    assert missed.status_code == 404
    assert stored == ["Rex", "y"]


def test_a_handler_that_fails_stores_nothing_and_the_test_is_told(document):
    def add(request):
        request.proceed()
        request.create("Pet", name="half")
        raise ZeroDivisionError("not today")

    with pytest.raises(ZeroDivisionError, match="not today"):  # noqa: SIM117, PT012 (it is the end of the block that raises)
        with mock_server.running(document, handlers={"addPet": add}) as server:
            answer = server.client.post("/pets", json={"name": "x"})
            assert answer.status_code == 500
            assert "ZeroDivisionError: not today" in server.requests[0].detail
            assert server.state.get("", {}).get("Pet", []) == []


@pytest.mark.parametrize("result", [{"id": "seven"}, (201, {"id": 7}), (404, {"id": 7}), (418, None)])
def test_an_answer_that_breaks_the_document_is_refused_and_nothing_is_stored(document, result):
    def add(request):
        request.create("Pet", name="half")
        return result

    with mock_server.running(document, handlers={"addPet": add}) as server:
        answer = server.client.post("/pets", json={"name": "x"})
        assert answer.status_code == 500
        assert server.requests[0].problem == "unfit-response"
        assert server.state.get("", {}).get("Pet", []) == []


def test_an_unknown_operation_and_a_coroutine_function_are_refused(document):
    async def add(request):
        return None

    with pytest.raises(LookupError, match="did you mean 'addPet'"):
        mock_server.running(document, handlers={"addPt": add}).__enter__()
    with pytest.raises(TypeError, match="coroutine function"):
        mock_server.running(document, handlers={"addPet": add}).__enter__()


def test_a_mistake_in_a_field_is_told_with_what_is_meant(document):
    with pytest.raises(LookupError, match="did you mean 'name'"):  # noqa: SIM117
        with mock_server.running(document, handlers={"addPet": lambda request: request.create("Pet", nam="x")}) as server:
            server.client.post("/pets", json={"name": "x"})


def test_handlers_of_a_fixture_end_with_its_test_and_outlive_a_reset(document, pytester):
    pytester.makepyfile(
        """
        def test_one(mock_server):
            mock_server.handle("getPet", lambda request: {"id": request.path["pet"], "name": "mine"})
            mock_server.reset()
            assert mock_server.client.get("/pets/7").json() == {"id": 7, "name": "mine"}

        def test_two(mock_server):
            assert mock_server.client.get("/pets/7").json()["name"] != "mine"

        def test_three(mock_server_factory):
            server = mock_server_factory(handlers={"getPet": lambda request: 1 / 0})
            assert server.client.get("/pets/7").status_code == 500
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", f"--mock-document={document}")

    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*ZeroDivisionError*"])
