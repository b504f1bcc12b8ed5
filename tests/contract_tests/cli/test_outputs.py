"""The files and the texts that a run leaves, when they cannot be written or when it is ended early."""

from __future__ import annotations

import io
import json
import os
import shlex
import signal
import subprocess
import sys

import httpx
import pytest
from commands import started
from listening import json as json_answer
from listening import listening
from places import BOARDS, FIXTURES
from tampering import tampering

from contract_tests.cli.main import main
from contract_tests.cli.streams import LastingStream
from contract_tests.mutants.mock_target import MockTarget
from contract_tests.mutants.prove import settings_for
from contract_tests.mutants.setup import setup_for
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import BUDGETS
from contract_tests.transport.interruption import Interruption
from mock_server.engine.loading import load_contract

TOKENS = ["--token", "acme-token", "--other-token", "globex-token"]
RUN = ["run", str(BOARDS), *TOKENS, "--budget", "quick", "--no-races"]
FEW = ["--max-requests", "60"]


@pytest.fixture
def boards(serve):
    return serve(BOARDS, "--seed", FIXTURES[BOARDS]).url


def stored(url, resource):
    organizations = httpx.get(f"{url}/__admin/state", trust_env=False).json()["organizations"]
    return {record["id"] for kept in organizations.values() for record in kept.get(resource, [])}


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


# --- before the first request ----------------------------------------------------------------------------------------


@pytest.fixture
def odd(tmp_path):
    """A folder of files that cannot be written, or must not be."""
    (tmp_path / "precious.json").write_text("precious")
    (tmp_path / "link.json").symlink_to(tmp_path / "precious.json")
    (tmp_path / "nowhere.json").symlink_to(tmp_path / "missing.json")
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "api.yaml").write_bytes(BOARDS.read_bytes())
    return tmp_path


@pytest.mark.parametrize("option", ["--report", "--profile-out", "--ledger"])
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("link.json", "symbolic link"),
        ("nowhere.json", "symbolic link"),
        ("folder.json", "is a folder"),
        ("pipe.json", "not a regular file"),
        ("precious.json/r.json", "precious.json is not a folder"),
        ("precious.json/missing/r.json", "Not a directory"),
        ("/proc/r.json", "cannot write"),
        ("/proc/missing/r.json", "there is no folder"),
    ],
)
def test_nothing_is_sent_where_a_file_could_not_be_written(odd, capsys, option, name, told):
    with listening(lambda received: json_answer(404, b"{}")) as server:
        code = main([*RUN, "--url", server.url, option, str(odd / name)])

    said = capsys.readouterr()
    assert code == 2
    assert told in said.err
    assert name in said.err
    assert len(said.err.splitlines()) == 1
    assert server.received == []
    assert (odd / "precious.json").read_text() == "precious"
    assert not [path.name for path in odd.iterdir() if path.name.endswith(".tmp")]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--report", "r.json", "--ledger", "r.json"], "two outputs"),
        (["--report", "r.json", "--report", "./r.json"], "two outputs"),
        (["--ledger", "api.yaml"], "cannot be written as well"),
        (["--profile-out", "api.yaml"], "cannot be written as well"),
    ],
)
def test_no_file_is_written_over_another_one_that_the_run_needs(odd, capsys, monkeypatch, options, told):
    monkeypatch.chdir(odd)

    code = main(["run", "api.yaml", *TOKENS, "--url", "http://127.0.0.1:9", *options])

    assert code == 2
    assert told in capsys.readouterr().err
    assert (odd / "api.yaml").read_bytes() == BOARDS.read_bytes()


# --- after the run ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_broken", [False, True], ids=["conforms", "broken"])
def test_the_verdict_is_told_also_where_its_reports_can_no_longer_be_written(boards, tmp_path, capsys, is_broken):
    (tmp_path / "gone").mkdir()

    def change(received, status, body):
        if (tmp_path / "gone").is_dir():
            (tmp_path / "gone").rmdir()
            (tmp_path / "gone").touch()
        return (201, b'{"id": null}') if is_broken and received.line.startswith("POST /cards") else (status, body)

    reports = [f"--report={tmp_path / 'gone' / 'r.json'}", f"--report={tmp_path / 'r.json'}"]
    with tampering(boards, change) as server:
        code = main([*RUN, *FEW, "--url", server.url, *reports])

    said = capsys.readouterr()
    assert code == (1 if is_broken else 2)
    assert ("Broken:" if is_broken else "Conforms:") in said.out
    assert "cannot write" in said.err
    assert json.loads((tmp_path / "r.json").read_text())["verdict"] == ("broken" if is_broken else "conforms")


def test_a_report_takes_the_place_of_an_old_one_at_once_and_leaves_nothing_beside_it(boards, tmp_path):
    (tmp_path / "r.json").write_text("old")
    (tmp_path / "linked.json").hardlink_to(tmp_path / "r.json")

    assert main([*RUN, *FEW, "--url", boards, f"--report={tmp_path / 'r.json'}"]) == 0

    assert json.loads((tmp_path / "r.json").read_text())
    assert (tmp_path / "linked.json").read_text() == "old"  # the old file was not written to
    assert sorted(os.listdir(tmp_path)) == ["linked.json", "r.json"]


@pytest.mark.parametrize(
    ("redirected", "told"),
    [(">/dev/full", True), ("2>/dev/full | true", False), (">&- 2>&-", False)],
    ids=["full", "a reader who left", "closed"],
)
def test_the_exit_code_is_that_of_the_verdict_whoever_listens(boards, tmp_path, redirected, told):
    """Nor does it matter that the user has no home, and that nothing can be cached."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/proc", "XDG_CACHE_HOME": "/proc/none"}
    line = shlex.join([sys.executable, "-m", "contract_tests", *RUN, *FEW, "--url", boards, "--ledger", "ledger"])

    done = subprocess.run(
        ["bash", "-c", f"{line} {redirected}; exit ${{PIPESTATUS[0]}}"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert ("cannot print the verdict" in done.stderr and "Conforms" in done.stderr) is told
    assert lines_of(tmp_path / "ledger")


def test_a_stream_that_fails_is_written_to_no_more():
    with open("/dev/full", "w") as full:
        stream = LastingStream(full)
        stream.write("once")
        stream.write("twice")

    assert stream.trouble == "No space left on device"
    assert stream.has_reader


def test_a_stream_that_is_not_there_takes_whatever_it_is_given():
    stream = LastingStream(None)

    assert stream.write("text") == 4
    assert not stream.isatty()
    assert not stream.has_reader


def test_text_that_a_stream_cannot_encode_is_escaped():
    kept = io.TextIOWrapper(io.BytesIO(), "ascii")

    LastingStream(kept).write("\u202e")

    assert kept.buffer.getvalue() == b"\\u202e"


# --- ended early -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)],
    ids=lambda it: getattr(it, "name", ""),
)
def test_what_a_run_made_is_in_its_ledger_however_it_ends(boards, tmp_path, number, code):
    (tmp_path / "ledger").write_text("")
    processes: list[subprocess.Popen[str]] = []

    def change(received, status, body):
        if received.number == 45:
            for _ in range(2):  # some senders do it twice
                processes[0].send_signal(number)
        return status, body

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # even if this process was started to ignore it
    with tampering(boards, change) as server:
        options = ["--url", server.url, "--ledger", "ledger", "--report", "r.json", "--profile-out", "p.yaml"]
        options += ["--concurrency", "1"] if number == signal.SIGKILL else []
        processes.append(started(*RUN, *options, cwd=tmp_path))
        _, errors = processes[0].communicate(timeout=120)
    signal.signal(signal.SIGINT, before)

    assert processes[0].returncode == code, errors
    made = {line["id"] for line in lines_of(tmp_path / "ledger") if line["resource"] == "Label"}
    assert len(made) > 3
    assert len(stored(boards, "Label") - made) <= (1 if number == signal.SIGKILL else 0)
    assert "Traceback" not in errors
    if number != signal.SIGKILL:
        report = json.loads((tmp_path / "r.json").read_text())
        assert any(f"interrupted by {number.name}" in limit for limit in report["limits"])
        assert f"interrupted by {number.name}" in errors
        assert not (tmp_path / "p.yaml").exists()


def test_what_was_found_before_an_interruption_is_told():
    contract = load_contract(BOARDS)
    setup = setup_for(contract, FIXTURES[BOARDS])
    interruption = Interruption()

    class Telling:
        def phase(self, name):
            pass

        def requests(self, count):
            pass

        def finding(self, finding):
            interruption.signal = signal.SIGTERM

    target = MockTarget(contract, setup)
    send = target.send
    target.send = lambda call: send(call) if call.method != "GET" else type(send(call))(200, (), b"nonsense")

    outcome = hold_to(contract, target, settings_for(setup, BUDGETS["quick"], 1), Telling(), interruption=interruption)

    assert outcome.verdict == "broken"
    assert len(outcome.findings) == 1
    assert outcome.exit_code() == 143
