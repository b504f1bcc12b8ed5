"""A mock: a contract, the state it keeps, the choices in force and what happened so far. Each has its own state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import orjson

from mock_server.contract.loader import load_contract
from mock_server.contract.model import Contract
from mock_server.contract.profile import Choice, read_choices
from mock_server.contract.source import Json
from mock_server.engine.choices import Choices, Made
from mock_server.engine.fixtures import Fixtures, no_fixtures, read_fixtures
from mock_server.engine.making import EPOCH, SECOND, Making
from mock_server.engine.run import ABSENT
from mock_server.exchange.exchange import Credentials, Exchange
from mock_server.exchange.messages import Answer, Request
from mock_server.server.journal import Journal
from mock_server.server.settings import Settings


class Mock:
    """Answers requests and remembers them. `profile` tells each choice with its source."""

    def __init__(self, contract: Contract, fixtures: Fixtures, profile: Mapping[str, Choice], settings: Settings) -> None:
        self.contract = contract
        self.fixtures = fixtures
        self.profile = profile
        self.making = make_making(settings)
        any_token = fixtures.organizations[0] if settings.any_token else None
        self.exchange = Exchange(contract, Credentials(fixtures.tokens, any_token))
        self.store = self.exchange.engine.new_store(fixtures.seed)
        self.journal = Journal(settings.journal_size)
        self._choices = Made({name: entry.choice for name, entry in profile.items()})

    @classmethod
    def from_settings(cls, settings: Settings) -> Mock:
        """Return the mock that `settings` describe; raise `FlawedInput` or `ValueError` with all that is wrong."""
        contract = load_contract(settings.document_path)
        profile = read_choices(contract.assumptions, settings.profile, settings.assume)
        making = make_making(settings)
        seed = settings.seed_path
        fixtures = read_fixtures(seed, contract, making) if seed else no_fixtures()
        return cls(contract, fixtures, profile, settings)

    def answer(self, request: Request) -> tuple[Answer, bytes]:
        """Answer `request` under the profile, and note the exchange in the journal. Return the answer and its body as JSON."""
        answer = self.exchange.answer(request, self.store, Choices(self._choices), self.making)
        content = b"" if answer.body is ABSENT else write_json(answer.body)
        self.journal.note(request, answer, content)
        return answer, content

    def files(self) -> list[Path]:
        """Return the files of the document."""
        return self.contract.document.paths_read()


def write_json(value: Json) -> bytes:
    """Return the JSON text of a value."""
    try:
        return orjson.dumps(value)
    except TypeError:  # a whole number of more than 64 bits, which JSON allows and orjson does not write
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def make_making(settings: Settings) -> Making:
    """Return the clock and the randomness that `settings` ask for."""
    if settings.freeze_time is None:
        return Making(random_seed=settings.random_seed)
    frozen = (settings.freeze_time - EPOCH) // timedelta(microseconds=1) * (SECOND // 1_000_000)
    return Making(clock=lambda: frozen, random_seed=settings.random_seed)
