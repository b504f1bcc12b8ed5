"""The mock of these tests is that of the shop."""

from __future__ import annotations

from pathlib import Path

import pytest

SHOP = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def mock_server_document() -> Path:
    return SHOP / "shop.overlay.yaml"


@pytest.fixture(scope="session")
def mock_server_seed() -> Path:
    return SHOP / "fixtures.yaml"
