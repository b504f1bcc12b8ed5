"""Faults, over real sockets: what goes wrong goes wrong for those who are meant, as often as it should, and says so."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import httpx
import pytest

NORTHWIND = "/v2/partners/ptn_northwind/internal-contacts"
ADA = {"email": "ada@acme.example", "internal_role": "csm"}


@pytest.fixture
def serve(serve_in_thread):
    """None of these tests is about the process that serves."""
    return serve_in_thread


@pytest.fixture
def served(serve, tmp_path):
    """Serve with the faults that are given, as a file."""

    def start(*faults, options=()):
        (tmp_path / "faults.json").write_text(json.dumps({"faults": faults}))
        return serve("--faults", "faults.json", *options)

    return start


def test_an_answer_of_the_document_is_injected_as_often_as_planned_and_stores_nothing(served):
    with served({"name": "gone", "match": {"operation": "addInternalContact"}, "status": 404, "times": 2}).client() as client:
        answers = [client.post(NORTHWIND, json=ADA) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [404, 404, 200]
    assert [answer.headers.get("X-Mock-Fault") for answer in answers] == ["gone", "gone", None]
    assert answers[0].json()["type"] == "urn:understudy:problem:not-found"
    assert answers[2].json()["internal_contact"]["modified_at"] is None


@pytest.mark.parametrize(
    "match",
    [
        pytest.param({"organization": "acme"}, id="organization"),
        pytest.param({"header": {"X-Test": "checkout"}}, id="header"),
        pytest.param({"body": {"/email": "ada@acme.example"}}, id="body"),
    ],
)
def test_only_the_requests_that_are_meant_meet_a_fault(served, match):
    running = served({"match": match, "status": 503})
    with running.client() as meant, running.client("globex-token") as other:
        hit = meant.post(NORTHWIND, json=ADA, headers={"X-Test": "checkout"})
        missed = other.post("/v2/partners/ptn_initech/internal-contacts", json={**ADA, "email": "eve@globex.example"})

    assert (hit.status_code, missed.status_code) == (503, 200)


def test_too_many_requests_come_with_when_to_try_again(served):
    with served({"retry-after": 7}).client() as client:
        answer = client.post(NORTHWIND, json=ADA)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


@pytest.mark.parametrize(
    ("way", "stored"), [("close", False), ("lose-answer", True)], ids=["performs nothing", "performs the request"]
)
def test_a_closed_connection_has_no_answer(served, way, stored):
    with served({"break": way, "times": 1}).client() as client:
        with pytest.raises(httpx.RemoteProtocolError):
            client.post(NORTHWIND, json={**ADA, "given_name": "First"})
        answer = client.post(NORTHWIND, json={**ADA, "given_name": "Second"})

    assert answer.json()["internal_contact"]["given_name"] == ("First" if stored else "Second")


def test_a_body_is_cut_off(served):
    with (
        served({"break": "truncate"}).client() as client,
        pytest.raises(httpx.RemoteProtocolError, match=r"incomplete|complete message"),
    ):
        client.post(NORTHWIND, json=ADA)


def test_a_body_is_no_json(served):
    with served({"break": "malformed"}).client() as client:
        answer = client.post(NORTHWIND, json=ADA)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"delay": 300}, id="fixed"),
        pytest.param({"delay": {"from": 300, "to": 310}}, id="range"),
        pytest.param({"delay": {"percentiles": {"0": 300, "99": 310}}}, id="percentiles"),
        pytest.param({"drip": 300}, id="drip"),
    ],
)
def test_an_answer_takes_its_time(served, fault):
    with served(fault).client() as client:
        begin = time.monotonic()
        answer = client.post(NORTHWIND, json=ADA)

    assert answer.json()["internal_role"] == "csm"
    assert time.monotonic() - begin >= 0.3


def test_chances_repeat_under_a_random_seed(served):
    def statuses():
        running = served({"status": 500, "probability": 0.5}, options=["--random-seed", "3"])
        with running.client() as client:
            return [client.post(NORTHWIND, json=ADA).status_code for _ in range(20)]

    first, second = statuses(), statuses()

    assert first == second
    assert {200, 500} == set(first)


def test_a_request_may_ask_for_its_own_fault(serve):
    with serve().client() as client:
        answer = client.post(NORTHWIND, json=ADA, headers={"X-Mock-Fault": "delay=1-2, status=503"})
        with pytest.raises(httpx.RemoteProtocolError):
            client.post(NORTHWIND, json=ADA, headers={"X-Mock-Fault": "break=close"})

    assert (answer.status_code, answer.headers["X-Mock-Fault"]) == (503, "delay=1-2, status=503")


@pytest.mark.parametrize("wish", ["status=418", "stauts=404", "delay=long", "delay=-5", "break=it", "", "status=²"])
def test_a_fault_that_cannot_be_is_refused(serve, wish):
    with serve().client() as client:
        answer = client.post(NORTHWIND, json=ADA, headers={"X-Mock-Fault": wish.encode()})

    assert answer.status_code == 400
    assert "X-Mock-Fault" in answer.json()["detail"]


def test_a_wrong_file_is_told_in_full(serve, tmp_path):
    (tmp_path / "faults.yaml").write_text(
        "faults:\n"
        "  - {match: {operation: addInternalContacts}, status: 404}\n"
        "  - {status: 418}\n"
        "  - {delay: {from: 5, to: 1}}\n"
        "  - {name: a, break: close, status: 404}\n"
        "  - {name: a, stauts: 404}\n"
        "  - {times: 3}\n"
        "  - {match: {body: {email: x}}, status: 404}\n"
        "  - {status: 404, probability: 2}\n"
    )
    command = [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--faults", "faults.yaml"]
    served = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    assert served.returncode == 2
    for told in (
        "faults.yaml:2:",
        "did you mean 'addInternalContact'?",
        "no operation documents an answer 418",
        "faults.yaml:4:",
        "close answers nothing",
        "'stauts' is not known here",
        "did you mean 'status'?",
        "nothing goes wrong",
        "faults.yaml:9:",
        "'email' is no JSON Pointer",
    ):
        assert told in served.stderr, (told, served.stderr)
