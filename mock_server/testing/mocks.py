"""Making mocks for tests: what takes long is done once, however many tests and servers share it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from mock_server.contract.behaviours.profile import Choice, read_choices
from mock_server.contract.bundled import bundled
from mock_server.contract.files.source import Json, Source
from mock_server.contract.model import Contract
from mock_server.engine.fixtures import Fixtures, fixtures_from, no_fixtures
from mock_server.engine.generating import Generator
from mock_server.engine.loading import load_contract
from mock_server.server.mock import Mock
from mock_server.server.settings import Settings
from mock_server.testing.collecting import not_collecting

Seed: TypeAlias = Path | Mapping[str, Json] | None
"""Fixtures: a file, or what stands in one. None for those of the bundled document, or for none at all."""

MOST_KEPT = 64
"""How many fixtures, and mocks made of them, are kept for tests that begin with the same; tests may make up ever new ones."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a test begins with: the document, the fixtures, and the choices for what the document leaves open."""

    document: Path | None = None
    seed: Seed = None
    profile: Path | None = None
    assume: Mapping[str, str] | None = None

    @classmethod
    def of(
        cls, document: Path | str | None, seed: Seed | str, profile: Path | str | None, assume: Mapping[str, str] | None
    ) -> Configuration:
        """Return a configuration whose files may be given by their names."""
        return cls(_path(document), as_seed(seed), _path(profile), assume)


class MockFactory:
    """Keeps the contracts that were loaded and the fixtures that were read."""

    def __init__(self) -> None:
        self._contracts: dict[Path, Contract] = {}
        self._fixtures: dict[tuple[Path, str | bytes | None], Fixtures] = {}

    def contract(self, document: Path | None) -> Contract:
        """Return the contract in a document."""
        path = (document or bundled("openapi.yaml")).absolute()
        if path not in self._contracts:
            with not_collecting():
                self._contracts[path] = load_contract(path)
        return self._contracts[path]

    def fixtures(self, configuration: Configuration) -> Fixtures:
        """Return the fixtures of a configuration."""
        contract, seed = self.contract(configuration.document), configuration.seed
        if seed is None and configuration.document is None:
            seed = bundled("fixtures") / "default.yaml"
        place = (contract.document.main.path, _text(seed))
        if place not in self._fixtures:
            if len(self._fixtures) >= MOST_KEPT:
                del self._fixtures[next(iter(self._fixtures))]
            self._fixtures[place] = _read_fixtures(seed, contract)
        return self._fixtures[place]

    def profile(self, configuration: Configuration) -> dict[str, Choice]:
        """Return the choices of a configuration, each with its source."""
        pairs = [f"{name}={choice}" for name, choice in (configuration.assume or {}).items()]
        return read_choices(self.contract(configuration.document).assumptions, configuration.profile, pairs)

    def mock(self, configuration: Configuration, settings: Settings) -> Mock:
        """Return a mock of its own for a configuration."""
        return Mock(self.contract(configuration.document), self.fixtures(configuration), self.profile(configuration), settings)


def as_seed(seed: Seed | str) -> Seed:
    """Return fixtures that may be given by the name of their file."""
    return Path(seed) if isinstance(seed, str) else seed


def _path(name: Path | str | None) -> Path | None:
    return None if name is None else Path(name)


def _text(seed: Seed) -> str | bytes | None:
    """Return what fixtures are told apart by: a file may have been written anew. No fixtures have an empty text."""
    if isinstance(seed, Path):
        return seed.read_bytes() if seed.is_file() else ""
    return None if seed is None else json.dumps(seed)


def _read_fixtures(seed: Seed, contract: Contract) -> Fixtures:
    if seed is None:
        return no_fixtures()
    source = Source.from_path(seed) if isinstance(seed, Path) else Source(Path("seed"), json.dumps(seed))
    return fixtures_from(source, contract, Generator())
