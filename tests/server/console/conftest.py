"""A browser that opens the console, and an app on another origin that calls the mock."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
PATIENCE = 60_000
"""How long, in milliseconds, a page may take on a busy machine. Nothing takes it; only a failure waits so long."""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

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


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a window. It goes with its module: no event loop of another test can run beside Playwright's."""
    if CHROMIUM is None:
        pytest.skip("NOBODY LOOKS AT THE CONSOLE: there is no Chromium here; install Debian's package chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield chromium
        chromium.close()


class Watched:
    """Opens pages, and knows what they complained about and whom they asked."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        self._contexts: list[Any] = []
        self.complaints: list[str] = []
        self.expected: list[str] = []
        self.asked: set[str] = set()

    def open(self, url: str, width: int = 1280, height: int = 800, **more: Any) -> Any:
        """Return a page at `url`, in a browser context of its own."""
        context = self._browser.new_context(viewport={"width": width, "height": height}, **more)
        context.set_default_timeout(PATIENCE)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self.asked.add(request.url))
        page.goto(url)
        return page

    def expect_complaints(self, *patterns: str) -> None:
        """Take complaints that match one of `patterns` for what the test is about, whenever they come."""
        self.expected.extend(patterns)

    def unexpected(self) -> list[str]:
        return [text for text in self.complaints if not any(re.search(pattern, text) for pattern in self.expected)]

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)


@pytest.fixture
def watched(browser: Any) -> Iterator[Watched]:
    """Open pages; any error in the browser's console fails the test, unless the test expects it."""
    pages = Watched(browser)
    yield pages
    pages.close()
    assert pages.unexpected() == []


@pytest.fixture
def console(watched: Watched) -> Callable[..., Any]:
    """Open the console of a server, at one of its tabs, and wait until it listens."""

    def start(served: Any, tab: str = "journal", **more: Any) -> Any:
        page = watched.open(f"{served.url}/__admin/#/{tab}", **more)
        page.get_by_text("live", exact=True).wait_for()
        return page

    return start
