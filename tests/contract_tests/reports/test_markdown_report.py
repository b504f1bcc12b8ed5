from __future__ import annotations

import re
from html import unescape

import pytest
from sample_outcome import CHANGED, MADE, NASTY, finding, outcome, step, with_promises

from contract_tests.oracle.mismatch import Mismatch
from contract_tests.reports import write_report
from contract_tests.reports.curl import finding_script
from contract_tests.reports.markdown import LARGEST, code, fenced, markdown, plain
from contract_tests.runner.outcome import PromiseResult

MARKDOWN = (
    "\n\n# A *heading* _of_ <img src=x> [a](http://evil.example) `code` ~~~ | cell @someone #123 GH-7 :tada: www.evil.example"
)
FENCES = '{"a": "```", "b": "\n```\n# out\n````\n~~~"}'


def outside_fences(text: str) -> str:
    """Return what a reader of Markdown takes for running text."""
    lines, fence = [], ""
    for line in text.split("\n"):
        ticks = re.match("`{3,}", line)
        if not fence and ticks:
            fence = ticks[0]
        elif fence and line.rstrip() == fence:
            fence = ""
        elif not fence:
            lines.append(line)
    assert not fence, "a fence that nothing ends"
    return "\n".join(lines)


def test_a_summary_begins_with_the_verdict_and_has_the_table_of_promises():
    told = markdown(with_promises())

    assert told.split("\n\n")[1] == "❌ **Broken:** the target breaks 1 promise of the contract (2 findings, all documented)."
    assert "| finds records by key | 37 | ❌ broken (finding 1) |" in told
    assert f"| <code>{CHANGED}</code> | 1 |  | 1 |" in told
    assert "| <code>The whole API</code> | 1 |  |  |" in told


def test_a_finding_unfolds_to_its_steps_and_its_script():
    told = markdown(with_promises())
    first = with_promises().findings[0]

    assert "<summary><b>1. The same email twice makes two people</b></summary>" in told
    assert fenced(finding_script(first, with_promises()), "bash") in told
    assert '-     "id": "ict_2"\n+     expected "ict_1", as in step 1\n' in told


def test_a_finding_says_what_was_promised_where_to_look_and_what_else_has_its_cause():
    found = finding(promised="An email *uniquely* identifies.", look_at="the upsert", also_seen_in=("POST /x differs", "y"))
    told = markdown(with_promises(findings=(found,)))

    assert "> An email &#42;uniquely&#42; identifies." in told
    assert "**Look at:** the upsert" in told
    assert "Also seen in:\n\n- POST /x differs\n- y\n" in told


def test_the_table_is_folded_where_it_is_long():
    many = tuple(PromiseResult(f"GET /{n}", f"promise {m}", 1, "kept") for n in range(10) for m in range(5))
    short, long = markdown(with_promises(promises=many[:20])), markdown(with_promises(promises=many))

    assert short.count("<details open>\n<summary><code>GET /") == 4
    assert long.count("<details>\n<summary><code>GET /") == 10


@pytest.mark.parametrize("text", [NASTY, MARKDOWN, FENCES, "- item", "1. item", "=== x"])
def test_no_text_of_a_target_is_markup(text):
    hostile = finding(
        text, title=text, clause=text, detail=text, differences=(Mismatch(text, text, text), Mismatch("status", text, text))
    )
    steps = (step("POST", "/x", text.encode("utf-8", "surrogatepass"), 200, text.encode("utf-8", "surrogatepass"), text),)
    promises = (PromiseResult(text, text, 0, "not tested", text),)
    made = {"title": text, "target": text, "document": text, "limits": (text,), "differences": (text,), "promises": promises}
    told = outside_fences(markdown(with_promises(findings=(hostile, finding("x", steps=steps, detail=text)), **made)))

    tags = set(re.findall(r"<[^>\n]*>", told))
    assert tags <= {"<details>", "<details open>", "</details>", "<summary>", "</summary>", "<code>", "</code>", "<b>", "</b>"}
    assert not re.search(r"@\w|(?<!&)#\d|GH-\d|https?://|www\.|:tada:|[\x00-\x08\x0b-\x1f\u202e]", told)
    assert not re.search(r"\[[^\]]*\]\(", told)
    assert all(
        line.count("|") == 4
        for line in told.split("\n")
        if line.startswith("| ") and "---" not in line and "kept" not in line and line.count("<code>") == 3
    )


@pytest.mark.parametrize("text", [MARKDOWN.strip(), "a_b _c_ {d} x.y", "100 %", "a\\b"])
def test_a_reader_sees_the_text_as_it_is(text):
    assert unescape(plain(text)).replace("\u200b", "") == text
    assert unescape(code(text).removeprefix("<code>").removesuffix("</code>")) == text


@pytest.mark.parametrize("text", [FENCES, "`" * 40, "~~~\n```", ""])
def test_no_content_ends_its_fence(text):
    assert outside_fences(f"before\n{fenced(text)}\nafter") == "before\nafter"


def test_a_summary_is_no_larger_than_github_takes_and_says_what_is_cut():
    body = {f"field {n}": "ü" * 300 for n in range(60)}
    steps = tuple(step("POST", "/x", body, 200, body, "again") for _ in range(3))
    findings = tuple(finding(f"cause {n}", title=f"Finding number {n}", steps=steps) for n in range(130))
    promises = tuple(PromiseResult(f"GET /{n}", f"promise {m}", 1, "kept") for n in range(700) for m in range(10))
    told = markdown(with_promises(findings=findings, promises=promises))

    assert len(told.encode()) < LARGEST
    assert "**Cut to stay below 1 MiB: " in told
    assert "30 findings not at all" in told
    assert all(f"Finding number {n}</b>" in told for n in range(100))
    assert "and 200 operations more" in told


def test_a_small_summary_says_nothing_of_being_cut():
    assert "Cut to stay" not in markdown(with_promises())


def test_a_script_too_long_for_a_summary_is_said_to_be_elsewhere():
    told = markdown(outcome(findings=(finding(steps=(step("POST", "/x", {"name": "y" * 100_000}),)),)))

    assert re.search(r"Its curl script has 100,\d{3} characters: see a report in HTML or JSON\.", told)
    assert len(told) < 10_000


@pytest.mark.parametrize("verdict", ["conforms", "unjudged", "broken"])
def test_a_summary_is_written_whatever_was_found(tmp_path, verdict):
    write_report(outcome(verdict), tmp_path / "summary.md")
    told = (tmp_path / "summary.md").read_text("utf-8")

    assert told.startswith("## Contract tests: Partner API, internal contacts\n\n")
    assert ("### Findings" in told) == (verdict == "broken")
    assert "### Promises" not in told
    assert MADE not in told
