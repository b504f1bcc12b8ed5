from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import coverage
import httpcore  # noqa: F401 (httpx would keep the errors of one that pytester imports and forgets)
import httpx
import pytest
from browsing import CHROMIUM, FLAGS, MILLISECONDS, Watched
from places import EMBEDDING, FIXTURES, LIBRARY, NOBODY, NOTICES, PARTNER_API, ROOT, STOCKROOM

from mock_server.contract.model import Contract
from mock_server.engine.choices import Choices
from mock_server.engine.fixtures import read_fixtures
from mock_server.engine.generating import SECOND, Generator
from mock_server.engine.loading import load_contract
from mock_server.exchange.authentication import Credentials
from mock_server.exchange.exchange import Exchange
from mock_server.exchange.messages import Answer, Request
from mock_server.server.application import Application
from mock_server.server.cli import parse
from mock_server.server.log import Log
from mock_server.server.mock import Mock
from mock_server.server.serving import address, listen
from mock_server.testing.thread import ServerThread

PATIENCE = 60
"""How many seconds a process may take on a busy machine. None takes them; only a failure waits so long."""

START = 1_768_469_400 * SECOND  # 2026-01-15T09:30:00Z

os.environ["MOCK_SERVER_CACHE"] = "off"  # for every process that is started, too: a test leaves nothing in the user's folders


UNTRACED = {
    "test_prove.py",
    "test_independent.py",
    "test_shop_example.py",
    "test_a_bug_is_caught",
    "test_a_variant_conforms",
    "test_its_mock_conforms_also_when_it_is_judged_once_more",
    "test_no_break_is_taken_for_a_wrong_id",
    "test_a_target_that_tells_its_tokens_again_has_them_masked_everywhere",
    "test_what_was_observed_becomes_a_profile_that_the_mock_follows_and_the_next_run_says_same",
    "test_only_documented_methods_and_no_simultaneous_requests_go_to_what_is_not_local",
    "test_a_plan_says_what_would_be_sent_and_sends_nothing",
    "test_a_conforming_target_is_told_so_and_reports_are_written",
    "test_a_target_that_fails_now_and_then_is_told_how_often",
    "test_whatever_is_answered_to_all_requests_tells_no_token",
    "test_a_broken_promise_fails_the_test_of_its_operation_and_tells_how_to_see_it",
    "test_schemathesis.py",
    "test_no_scenario_changes_or_removes_what_the_run_did_not_make",
    "test_random_sequences_and_generated_bodies_change_nothing_that_was_there_before",
    "test_a_whole_run_changes_nothing_that_was_there_before",
    "test_a_mutated_document_is_a_contract_or_is_refused_with_flaws",
    "test_ten_thousand_exchanges_are_walked_and_filtered",
    "test_a_listener_that_never_reads_blocks_nobody_and_learns_what_it_missed",
    "test_the_mock_keeps_what_the_document_says_also_on_what_an_earlier_run_left",
}
"""Modules and tests that are long runs over much the same code, which other tests cover: to measure them as well would only take longer."""

SPREAD = {
    "test_prove.py",
    "test_broken_documents.py",
    "test_independent.py",
    "test_shop_example.py",
    "test_forge_example.py",
    "test_billing_example.py",
    "test_tickets_api.py",
    "test_boards_api.py",
    "test_no_break_is_taken_for_a_wrong_id",
    "test_each_break_shows",
    "test_run.py",
    "test_scenarios.py",
    "test_command_line.py",
    "test_secrets.py",
    "test_schemathesis.py",
}
"""Modules and tests that take long and share nothing dear: whichever worker is free takes the next one."""

FIRST = ("test_distribution.py", "test_examples.py", "test_console_page.py", "test_frontend_example.py", "test_schemathesis.py")
"""What cannot be divided and takes long begins, so that no worker is left alone with it in the end."""

TOGETHER = {
    "test_console_page.py": "browser",
    "test_frontend_example.py": "browser",
    "test_distribution.py": "wheel",
    "test_examples.py": "wheel",
}
"""Modules that share what is dear or that would take each other's time: one worker of pytest-xdist runs them all."""


@pytest.hookimpl(tryfirst=True)  # before pytest-cov starts the measuring of a worker
def pytest_sessionstart(session: pytest.Session) -> None:
    """Have a worker of pytest-xdist measured once.

    It is measured as a process of pytest's, and pytest-cov has begun as if there were no workers. What pytest-cov begins now is
    paused for tests that are not measured, and then those two would go on.
    """
    if hasattr(session.config, "workerinput"):
        while earlier := coverage.Coverage.current():
            earlier.stop()


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks at the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a module together, for they share what it sets up; spread those of long runs, which fill the gaps."""
    for item in items:
        if is_one_of(UNTRACED, item):
            item.add_marker("no_cover")
        if not is_one_of(SPREAD, item):
            item.add_marker(pytest.mark.xdist_group(TOGETHER.get(item.path.name, str(item.path.relative_to(ROOT)))))
    items.sort(key=turn)


def is_one_of(names: set[str], item: pytest.Item) -> bool:
    return not names.isdisjoint((item.path.name, item.name.partition("[")[0]))


def turn(item: pytest.Item) -> int:
    name = item.path.name
    return FIRST.index(name) if name in FIRST else len(FIRST) + is_one_of(SPREAD, item)


@pytest.fixture(autouse=True)
def measured_processes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a test is not measured, nor are the processes that it starts."""
    if request.node.get_closest_marker("no_cover"):
        for name in [name for name in os.environ if name.startswith("COVERAGE_PROCESS")]:
            monkeypatch.delenv(name)


class Talk:
    """A conversation with an exchange: no sockets, a clock that ticks a second per look, ids that repeat."""

    def __init__(self, contract: Contract, **made: str) -> None:
        self.contract = contract
        self.time = START
        self.generator = Generator(clock=self._tick, random_seed=1)
        document = contract.document.main.path
        fixtures = read_fixtures(FIXTURES.get(document, NOBODY), contract, self.generator)
        self.exchange = Exchange(contract, Credentials(fixtures.tokens))
        self.store = self.exchange.engine.new_store(fixtures.seed)
        unknown = made.keys() - contract.assumptions.keys()
        assert not unknown, unknown
        self.choices = {**contract.defaults(), **made}

    def _tick(self) -> int:
        self.time += SECOND
        return self.time

    def request(self, method: str, path: str, body: Any = None, token: str = "acme-token") -> Request:
        path, _, query = path.partition("?")
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = {b"authorization": b"Bearer " + token.encode(), b"content-type": b"application/json"}
        return Request(method, path, query, headers, content)

    def ask(self, method: str, path: str, body: Any = None, token: str = "acme-token") -> Answer:
        return self.send(self.request(method, path, body, token))

    def send(self, request: Request) -> Answer:
        return self.exchange.answer(request, self.store, Choices(self.choices), self.generator)

    def post(self, path: str, body: Any = None, token: str = "acme-token") -> Answer:
        return self.ask("POST", path, body, token)

    def patch(self, path: str, body: Any = None, token: str = "acme-token") -> Answer:
        return self.ask("PATCH", path, body, token)

    def put(self, path: str, body: Any = None, token: str = "acme-token") -> Answer:
        return self.ask("PUT", path, body, token)

    def get(self, path: str, token: str = "acme-token") -> Answer:
        return self.ask("GET", path, None, token)

    def delete(self, path: str, token: str = "acme-token") -> Answer:
        return self.ask("DELETE", path, None, token)

    def readings(self, request: Request, **made: str) -> list[tuple[Answer, dict[str, str]]]:
        return [
            (answer, dict(rested_on))
            for answer, rested_on in self.exchange.readings(
                request, self.store, {name: [choice] for name, choice in made.items()}, lambda: self.generator
            )
        ]


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load_contract(PARTNER_API)


@pytest.fixture(scope="session")
def library_contract() -> Contract:
    return load_contract(LIBRARY)


@pytest.fixture
def talk(contract: Contract) -> Callable[..., Talk]:
    """Start a conversation with the partner API under the given choices: talk(**{"email-case": "ignore"})."""
    return lambda **made: Talk(contract, **made)


@pytest.fixture
def library(library_contract: Contract) -> Callable[..., Talk]:
    """Start a conversation with the library, a document that has nothing to do with the partner API."""
    return lambda **made: Talk(library_contract, **made)


@pytest.fixture(scope="session")
def stockroom_contract() -> Contract:
    return load_contract(STOCKROOM)


@pytest.fixture
def stockroom(stockroom_contract: Contract) -> Callable[..., Talk]:
    """Start a conversation with the stockroom, where things are put in their place, numbered and counted."""
    return lambda **made: Talk(stockroom_contract, **made)


@pytest.fixture
def talk_about() -> Callable[[Path], Talk]:
    """Start a conversation about any document; one without fixtures has two organizations that have nothing."""
    return lambda document: Talk(load_contract(document))


@pytest.fixture
def invoicing() -> Talk:
    """A conversation about invoices, which show in full what they refer to when asked."""
    return Talk(load_contract(EMBEDDING))


@pytest.fixture(scope="session")
def notices_contract() -> Contract:
    return load_contract(NOTICES)


@pytest.fixture
def notices(notices_contract: Contract) -> Callable[..., Talk]:
    """Start a conversation with walls of notices, which are listed in every way."""
    return lambda **made: Talk(notices_contract, **made)


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a clone of the repository holds: no virtual environment, no caches."""
    folder = tmp_path_factory.mktemp("clone")
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    for name in subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def wheel(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that is built of the clone."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(clone)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("understudy-*.whl"))


@dataclass
class Served:
    """A mock that is served. `output` and `errors` fill as it writes; `process` is None where a thread of the tests serves it."""

    process: subprocess.Popen[str] | None = None
    url: str = ""
    output: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    wrote: threading.Condition = field(default_factory=threading.Condition)
    readers: list[threading.Thread] = field(default_factory=list)

    def wait_for(self, text: str, timeout: float = PATIENCE) -> str:
        """Return the first line of output or errors that contains `text`, as soon as it is written."""
        with self.wrote:
            found = self.wrote.wait_for(
                lambda: next((line for line in self.output + self.errors if text in line), None), timeout
            )
        assert found, (text, self.output, self.errors)
        return found

    def follow(self, stream: Any, lines: list[str]) -> None:
        for line in stream:
            with self.wrote:
                lines.append(line.rstrip("\n"))
                self.wrote.notify_all()

    def client(self, token: str = "acme-token") -> httpx.Client:
        # Certificates take long to load, and there is nothing to verify.
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.url, headers=headers, verify=False, timeout=PATIENCE)

    def stop(self) -> None:
        assert self.process
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)
        for reader in self.readers:
            reader.join(timeout=PATIENCE)  # it would fail over a stream that is closed under it
        self.process.stdout.close()  # type: ignore[union-attr]
        self.process.stderr.close()  # type: ignore[union-attr]


def started(options: tuple[object, ...], environment: dict[str, str], cwd: Path) -> Served:
    """Return a server as a user starts it; it listens on a free port."""
    command = [sys.executable, "-m", "mock_server", "serve", "--port", "0", *map(str, options)]
    process = subprocess.Popen(
        command, cwd=cwd, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    served = Served(process)
    for stream, lines in ((process.stdout, served.output), (process.stderr, served.errors)):
        served.readers.append(threading.Thread(target=served.follow, args=(stream, lines), daemon=True))
        served.readers[-1].start()
    return served


def listening(served: Served) -> Served:
    """Wait until a server has said where it listens."""
    line = served.wait_for(" on http://")
    served.url = re.search(r"http://\S+", line)[0]  # type: ignore[index]
    return served


@pytest.fixture
def serve_process(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Start a server as a user would, in a process of its own; it is stopped after the test."""
    running: list[Served] = []

    def start(*options: object, environment: dict[str, str] | None = None, cwd: Path = tmp_path) -> Served:
        running.append(started(options, environment or {}, cwd))
        return listening(running[-1])

    yield start
    for served in running:
        served.stop()


@pytest.fixture
def serve(serve_process: Callable[..., Served]) -> Callable[..., Served]:
    """Start a server. A module says that a shared one or a thread will do by a fixture of this name."""
    return serve_process


@pytest.fixture(scope="module")
def shared_processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    running: dict[tuple[object, ...], Served] = {}
    folder = tmp_path_factory.mktemp("shared")

    def start(*options: object, environment: dict[str, str] | None = None) -> Served:
        key = (options, tuple((environment or {}).items()))
        if key not in running:
            running[key] = started(options, environment or {}, folder)
            listening(running[key])
        return running[key]

    yield start
    for served in running.values():
        served.stop()


@pytest.fixture
def serve_shared(shared_processes: Callable[..., Served]) -> Callable[..., Served]:
    """Return the process that the tests of a module share, one for each set of options; it is as at its start, if that can be."""

    def start(*options: object, environment: dict[str, str] | None = None) -> Served:
        served = shared_processes(*options, environment=environment)
        token = options[options.index("--admin-token") + 1] if "--admin-token" in options else "none"
        if "--no-admin" not in options:
            with served.client(str(token)) as client:
                assert client.post("/__admin/reset", timeout=PATIENCE).status_code == 204
        return served

    return start


@pytest.fixture
def serve_in_thread(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Serve over a socket from a thread of this process, where no process is what the test is about: that starts much faster."""
    running: list[tuple[ServerThread, socket.socket, Log]] = []

    def start(*options: object) -> Served:
        with contextlib.chdir(tmp_path):
            _, settings = parse(["serve", "--port", "0", *map(str, options)], {})
            mock = Mock.from_settings(settings)
        served = Served()
        log = Log(settings.log_level, Lines(served))
        listener = listen(settings.host, settings.port)
        served.url = address(listener)
        running.append((ServerThread(Application(mock, settings, log), listener), listener, log))
        return served

    yield start
    for thread, listener, log in running:
        thread.stop()
        listener.close()
        log.flush()


class Lines(io.StringIO):
    """What a log writes, as lines of a served mock."""

    def __init__(self, served: Served) -> None:
        super().__init__()
        self._served = served

    def write(self, text: str) -> int:
        self._served.follow(text.splitlines(), self._served.errors)
        return len(text)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a window. It goes with its module: no event loop of another test can run beside Playwright's."""
    if CHROMIUM is None:
        pytest.skip("NOBODY LOOKS AT PAGES: there is no Chromium here; install Debian's package chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=MILLISECONDS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def watched(browser: Any) -> Iterator[Watched]:
    """Open pages; any error in the browser's console fails the test, unless the test expects it."""
    pages = Watched(browser)
    yield pages
    pages.close()
    assert pages.unexpected() == []
