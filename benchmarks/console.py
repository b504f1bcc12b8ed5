"""How soon the console shows something, and how it bears a full journal: `python benchmarks/console.py`.

Needs Playwright and Chromium. Times are those that the browser itself tells, from the start of the navigation.
"""

from __future__ import annotations

import http.client
import json
import shutil
import statistics
from urllib.parse import urlsplit

from measuring import HEADERS, PATH, free_port, person, running, understudy
from playwright.sync_api import Page, sync_playwright

EXCHANGES = 10_000
RUNS = 5

PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
FIRST_ROW = "#journal-rows [role=row]"
ALL_ROWS = "#tab-journal:has-text('10,000')"
TYPED = """async () => {
  const field = document.querySelector('#journal-filter'), times = [];
  for (const text of ['9', '99', '999', '']) {
    const started = performance.now();
    field.value = text;
    field.dispatchEvent(new InputEvent('input'));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    times.push(performance.now() - started);
  }
  return times;
}"""
SCROLLED = """async () => {
  const box = document.querySelector('#journal-rows'), times = [];
  let last = await new Promise(requestAnimationFrame);
  for (let frame = 0; frame < 60; frame++) {
    box.scrollTop += 5000;
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
  }
  return times;
}"""


def main() -> None:
    """Print a table."""
    port = free_port()
    with running(understudy(port, "--journal-size", str(EXCHANGES), "--log-level", "warning"), port):
        url = f"http://127.0.0.1:{port}"
        fill(url)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            measured = [measure(browser.new_page(), url) for _ in range(RUNS)]
            browser.close()
    for name in measured[0]:
        times = [one[name] for one in measured]
        print(f"{name:<40} {statistics.median(times):6.0f} ms   ({min(times):.0f} to {max(times):.0f})")


def fill(url: str) -> None:
    """Have the journal remember as many exchanges as it can."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    for number in range(EXCHANGES):
        connection.request("POST", PATH, json.dumps(person(f"person-{number}@acme.example")), HEADERS)
        connection.getresponse().read()
    connection.close()


def measure(page: Page, url: str) -> dict[str, float]:
    """Return milliseconds by what they were measured of."""
    page.goto(f"{url}/__admin/")
    found = {}
    page.wait_for_selector(FIRST_ROW)
    found["first row"] = page.evaluate("performance.now()")
    found["first paint"] = page.evaluate(PAINT)
    page.wait_for_selector(ALL_ROWS)
    found["all 10,000 rows"] = page.evaluate("performance.now()")
    typed, again = page.evaluate(TYPED), page.evaluate(TYPED)
    found["first letter of a filter"] = typed[0]
    found["slowest further letter"] = max(*typed[1:], *again)
    found["slowest frame of 60 while scrolling"] = max(page.evaluate(SCROLLED))
    page.close()
    return found


if __name__ == "__main__":
    main()
