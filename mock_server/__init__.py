"""Understudy's mock: an OpenAPI document whose operations declare what they do, served from memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_server.testing.running import running as running


def __getattr__(name: str) -> Any:
    """Return `mock_server.running`; nothing is imported before it is used."""
    if name != "running":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mock_server.testing.running import running

    return running
