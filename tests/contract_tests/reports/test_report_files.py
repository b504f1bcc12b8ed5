from __future__ import annotations

import base64
import json
import os
import re
from dataclasses import fields, replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from places import ROOT
from sample_outcome import MADE, NASTY, PROMISES, TAG, call, finding, outcome, reply, step, with_promises

from contract_tests.oracle.mismatch import Mismatch
from contract_tests.reports import write_report, writer_for
from contract_tests.reports.curl import finding_script
from contract_tests.reports.wording import together
from contract_tests.runner import outcome as values
from contract_tests.runner.outcome import PromiseResult, Settlement
from contract_tests.transport.wire import Interaction, WireRequest, WireResponse

nasty_step = Interaction(
    call("POST", f"/{NASTY}", NASTY.encode("utf-8", "surrogatepass") + b"\xff"), reply(500, b"\0\xff]]>"), NASTY
)
nasty = outcome(
    title=NASTY,
    target=NASTY,
    limits=(NASTY,),
    findings=(finding(NASTY, title=NASTY, clause=NASTY, differences=(Mismatch(NASTY, NASTY, NASTY),), steps=(nasty_step,)),),
    settlements=(Settlement(NASTY, "settled", (NASTY,), NASTY, nasty_step, NASTY),),
    by_operation={NASTY: {500: 1}},
    created={NASTY: (NASTY,)},
    promises=(PromiseResult(NASTY, NASTY, 1, "kept"), PromiseResult(NASTY, f"{NASTY}!", 0, "not tested", NASTY)),
)


@pytest.fixture
def written(tmp_path):
    def write(outcome, name: str) -> str:
        write_report(outcome, tmp_path / "new" / name)
        return (tmp_path / "new" / name).read_text("utf-8")

    return write


@pytest.mark.parametrize("name", ["report.txt", "report", ".html", "html"])
def test_a_name_that_asks_for_no_report_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match=r"page \(\.html\), data \(\.json\) or JUnit XML \(\.xml\)"):
        writer_for(tmp_path / name)


def test_the_case_of_the_name_does_not_matter(written):
    assert written(outcome(), "REPORT.JSON").startswith("{")


@pytest.mark.parametrize("name", ["report.html", "report.json", "report.xml", "report.md"])
def test_a_report_that_fails_leaves_the_one_before(tmp_path, name, monkeypatch):
    path = tmp_path / name
    path.write_text("before")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("killed")))

    with pytest.raises(OSError, match="killed"):
        write_report(outcome(), path)

    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_report_can_be_read_by_whom_the_umask_lets(tmp_path):
    write_report(outcome(), tmp_path / "report.html")
    (tmp_path / "other").write_text("")

    assert (tmp_path / "report.html").stat().st_mode == (tmp_path / "other").stat().st_mode


# JSON


def test_json_holds_everything(written):
    told = json.loads(written(outcome(), "report.json"))
    plain = {field.name for field in fields(values.Outcome)}

    assert told["format"] == 1
    assert told.keys() == plain | {"format"}
    assert [it["cause"] for it in told["findings"]] == ["second-contact", "race", "role-lost"]
    assert told["findings"][0].keys() == {field.name for field in fields(values.Finding)} | {"curl"}
    assert told["settlements"][0].keys() == {field.name for field in fields(values.Settlement)} | {"differs"}
    made = told["findings"][0]["steps"][1]
    assert made["call"].keys() == {field.name for field in fields(WireRequest)}
    assert made["reply"].keys() == {field.name for field in fields(WireResponse)}
    assert json.loads(made["call"]["body"]["text"])["email"] == f"{TAG}-1@understudy.example"
    assert told["by_operation"]["PATCH /v2/internal-contacts/{id}"] == {"0": 4, "200": 30}


def test_json_holds_the_table_of_promises(written):
    told = json.loads(written(with_promises(), "report.json"))

    assert [PromiseResult(**one) for one in told["promises"]] == list(PROMISES)
    assert told["findings"][0]["breaks"] == [{"operation": MADE, "promise": "finds records by key"}]


def test_json_holds_bodies_byte_by_byte(written):
    steps = tuple(Interaction(call("POST", "/x", body), reply()) for body in (b"", "é\0".encode(), b"\xff\0"))
    told = json.loads(written(outcome(findings=(finding(steps=steps),)), "report.json"))
    bodies = [it["call"]["body"] for it in told["findings"][0]["steps"]]

    assert bodies == [None, {"text": "é\0"}, {"base64": base64.b64encode(b"\xff\0").decode()}]


def test_json_holds_any_text(written):
    assert json.loads(written(nasty, "report.json"))["findings"][0]["title"] == NASTY


# JUnit


def cases(text: str) -> dict[tuple[str, str], ElementTree.Element]:
    return {(it.get("classname"), it.get("name")): it for it in ElementTree.fromstring(text).iter("testcase")}  # type: ignore[misc]


def test_junit_has_a_failing_testcase_for_each_finding(written):
    told = cases(written(outcome(), "report.xml"))
    failure = told["lockstep", "second-contact"].find("failure")

    assert failure is not None
    assert failure.get("message") == "The same email twice makes two people"
    assert failure.get("type") == "documented"
    assert "curl -gsS" in (failure.text or "")
    assert told["races", "race"].find("failure") is not None
    assert told["shape", "role-lost"].find("failure") is not None


def test_junit_has_a_testcase_for_each_promise_in_the_class_of_its_operation(written):
    told = cases(written(with_promises(), "report.xml"))
    kept, broken, skipped = (told[MADE, promise.promise] for promise in PROMISES[:3])

    assert [(it.tag, it.text) for it in kept] == [("system-out", "Kept in 412 responses.")]
    assert [(it.tag, it.get("message")) for it in broken] == [("failure", "The same email twice makes two people")]
    assert "curl -gsS" in (broken[0].text or "")
    assert [(it.tag, it.get("message")) for it in skipped] == [
        ("skipped", "Not tested: only one organization is known: give --other-token.")
    ]
    assert ("The whole API", "rejects requests without valid credentials") in told


def test_junit_tells_a_finding_once_unless_it_breaks_several_promises(written):
    told = cases(written(with_promises(), "report.xml"))

    assert [key for key, case in told.items() if case.find("failure") is not None] == [
        (MADE, "finds records by key"),
        ("races", "race"),
    ]
    assert not any(kind == "operations" for kind, _ in told)


def test_junit_tells_all_findings_of_a_promise_in_the_one_failure_that_is_shown(written):
    both = tuple(finding(cause, title=f"The title of {cause}", breaks=((MADE, "finds records by key"),)) for cause in "ab")
    (failure,) = cases(written(with_promises(findings=both), "report.xml"))[MADE, "finds records by key"]

    assert failure.get("message") == "The title of a (and 1 more finding)"
    assert "The title of b" in (failure.text or "")


def test_junit_passes_what_is_settled_and_skips_what_is_not(written):
    told = cases(written(outcome("conforms"), "report.xml"))

    assert [it.tag for it in told["assumptions", "email-case"]] == ["system-out"]
    skipped = told["assumptions", "foreign-id"].find("skipped")
    assert skipped is not None
    assert "No second token was given." in (skipped.get("message") or "")
    assert told["assumptions", "second-role"].find("skipped") is not None


def test_junit_passes_operations_about_which_nothing_was_found(written):
    told = cases(written(outcome(), "report.xml"))

    assert len(told["operations", "PATCH /v2/internal-contacts/{id}"]) == 0
    assert not any(name.startswith("POST") for kind, name in told if kind == "operations")


def test_junit_counts_what_it_holds(written):
    suites = ElementTree.fromstring(written(outcome(), "report.xml"))

    for element in (suites, suites[0]):
        counts = [element.get(name) for name in ("tests", "failures", "errors", "skipped")]
        assert counts == ["9", "3", "0", "3"]
    assert suites[0].get("timestamp") == "2026-11-23T10:00:00Z"


def test_junit_has_an_error_for_a_run_without_a_verdict(written):
    told = cases(written(outcome("unjudged"), "report.xml"))
    error = told["run", "verdict"].find("error")

    assert error is not None
    assert error.get("message") == "No verdict: The target refuses the token with 401."
    assert not [kind for kind, _ in told if kind == "operations"]


def test_junit_holds_no_character_that_xml_forbids(written):
    text = written(nasty, "report.xml")
    (failure,) = ElementTree.fromstring(text).iter("failure")

    assert "\\x1b[31mred\\x1b[0m [bold]loud[/bold] <script>" in failure.get("message", "")
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", text)


# HTML


class Page(HTMLParser):
    """What a browser makes of a page, as far as these tests ask."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self._open.append((tag, dict(attrs).get("id") or ""))

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag

    def handle_data(self, data):
        for _, id in self._open:
            self.text[id] = self.text.get(id, "") + data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_a_page_loads_nothing(written):
    text = written(outcome(), "report.html")
    page = Page(text)

    assert not {"src", "srcset", "data", "action"} & {name for _, attributes in page.tags for name in attributes}
    assert all((it["href"] or "").startswith("#") for it in page.named("a"))
    assert not page.named("link")
    assert "url(" not in text
    assert "@import" not in text


def test_every_link_of_a_page_leads_somewhere(written):
    page = Page(written(outcome(), "report.html"))
    places = [attributes["id"] for _, attributes in page.tags if "id" in attributes]

    assert len(places) == len(set(places))
    assert {(it["href"] or "")[1:] for it in page.named("a")} <= set(places)
    assert {it["data-copies"] for it in page.named("button")} <= set(places)


def test_a_page_shows_the_script_of_each_finding_as_it_is(written):
    page = Page(written(outcome(), "report.html"))

    for number, found in enumerate(outcome().findings, 1):
        assert page.text[f"script-{number}"].removeprefix("\n") == finding_script(found, outcome())


def test_text_of_a_target_stays_text_in_a_page(written):
    text = written(nasty, "report.html")
    page = Page(text)

    assert len(page.named("script")) == 1
    assert "<script>alert(1)</script>" in page.text["findings"]
    assert "alert(1)" not in re.findall("<script>(.*?)</script>", text, re.DOTALL)[0]
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", text)


def test_only_the_script_of_the_page_itself_may_run(written):
    policy = next(it["content"] or "" for it in Page(written(outcome(), "report.html")).named("meta") if "http-equiv" in it)

    assert policy.startswith("default-src 'none'; ")
    assert re.search(r"script-src 'sha256-[\w+/=]{44}';", policy)


@pytest.mark.parametrize("verdict", ["conforms", "unjudged", "broken"])
def test_a_page_is_whole_whatever_was_found(written, verdict):
    page = Page(written(outcome(verdict), "report.html"))

    assert ("findings" in page.text) == (verdict == "broken")
    assert ("assumptions" in page.text) == (verdict != "unjudged")
    assert "ict_1\nict_2" in page.text["ledger"]


def test_a_long_body_is_cut_on_the_page_and_whole_in_its_script(written):
    long = replace(finding(), steps=(step("POST", "/x", {"name": "y" * 50_000}),))
    page = Page(written(outcome(findings=(long,)), "report.html"))

    assert "… (50,012 bytes in all)" in page.text["findings"]
    assert "y" * 50_000 in page.text["script-1"]


# what all of them share


def test_steps_that_overlap_belong_together():
    at = [(1, 2), (3, 6), (4, 5), (5.5, 7), (7, 8)]
    steps = [
        Interaction(WireRequest("GET", f"/{number}"), WireResponse(200, (), b"", *times)) for number, times in enumerate(at)
    ]

    assert [[it.call.path for it in group] for group in together(steps)] == [["/0"], ["/1", "/2", "/3"], ["/4"]]


def test_reports_import_nothing_of_the_run():
    modules = (ROOT / "contract_tests" / "reports").glob("*.py")
    named = {name for module in modules for name in re.findall(r"(?m)^from (contract_tests\S*)", module.read_text("utf-8"))}

    assert {name for name in named if not name.startswith("contract_tests.reports")} == {
        "contract_tests.transport.wire",
        "contract_tests.runner.outcome",
    }
