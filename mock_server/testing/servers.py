"""The servers of a test session: one for each document, kept from test to test, and those that a test starts for itself."""

from __future__ import annotations

from pathlib import Path

from mock_server.server.settings import Settings
from mock_server.testing.mocks import Configuration, MockFactory
from mock_server.testing.server import App, Server


class Servers:
    """Starts a server or makes an application when the first test needs it."""

    def __init__(self) -> None:
        self.factory = MockFactory()
        self._settings = Settings(port=0, log_level="error")
        self._servers: dict[Path | None, Server] = {}
        self._apps: dict[Path | None, App] = {}

    def server(self, configuration: Configuration) -> Server:
        """Return the server of a document, with everything as `configuration` has it."""
        server = self._servers.get(configuration.document)
        if server is None:
            server = self._servers[configuration.document] = self.another(configuration)
        server.begin(configuration)
        return server

    def app(self, configuration: Configuration) -> App:
        """Return the application of a document, with everything as `configuration` has it."""
        app = self._apps.get(configuration.document)
        if app is None:
            app = self._apps[configuration.document] = App(self.factory, configuration, self._settings)
        app.begin(configuration)
        return app

    def another(self, configuration: Configuration) -> Server:
        """Return one more server; whoever asked for it stops it."""
        return Server(self.factory, configuration, self._settings)

    def stop(self) -> None:
        """Stop the servers that were kept."""
        for server in self._servers.values():
            server.stop()
