from __future__ import annotations

import io
import os
import pty
from dataclasses import replace
from pathlib import Path

import pytest
from sample_outcome import CHANGED, MADE, NASTY, finding, outcome, with_promises

from contract_tests.oracle.mismatch import Mismatch
from contract_tests.reports.console import ConsoleProgress, show, summary
from contract_tests.reports.details import details
from contract_tests.runner.outcome import PromiseResult, Settlement


@pytest.fixture
def terminal(monkeypatch):
    """Return a function that says what a terminal is sent while it is written to."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    def sent(write) -> str:
        reader, writer = pty.openpty()
        with open(writer, "w", encoding="utf-8") as stream:
            write(stream)
            stream.flush()
            os.set_blocking(reader, False)
            chunks = []
            try:
                while chunk := os.read(reader, 65536):
                    chunks.append(chunk)
            except BlockingIOError:
                pass
        os.close(reader)
        return b"".join(chunks).decode()

    return sent


def lines(outcome, **options) -> list[str]:
    return summary(outcome, **options).plain.split("\n")


def test_the_verdict_comes_first():
    assert lines(outcome())[0] == "Broken: the target breaks 3 promises of the contract (2 documented, 1 assumed)."
    assert lines(outcome("conforms"))[0].startswith("Conforms: the target keeps the contract, but differs from")
    assert (
        lines(outcome("conforms", settlements=(), differences=()))[0]
        == "Conforms: the target keeps the contract and matches the profile in use."
    )
    assert lines(outcome("unjudged"))[0] == "No verdict: The target refuses the token with 401."


def test_a_finding_says_what_was_expected_and_where_its_script_is():
    told = lines(outcome(), reports=[Path("out/report.xml"), Path("out/report.html")])

    assert '   /internal_contact/id: expected "ict_1", as in step 1, received "ict_2"' in told
    assert "   cause race · 2 steps · seen 3 of 40 times · curl script in out/report.html" in told
    assert told[-1] == "Reports: out/report.xml, out/report.html"


def test_a_finding_says_what_was_promised():
    assert "   promised: An email identifies." in lines(outcome(findings=(finding(promised="An email identifies."),)))


def test_without_a_report_the_summary_says_how_to_have_the_scripts():
    assert "--report report.html" in lines(outcome())[-1]


def test_assumptions_say_what_differs_and_what_is_not_known():
    told = lines(outcome("conforms"))

    assert "   email-case: lower (the profile in use says exact)" in told
    assert "   1 settled: as in the profile in use" in told
    assert "   open: second-role (create or update)" in told
    assert "   not reachable: foreign-id" in told
    assert "   inconsistent: existing-contact" in told


def test_promises_are_counted_for_each_operation_and_those_with_broken_ones_come_first():
    promises = (PromiseResult("GET /fine", "answers", 3, "kept"), *with_promises().promises)
    told = lines(with_promises(promises=promises))
    start = told.index("Promises: 4 kept, 1 broken, 2 not tested")

    assert [line.rstrip() for line in told[start + 1 : start + 5]] == [
        f"   {MADE}  1 kept, 1 broken, 1 not tested",
        f"   {CHANGED:<{len(MADE)}}  1 kept, 1 not tested",
        f"   {'GET /fine':<{len(MADE)}}  1 kept",
        f"   {'The whole API':<{len(MADE)}}  1 kept",
    ]
    assert "   2 operations: keeps organizations apart: only one organization is known: give --other-token." in told


def test_of_many_operations_some_are_told_and_the_rest_is_counted():
    promises = tuple(PromiseResult(f"GET /{n}", "answers", 3, "broken" if n == 700 else "kept") for n in range(1000))
    told = lines(with_promises(promises=promises))

    assert told[told.index("Promises: 999 kept, 1 broken") + 1] == "   GET /700  1 broken"
    assert "   and 994 operations more: 994 kept" in told


@pytest.mark.parametrize(("width", "height"), [(40, 46), (80, 42), (120, 42)])
def test_a_summary_with_promises_fits_a_narrow_terminal_and_a_screen(width, height):
    long = tuple(PromiseResult(f"GET /{'segment/' * n}", "answers", 3, "kept") for n in range(20))
    promises = (*with_promises().promises, *long)
    findings = tuple(finding(f"cause-{n}", title=f"Promise {n} " + "long " * 40) for n in range(60))
    told = lines(with_promises(promises=promises, findings=findings), width=width)

    assert max(map(len, told)) <= width
    assert len(told) <= height
    assert told[0].startswith("Broken: the target breaks 1 promise of")
    assert any("1 kept, 1 broken, 1 not tested" in line for line in told)


def test_a_summary_fits_a_screen_however_much_was_found():
    many = outcome(
        findings=tuple(finding(f"cause-{n}", title=f"Promise {n} " + "long " * 40) for n in range(60)),
        settlements=tuple(Settlement(f"point-{n}", "settled", ("a",), "b") for n in range(60)),
        limits=tuple("A limit " * 30 for _ in range(30)),
        differences=tuple("A difference " * 30 for _ in range(30)),
    )
    told = lines(many, width=100)

    assert len(told) <= 42
    assert all(len(line) <= 100 for line in told)
    assert "1. Promise 0" in "\n".join(told)
    assert any(line.startswith("… and ") and line.endswith(" more") and "finding" in line for line in told)
    assert "   and 54 more that differ from the profile in use" in told


def test_only_a_terminal_has_its_lines_cut():
    long = "Whether a change lasts cannot be seen: " + "no operation shows it again, " * 10

    assert f"   {long}" in lines(outcome(limits=(long,)))
    narrow = lines(outcome(limits=(long,)), width=60)
    assert [line for line in narrow if "cannot be seen" in line or "again, no operation" in line][1].endswith("…")
    assert max(map(len, narrow)) <= 60


def test_every_finding_is_at_least_named_where_there_is_room():
    told = "\n".join(lines(outcome(findings=tuple(finding(f"c{n}", title=f"Promise {n}") for n in range(6)))))

    assert all(f"Promise {n}" in told for n in range(6))


@pytest.mark.parametrize("made", [{"title": NASTY}, {"reason": NASTY, "verdict": "unjudged"}, {"limits": (NASTY,)}])
def test_text_of_a_target_does_nothing_on_a_terminal(terminal, made):
    nasty = finding(NASTY, title=NASTY, detail=NASTY, differences=(Mismatch(NASTY, NASTY, NASTY),))
    shown = replace(outcome(findings=(nasty,), **({"verdict": "broken"} | made)))
    told = terminal(lambda stream: (show(summary(shown), stream), show(details(nasty, shown), stream)))

    assert "[bold]loud[/bold]" in told
    assert "\x1b[31mred" not in told
    assert "\\x1b[31mred" in told
    assert "\u202e" not in told


def test_a_terminal_gets_colours_unless_its_user_refuses(terminal, monkeypatch):
    def write(stream):
        show(summary(outcome()), stream)

    coloured = terminal(write)
    monkeypatch.setenv("NO_COLOR", "1")
    plain = terminal(write)

    assert "\x1b[" in coloured
    assert "\x1b" not in plain
    assert plain.startswith("Broken:")


def test_a_file_gets_plain_text_in_whatever_encoding_it_has(tmp_path):
    with (tmp_path / "log").open("w", encoding="ascii") as stream:
        show(summary(outcome()), stream)
    told = (tmp_path / "log").read_text("ascii")

    assert told.startswith("Broken: ")
    assert "\x1b" not in told


def progressed(stream, clock=None):
    with ConsoleProgress(stream, **({"clock": clock} if clock else {})) as progress:
        progress.phase("lockstep [bold]")
        for count in range(1, 301):
            progress.requests(count)
        progress.finding(finding(title="Two people\x1b[31m"))
        progress.requests(400)
        progress.phase("races")


def test_progress_on_a_terminal_is_one_line_that_goes_away(terminal):
    told = terminal(progressed)

    assert "races · 400 requests · 1 finding" in told
    assert "lockstep [bold]" in told
    assert "\x1b[2K" in told
    assert "broken promise: " in told
    assert "Two people\\x1b[31m" in told


def test_progress_elsewhere_is_a_line_for_each_part_and_finding():
    stream = io.StringIO()
    progressed(stream)

    assert [line.rpartition(" · ")[0] or line for line in stream.getvalue().splitlines()] == [
        "lockstep [bold] · 0 requests",
        "broken promise: Two people\\x1b[31m",
        "races · 400 requests · 1 finding",
    ]


def test_progress_elsewhere_says_now_and_then_that_it_goes_on():
    seconds = iter(range(1000))
    stream = io.StringIO()
    progressed(stream, lambda: next(seconds))

    assert 25 < len(stream.getvalue().splitlines()) < 40


def test_details_hold_the_whole_finding_and_its_script():
    told = details(finding(), outcome())

    assert told.startswith("The same email twice makes two people\nopenapi.yaml#/paths/")
    assert 'expected  "ict_1", as in step 1' in told
    assert "2. the same again\n   POST /v2/partners/ptn_northwind/internal-contacts\n" in told
    assert '   {"id": "ica_2", "internal_contact": {"id": "ict_2"}}' in told
    assert "curl -gsS" in told
