"""The served mock, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from importlib.metadata import version
from typing import Any

import httpx
import pytest
from places import FIXTURES, LIBRARY, PARTNER_API

from mock_server.engine.loading import load_contract

NORTHWIND = "/v2/partners/ptn_northwind/internal-contacts"
CONTOSO = "/v2/partners/ptn_contoso/internal-contacts"
ADA = {"email": "ada@acme.example", "internal_role": "csm"}


@pytest.fixture
def serve(serve_shared):
    """Few of these tests are about the process that serves; they ask for one."""
    return serve_shared


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
def test_every_curl_line_that_start_up_prints_works(serve_process):
    served = serve_process()
    served.wait_for(f"{len(load_contract(PARTNER_API).assumptions)} points")
    commands = [line.strip() for line in served.output if line.strip().startswith("curl")]

    assert len(commands) == 4
    for command in commands:
        told = subprocess.run(
            [*shlex.split(command), "-sS", "--fail-with-body"], capture_output=True, text=True, check=True
        ).stdout
        assert "created_at" in json.loads(told)


def test_start_up_says_where_the_console_is(serve_process):
    served, without = serve_process(), serve_process("--no-admin")
    without.wait_for("points that the document leaves open")

    served.wait_for(f"The console is at {served.url}/__admin/")
    assert not any("__admin" in line for line in without.output)


def test_the_same_email_is_one_contact_of_an_organization(serve):
    served = serve()
    with served.client() as acme, served.client("globex-token") as globex:
        first, second = acme.post(NORTHWIND, json=ADA).json(), acme.post(CONTOSO, json=ADA).json()
        other = globex.post("/v2/partners/ptn_initech/internal-contacts", json=ADA).json()

    assert first["internal_contact"]["id"] == second["internal_contact"]["id"]
    assert first["id"] != second["id"]
    assert other["internal_contact"]["id"] != first["internal_contact"]["id"]


def test_concurrent_requests_make_one_contact_for_each_email_and_one_assignment_each(serve_process):
    served = serve_process("--log-level", "warning")

    host, port = served.url.removeprefix("http://").split(":")
    numbers = iter(range(2000))

    async def one_connection() -> list[dict[str, Any]]:
        reader, writer = await asyncio.open_connection(host, int(port))
        answers = []
        for number in numbers:
            body = json.dumps({**ADA, "email": f"p{number % 50}@acme.example"})
            head = f"POST {NORTHWIND} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer acme-token\r\n"
            writer.write(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
            told = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            answers.append(json.loads(await reader.readexactly(int(re.search(r"content-length: (\d+)", told)[1]))))
        writer.close()
        return answers

    async def all_at_once() -> list[dict[str, Any]]:
        return [answer for answers in await asyncio.gather(*(one_connection() for _ in range(64))) for answer in answers]

    answers = asyncio.run(all_at_once())

    assert len({answer["id"] for answer in answers}) == 2000
    by_email = {(answer["internal_contact"]["email"], answer["internal_contact"]["id"]) for answer in answers}
    assert len(by_email) == 50


def test_an_answer_names_the_assumptions_it_rested_on(serve):
    with serve("--assume", "success-status=created").client() as client:
        answer = client.post(NORTHWIND, json=ADA)

    assert answer.status_code == 201
    assert "success-status=created" in answer.headers["X-Mock-Assumed"].split(", ")


def test_a_head_request_is_answered_without_a_body(serve):
    with serve().client() as client:
        answer = client.head(NORTHWIND)

    assert (answer.status_code, answer.content) == (405, b"")


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "chunked"])
def test_a_body_over_the_limit_is_refused_and_the_connection_closed(serve, chunked):
    with serve("--max-body-size", "1000").client() as client:
        body = json.dumps({**ADA, "name": "x" * 2000}).encode()
        answer = client.post(
            NORTHWIND,
            content=(b for b in [body[:900], body[900:]]) if chunked else body,
            headers={"Content-Type": "application/json"},
        )
        again = client.post(NORTHWIND, json=ADA)

    assert answer.status_code == 413
    assert answer.json()["type"].endswith("too-large")
    assert again.status_code == 200


def test_a_body_at_the_limit_is_accepted(serve):
    body = json.dumps(ADA).encode()
    with serve("--max-body-size", str(len(body))).client() as client:
        answer = client.post(NORTHWIND, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 200


def test_bytes_that_are_no_http_do_not_hurt(serve):
    served = serve()
    host, port = served.url.removeprefix("http://").split(":")
    for noise in (b"\x16\x03\x01\x00\xa5\x01", b"GET\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"\0" * 5000):
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.sendall(noise)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass

    with served.client() as client:
        assert client.post(NORTHWIND, json=ADA).status_code == 200


def test_a_whole_number_beyond_64_bits_is_kept_as_it_came(serve):
    served = serve(str(LIBRARY))
    with served.client("mock-token") as client:
        answer = client.put("/members", json={"branch": "North", "number": 2**70, "name": "Zoë"})
        again = client.put("/members", json={"branch": "North", "number": 2**70})

    assert (answer.status_code, answer.json()["number"], answer.json()["name"]) == (201, 2**70, "Zoë")
    assert again.json() == answer.json()


def converse(served, *parts: bytes) -> bytes:
    """Send bytes over a connection of its own, close the sending side, and return all that comes back."""
    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        for part in parts:
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(4096), b""))


def test_an_offer_to_upgrade_is_ignored_and_the_body_read(serve):
    body = json.dumps(ADA).encode()
    head = f"POST {NORTHWIND} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer acme-token\r\nContent-Type: application/json\r\n"
    upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    request = f"{head}{upgrade}Content-Length: {len(body)}\r\n\r\n".encode() + body
    told = converse(serve(), request)

    assert told.startswith(b"HTTP/1.1 200 OK")


def test_a_request_whose_body_never_comes_is_not_performed(serve):
    served = serve(LIBRARY, "--seed", FIXTURES[LIBRARY])
    head = "DELETE /members/2 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer acme-token\r\nContent-Length: 10\r\n\r\n"
    converse(served, head.encode())

    with served.client() as client:
        assert [member["id"] for member in client.get("/members").json()["members"]] == [1, 2]


def test_a_client_cannot_write_lines_of_the_log(serve):
    served = serve("--assume", "unknown-properties=refuse")
    with served.client() as client:
        client.post(NORTHWIND, json={"a\nDELETE /everything 200\n": 1})
    served.wait_for("everything")

    assert not any(line.startswith("DELETE") for line in served.errors)


@pytest.mark.parametrize(
    ("time", "written"),
    [("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"), ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500000Z")],
)
def test_any_time_can_be_frozen(serve, time, written):
    with serve("--freeze-time", time).client() as client:
        assert client.post(NORTHWIND, json=ADA).json()["created_at"] == written


def test_half_a_request_stores_nothing(serve):
    served = serve()
    host, port = served.url.removeprefix("http://").split(":")
    body = json.dumps({**ADA, "email": "half@acme.example"}).encode()
    head = f"POST {NORTHWIND} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer acme-token\r\nContent-Type: application/json\r\n"
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(f"{head}Content-Length: {len(body) + 1}\r\n\r\n".encode() + body)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass

    with served.client() as client:
        answer = client.post(NORTHWIND, json={**ADA, "email": "half@acme.example"})
    assert "duplicate-assignment" not in answer.headers["X-Mock-Assumed"]


def test_the_served_document_has_the_choices_in_force_written_out(serve):
    served = serve("--assume", "unknown-properties-in-role-change=refuse")
    document = httpx.get(served.url + "/openapi.json").json()

    assert document["servers"][0]["url"] == served.url
    assert document["components"]["schemas"]["RoleChange"]["additionalProperties"] is False
    assert "pattern" in document["components"]["schemas"]["OptionalText"]


def test_files_that_a_document_refers_to_are_served_beside_it(serve_process, tmp_path):
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "hour.yaml").write_text("type: string\nconst: nine\n")
    (tmp_path / "secret.yaml").write_text("a: b\n")
    (tmp_path / "api.yaml").write_text(
        """
        openapi: 3.1.0
        info: {title: Hours, version: '1'}
        paths:
          /hours:
            get:
              responses:
                '200':
                  description: The hour.
                  content: {application/json: {schema: {$ref: schemas/hour.yaml}}}
        """
    )
    served = serve_process("api.yaml")

    assert httpx.get(served.url + "/schemas/hour.yaml").json() == {"type": "string", "const": "nine"}
    assert httpx.get(served.url + "/hours").json() == "nine"
    assert httpx.get(served.url + "/secret.yaml").status_code == 404


LOCAL = [
    "http://localhost:5173",
    "https://localhost",
    "http://127.0.0.1:3000",
    "http://[::1]:8080",
    "http://app.localhost:3000",
]
FOREIGN = [
    "https://evil.example",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "null",
    "http://localhostx",
]


@pytest.mark.parametrize(("origin", "allowed"), [*((o, True) for o in LOCAL), *((o, False) for o in FOREIGN)])
def test_pages_of_local_origins_may_call(serve, origin, allowed):
    with serve().client() as client:
        asked = {
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, content-type",
        }
        preflight = client.options(NORTHWIND, headers=asked)
        answer = client.post(NORTHWIND, json=ADA, headers={"Origin": origin})

    assert answer.status_code == 200
    assert (preflight.headers.get("Access-Control-Allow-Origin") == origin) == allowed
    assert (answer.headers.get("Access-Control-Allow-Origin") == origin) == allowed
    if allowed:
        assert preflight.status_code == 200
        assert "authorization" in preflight.headers["Access-Control-Allow-Headers"].lower()
        assert "X-Mock-Assumed" in answer.headers["Access-Control-Expose-Headers"]


def test_further_origins_may_be_let_in_and_all_be_shut_out(serve):
    headers = {"Origin": "https://app.example"}
    with serve("--cors-origin", "https://app.example").client() as client:
        assert client.post(NORTHWIND, json=ADA, headers=headers).headers["Access-Control-Allow-Origin"] == "https://app.example"
    with serve("--no-cors").client() as client:
        answer = client.post(NORTHWIND, json=ADA, headers={"Origin": "http://localhost:3000"})
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_cleanly_even_with_connections_open(serve_process, number):
    served = serve_process()
    with served.client() as client:
        client.post(NORTHWIND, json=ADA)
        served.process.send_signal(number)
        code = served.process.wait(timeout=60)

    assert code == 0
    assert "Traceback" not in "\n".join(served.errors)


def test_a_signal_ends_the_server_cleanly_with_requests_under_way(serve_process):
    served = serve_process()
    host, port = served.url.removeprefix("http://").split(":")
    drip = b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\nX-Mock-Fault: drip=60000\r\n\r\n"
    from_page = b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nX-Mock-Fault: delay=60000\r\n\r\n"
    half = b"PUT /__admin/state HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
    with contextlib.ExitStack() as several:
        for sent in (drip, from_page, half):
            connection = several.enter_context(socket.create_connection((host, int(port)), timeout=60))
            connection.sendall(sent)
        with served.client() as client:
            client.get("/nowhere")
        served.process.terminate()
        code = served.process.wait(timeout=60)
        answer = connection.recv(65536)

    assert code == 0
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert "Traceback" not in "\n".join(served.errors)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mock_server", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, **environment})


def test_a_port_in_use_is_told_in_one_line(serve):
    port = serve().url.rpartition(":")[2]
    told = run("serve", "--port", port)

    assert told.returncode == 2
    assert told.stderr.splitlines() == [f"mock-server: cannot listen on 127.0.0.1:{port}: Address already in use"]


@pytest.mark.parametrize(
    ("arguments", "piece"),
    [
        (["serve", "nowhere.yaml"], "nowhere.yaml: cannot be read: No such file or directory"),
        (["serve", "--seed", "/"], "/: cannot be read: Is a directory"),
        (["serve", "--profile", "nowhere.yaml"], "nowhere.yaml: cannot be read"),
        (["serve", "--admin-token", " "], "the admin token is empty"),
        (["serve", "--assume", "email-cas=ignore"], "there is no assumption 'email-cas'; did you mean 'email-case'?"),
        (
            ["serve", "--assume", "email-case=upper"],
            "'upper' is not a choice of email-case; it may be one of: exact, ignore, lower",
        ),
        (["serve", "--assume", "email-case"], "'email-case' is not NAME=CHOICE"),
        (["serve", "--port", "seventy"], "'seventy' is not a whole number of 0 or more"),
        (["serve", "--port", "70000"], "70000"),
        (["serve", "--host", "256.0.0.1"], "256.0.0.1"),
        (["serve", "--freeze-time", "noon"], "'noon' is not a time"),
        (["serve", "--freeze-time", "2026-01-15"], "'2026-01-15' is not a time"),
        (["serve", "--journal-size", "9" * 30], "is not a whole number"),
        (["serve", "--nonsense"], "--nonsense"),
        (["explain", "nowhere.yaml"], "nowhere.yaml: cannot be read"),
        ([], "COMMAND"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line_with_exit_code_2(arguments, piece):
    told = run(*arguments)

    assert told.returncode == 2
    assert len(told.stderr.splitlines()) == 1
    assert piece in told.stderr


def test_a_mistake_in_a_document_is_told_with_its_line(tmp_path):
    document = tmp_path / "api.yaml"
    document.write_text(
        PARTNER_API.read_text().replace("find-or-create: InternalContact\n", "find-or-creat: InternalContact\n", 1)
    )
    line = next(n for n, text in enumerate(document.read_text().splitlines(), 1) if "find-or-creat:" in text)
    told = run("serve", str(document))

    assert told.returncode == 2
    assert f"{document}:{line}:" in told.stderr
    assert "did you mean 'find-or-create'?" in told.stderr


def test_an_option_is_taken_from_the_command_line_before_the_environment(serve):
    environment = {"MOCK_SERVER_ASSUME": "success-status=created email-case=lower", "MOCK_SERVER_ANY_TOKEN": "1"}
    with serve(environment=environment).client("whatever") as client:
        answer = client.post(NORTHWIND, json={**ADA, "email": "ADA@acme.example"})
        assert (answer.status_code, answer.json()["internal_contact"]["email"]) == (201, "ada@acme.example")
    with serve("--assume", "success-status=ok", environment=environment).client("whatever") as client:
        assert client.post(NORTHWIND, json=ADA).status_code == 200


@pytest.mark.parametrize(
    ("name", "value", "piece"),
    [
        ("PORT", "x", "whole number"),
        ("PORT", "9" * 5000, "whole number"),
        ("ANY_TOKEN", "maybe", "1 or 0"),
        ("LOG_LEVEL", "loud", "debug, info"),
    ],
)
def test_a_wrong_variable_is_told_by_its_name(name, value, piece):
    told = run("serve", **{f"MOCK_SERVER_{name}": value})

    assert told.returncode == 2
    assert f"MOCK_SERVER_{name}" in told.stderr
    assert piece in told.stderr


def test_time_and_ids_can_be_fixed(serve_process):
    options = ("--freeze-time", "2026-02-03T04:05:06+01:00", "--random-seed", "7")
    with serve_process(*options).client() as one, serve_process(*options).client() as other:
        first, second = one.post(NORTHWIND, json=ADA).json(), other.post(NORTHWIND, json=ADA).json()

    assert first == second
    assert first["created_at"] == "2026-02-03T03:05:06.000000Z"


def test_exchanges_are_told_with_what_was_wrong_and_without_the_token(serve):
    served = serve()
    with served.client() as client:
        client.post(NORTHWIND, json={"email": "a\x1b[31m"})
        client.post("/v2/partners/%1B[31m/internal-contacts", json=ADA)
    line = served.wait_for(f"POST {NORTHWIND} 422")

    served.wait_for("There is no Partner with id")
    assert "/internal_role: 'internal_role' is required" in line
    assert not any("acme-token" in line or "\x1b" in line for line in served.errors)


def test_reload_keeps_the_old_contract_until_the_new_one_is_good(serve_process, tmp_path):
    document, good = tmp_path / "api.yaml", PARTNER_API.read_text()
    document.write_text(good)
    shutil.copy(FIXTURES[PARTNER_API], tmp_path / "fixtures.yaml")
    served = serve_process("api.yaml", "--seed", "fixtures.yaml", "--reload")
    served.wait_for("watching")
    with served.client() as client:
        document.write_text(good.replace("default: ok", "default: okay"))
        served.wait_for("'okay' is not one of the choices")
        assert client.post(NORTHWIND, json=ADA).status_code == 200

        (tmp_path / "next.yaml").write_text(good.replace("default: ok", "default: created"))
        os.replace(tmp_path / "next.yaml", document)
        served.wait_for("Reloaded")
        assert client.post(NORTHWIND, json=ADA).status_code == 201


def test_explain_tells_operations_and_assumptions_with_their_source(tmp_path):
    (tmp_path / "profile.yaml").write_text(
        "assumptions: {email-case: {choice: lower, source: observed, date: 2026-02-01, evidence: probe 3}}"
    )
    told = run("explain", "--profile", str(tmp_path / "profile.yaml")).stdout

    assert "find or create InternalContact by email; when found as existing-contact says" in told
    assert "email-case = lower  (observed, 2026-02-01: probe 3)" in told
    assert "duplicate-assignment = create  (assumed)" in told


def test_explain_tells_every_assumption_of_a_behaviour_at_its_step():
    operations, _, assumptions = run("explain").stdout.partition("Assumptions")

    for name in (
        "duplicate-assignment",
        "points-that-meet",
        "floating-assignment-in-role-change",
        "foreign-id",
        "null-in-patch",
        "role-change-duplicate",
    ):
        assert f"  {name} = " in assumptions
        assert f" as {name} says" in operations


def test_the_version_is_that_of_the_distribution():
    assert run("--version").stdout == f"mock-server {version('understudy')}\n"


def test_help_tells_every_option():
    told = run("serve", "--help").stdout

    for option in (
        "--port",
        "--seed",
        "--profile",
        "--assume",
        "--random-seed",
        "--freeze-time",
        "--any-token",
        "--reload",
        "--log-level",
    ):
        assert option in told
