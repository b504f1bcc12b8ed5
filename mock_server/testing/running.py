"""A mock for the length of a `with` block, where there is no pytest: `with mock_server.running() as server:`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType

from mock_server.exchange.handlers import Handler
from mock_server.server.settings import Settings
from mock_server.testing.mocks import Configuration, MockFactory, Seed
from mock_server.testing.server import Server


class running:  # noqa: N801 (it is used like a function, as `contextlib.closing` is)
    """Serve a mock on a free port for the length of a `with` or an `async with` block."""

    def __init__(
        self,
        document: Path | str | None = None,
        *,
        seed: Seed | str = None,
        profile: Path | str | None = None,
        assume: Mapping[str, str] | None = None,
        random_seed: int | None = None,
        freeze_time: datetime | None = None,
        any_token: bool = False,
        handlers: Mapping[str, Handler] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._configuration = Configuration.of(document, seed, profile, assume)
        self._settings = Settings(
            host=host, port=port, random_seed=random_seed, freeze_time=freeze_time, any_token=any_token, log_level="error"
        )
        self._handlers = dict(handlers or {})
        self._server: Server | None = None

    def __enter__(self) -> Server:
        self._server = Server(MockFactory(), self._configuration, self._settings)
        try:
            for operation, handler in self._handlers.items():
                self._server.handle(operation, handler)
        except (LookupError, TypeError):
            self._server.stop()
            raise
        return self._server

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._server is not None:
            try:
                if kind is None:
                    self._server.end_handlers()
            finally:
                self._server.stop()

    async def __aenter__(self) -> Server:
        return await asyncio.get_running_loop().run_in_executor(None, self.__enter__)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)
