"""Talking to a mock of the workshop's document, which has states, entity tags and keys of requests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from places import DOCUMENTS

from mock_server.contract.model import Contract
from mock_server.engine.choices import Choices
from mock_server.engine.generating import SECOND, Generator
from mock_server.engine.loading import load_contract
from mock_server.exchange.authentication import Credentials
from mock_server.exchange.exchange import Exchange
from mock_server.exchange.messages import Answer, Request

WORKSHOP = DOCUMENTS / "workshop.yaml"


def workshop_with(folder: Path, *edits: tuple[str, str]) -> Contract:
    """The contract of the document, with each old part replaced by the new one."""
    text = WORKSHOP.read_text()
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    (folder / "workshop.yaml").write_text(text)
    return load_contract(folder / "workshop.yaml", strict=True)


class Workshop:
    """A mock of the document; two callers have an organization each, `mine` and `theirs`."""

    def __init__(self, contract: Contract | None = None) -> None:
        self.contract = contract or load_contract(WORKSHOP, strict=True)
        self.exchange = Exchange(self.contract, Credentials({"mine": "first", "theirs": "second"}))
        self.store = self.exchange.engine.new_store()
        self.time = 1_768_469_400
        self.generator = Generator(clock=lambda: self.time * SECOND, random_seed=1)

    def ask(self, method: str, path: str, body: Any = None, caller: str = "mine", **headers: str) -> Answer:
        fields = {name.replace("_", "-").lower().encode(): value.encode() for name, value in headers.items()}
        sent = b"" if body is None else json.dumps(body).encode()
        if body is not None:
            fields[b"content-type"] = b"application/json"
        request = Request(method, path, "", {b"x-api-key": caller.encode(), **fields}, sent)
        return self.exchange.answer(request, self.store, Choices(self.contract.defaults()), self.generator)

    def placed(self, **fields: Any) -> str:
        """The path of a new order."""
        return f"/orders/{self.ask('POST', '/orders', {'item': 'Chair', **fields}).body['id']}"

    def at(self, *states: str) -> str:
        """The path of a new order that went through these states."""
        order = self.placed()
        for state in states:
            assert self.ask("PATCH", order, {"status": state}).status == 200, state
        return order
