"""A mock without pytest's fixtures."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from datetime import UTC, datetime
from http.client import HTTPConnection

import pytest

import mock_server
from mock_server.contract.files.flaws import FlawedInput

PATH = "/v2/partners/ptn_northwind/internal-contacts"
PERSON = {"email": "ada@acme.example", "internal_role": "csm"}


def test_a_mock_runs_for_the_length_of_a_block():
    with mock_server.running(
        assume={"duplicate-assignment": "conflict"}, freeze_time=datetime(2030, 1, 1, tzinfo=UTC)
    ) as server:
        answers = [server.client.post(PATH, json=PERSON) for _ in range(2)]
        place = "127.0.0.1", int(server.url.rpartition(":")[2])

    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[0].json()["created_at"].startswith("2030-01-01T00:00:00")
    assert "date" in answers[0].headers
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(place)
    assert not [thread for thread in threading.enumerate() if thread.name == "mock-server"]


def test_a_coroutine_runs_one_too():
    async def ask() -> list[int]:
        async with mock_server.running() as server, mock_server.running(random_seed=1) as other:
            return [(await each.async_client.post(PATH, json=PERSON)).status_code for each in (server, other)]

    assert asyncio.run(ask()) == [200, 200]


def test_a_block_ends_while_requests_are_under_way():
    with mock_server.running() as server:
        server.delay(600)
        connection = HTTPConnection(server.url.removeprefix("http://"), timeout=60)

        def ask() -> None:
            connection.request("POST", PATH, json.dumps(PERSON), {"Authorization": f"Bearer {server.token}"})
            with pytest.raises(ConnectionError):
                connection.getresponse()
            connection.close()

        asking = threading.Thread(target=ask)
        asking.start()
        while not server.requests:
            pass
    asking.join(timeout=20)

    assert not asking.is_alive()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"assume": {"duplicate-assignment": "no"}}, FlawedInput),
        ({"seed": "missing.yaml"}, FlawedInput),
        ({"port": 70_000}, ValueError),
    ],
)
def test_what_cannot_be_run_is_told(arguments, error):
    with pytest.raises(error), mock_server.running(**arguments):
        pass


def test_a_port_that_is_taken_is_told():
    with mock_server.running() as server, pytest.raises(ValueError, match="cannot listen on"):  # noqa: SIM117
        with mock_server.running(port=int(server.url.rpartition(":")[2])):
            pass


def test_the_package_has_nothing_else():
    with pytest.raises(AttributeError, match="no attribute 'walking'"):
        mock_server.walking  # noqa: B018
