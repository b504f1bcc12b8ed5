"""The console in a real browser: what a frontend developer sees and does there."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
from urllib.parse import urlsplit

import httpx
import pytest
from places import FIXTURES, LIBRARY

playwright = pytest.importorskip("playwright.sync_api", reason="NOBODY LOOKS AT THE CONSOLE: Playwright is not installed")
expect = playwright.expect

NORTHWIND = "/v2/partners/ptn_northwind/internal-contacts"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
TABS = ("journal", "state", "try", "assumptions", "faults", "stubs", "webhooks", "clock", "reference")

TOO_WIDE = """() => [...document.querySelectorAll("html, body, header, main, .page, .toolbar, .card, .detail, .list, .operations")]
  .filter((element) => element.scrollWidth > element.clientWidth + 1)
  .map((element) => `${element.tagName}.${element.className}: ${element.scrollWidth} in ${element.clientWidth}`)"""
"""What holds more than it is wide, whether or not it can be scrolled."""


def add(served, **more):
    with served.client() as client:
        return client.post(NORTHWIND, json={"email": "ada@acme.example", "internal_role": "csm", **more})


def rows(page):
    return page.locator("#journal-rows [role=row]")


def tab(page, name):
    return page.get_by_role("tab", name=name)


def assign(page):
    page.get_by_role("button", name="Assign").click()


def test_what_an_app_of_another_origin_does_is_shown_as_it_happens(serve, app, watched, console):
    served = serve()
    page = console(served)
    expect(page.get_by_text("Nothing was asked yet")).to_be_visible()

    application = watched.open(f"{app}/?mock={served.url}")
    assign(application)

    expect(application.locator("#told")).to_have_text("200 Ada Lovelace")
    row = rows(page).filter(has_text="addInternalContact")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("200")
    row.click()
    changes = page.locator("#exchange .change")
    expect(changes).to_have_count(2)
    expect(changes.first).to_contain_text("created InternalContact")
    expect(changes.first.get_by_role("row", name="email — ada@acme.example")).to_be_visible()


def test_a_switched_assumption_changes_the_next_answer(serve, app, watched, console):
    watched.expect_complaints("status of 409")
    served = serve()
    page = console(served, "assumptions")
    application = watched.open(f"{app}/?mock={served.url}")
    assign(application)
    expect(application.locator("#told")).to_have_text("200 Ada Lovelace")

    choices = page.get_by_role("group", name="duplicate-assignment")
    choices.get_by_role("radio", name="conflict").check()
    expect(page.get_by_text("duplicate-assignment = conflict, from the next request on.")).to_be_visible()
    expect(choices.get_by_text("differs from the default")).to_be_visible()
    assign(application)

    expect(application.locator("#told")).to_contain_text("409")


def test_a_choice_stays_marked_while_the_mock_has_not_answered(serve, console):
    served = serve()
    page = console(served, "assumptions")
    held = []
    page.route(
        "**/__admin/assumptions", lambda route: held.append(route) if route.request.method == "PATCH" else route.fallback()
    )
    choices = page.get_by_role("group", name="duplicate-assignment")

    with page.expect_request(lambda request: request.method == "PATCH"):
        choices.get_by_role("radio", name="conflict").check()
    add(served)  # the page is drawn again for it

    expect(tab(page, "Journal")).to_contain_text("1")
    expect(choices.get_by_role("radio", name="conflict")).to_be_checked()
    expect(choices.get_by_text("differs from the default")).not_to_be_visible()
    held[0].continue_()
    expect(choices.get_by_text("differs from the default")).to_be_visible()


def test_a_choice_that_the_mock_refuses_is_not_marked(serve, console, watched):
    watched.expect_complaints("net::ERR_FAILED")
    served = serve()
    page = console(served, "assumptions")
    page.route("**/__admin/assumptions", lambda route: route.abort() if route.request.method == "PATCH" else route.fallback())
    choices = page.get_by_role("group", name="duplicate-assignment")

    choices.get_by_role("radio", name="conflict").click()

    expect(choices.get_by_role("radio", name="conflict")).not_to_be_checked()


def test_an_assumption_that_somebody_else_switches_is_shown(serve, console):
    served = serve()
    page = console(served, "assumptions")

    httpx.patch(f"{served.url}/__admin/assumptions", json={"assumptions": {"email-case": "ignore"}})

    expect(page.get_by_role("group", name="email-case").get_by_role("radio", name="ignore")).to_be_checked()
    expect(tab(page, "Assumptions")).to_contain_text("1")


def test_a_reset_returns_to_the_seed(serve, console):
    served = serve()
    add(served)
    page = console(served, "state")
    page.get_by_role("button", name=re.compile(r"^InternalContact \d")).click()
    expect(page.locator("table.records")).to_contain_text("ada@acme.example")

    page.get_by_role("button", name="Reset…").click()
    page.get_by_role("dialog").get_by_role("button", name="Reset").click()

    expect(page.locator("table.records")).not_to_contain_text("ada@acme.example")
    expect(page.locator("table.records")).to_contain_text("grace@acme.example")
    tab(page, "Journal").click()
    expect(page.get_by_text("Nothing was asked yet")).to_be_visible()


def test_a_contact_named_like_a_script_stays_a_name(serve, console):
    served = serve()
    add(served, name=SCRIPT, email=SCRIPT)

    page = console(served)
    rows(page).first.click()
    expect(page.locator("#exchange .after").get_by_text(SCRIPT).first).to_be_visible()
    expect(page.locator("#exchange pre").get_by_text(SCRIPT).first).to_be_visible()
    tab(page, "State").click()
    page.get_by_role("button", name=re.compile(r"^InternalContact \d")).click()
    expect(page.get_by_role("cell", name=SCRIPT, exact=True).first).to_be_visible()

    assert page.locator("main script, main img").count() == 0


def test_a_refused_request_shows_what_it_broke(serve, console):
    served = serve()
    add(served, email="", phone=3)

    page = console(served)
    expect(rows(page).first).to_contain_text("2 violations")
    rows(page).first.click()

    expect(page.locator("table.violations")).to_contain_text("body /email")
    expect(page.get_by_text("It changed nothing.")).to_be_visible()
    page.locator(".consulted li").filter(has_text="invalid-status").get_by_role("button", name="Switch…").click()
    expect(page.get_by_role("group", name="invalid-status").get_by_role("radio", name="422")).to_be_focused()


def test_the_journal_is_walked_with_the_keyboard(serve, console):
    served = serve()
    for number in range(3):
        add(served, email=f"person-{number}@acme.example")
    page = console(served)
    expect(rows(page)).to_have_count(3)

    page.keyboard.press("/")
    expect(page.get_by_label("Filter by text")).to_be_focused()
    page.keyboard.type("PERSON-1")
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    expect(rows(page)).to_have_count(3)
    page.locator("#journal-rows").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Exchange 2")).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_label("Exchange 1")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Exchange 1")).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.get_by_label("Exchange 1")).to_have_count(0)
    expect(page.locator("#journal-rows")).to_be_focused()


def test_tabs_and_dialogs_are_reached_with_the_keyboard(serve, console):
    page = console(serve())

    page.keyboard.press("4")
    expect(tab(page, "Assumptions")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowRight")
    expect(tab(page, "Faults")).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("r")
    expect(page.get_by_role("dialog", name="Reset the mock").get_by_role("button", name="Reset")).to_be_focused()


def test_the_admin_token_is_asked_for(serve, watched):
    watched.expect_complaints("status of 401")
    served = serve("--admin-token", "s3cret")
    page = watched.open(f"{served.url}/__admin/")

    page.get_by_label("Token").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The mock does not take this token.")).to_be_visible()
    page.get_by_label("Token").fill("s3cret")
    page.keyboard.press("Enter")
    page.get_by_text("live", exact=True).wait_for()
    add(served)
    expect(rows(page)).to_have_count(1)
    page.reload()
    expect(rows(page)).to_have_count(1)
    page.get_by_role("button", name="Forget the admin token").click()

    expect(page.get_by_label("Token")).to_be_visible()


def test_ten_thousand_exchanges_are_walked_and_filtered(serve, console):
    served = serve("--journal-size", "10000")
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc)
    for number in range(10_000):
        connection.request("GET", f"/v2/nothing/{number}")
        connection.getresponse().read()
    connection.close()

    page = console(served)

    expect(tab(page, "Journal")).to_contain_text("10,000")
    expect(rows(page).first).to_contain_text("/v2/nothing/9999")
    assert rows(page).count() < 100
    page.locator("#journal-rows").focus()
    page.keyboard.press("End")
    expect(page.get_by_label("Exchange 1", exact=True)).to_be_visible()
    expect(rows(page).last).to_contain_text("/v2/nothing/0")
    page.get_by_label("Filter by text").fill("nothing/777")
    expect(page.get_by_text("11 of 10,000 exchanges")).to_be_visible()
    add(served, email="nothing/777")
    expect(rows(page).first).to_contain_text("addInternalContact")


@pytest.mark.parametrize("width", [360, 1920])
@pytest.mark.parametrize(
    "document",
    [[], [LIBRARY, "--seed", FIXTURES[LIBRARY]]],
    ids=["bundled", "library"],
)
def test_no_tab_is_wider_than_the_screen(serve, console, watched, width, document):
    served = serve(*document)
    add(served, name="Ada " + "Lovelace" * 30, email="")
    httpx.post(f"{served.url}/__admin/faults", json={"name": "slow", "delay": 1, "times": 1})
    page = console(served, width=width)

    for name in TABS:
        page.goto(f"{served.url}/__admin/#/{name}")
        expect(page.get_by_role("tab", selected=True)).to_be_in_viewport()
        content = {
            "journal": "#journal-rows [role=row]",
            "reference": ".swagger-ui .info",
            "clock": "#clock-now",
            "try": "#try-url",
        }
        page.locator(content.get(name, ".page")).first.wait_for()
        if name == "journal":
            rows(page).first.click()
            expect(page.locator("#exchange")).to_be_in_viewport()
        assert page.evaluate(TOO_WIDE) == [], name
        if name == "journal":
            page.keyboard.press("Escape")
    assert all(
        urlsplit(url).netloc == urlsplit(served.url).netloc for url in watched.asked if not url.startswith(("data:", "blob:"))
    )


def test_an_operation_is_tried_for_either_organization(serve, console):
    page = console(serve(), "try")
    expect(page.get_by_label("Path and query")).to_have_value(NORTHWIND)

    page.get_by_role("button", name="Send").click()
    answer = page.locator("#try-answer")
    expect(answer.locator(".status")).to_have_text("200")
    expect(answer.locator(".change")).to_have_count(2)
    page.get_by_label("Act for").select_option("globex")
    expect(page.get_by_label("Path and query")).to_have_value("/v2/partners/ptn_initech/internal-contacts")
    page.get_by_role("textbox", name="Body").press("Control+Enter")
    expect(rows_in_journal(page)).to_have_count(2)

    expect(rows(page).first).to_contain_text("globex")


def rows_in_journal(page):
    tab(page, "Journal").click()
    return rows(page)


def test_a_tried_operation_can_ask_for_an_answer_or_a_fault(serve, console, watched):
    watched.expect_complaints("status of 422", "net::ERR_EMPTY_RESPONSE")
    page = console(serve(), "try")

    page.get_by_role("combobox", name="Answer").select_option("code=422")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#try-answer .status")).to_have_text("422")
    page.get_by_role("combobox", name="Answer").select_option("")
    page.get_by_role("combobox", name="Fault").fill("break=close")
    page.get_by_role("button", name="Send").click()

    expect(page.locator("#try-answer")).to_contain_text("No answer")


def test_an_exchange_is_edited_and_sent_again(serve, console):
    served = serve()
    add(served, name="Ada")
    page = console(served)
    rows(page).first.click()

    page.get_by_role("button", name="Edit and send again").click()
    page.get_by_role("textbox", name="Body").fill('{"email": "emmy@acme.example", "internal_role": "lead"}')
    page.get_by_role("button", name="Send").click()
    page.get_by_role("button", name="Show in the journal").click()

    expect(page.get_by_label("Exchange 2")).to_contain_text("emmy@acme.example")


def test_the_curl_line_repeats_the_request(serve, console):
    served = serve()
    add(served, name='Conan O\'Brien \\ "$HOME"')
    page = console(served, permissions=["clipboard-read", "clipboard-write"])
    rows(page).first.click()

    page.get_by_role("button", name="Copy as curl").click()
    expect(page.get_by_text("The curl line is on the clipboard.")).to_be_visible()
    command = page.evaluate("navigator.clipboard.readText()")
    answer = subprocess.run(["bash", "-c", f"{command} --silent"], capture_output=True, text=True, check=True).stdout

    assert json.loads(answer)["internal_contact"]["name"] == 'Conan O\'Brien \\ "$HOME"'


DOORS = """\
openapi: 3.0.3
info: {title: Doors, version: '1'}
paths: {/doors: {get: {operationId: doors, security: [{door: []}], responses: {'200': {description: Open.}}}}}
components: {securitySchemes: {door: SCHEME}}
"""
KEYS = "organizations: {acme: {tokens: [{username: ann, password: a é}, {api-key: k1}, {token: t1}]}}"


@pytest.mark.parametrize(
    "scheme",
    [
        "{type: http, scheme: bearer}",
        "{type: http, scheme: basic}",
        "{type: apiKey, in: header, name: X-Key}",
        "{type: apiKey, in: query, name: door key}",
        "{type: apiKey, in: cookie, name: sid}",
    ],
)
def test_a_credential_of_any_kind_is_sent_sent_again_and_part_of_the_curl_line(serve, console, tmp_path, scheme):
    (tmp_path / "doors.yaml").write_text(DOORS.replace("SCHEME", scheme))
    (tmp_path / "keys.yaml").write_text(KEYS)
    page = console(serve("doors.yaml", "--seed", "keys.yaml"), "try", permissions=["clipboard-read", "clipboard-write"])

    page.get_by_role("button", name="Send").click()
    expect(page.locator("#try-answer .status")).to_have_text("200")
    page.get_by_role("button", name="Show in the journal").click()
    for origin in (page.locator("#exchange"), page.locator(".try")):
        origin.get_by_role("button", name="Copy as curl").click()
        expect(page.get_by_text("The curl line is on the clipboard.").last).to_be_visible()
        command = page.evaluate("navigator.clipboard.readText()")
        told = subprocess.run(["bash", "-c", f"{command} -si"], capture_output=True, text=True, check=True).stdout
        assert told.startswith("HTTP/1.1 200"), (command, told)
        if page.get_by_role("button", name="Edit and send again").is_visible():
            page.get_by_role("button", name="Edit and send again").click()
            page.get_by_role("button", name="Send").click()
            expect(page.locator("#try-answer .status")).to_have_text("200")


def test_a_fault_is_planned_and_removed(serve, console):
    served = serve()
    page = console(served, "faults")

    page.get_by_role("button", name="503, once").click()
    page.get_by_label("Operation").select_option("addInternalContact")
    page.get_by_role("button", name="Plan it").click()
    expect(page.locator("table.faults")).to_contain_text("answered 503")
    assert add(served).status_code == 503
    expect(page.locator("table.faults")).to_contain_text("1 time, all done")
    page.get_by_role("button", name="Remove fault-1").click()

    expect(page.get_by_text("Nothing is planned to go wrong.")).to_be_visible()


def test_a_fault_that_cannot_be_says_why(serve, console, watched):
    watched.expect_complaints("status of 422")
    page = console(serve(), "faults")

    page.get_by_label("Answer with status").fill("299")
    page.get_by_role("button", name="Plan it").click()

    expect(page.get_by_role("alert")).to_contain_text("/status no operation documents an answer 299")


def test_the_clock_is_frozen_and_advanced(serve, console):
    served = serve()
    page = console(served, "clock")

    page.get_by_label("Time, in UTC").fill("2030-01-01T12:00:00")
    page.get_by_role("button", name="Set and freeze").click()
    expect(page.locator("#clock-now")).to_have_text("2030-01-01 12:00:00 UTC")
    page.get_by_role("button", name="+ 1 day").click()

    expect(page.locator("#clock-now")).to_have_text("2030-01-02 12:00:00 UTC")
    assert add(served).json()["created_at"] == "2030-01-02T12:00:00.000000Z"


def test_a_snapshot_is_saved_and_restored(serve, console, tmp_path):
    served = serve()
    add(served)
    page = console(served, "state")
    before = httpx.get(f"{served.url}/__admin/state").json()

    with page.expect_download() as download:
        page.get_by_role("button", name="Download snapshot").click()
    download.value.save_as(tmp_path / "state.json")
    page.get_by_role("button", name="Reset state").click()
    expect(page.get_by_text("The state is that of the fixtures again.")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Restore…").click()
    chooser.value.set_files(tmp_path / "state.json")
    expect(page.get_by_text("The state is restored.")).to_be_visible()

    assert httpx.get(f"{served.url}/__admin/state").json() == before


def test_the_console_comes_back_with_the_server(serve_process, console, watched):
    watched.expect_complaints("net::ERR_")
    served = serve_process()
    add(served)
    page = console(served)
    served.process.terminate()
    served.process.wait(60)
    expect(page.get_by_text("The mock is not there.")).to_be_visible()

    again = serve_process("--port", str(urlsplit(served.url).port))
    expect(page.get_by_text("The mock is not there.")).to_have_count(0)
    expect(page.get_by_text("Nothing was asked yet")).to_be_visible()
    add(again)

    expect(rows(page)).to_have_count(1)


def test_a_paused_journal_holds_still(serve, console):
    served = serve()
    page = console(served)

    page.get_by_role("button", name="Pause").click()
    add(served)
    expect(page.get_by_role("button", name="Resume (1)")).to_be_visible()
    expect(rows(page)).to_have_count(0)
    page.keyboard.press("p")

    expect(rows(page)).to_have_count(1)


def test_a_preserved_log_survives_a_reset(serve, console):
    served = serve()
    page = console(served)
    page.get_by_label("Preserve log").check()
    add(served)
    expect(rows(page)).to_have_count(1)

    httpx.post(f"{served.url}/__admin/reset")
    add(served)

    expect(rows(page)).to_have_count(2)
    page.get_by_label("Preserve log").uncheck()
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(rows(page)).to_have_count(0)


def test_a_reference_leads_to_its_record(serve, console):
    page = console(serve(), "state")

    page.get_by_role("button", name=re.compile("^InternalContactAssignment")).click()
    page.get_by_role("button", name="ict_alan").click()

    expect(page.locator("table.records tbody")).to_contain_text("alan@acme.example")
    expect(page.locator("table.records pre")).to_contain_text('"id": "ict_alan"')


def test_the_theme_is_that_of_the_system_until_it_is_chosen(serve, console):
    page = console(serve(), color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"

    page.get_by_role("button", name="Theme: system").click()
    expect(page.get_by_role("button", name="Theme: light")).to_be_visible()

    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "light"


def test_whole_numbers_of_any_size_stay_as_they_are(serve, console):
    served = serve()
    with served.client() as client:
        client.post(
            NORTHWIND, content=b'{"email": "ada@acme.example", "internal_role": "csm", "phone": 12345678901234567890123}'
        )

    page = console(served)
    rows(page).first.click()

    expect(page.locator("#exchange pre").last).to_contain_text("12345678901234567890123")


def test_the_front_page_leads_to_the_console_and_a_look_at_it_is_no_request_to_the_api(serve, watched):
    served = serve()
    page = watched.open(served.url)
    page.get_by_role("link", name="The console").click()
    page.get_by_text("live", exact=True).wait_for()

    expect(page.get_by_text("Nothing was asked yet")).to_be_visible()
