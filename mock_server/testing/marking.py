"""What the plugin notes about a test, and what a test says of itself with the marker `mock_server`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mock_server.testing.readings import Reading
    from mock_server.testing.server import Handle

HANDLES: pytest.StashKey[list[Handle]] = pytest.StashKey()
"""Of a test: the mocks that it uses."""

READING: pytest.StashKey[Reading] = pytest.StashKey()
"""Of a test that runs again: the reading of the contract that it runs under."""

REPEATER = "mock-server-repeater"
"""The plugin that runs tests again."""

MARKER = "mock_server"
MARKED = ("seed", "profile", "assume")


def pinned_by(item: pytest.Item) -> frozenset[str]:
    """Return the assumptions that a test chooses for itself."""
    return frozenset(name for marker in item.iter_markers(MARKER) for name in read_marker(marker).get("assume", {}))


def read_marker(marker: pytest.Mark) -> Mapping[str, Any]:
    """Return what a marker says; fail the test when it says what nobody knows."""
    unknown = [*map(repr, marker.args), *(name for name in marker.kwargs if name not in MARKED)]
    if unknown:
        pytest.fail(f"the marker {MARKER} takes {', '.join(f'{name}=…' for name in MARKED)}, not {unknown[0]}", pytrace=False)
    assume = marker.kwargs.get("assume", {})
    if not isinstance(assume, Mapping):
        told = f"assume={assume!r} of the marker {MARKER} has to map assumptions to choices, as in assume={{'NAME': 'CHOICE'}}"
        pytest.fail(told, pytrace=False)
    return marker.kwargs
