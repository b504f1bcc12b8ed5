from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from places import FIXTURES, LIBRARY, PARTNER_API

from mock_server.contract.loader import load_contract
from mock_server.contract.model import Contract
from mock_server.engine.choices import Choices
from mock_server.engine.fixtures import read_fixtures
from mock_server.engine.generating import SECOND, Generator
from mock_server.exchange.authentication import Credentials
from mock_server.exchange.exchange import Exchange
from mock_server.exchange.messages import Answer, Request

PATIENCE = 60
"""How many seconds a process may take on a busy machine. None takes them; only a failure waits so long."""

START = 1_768_469_400 * SECOND  # 2026-01-15T09:30:00Z


class Talk:
    """A conversation with an exchange: no sockets, a clock that ticks a second per look, ids that repeat."""

    def __init__(self, contract: Contract, **made: str) -> None:
        self.contract = contract
        self.time = START
        self.generator = Generator(clock=self._tick, random_seed=1)
        document = contract.document.main.path
        fixtures = read_fixtures(FIXTURES[document], contract, self.generator)
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


@dataclass
class Served:
    """A `mock-server serve` process. `output` and `errors` fill as it writes."""

    process: subprocess.Popen[str]
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
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Start a server as a user would; it listens on a free port and is stopped after the test."""
    running: list[Served] = []

    def start(*options: str, environment: dict[str, str] | None = None, cwd: Path = tmp_path) -> Served:
        command = [sys.executable, "-m", "mock_server", "serve", "--port", "0", *map(str, options)]
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        served = Served(process)
        for stream, lines in ((process.stdout, served.output), (process.stderr, served.errors)):
            served.readers.append(threading.Thread(target=served.follow, args=(stream, lines), daemon=True))
            served.readers[-1].start()
        running.append(served)
        line = served.wait_for(" on http://")
        served.url = re.search(r"http://\S+", line)[0]  # type: ignore[index]
        return served

    yield start
    for served in running:
        served.process.terminate()
        served.process.wait(timeout=PATIENCE)
        for reader in served.readers:
            reader.join(timeout=PATIENCE)  # it would fail over a stream that is closed under it
        served.process.stdout.close()  # type: ignore[union-attr]
        served.process.stderr.close()  # type: ignore[union-attr]
