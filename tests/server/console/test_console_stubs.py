"""The tab Stubs of the console, in a real browser."""

from __future__ import annotations

import httpx
import pytest
from places import DOCUMENTS
from test_console_page import TOO_WIDE

playwright = pytest.importorskip("playwright.sync_api", reason="NOBODY LOOKS AT THE CONSOLE: Playwright is not installed")
expect = playwright.expect

HOOKS = DOCUMENTS / "hooks.yaml"


def test_a_stub_is_added_answers_and_is_removed(serve, console):
    served = serve(HOOKS)
    page = console(served, "stubs")
    expect(page.get_by_text("The mock answers everything itself.")).to_be_visible()

    page.get_by_label("Method").select_option("GET")
    page.get_by_label("Path").fill("/pages/{page}")
    page.get_by_label("Status").fill("203")
    page.get_by_label("Body").fill('{"title": "Soon"}')
    page.get_by_label("Times").fill("2")
    page.get_by_role("button", name="Add it").click()
    row = page.get_by_role("row").filter(has_text="stub-1")
    expect(row).to_contain_text("GET /pages/{page}")
    expect(row).to_contain_text("2 of 2 times left")
    answer = httpx.get(f"{served.url}/pages/7")
    assert (answer.status_code, answer.json()) == (203, {"title": "Soon"})
    expect(row).to_contain_text("1 of 2 times left")
    expect(page.get_by_role("tab", name="Stubs")).to_contain_text("1")
    page.get_by_role("button", name="Remove stub-1").click()

    expect(page.get_by_text("The mock answers everything itself.")).to_be_visible()
    assert "X-Mock-Stub" not in httpx.get(f"{served.url}/pages/7").headers


def test_a_stub_of_no_number_of_times_answers_always_and_a_reset_removes_it(serve, console):
    served = serve(HOOKS)
    page = console(served, "stubs")

    page.get_by_label("Path").fill("/tasks")
    page.get_by_label("Body").fill("Closed today")
    expect(page.get_by_text("no JSON: sent as text")).to_be_visible()
    page.get_by_label("Times").fill("")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("row").filter(has_text="stub-1")).to_contain_text("always")
    assert [httpx.post(f"{served.url}/tasks").text for _ in range(2)] == ["Closed today", "Closed today"]
    expect(page.get_by_role("row").filter(has_text="stub-1")).to_contain_text("2 times")
    page.get_by_role("button", name="Reset…").click()
    page.get_by_role("dialog").get_by_role("button", name="Reset").click()

    expect(page.get_by_text("The mock answers everything itself.")).to_be_visible()


def test_a_stub_that_cannot_be_says_why(serve, console, watched):
    watched.expect_complaints("status of 422")
    page = console(serve(HOOKS), "stubs")

    page.get_by_role("button", name="No content").click()
    page.get_by_label("Body").fill("[]")
    page.get_by_role("button", name="Add it").click()

    expect(page.get_by_role("alert")).to_contain_text("/response/body an answer 204 has no body")


def test_an_exchange_that_a_stub_answered_names_it(serve, console):
    served = serve(HOOKS)
    httpx.post(f"{served.url}/__admin/stubs", json={"request": {"path": "/pages"}, "response": {"status": 503}})
    httpx.get(f"{served.url}/pages")
    page = console(served)

    row = page.locator("#journal-rows [role=row]").first
    expect(row).to_contain_text("stub-1")
    row.click()

    expect(page.get_by_label("Exchange 1")).to_contain_text("The stub stub-1 answered it.")


@pytest.mark.parametrize("width", [360, 900, 1920])
def test_a_stub_is_not_wider_than_the_screen(serve, console, width):
    served = serve(HOOKS)
    stub = {"request": {"path": f"/{'x' * 200}"}, "response": {"body": "Soon" * 100}}
    httpx.post(f"{served.url}/__admin/stubs", json=stub)
    page = console(served, "stubs", width=width)

    page.get_by_role("row").filter(has_text="stub-1").wait_for()
    expect(page.get_by_role("tab", selected=True)).to_be_in_viewport()

    assert page.evaluate(TOO_WIDE) == []
