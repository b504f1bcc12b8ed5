"""The servers of a test session: one for each document, kept from test to test, and those that a test starts for itself."""

from __future__ import annotations

from pathlib import Path

from mock_server.server.settings import Settings
from mock_server.testing.server import App, Server
from mock_server.testing.staging import Scene, Stage


class Servers:
    """Starts a server or makes an application when the first test needs it."""

    def __init__(self) -> None:
        self.stage = Stage()
        self._settings = Settings(port=0, log_level="error")
        self._servers: dict[Path | None, Server] = {}
        self._apps: dict[Path | None, App] = {}

    def server(self, scene: Scene) -> Server:
        """Return the server of a document, with everything as `scene` has it."""
        server = self._servers.get(scene.document)
        if server is None:
            server = self._servers[scene.document] = self.another(scene)
        server.begin(scene)
        return server

    def app(self, scene: Scene) -> App:
        """Return the application of a document, with everything as `scene` has it."""
        app = self._apps.get(scene.document)
        if app is None:
            app = self._apps[scene.document] = App(self.stage, scene, self._settings)
        app.begin(scene)
        return app

    def another(self, scene: Scene) -> Server:
        """Return one more server; whoever asked for it stops it."""
        return Server(self.stage, scene, self._settings)

    def stop(self) -> None:
        """Stop the servers that were kept."""
        for server in self._servers.values():
            server.stop()
