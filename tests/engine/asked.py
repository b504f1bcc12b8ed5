"""A document answered without a server."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mock_server.contract.model import Contract
from mock_server.engine.choices import Choices
from mock_server.engine.generating import SECOND, Generator
from mock_server.engine.loading import load_contract
from mock_server.engine.store import Snapshot
from mock_server.exchange.authentication import Credentials
from mock_server.exchange.exchange import Exchange
from mock_server.exchange.messages import Answer, Request

NOON = 1_768_478_400 * SECOND  # 2026-01-15T12:00:00Z
TENANTS = {"here": "home", "there": "away"}


@dataclass
class Asked:
    """Asks the operations of a document, as one of two organizations; each request comes a second after the one before."""

    contract: Contract
    choices: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.exchange = Exchange(self.contract, Credentials(TENANTS))
        self.store = self.exchange.engine.new_store(Snapshot({}))
        self.now = NOON
        self.generator = Generator(clock=lambda: self.now, random_seed=1)

    @classmethod
    def of(cls, document: Path, **choices: str) -> Asked:
        """Return one that asks a document."""
        return cls(load_contract(document), choices)

    def ask(self, method: str, target: str, body: Any = None, *, token: str = "here", **headers: str) -> Answer:
        """Return the answer to a request."""
        self.now += SECOND
        path, _, query = target.partition("?")
        content = b"" if body is None else json.dumps(body).encode()
        sent = {b"authorization": f"Bearer {token}".encode(), b"content-type": b"application/json"}
        sent.update({name.replace("_", "-").encode(): value.encode() for name, value in headers.items()})
        choices = Choices({**self.contract.defaults(), **self.choices})
        return self.exchange.answer(Request(method, path, query, sent, content), self.store, choices, self.generator)
