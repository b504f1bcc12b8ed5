"""Which versions of uvicorn and httptools `Protocol` was made for: it builds on parts that uvicorn keeps to itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httptools
import uvicorn

MADE_FOR = {"uvicorn": ((0, 34), (0, 54)), "httptools": ((0, 6), (0, 9))}
"""The oldest and the newest release of each that `Protocol` is tested with."""


def http_protocol(warn: Callable[[str], None]) -> type[asyncio.Protocol] | str:
    """Return what `uvicorn.Config` takes as `http`: `Protocol`, or uvicorn's own choice with any version but those it fits."""
    found = {"uvicorn": uvicorn.__version__, "httptools": httptools.__version__}
    unknown = [f"{name} {version}" for name, version in found.items() if not _is_known(name, version)]
    if not unknown:
        from mock_server.server.protocol import Protocol  # with another version, even the import may fail

        return Protocol
    fitting = " and ".join(f"{name} {_text(oldest)} to {_text(newest)}" for name, (oldest, newest) in MADE_FOR.items())
    warn(
        f"The mock is made for {fitting}; with {' and '.join(unknown)} it answers more slowly, "
        "and a fault that closes the connection is a 500."
    )
    return "auto"


def _is_known(name: str, version: str) -> bool:
    oldest, newest = MADE_FOR[name]
    parts = version.split(".")
    release = tuple(int(part) for part in parts[:2] if part.isdecimal())
    return oldest <= release <= newest


def _text(release: tuple[int, int]) -> str:
    return ".".join(map(str, release))
