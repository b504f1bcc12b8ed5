"""`pytest --pyargs contract_tests` holds a target to the contract, and tells what came of it as tests."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from commands import UNHURRIED, command
from listening import http, listening
from places import MEMBERS
from tampering import tampering

ACME = [
    "--contract-token",
    "acme-token",
    "--contract-known",
    "Partner=ptn_northwind",
    "--contract-known",
    "Partner=ptn_contoso",
]


@pytest.fixture
def suite(tmp_path):
    def run(*arguments, **environment):
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-q",
            "--pyargs",
            "contract_tests",
            *map(str, arguments),
        ]
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("CONTRACT_TESTS_", "PYTEST_"))}
        return subprocess.run(
            command, cwd=tmp_path, env={**clean, **UNHURRIED, **environment}, capture_output=True, text=True, timeout=120
        )

    return run


def counted(done):
    """How many tests passed, failed and were skipped."""
    return {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|error)", done.stdout)}


def test_a_conforming_target_passes_the_test_of_every_promise_that_was_tested(suite, serve, tmp_path):
    report = tmp_path / "report.json"
    done = suite(
        "--contract-url",
        serve().url,
        *ACME,
        "--contract-budget",
        "quick",
        "--contract-max-requests",
        300,
        "--contract-report",
        report,
        "-rs",
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert counted(done).keys() == {"passed", "skipped"}
    assert counted(done)["passed"] > 10
    assert "the run stopped at its limit of 300 requests" in done.stdout
    assert "--other-token" in done.stdout
    assert json.loads(report.read_text())["verdict"] == "conforms"


def test_a_broken_promise_fails_its_test_and_tells_how_to_see_it(suite, serve):
    def change(received, status, body):
        return status, body.replace(b'"phone":"', b'"phone":"+') if received.line.startswith(
            "PATCH /v2/internal-contacts"
        ) else body

    with tampering(serve().url, change) as server:
        done = suite("--contract-url", server.url, *ACME, "--contract-max-requests", 1500, "--contract-budget", "quick")

    assert done.returncode == 1, done.stdout + done.stderr
    assert counted(done)["failed"] == 1
    assert "test_promise[PATCH /v2/internal-contacts/{internal_contact_id} answers valid requests as declared]" in done.stdout
    assert "Reproduce it in bash" in done.stdout
    assert "acme-token" not in done.stdout + done.stderr
    assert "Traceback" not in done.stdout


def test_what_cannot_be_judged_ends_it_with_one_line(suite):
    with listening(lambda received: http(404)) as server:
        done = suite("--contract-url", server.url, *ACME)

    assert done.returncode == 2
    assert "accepted no valid request" in done.stdout + done.stderr
    assert "passed" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "--contract-url URL"),
        (["--contract-url", "http://127.0.0.1:9", "--contract-budget", "huge"], "--contract-budget must be one of quick"),
        (["--contract-url", "http://127.0.0.1:9", "--contract-rate", "fast"], "is not a number above 0"),
        (["--contract-url", "http://127.0.0.1:9", "--contract-report", "x.pdf"], ".html"),
        (["--contract-url", "http://127.0.0.1:9", "--contract-document", "missing.yaml"], "missing.yaml"),
        (["--contract-url", "http://127.0.0.1:9"], "CONTRACT_TESTS_TOKEN"),
    ],
)
def test_a_mistake_is_told(suite, arguments, told):
    done = suite(*arguments)

    assert done.returncode not in (0, 1, 5), done.stdout + done.stderr
    assert told in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_options_come_from_the_environment_and_from_ini_files(suite, serve, tmp_path):
    url = serve().url
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\ncontract_url = {url}\ncontract_known =\n  Partner=ptn_northwind\n  Partner=ptn_contoso\ncontract_max_requests = 60\n"
    )

    done = suite(CONTRACT_TESTS_TOKEN="acme-token")

    assert done.returncode == 0, done.stdout + done.stderr
    assert counted(done)["passed"] > 0


def test_the_suite_has_every_option_of_the_command(suite, tmp_path):
    told = command("run", "--help", cwd=tmp_path).output

    named = set(re.findall(r"--([a-z][a-z-]+)", told)) - {"help", "no-races"}
    offered = set(re.findall(r"--(?:no-)?contract-([a-z-]+)", suite("--help").stdout))

    assert len(named) > 20
    assert {*named, "document"} - offered == set()


def test_a_promise_is_selected_by_its_name(suite, serve):
    options = ["--contract-url", serve().url, *ACME, "--contract-max-requests", 60, "--contract-budget", "quick", "-rs"]

    done = suite(*options, "-k", "invalid and bodies and partners", "--collect-only")

    assert {line.rpartition("::")[2] for line in done.stdout.splitlines() if "::" in line} == {
        "test_promise[POST /v2/partners/{partner_id}/internal-contacts rejects invalid bodies]",
        "test_promise[PATCH /v2/partners/{partner_id}/internal-contacts/{assignment_id} rejects invalid bodies]",
    }


def test_every_option_does_in_the_suite_what_it_does_on_the_command_line(suite, serve, tmp_path):
    (tmp_path / "other.yaml").write_text("assumptions: {duplicate-assignment: conflict}\n")

    done = suite(
        *("--contract-url", serve().url, *ACME, "--contract-max-requests", 200, "--no-contract-races", "--contract-strict"),
        *("--contract-ledger", "made", "--contract-profile-out", "profile.yaml", "--contract-timeout", "20"),
        *("--contract-profile", tmp_path / "other.yaml"),
    )

    assert done.returncode == 3, done.stdout + done.stderr
    assert (tmp_path / "made").read_text()
    assert (tmp_path / "profile.yaml").exists()


def test_a_plan_sends_nothing(suite):
    done = suite(
        "--contract-url", "http://127.0.0.1:9", "--contract-token", "t", "--contract-document", MEMBERS, "--contract-plan"
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing was sent" in done.stdout + done.stderr
