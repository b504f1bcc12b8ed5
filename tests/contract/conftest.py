from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server.contract.files.flaws import Flaw, FlawedInput
from mock_server.contract.model import Contract
from mock_server.engine.loading import load_contract


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a document, and other files beside it by name: write(text, {"parts/guest.yaml": text})."""

    def write(document: str | bytes, files: dict[str, str] | None = None, name: str = "api.yaml") -> Path:
        for path, text in {name: document, **(files or {})}.items():
            place = tmp_path / "api" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / "api" / name

    return write


@pytest.fixture
def load(write: Callable[..., Path]) -> Callable[..., Contract]:
    """Return the contract that a document is."""
    return lambda *document, **options: load_contract(write(*document, **options), strict=True)


@pytest.fixture
def flaws_of(write: Callable[..., Path]) -> Callable[..., tuple[Flaw, ...]]:
    """Return what is wrong with a document; none when it is a contract."""

    def flaws_of(*document: str, **options: str) -> tuple[Flaw, ...]:
        try:
            load_contract(write(*document, **options), strict=True)
        except FlawedInput as error:
            return error.flaws
        return ()

    return flaws_of
