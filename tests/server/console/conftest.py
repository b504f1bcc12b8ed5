"""A browser that opens the console, and an app on another origin that calls the mock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from browsing import Watched

APP = """<!doctype html><title>An app</title>
<label>Email <input id="email" value="ada@acme.example"></label> <button>Assign</button> <p id="told"></p>
<script>
  document.querySelector("button").addEventListener("click", async () => {
    const answer = await fetch(new URLSearchParams(location.search).get("mock") + "/v2/partners/ptn_northwind/internal-contacts", {
      method: "POST",
      headers: { Authorization: "Bearer acme-token", "Content-Type": "application/json" },
      body: JSON.stringify({ email: document.querySelector("#email").value, internal_role: "csm", name: "Ada Lovelace" }),
    });
    const body = await answer.json();
    document.querySelector("#told").textContent = `${answer.status} ${answer.ok ? body.internal_contact.name : body.title}`;
  });
</script>"""


@pytest.fixture
def serve(serve_in_thread):
    """The console is the browser's; few of its tests are about the process that serves it."""
    return serve_in_thread


class AppHandler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        content = APP.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    """The URL of a page that is served from an origin of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), AppHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def console(watched: Watched) -> Callable[..., Any]:
    """Open the console of a server, at one of its tabs, and wait until it listens."""

    def start(served: Any, tab: str = "journal", **more: Any) -> Any:
        page = watched.open(f"{served.url}/__admin/#/{tab}", **more)
        page.get_by_text("live", exact=True).wait_for()
        return page

    return start
