"""The tab Webhooks of the console, in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from places import DOCUMENTS
from test_console_page import TOO_WIDE

playwright = pytest.importorskip("playwright.sync_api", reason="NOBODY LOOKS AT THE CONSOLE: Playwright is not installed")
expect = playwright.expect

HOOKS = DOCUMENTS / "hooks.yaml"
DECLARED = """\
openapi: 3.1.0
info: {title: Pots, version: '1'}
paths: {/pots: {get: {operationId: pots, responses: {'200': {description: All.}}}}}
webhooks: {stirred: {post: {responses: {'204': {description: Thanks.}}}}}
"""
NOWHERE = "http://hooks.example.com/in"


class Receiver:
    """Takes messages at `url`; `status` is what it answers, and it does so once `may_answer` is set."""

    def __init__(self) -> None:
        self.status = 204
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.ids: list[str] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}/in"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                receiver.ids.append(self.headers["webhook-id"])
                receiver.may_answer.wait(10)
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Taking


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.05,))
    thread.start()
    yield receiver
    receiver.may_answer.set()
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


def complete_a_task(served, *urls):
    """Have the mock send one message to each of `urls`."""
    with served.client("any-token") as client:
        for url in urls:
            assert client.post("/hooks", json={"url": url, "secret": "s3cret"}).is_success
        task = client.post("/tasks", json={"title": "Paint"}).json()
        assert client.post(f"/tasks/{task['id']}/done").is_success


def messages(page):
    return page.locator("#webhook-rows [role=row]")


def test_a_webhook_is_shown_as_it_comes_further(serve, console, receiver):
    served = serve(HOOKS)
    page = console(served, "webhooks")
    expect(page.get_by_role("heading", name="Nothing was sent yet")).to_be_visible()
    expect(page.get_by_text("completeTask sends taskDone")).to_be_visible()

    receiver.may_answer.clear()
    complete_a_task(served, receiver.url)
    expect(messages(page)).to_have_count(1)
    expect(messages(page)).to_contain_text("pending")
    receiver.may_answer.set()

    expect(messages(page)).to_contain_text("delivered")
    expect(page.get_by_role("tab", name="Webhooks")).to_contain_text("1")


def test_the_newest_webhook_comes_first_and_tells_what_was_sent(serve, console, receiver):
    served = serve(HOOKS)
    complete_a_task(served, receiver.url, NOWHERE)
    page = console(served, "webhooks")

    expect(messages(page).first).to_contain_text(NOWHERE)
    expect(messages(page).first).to_contain_text("refused")
    messages(page).first.click()
    expect(page.get_by_label("Webhook 2")).to_contain_text("allow it with --allow-webhooks hooks.example.com")
    messages(page).last.click()
    detail = page.get_by_label("Webhook 1")

    expect(detail.get_by_role("table")).to_contain_text("204")
    expect(detail.locator("dt", has_text="webhook-signature").locator("+ dd")).to_contain_text("v1,")
    expect(detail.locator("pre")).to_contain_text('"title": "Paint"')


def test_a_webhook_that_failed_is_redelivered_and_all_are_forgotten(serve, console, receiver):
    served = serve(HOOKS)
    receiver.status = 500
    complete_a_task(served, receiver.url)
    page = console(served, "webhooks")
    expect(messages(page)).to_contain_text("failed")
    messages(page).click()
    attempts = page.get_by_label("Webhook 1").locator("tbody tr")
    expect(attempts).to_have_count(2)

    receiver.status = 200
    page.get_by_role("button", name="Redeliver").click()
    expect(messages(page)).to_contain_text("delivered")
    expect(attempts).to_have_count(3)
    assert len(receiver.ids) == 3
    assert len(set(receiver.ids)) == 1
    page.get_by_role("button", name="Forget all").click()

    expect(page.get_by_role("heading", name="Nothing was sent yet")).to_be_visible()
    assert httpx.get(f"{served.url}/__admin/webhooks").json()["count"] == 0


def test_webhooks_are_filtered_and_walked_with_the_keyboard(serve, console, receiver):
    served = serve(HOOKS)
    complete_a_task(served, receiver.url, NOWHERE)
    page = console(served)

    page.keyboard.press("7")
    expect(messages(page)).to_have_count(2)
    page.keyboard.press("/")
    page.keyboard.type("HOOKS.example allow")
    expect(messages(page)).to_have_count(1)
    expect(page.get_by_text("1 of 2 messages")).to_be_visible()
    page.get_by_label("State", exact=True).select_option("delivered")
    page.get_by_role("button", name="Clear the filter").click()
    page.locator("#webhook-rows").focus()
    page.keyboard.press("End")
    expect(page.get_by_label("Webhook 1")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Webhook 1")).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.get_by_label("Webhook 1")).to_have_count(0)
    expect(page.locator("#webhook-rows")).to_be_focused()


def test_a_reset_of_the_journal_forgets_the_webhooks(serve, console, receiver):
    served = serve(HOOKS)
    complete_a_task(served, receiver.url)
    page = console(served, "webhooks")
    expect(messages(page)).to_contain_text("delivered")

    httpx.post(f"{served.url}/__admin/reset", json={"parts": ["requests"]})

    expect(page.get_by_role("heading", name="Nothing was sent yet")).to_be_visible()


def test_a_document_without_webhooks_says_so(serve, console):
    page = console(serve(), "webhooks")

    expect(page.get_by_role("heading", name="The document declares no webhooks")).to_be_visible()
    expect(page.locator("main")).to_contain_text("The section Webhooks of docs/contract.md")


def test_a_webhook_that_no_operation_sends_is_named(serve, console, tmp_path):
    (tmp_path / "declared.yaml").write_text(DECLARED)
    page = console(serve("declared.yaml"), "webhooks")

    expect(page.get_by_role("heading", name="No operation sends a webhook")).to_be_visible()
    expect(page.locator("main")).to_contain_text("The document declares stirred.")


@pytest.mark.parametrize("width", [360, 900, 1920])
def test_a_webhook_is_not_wider_than_the_screen(serve, console, receiver, width):
    served = serve(HOOKS)
    complete_a_task(served, f"{receiver.url}/{'a-long-path/' * 30}", NOWHERE)
    page = console(served, "webhooks", width=width)

    messages(page).last.click()
    expect(page.get_by_label("Webhook 1")).to_be_in_viewport()

    assert page.evaluate(TOO_WIDE) == []
