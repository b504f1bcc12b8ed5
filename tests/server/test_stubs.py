"""Stubs, over real sockets: a canned answer is given to those who are meant, as often as it should, and says so."""

from __future__ import annotations

import pytest

import mock_server
from mock_server.contract.files.flaws import FlawedInput

NORTHWIND = "/v2/partners/ptn_northwind/internal-contacts"
ADA = {"email": "ada@acme.example", "internal_role": "csm"}


@pytest.fixture(scope="module")
def running():
    with mock_server.running() as server:
        yield server


@pytest.fixture
def server(running):
    running.reset()
    return running


def _stub(server, request, response, **more):
    return server.client.post("/__admin/stubs", json={"request": request, "response": response, **more})


def test_a_stub_answers_once_and_then_the_mock_answers_itself_again(server):
    added = _stub(server, {"operation": "addInternalContact"}, {"status": 418, "body": {"short": "stout"}})

    answers = [server.client.post(NORTHWIND, json=ADA) for _ in range(2)]

    assert added.status_code == 201
    assert added.headers["Location"] == "/__admin/stubs/stub-1"
    assert [answer.status_code for answer in answers] == [418, 200]
    assert answers[0].json() == {"short": "stout"}
    assert [answer.headers.get("X-Mock-Stub") for answer in answers] == ["stub-1", None]
    entries = server.client.get("/__admin/requests").json()["requests"]
    assert [(entry["stub"], entry["operation"], entry["changes"] == []) for entry in entries] == [
        ("stub-1", "addInternalContact", True),
        (None, "addInternalContact", False),
    ]


def test_a_path_that_the_document_does_not_have_is_answered_as_well(server):
    response = {"text": "<p>hello</p>", "headers": {"Content-Type": "text/html", "X-Page": "7"}}
    _stub(server, {"method": "GET", "path": "/pages/{page}", "query": {"q": "x"}}, response, times=None)

    found = [server.client.get("/pages/7?q=x&more=1") for _ in range(3)]
    missed = [server.client.get("/pages/7"), server.client.post("/pages/7?q=x"), server.client.get("/pages/7/8?q=x")]

    assert [(answer.status_code, answer.text) for answer in found] == [(200, "<p>hello</p>")] * 3
    assert found[0].headers["content-type"] == "text/html"
    assert found[0].headers["x-page"] == "7"
    assert [answer.status_code for answer in missed] == [404, 404, 404]
    [stub] = server.client.get("/__admin/stubs").json()["stubs"]
    assert (stub["hits"], stub["left"]) == (3, None)


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param({"containing": {"email": "ada@acme.example"}}, id="containing"),
        pytest.param({"json": ADA}, id="json"),
        pytest.param({"headers": {"X-Test": "checkout"}}, id="headers"),
        pytest.param({"organization": "acme", "operation": "addInternalContact"}, id="organization"),
    ],
)
def test_only_the_requests_that_are_meant_meet_a_stub(server, request_):
    _stub(server, request_, {"status": 503}, times=None)

    hit = server.client.post(NORTHWIND, json=ADA, headers={"X-Test": "checkout"})
    other = {"Authorization": f"Bearer {server.tokens['globex']}"}
    missed = server.client.post(
        "/v2/partners/ptn_initech/internal-contacts", json={**ADA, "email": "e@g.example"}, headers=other
    )

    assert (hit.status_code, missed.status_code) == (503, 200)


def test_the_stub_that_was_added_last_goes_first_and_those_before_it_come_after_it(server):
    server.stub(path="/x", body=1, times=None)
    latest = server.stub(path="/x", body=2)

    assert [server.client.get("/x").json() for _ in range(3)] == [2, 1, 1]
    assert [(stub.id, stub.hits) for stub in server.stubs()] == [("stub-2", 1), ("stub-1", 2)]
    assert latest.hits == 1


def test_stubs_are_removed_one_by_one_all_together_and_by_a_reset(server):
    for number in range(4):
        server.stub(path=f"/{number}", times=None)
    admin = server.client

    assert admin.delete("/__admin/stubs/stub-2").status_code == 204
    assert admin.delete("/__admin/stubs/stub-2").status_code == 404
    assert [stub.id for stub in server.stubs()] == ["stub-4", "stub-3", "stub-1"]
    assert admin.post("/__admin/reset", json={"parts": ["stubs"]}).status_code == 204
    assert server.stubs() == []
    server.stub(path="/again")
    assert admin.delete("/__admin/stubs").status_code == 204
    assert server.stubs() == []


def test_a_stub_holds_its_answer_back(server):
    server.stub(path="/slow", body="late", delay=0.05)

    answer = server.client.get("/slow")

    assert answer.json() == "late"
    assert answer.elapsed.total_seconds() >= 0.05


@pytest.mark.parametrize(
    ("request_", "response", "told"),
    [
        pytest.param({"operation": "addInternalContct"}, {}, "did you mean 'addInternalContact'", id="operation"),
        pytest.param({"organization": "acm"}, {}, "did you mean 'acme'", id="organization"),
        pytest.param({"path": "x"}, {}, "/request/path", id="path"),
        pytest.param({"path": "/__admin/health"}, {}, "the control API's own", id="control API"),
        pytest.param({"body": {}}, {}, "not known here", id="unknown"),
        pytest.param({}, {"body": 1, "text": "1"}, "there is a body already", id="two bodies"),
        pytest.param({}, {"status": 204, "body": 1}, "an answer 204 has no body", id="no body"),
        pytest.param({}, {"headers": {"Content-Length": "3"}}, "made by the server", id="framing"),
    ],
)
def test_a_stub_that_can_answer_nothing_is_refused_with_what_would_be_right(server, request_, response, told):
    refused = _stub(server, request_, response)

    assert refused.status_code == 422
    assert told in refused.json()["detail"]
    assert server.stubs() == []


def test_a_test_is_told_of_an_operation_that_is_not_there(server):
    with pytest.raises(FlawedInput, match="did you mean 'addInternalContact'"):
        server.stub(operation="addInternalContct")


def test_credentials_that_a_stub_asks_for_are_masked(server):
    _stub(server, {"headers": {"Authorization": f"Bearer {server.token}"}}, {})

    assert server.token not in server.client.get("/__admin/stubs").text
