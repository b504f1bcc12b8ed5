"""A browser that opens pages, and knows what they complained about and whom they asked."""

from __future__ import annotations

import re
import shutil
from typing import Any

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
MILLISECONDS = 60_000
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
        context.set_default_timeout(MILLISECONDS)
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
