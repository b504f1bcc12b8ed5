"""`contract-tests` as a process of its own, against targets on real sockets."""

from __future__ import annotations

import json
import re
import signal
import socket
import threading
from dataclasses import replace
from importlib.metadata import version
from xml.etree import ElementTree

import pytest
import yaml
from commands import command, started
from independent.partner_api import create_app
from listening import HANG, http, listening
from listening import json as json_answer
from places import FIXTURES, LIBRARY, PARTNER_API
from tampering import tampering

import contract_tests
from contract_tests.cli.main import main
from contract_tests.cli.options import Options
from contract_tests.cli.starting import run_options
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import Budget
from contract_tests.transport.targets import HttpTarget
from mock_server.engine.loading import load_contract

SMALL = Budget("small", sequences=2, rounds=2, generated_bodies=2, thinning=8)
KNOWN = ["--known", "Partner=ptn_northwind", "--known", "Partner=ptn_contoso"]
ACME = ["--token", "acme-token", *KNOWN]
BOTH = [*ACME, "--other-token", "globex-token", "--other-known", "Partner=ptn_initech"]


@pytest.fixture
def run(tmp_path):
    return lambda *arguments, **more: command(*arguments, cwd=tmp_path, **more)


def progress_of(errors: str) -> list[str]:
    return [line for line in errors.splitlines() if not line.startswith("contract-tests: ")]


def only_line(said) -> str:
    """The one line that says why nothing could be judged; beside it there is progress at most, and nothing on the output."""
    lines = [line for line in said.errors.splitlines() if line.startswith("contract-tests: ")]
    assert len(lines) == 1, said
    assert said.output == "", said
    assert not re.search("Traceback|conforms|broken", said.errors), said
    return lines[0]


# --- what cannot be judged -------------------------------------------------------------------------------------------


def test_a_wrong_token_is_told(run, serve):
    said = run("run", "--url", serve().url, "--token", "nobodys-token", *KNOWN)

    assert said.code == 2
    assert "the token is rejected" in only_line(said)
    assert "401" in only_line(said)


def test_a_wrong_token_of_the_other_organization_is_told(run, serve):
    said = run("run", "--url", serve().url, *ACME, "--other-token", "nobodys-token", "--budget", "quick")

    assert said.code == 2
    assert "the token of the other organization is rejected" in only_line(said)


def test_nobody_at_the_port_is_told(run):
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

    said = run("run", "--url", url, *ACME)

    assert said.code == 2
    assert f"{url} is not reachable: no connection" in only_line(said)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param(json_answer(404, b'{"detail": "Not Found"}'), "accepted no valid request", id="404 to all"),
        pytest.param(http(200, b"<html>Welcome</html>", "Content-Type: text/html; charset=utf-8"), "returns HTML", id="HTML"),
        pytest.param(http(404, b"<html>No such page</html>", "Content-Type: text/html"), "returns HTML", id="HTML with 404"),
        pytest.param(json_answer(500, b"{}"), "accepted no valid request", id="500 to all"),
        pytest.param(http(302, b"", "Location: https://login.example"), "accepted no valid request", id="redirects"),
        pytest.param(json_answer(403, b"{}"), "the token is rejected", id="403 to all"),
        pytest.param(http(200, b"x", "Connection: close", length=99), "is not reachable", id="no whole answer"),
        pytest.param(HANG, "no complete response within 0.5 seconds", id="hangs"),
        pytest.param(json_answer(200, b'{"hello": "world"}'), None, id="another API"),
        pytest.param(http(200, b""), None, id="200 without a body"),
    ],
)
def test_a_target_that_is_not_the_api_is_never_a_pass(run, answer, told):
    with listening(lambda received: answer) as server:
        said = run("run", "--url", server.url, *ACME, "--timeout", 0.5 if answer is HANG else 60, "--budget", "quick")

    if told is None:
        assert said.code == 1
        assert "Traceback" not in said.everything
    else:
        assert said.code == 2
        assert told in only_line(said)


def test_a_target_that_refuses_for_now_and_ever_is_never_a_pass(run):
    with listening(lambda received: http(429, b"", "Retry-After: 0")) as server:
        said = run("run", "--url", server.url, *ACME)

    assert said.code == 2
    assert "429" in only_line(said)


# --- mistakes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "COMMAND"),
        (["walk"], "walk"),
        (["run", "--url", "http://127.0.0.1:9"], "use --token or set CONTRACT_TESTS_TOKEN"),
        (["run", "--token", "t0ken"], "there is no target: give --url"),
        (["run", "--url", "127.0.0.1:9", "--token", "t0ken"], "'127.0.0.1:9' is not the URL of an API"),
        (["run", "--url", "http://host:port", "--token", "t0ken"], "is not the URL of an API"),
        (["run", "--url", "http://127.0.0.1:9", "--token", "t0ken", "--other-token", "t0ken"], "are the same"),
        (["run", "--url", "http://127.0.0.1:9", "--token", "t0ken", "--other-known", "Partner=p"], "pass its token too"),
        (["run", "--url", "http://127.0.0.1:9", "--token", "t0ken", "--known", "Partner"], "is not RESOURCE=ID"),
        (["run", "--url", "http://127.0.0.1:9", "--token", "t0ken", "--known", "Partner="], "is not RESOURCE=ID"),
        (["run", "--url", "http://127.0.0.1:9", "--token", "t0ken", "--known", "Patner=p"], "Partner"),
        (["run", "--url", "http://127.0.0.1:9", "--token", "t0ken", "--budget", "huge"], "quick"),
        (["run", "--url", "http://127.0.0.1:9", "--token", "t0ken", "--rate", "0"], "is not a number above 0"),
        (["run", "--url", "http://127.0.0.1:9", "--token", "t0ken", "--rate", "fast"], "is not a number above 0"),
        (["run", "--url", "http://127.0.0.1:9", "--token", "t0ken", "--timeout", "inf"], "is not a number above 0"),
        (["run", "--url", "http://127.0.0.1:9", "--token", "t0ken", "--max-requests", "-1"], "--max-requests"),
        (["run", "--url", "http://127.0.0.1:9", "--token", "t0ken", "--max-seconds", "-1"], "--max-seconds"),
        (["run", "--url", "http://127.0.0.1:9", "--token", "t0ken", "--concurrency", "0"], "between 1 and 16, not 0"),
        (
            ["run", "--url", "http://127.0.0.1:9", "--token", "t0ken", "--max-requests", "ten"],
            "is not a whole number of 0 or more",
        ),
        (["run", "--url", "http://127.0.0.1:9", "--token", "t0ken", "--report", "report.pdf"], ".html"),
        (["run", "--url", "http://127.0.0.1:9", "--token", "t0ken", "--profile", "missing.yaml"], "missing.yaml"),
        (["run", "--url", "https://127.0.0.1:9", "--token", "t0ken", "--ca-bundle", "missing.pem"], "No such file"),
        (["run", "missing.yaml", "--url", "http://127.0.0.1:9", "--token", "t0ken"], "missing.yaml"),
        (["observe", "--url", "http://127.0.0.1:9", "--token", "t0ken", "--strict"], "--strict"),
        (["run", "--no-such-option"], "--no-such-option"),
    ],
)
def test_a_mistake_is_told_in_a_line_and_sends_nothing(capsys, tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    try:
        code = main(arguments, {})
    except SystemExit as exit:
        code = exit.code

    said = capsys.readouterr()
    assert code == 2
    assert told in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert "t0ken" not in said.err


def test_a_flawed_document_is_told_with_its_place(run, tmp_path):
    (tmp_path / "openapi.yaml").write_text(PARTNER_API.read_text().replace("find-or-create:", "find-or-crate:", 1))

    said = run("run", "openapi.yaml", "--url", "http://127.0.0.1:9", "--token", "t0ken")

    assert said.code == 2
    assert "find-or-crate" in said.errors
    assert "Traceback" not in said.errors


@pytest.mark.parametrize(
    ("option", "value"), [("RATE", "never"), ("BUDGET", "huge"), ("RACES", "maybe"), ("MAX_REQUESTS", "x"), ("TIMEOUT", "0")]
)
def test_a_mistake_in_the_environment_is_told_with_the_name_of_the_variable(capsys, option, value):
    environment = {
        "CONTRACT_TESTS_URL": "http://127.0.0.1:9",
        "CONTRACT_TESTS_TOKEN": "t0ken",
        f"CONTRACT_TESTS_{option}": value,
    }

    assert main(["run"], environment) == 2
    assert f"CONTRACT_TESTS_{option}" in capsys.readouterr().err


def test_the_version_is_that_of_the_distribution(run):
    said = run("--version")

    assert (said.code, said.output) == (0, f"contract-tests {version('understudy')}\n")


def test_help_tells_every_option(run):
    said = run("run", "--help")

    assert said.code == 0
    for name in (
        "--url",
        "--token",
        "--other-token",
        "--known",
        "--profile-out",
        "--max-requests",
        "--report",
        "--strict",
        "--plan",
    ):
        assert name in said.output
    assert "Exit codes" in said.output


# --- verdicts --------------------------------------------------------------------------------------------------------


def test_a_conforming_target_is_told_so_and_reports_are_written(run, serve, tmp_path):
    reports = [tmp_path / f"report{end}" for end in (".json", ".xml", ".html")]
    url = serve().url

    said = run(
        "run", "--url", url, *BOTH, "--budget", "quick", *[f"--report={path}" for path in reports], "--ledger", "ledger.txt"
    )

    assert said.code == 0, said
    assert "Conforms" in said.output
    assert len(said.output.splitlines()) <= 60
    assert json.loads(reports[0].read_text())["verdict"] == "conforms"
    assert ElementTree.parse(reports[1]).getroot().tag in ("testsuites", "testsuite")
    assert "</html>" in reports[2].read_text()
    ledger = [json.loads(line) for line in (tmp_path / "ledger.txt").read_text().splitlines()]
    assert any(line["resource"] == "InternalContact" and line["id"].startswith("ict_") for line in ledger)
    assert not any(line["id"] == "ptn_northwind" for line in ledger)
    assert "acme-token" not in said.everything + "".join(path.read_text() for path in reports)


def test_what_was_observed_becomes_a_profile_that_the_mock_follows_and_the_next_run_says_same(run, serve, tmp_path):
    assumed = {"email-case": "lower", "missing-token-status": "403", "existing-contact": "merge", "invalid-status": "400"}
    url = serve(*[f"--assume={name}={choice}" for name, choice in assumed.items()]).url
    observed = run("observe", "--url", url, *BOTH, "--profile-out", "observed.yaml")
    assert observed.code == 0, observed
    assert int(re.search(r"([\d,]+) requests", observed.everything)[1]) < 200
    profile = yaml.safe_load((tmp_path / "observed.yaml").read_text())["assumptions"]
    for name, choice in assumed.items():
        assert (profile[name]["choice"], profile[name]["source"]) == (choice, "observed")
        assert profile[name]["evidence"]
        assert profile[name]["date"]

    follower = serve("--profile", tmp_path / "observed.yaml").url
    same = run(
        "run", "--url", follower, *BOTH, "--budget", "quick", "--profile", "observed.yaml", "--strict", "--max-requests", "700"
    )

    assert same.code == 0, same
    other = run(
        "run",
        "--url",
        serve().url,
        *BOTH,
        "--budget",
        "quick",
        "--profile",
        "observed.yaml",
        "--strict",
        "--max-requests",
        "700",
    )
    assert other.code == 3, other
    for name in assumed:
        assert name in other.output


def test_observing_prints_the_profile_where_no_file_is_named(run, serve):
    said = run("observe", "--url", serve().url, *ACME)

    assert said.code == 0, said
    begin = said.output.index("assumptions:")
    assert "choice: ok" in said.output[begin:]


def test_a_difference_from_the_profile_is_no_failure_unless_asked_for(run, serve):
    said = run("run", "--url", serve("--assume=success-status=created").url, *ACME, "--max-requests", "300")

    assert said.code == 0, said
    assert "success-status" in said.output


def test_a_broken_contract_is_told_with_what_shows_it(run, serve, tmp_path):
    def change(received, status, body):
        return status, body.replace(b'"phone":"', b'"phone":"+')

    with tampering(serve().url, change) as server:
        said = run(
            "run",
            "--url",
            server.url,
            *BOTH,
            "--max-requests",
            "900",
            "--report",
            "r.json",
            "--report",
            "r.xml",
            "--profile-out",
            "p.yaml",
        )

    assert said.code == 1, said
    assert "phone" in said.output
    found = json.loads((tmp_path / "r.json").read_text())
    assert found["verdict"] == "broken"
    assert "phone" in json.dumps(found["findings"])
    assert "curl" in (tmp_path / "r.json").read_text() + said.output
    assert ElementTree.parse(tmp_path / "r.xml").getroot().findall(".//failure")


def test_a_target_that_fails_now_and_then_is_told_how_often(run, serve, tmp_path):
    def change(received, status, body):
        return (500, b'{"detail": "sorry"}') if received.number % 97 == 96 else (status, body)

    with tampering(serve().url, change) as server:
        said = run("run", "--url", server.url, *ACME, "--budget", "quick", "--max-requests", "700", "--report", "r.json")

    assert said.code == 1, said
    findings = json.loads((tmp_path / "r.json").read_text())["findings"]
    assert "intermittent" in said.output.lower()
    assert any(finding["part"] == "reliability" for finding in findings)


def test_a_second_document_is_judged_as_well(run, serve):
    url = serve(LIBRARY, "--seed", FIXTURES[LIBRARY]).url
    known = ["--known", "Book=9780131103627", "--known", "Book=9780201896831"]

    said = run("run", LIBRARY, "--url", url, "--token", "acme-token", *known, "--max-requests", "900")

    assert said.code == 0, said


# --- manners ---------------------------------------------------------------------------------------------------------


def test_a_plan_says_what_would_be_sent_and_sends_nothing(run):
    with listening(lambda received: http(500)) as server:
        said = run("run", "--url", server.url, *BOTH, "--budget", "quick", "--plan", "--max-requests", "50", "--rate", "2")

        assert server.connections == 0
    assert said.code == 0, said
    assert "nothing was sent" in said.output
    assert re.search(r"\d  POST +/v2/partners/\{partner_id\}/internal-contacts", said.output)
    assert "50 requests" in said.output
    assert "At 2 requests per second" in said.output


def test_a_plan_for_a_target_that_is_not_local_has_no_races(run):
    said = run("run", LIBRARY, "--url", "https://api.example.com", "--token", "t0ken", "--budget", "quick", "--plan")

    assert said.code == 0, said
    assert "Simultaneous requests were not sent" in said.output


def test_no_more_requests_are_sent_than_allowed(run, serve):
    with tampering(serve().url, lambda received, status, body: (status, body)) as server:
        said = run("run", "--url", server.url, *ACME, "--budget", "quick", "--max-requests", "40")

    assert said.code == 0, said
    assert "limit of 40 requests" in said.output
    assert len(server.received) == 40


def test_a_run_that_is_asked_to_wait_ends_when_its_time_is_over(run):
    with listening(lambda received: http(429, b"", "Retry-After: 99999999")) as server:
        said = run("run", "--url", server.url, *ACME, "--max-seconds", "0.5")

    assert said.code == 2, said
    assert "its limit of 0.5 seconds, before anything was judged" in only_line(said)


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ({"budget": "quick", "url": "http://127.0.0.1:9"}, 15),
        ({"budget": "quick", "url": "https://api.example.com"}, 15),
        ({"budget": "standard", "url": "http://localhost:9"}, 60),
        ({"budget": "standard"}, 60),
        ({"budget": "standard", "url": "https://api.example.com"}, None),
        ({"budget": "thorough"}, None),
        ({"budget": "thorough", "max_seconds": 7.5}, 7.5),
        ({"budget": "quick", "max_seconds": 0.0}, None),
    ],
)
def test_a_run_takes_no_longer_than_its_budget_says_or_than_is_asked(options, seconds):
    settings = Options(token="acme-token", **options).settings(load_contract(PARTNER_API))

    assert settings.max_seconds == seconds


def test_only_documented_methods_and_no_simultaneous_requests_go_to_what_is_not_local(run, serve):
    documented = {(one.method, one.path) for one in load_contract(PARTNER_API).operations}
    sent = set()

    class Remote:
        name, local, connections = "remote", False, 1

        def __init__(self, inner):
            self.inner = inner

        def send(self, call):
            sent.add((call.method, call.operation))
            return self.inner.send(call)

        def send_together(self, calls):
            raise AssertionError("nothing is sent at the same time")

        def close(self):
            self.inner.close()

    options = Options(token="acme-token", known=("Partner=ptn_northwind",), budget="quick")
    contract = load_contract(options.document_path)
    outcome = hold_to(contract, Remote(HttpTarget(serve().url)), replace(options.settings(contract), budget=SMALL))

    assert outcome.verdict == "conforms", outcome.findings
    assert {method for method, _ in sent} <= {method for method, _ in documented}
    assert any("not local" in limit for limit in outcome.limits)


def test_options_come_from_the_environment_and_the_command_line_goes_before_it(run, serve, tmp_path):
    url = serve().url
    environment = {
        "CONTRACT_TESTS_URL": "http://127.0.0.1:9",
        "CONTRACT_TESTS_TOKEN": "acme-token",
        "CONTRACT_TESTS_KNOWN": "Partner=ptn_northwind Partner=ptn_contoso",
        "CONTRACT_TESTS_BUDGET": "quick",
        "CONTRACT_TESTS_RACES": "0",
        "CONTRACT_TESTS_MAX_REQUESTS": "60",
        "CONTRACT_TESTS_TIMEOUT": "5",
        "CONTRACT_TESTS_REPORT": "one.json two.html",
    }

    said = run("run", "--url", url, environment=environment)

    assert said.code == 0, said
    assert "limit of 60 requests" in said.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.json", "two.html"]


@pytest.fixture
def interruptible():
    """Let processes take SIGINT, even if this one was started to ignore it, as in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_a_run_without_a_traceback(tmp_path):
    reached, goes_on = threading.Event(), threading.Event()

    def answer(received):
        reached.set()
        goes_on.wait(30)
        return json_answer(404, b"{}")

    with listening(answer) as server:
        process = started("run", "--url", server.url, *ACME, cwd=tmp_path)
        assert reached.wait(60)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
        goes_on.set()

    assert process.returncode == 130
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert output == ""


def test_whoever_reads_along_may_stop_reading(tmp_path, serve):
    process = started("run", "--url", serve().url, *ACME, "--max-requests", "30", cwd=tmp_path)
    process.stdout.close()
    errors = process.stderr.read()
    process.wait(timeout=60)
    process.stderr.close()

    assert "Traceback" not in errors
    assert "Exception ignored" not in errors


# --- from Python -----------------------------------------------------------------------------------------------------


def test_python_code_may_ask_for_a_run_of_an_application_or_a_url(serve):
    known = {"Partner": ["ptn_northwind", "ptn_contoso"]}
    outcome = contract_tests.run(create_app(), token="acme-token", known=known, budget="quick", max_requests=150)
    assert outcome.verdict == "conforms", outcome.reason or outcome.findings

    outcome = contract_tests.run(serve().url, token="acme-token", known=known, max_requests=100)
    assert outcome.verdict == "conforms"
    with pytest.raises(ValueError, match="there is no target"):
        run_options(Options(token="acme-token"))
    with pytest.raises(TypeError):
        contract_tests.run("http://127.0.0.1:9", no_such_option=1)
