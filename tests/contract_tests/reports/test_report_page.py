"""The HTML report in a browser, as its readers have it."""

from __future__ import annotations

import json
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from sample_outcome import CHANGED, MADE, NASTY, finding, reply, step, with_promises

from contract_tests.oracle.mismatch import Mismatch
from contract_tests.reports.curl import finding_script
from contract_tests.reports.html import page as written
from contract_tests.runner.outcome import PromiseResult
from contract_tests.transport.wire import Interaction

pytest.importorskip("playwright.sync_api", reason="NOBODY LOOKS AT PAGES: Playwright is not installed")

WIDE, NARROW = 1440, 360
JENKINS = "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self';"
"""What Jenkins sends with artifacts unless it is told otherwise, and the least that a browser without scripts can be asked."""


@pytest.fixture
def opened(watched, tmp_path):
    """Open the page of an outcome as a file."""

    def open_page(outcome, width=WIDE, **more):
        path = tmp_path / "report.html"
        path.write_text(written(outcome), "utf-8")
        return watched.open(path.as_uri(), width=width, **more)

    return open_page


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def hostile_outcome():
    long = "id_" + "x" * 10_000
    body = json.dumps(
        {"name": "<script>alert(1)</script>\u202e", long: "y" * 1_000_000, "list": [long] * 200}, ensure_ascii=False
    ).encode()
    steps = (step("POST", f"/{long}", body, 200, body, NASTY), step("GET", "/x", b"", 500, NASTY.encode("utf-8", "replace")))
    wrong = (Mismatch("/name", NASTY, NASTY), Mismatch(f"/{long}", long, long), Mismatch("status", long, NASTY))
    found = finding(title=f"{NASTY} {long}", clause=long, cause=long, differences=wrong, steps=(*steps, steps[0]))
    promises = (PromiseResult(f"GET /{long}", long, 1, "kept"), PromiseResult(NASTY, NASTY, 0, "not tested", long))
    made = {
        "title": long,
        "target": NASTY,
        "document": long,
        "tag": long,
        "limits": (long, NASTY),
        "created": {long: (long, NASTY)},
    }
    return with_promises(findings=(found,), promises=promises, **made)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_nothing_that_a_target_sends_acts_or_breaks_the_page(opened, watched, width):
    page = opened(hostile_outcome(), width)
    page.evaluate("document.querySelectorAll('details').forEach((it) => { it.open = true; })")

    assert overflow(page) <= 0
    assert watched.asked == {page.url}
    assert page.locator("script").count() == 1
    assert "<script>alert(1)</script>\\u202e" in page.locator("pre mark").first.inner_text()


def test_request_and_response_are_side_by_side_and_on_a_phone_one_below_the_other(opened):
    def boxes(width):
        parts = opened(with_promises(), width).locator("#finding-1 .exchange").first.locator("> div")
        return parts.nth(0).bounding_box(), parts.nth(1).bounding_box()

    request, response = boxes(WIDE)
    above, below = boxes(NARROW)

    assert response["x"] >= request["x"] + request["width"]
    assert response["y"] == request["y"]
    assert below["y"] >= above["y"] + above["height"]


def test_what_is_wrong_is_marked_within_the_response(opened):
    found = opened(with_promises()).locator("#finding-1")
    response = found.get_by_role("group", name="Body of the response of step 2")

    assert response.locator("mark").all_inner_texts() == ['"id": "ict_2"']
    assert response.locator(".note").all_inner_texts() == [
        "/created_at is missing: expected the time of step 1",
        'expected "ict_1", as in step 1',
    ]
    assert found.get_by_role("group", name="Body of the response of step 1").locator("mark").count() == 0


def test_a_finding_says_what_was_promised_where_to_look_and_what_else_has_its_cause(opened):
    found = finding(promised="An email identifies.", look_at="the upsert", also_seen_in=tuple(f"other {n}" for n in range(9)))
    told = opened(with_promises(findings=(found,))).locator("#finding-1")

    assert told.locator("blockquote").inner_text() == "An email identifies."
    assert told.get_by_text("Look at: the upsert").is_visible()
    assert told.get_by_text("other 2").is_visible()
    assert not told.get_by_text("other 8").is_visible()


def test_a_wrong_status_and_a_wrong_header_are_marked(opened):
    wrong = (Mismatch("status", "404", "200"), Mismatch("header Content-Type", "text/plain", "application/json"))
    missing = Mismatch("header ETag", "an entity tag", "nothing")
    found = finding(differences=(*wrong, missing), steps=(Interaction(step("GET", "/x").call, reply(200)),))
    told = opened(with_promises(findings=(found,))).locator("#finding-1 .exchange")

    assert told.locator("mark").all_inner_texts() == ["200 OK", "content-type: application/json"]
    assert told.locator(".note").all_inner_texts() == [
        "expected 404",
        "expected text/plain",
        "etag is missing: expected an entity tag",
    ]


def test_only_broken_or_untested_promises_are_shown_if_one_asks_with_mouse_or_keyboard(opened):
    page = opened(with_promises())
    rows = page.locator("tr[data-result]:visible")

    page.get_by_role("radio", name="Broken 1").click()
    assert rows.locator("th").all_inner_texts() == ["finds records by key"]
    page.keyboard.press("ArrowRight")
    assert rows.locator("th").all_inner_texts() == ["keeps organizations apart"] * 2
    assert "only one organization is known: give --other-token" in rows.first.inner_text()
    assert page.get_by_role("status").inner_text() == "2 promises shown"
    page.keyboard.press("ArrowRight")
    assert rows.count() == 6


def test_a_broken_promise_leads_to_its_finding(opened):
    many = tuple(finding(f"cause {n}", title=f"Finding {n}") for n in range(5))
    page = opened(with_promises(findings=(*many, finding("x", breaks=((MADE, "finds records by key"),)))))
    found = page.locator("#finding-6")

    assert found.get_attribute("open") is None
    page.get_by_role("link", name="finding 6").click()
    found.get_by_role("heading", name="2 steps").wait_for()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_table_of_promises_is_a_table_for_those_who_hear_it(opened, width):
    page = opened(with_promises(), width)
    table = page.get_by_role("table", name=f"Promises of {MADE}")

    assert table.get_by_role("rowheader", name="finds records by key").count() == 1
    assert table.get_by_role("columnheader").all_inner_texts() == ["Promise", "Responses held to it", "Result"]
    assert table.get_by_role("row").count() == 4
    assert page.get_by_role("heading", name=CHANGED).count() == 1


def test_the_script_of_a_finding_is_copied_whole(opened):
    outcome = with_promises()
    page = opened(outcome)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the script of finding 1").click()
    page.get_by_role("status").get_by_text("Copied").wait_for()

    assert page.evaluate("navigator.clipboard.readText()") == finding_script(outcome.findings[0], outcome)


def test_what_is_folded_is_printed_and_folded_again(opened):
    page = opened(with_promises())
    folded = page.locator("details:not([open])").count()

    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() == folded > 0


class JenkinsHandler(BaseHTTPRequestHandler):
    """Serves one page as Jenkins does."""

    content = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", JENKINS)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def jenkins():
    """The URL of a page that is served so that neither its style nor its script may be used."""
    JenkinsHandler.content = written(with_promises()).encode()
    with HTTPServer(("127.0.0.1", 0), JenkinsHandler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_where_style_and_script_are_forbidden_everything_can_still_be_read(watched, jenkins):
    watched.expect_complaints("Content Security Policy", "sandbox", "favicon")
    page = watched.open(jenkins)
    told = page.locator("body").inner_text()

    assert "Broken: the target breaks 1 promise of the contract" in told
    assert "only one organization is known: give --other-token" in told
    assert "finds records by key" in told
    assert not page.locator("#filter").is_visible()
    assert not page.get_by_role("button").first.is_visible()
    assert page.locator("#finding-2 .steps").is_visible()
    page.locator("#finding-2 > summary").click()
    assert not page.locator("#finding-2 .steps").is_visible()


def test_a_page_of_many_operations_unfolds_those_with_a_broken_promise(opened):
    promises = tuple(
        PromiseResult(f"GET /{n}", f"promise {m}", 1, "broken" if n == 7 and m == 1 else "kept")
        for n in range(300)
        for m in range(9)
    )
    page = opened(with_promises(promises=promises))

    assert page.locator("details.operation").count() == 300
    assert page.locator("details.operation[open] h3").all_inner_texts() == ["GET /7"]


def test_the_page_in_dark_is_dark(opened):
    def paper(scheme):
        page = opened(replace(with_promises(), verdict="conforms", findings=()), color_scheme=scheme)
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert paper("light") == "rgb(255, 255, 255)"
    assert paper("dark") == "rgb(20, 23, 26)"
