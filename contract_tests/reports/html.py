"""An outcome as one self-contained HTML page: no network access, and no script except for its copy buttons.

Everything in the page passes through `element`, which escapes text. The content security policy allows only the page's own
style and script.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from contract_tests.reports.curl import finding_script
from contract_tests.reports.wording import (
    address,
    answered,
    by_status,
    chosen,
    counted,
    seen,
    shown_body,
    verdict,
    visible,
)
from contract_tests.reports.writing import write_whole
from contract_tests.runner.outcome import Finding, Outcome, Settlement
from contract_tests.transport.wire import Interaction

VOID = ("meta",)
UNFOLDED = 3
"""How many findings are expanded when the page opens."""
STATES = ("inconsistent", "open", "settled", "unreachable")


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: str) -> Html:
    """Return an element; children that are not `Html` are escaped.

    In attribute names, a trailing _ is dropped and any other becomes a hyphen.
    """
    named = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(visible(value, lines=True))}"' for key, value in attributes.items()
    )
    if name in VOID:
        return Html(f"<{name}{named}>")
    inside = "".join(child if isinstance(child, Html) else escape(visible(child, lines=True)) for child in children)
    first = "\n" if name == "pre" else ""  # HTML drops the line break that comes first
    return Html(f"<{name}{named}>{first}{inside}</{name}>")


def write(outcome: Outcome, path: Path) -> None:
    """Write the outcome as an HTML page."""
    write_whole(path, page(outcome))


def page(outcome: Outcome) -> str:
    """Return the outcome as an HTML page."""
    here = files("contract_tests.reports")
    style = here.joinpath("page.css").read_text("utf-8")
    code = here.joinpath("page.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("title", f"{outcome.verdict.capitalize()}: {outcome.title}"),
        element("style", Html(style)),
    )
    sections = [section for section in _sections(outcome) if section]
    body = element(
        "body",
        element("header", *_head(outcome)),
        element("main", *sections),
        element("div", id="heard", class_="heard", role="status"),
        element("script", Html(code)),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _head(outcome: Outcome) -> Iterator[Html]:
    yield element("h1", f"Contract tests: {outcome.title}")
    said, _, rest = verdict(outcome).partition(":")
    yield element("p", element("b", f"{said}:"), rest, class_=f"verdict {outcome.verdict}")
    facts = {
        "Target": outcome.target,
        "Document": outcome.document,
        "Started": outcome.started,
        "Duration": f"{outcome.seconds:.1f} s, {counted(outcome.requests, 'request')}",
        "Budget": outcome.budget,
        "Random seed": str(outcome.random_seed),
        "Tag in every created key": outcome.tag,
    }
    yield element(
        "dl",
        *(element("div", element("dt", name), element("dd", value)) for name, value in facts.items() if value),
        class_="facts",
    )
    links = {
        "findings": counted(len(outcome.findings), "finding") if outcome.findings else "",
        "assumptions": counted(len(outcome.settlements), "assumption") if outcome.settlements else "",
        "differences": counted(len(outcome.differences), "allowed difference") if outcome.differences else "",
        "limits": f"{len(outcome.limits)} not tested" if outcome.limits else "",
        "requests": "Requests" if outcome.by_operation else "",
        "ledger": "Created records" if outcome.created else "",
    }
    items = [element("li", element("a", text, href=f"#{place}")) for place, text in links.items() if text]
    yield element("nav", element("ul", *items), aria_label="On this page")


def _sections(outcome: Outcome) -> Iterator[Html]:
    findings = [_finding(number, finding, outcome) for number, finding in enumerate(outcome.findings, 1)]
    yield _section("findings", "Findings", *findings)
    yield _section("assumptions", "What the documents leave open", *_assumptions(outcome))
    yield _section("differences", "Allowed, but different from the mock", *_list(outcome.differences))
    yield _section("limits", "Not tested", *_list(outcome.limits))
    yield _section("requests", "Requests by operation", *_requests(outcome))
    yield _section("ledger", "Created records", *_ledger(outcome))


def _section(place: str, heading: str, *content: Html) -> Html:
    if not content:
        return Html()
    return element(
        "section", element("h2", heading, id=f"{place}-heading"), *content, id=place, aria_labelledby=f"{place}-heading"
    )


def _list(sentences: tuple[str, ...]) -> list[Html]:
    return [element("ul", *(element("li", sentence) for sentence in sentences))] if sentences else []


def _table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Html:
    """Return a table; a narrow screen shows each row as a block, with the heading beside each cell."""
    head = element("tr", *(element("th", heading, scope="col", role="columnheader") for heading in headings), role="row")
    body = [
        element(
            "tr",
            element("td", row[0], class_="name", role="cell"),
            *(
                element("td", cell, data_label=heading, role="cell")
                for heading, cell in zip(headings[1:], row[1:], strict=True)
            ),
            role="row",
        )
        for row in rows
    ]
    groups = (element("thead", head, role="rowgroup"), element("tbody", *body, role="rowgroup"))
    return element("table", *groups, class_="stacked", role="table")


def _finding(number: int, finding: Finding, outcome: Outcome) -> Html:
    tags = [element("span", finding.source, class_="tag strong"), element("span", finding.part, class_="tag")]
    if how_often := seen(finding):
        tags.append(element("span", how_often, class_="tag"))
    summary = element("summary", element("h3", f"{number}. {finding.title}"), " ", element("span", *tags, class_="tags"))
    rows = [(it.place, element("code", it.expected), element("code", it.received)) for it in finding.differences]
    script = f"script-{number}"
    inside = element(
        "div",
        element("p", "Clause: ", element("code", finding.clause)),
        element("p", "Cause: ", element("code", finding.cause)),
        element("p", finding.detail) if finding.detail else Html(),
        _table(("Where", "Expected", "Received"), rows) if rows else Html(),
        element("h4", counted(len(finding.steps), "step")),
        element("ol", *(element("li", *_step(place, step)) for place, step in enumerate(finding.steps, 1)), class_="steps"),
        element(
            "div",
            element("h4", "Reproduce it in bash"),
            element(
                "button",
                "Copy",
                type="button",
                hidden="",
                data_copies=script,
                aria_label=f"Copy the script of finding {number}",
            ),
            class_="script-head",
        ),
        element("pre", finding_script(finding, outcome), id=script, class_="script", tabindex="0"),
        class_="inside",
    )
    opened = {"open": ""} if number <= UNFOLDED else {}
    return element("details", summary, inside, id=f"finding-{number}", class_="finding", data_source=finding.source, **opened)


def _step(number: int, step: Interaction) -> Iterator[Html]:
    call, reply = step.call, step.reply
    yield element("div", f"{number}. {step.note}" if step.note else f"{number}.", class_="step-head")
    yield element("div", element("code", address(call)))
    yield _headers(call.headers)
    if call.body:
        yield element("pre", shown_body(call.body), class_="body", tabindex="0")
    yield element("div", "Response: ", element("b", answered(reply)), class_="answer")
    yield _headers(reply.headers)
    if reply.body:
        yield element("pre", shown_body(reply.body), class_="body", tabindex="0")


def _headers(headers: tuple[tuple[str, str], ...]) -> Html:
    if not headers:
        return Html()
    lines = [element("div", element("code", f"{name}: {value}")) for name, value in headers]
    return element("details", element("summary", counted(len(headers), "header")), *lines, class_="heads")


def _assumptions(outcome: Outcome) -> list[Html]:
    if not outcome.settlements:
        return []
    ordered = sorted(outcome.settlements, key=lambda it: (not it.differs, STATES.index(it.state)))
    rows = [(it.assumption, _state(it), chosen(it), it.in_use, _evidence(it)) for it in ordered]
    return [_table(("Assumption", "State", "Remaining choices", "Profile in use", "Evidence"), rows)]


def _state(settlement: Settlement) -> Html:
    differs = element("span", "differs", class_="tag strong unjudged") if settlement.differs else Html()
    return element("span", settlement.state, " ", differs)


def _evidence(settlement: Settlement) -> Html:
    why = element("p", settlement.why) if settlement.why else Html()
    if settlement.evidence is None:
        return why
    step = element("div", *_step(1, settlement.evidence))
    return element("div", why, element("details", element("summary", address(settlement.evidence.call)), step))


def _requests(outcome: Outcome) -> list[Html]:
    rows = []
    for operation, answers in outcome.by_operation.items():
        told = ", ".join(f"{status or 'none'}: {number:,}" for status, number in by_status(answers))
        rows.append((operation, f"{sum(answers.values()):,}", told))
    return [_table(("Operation", "Requests", "Responses"), rows)] if rows else []


def _ledger(outcome: Outcome) -> list[Html]:
    return [
        element(
            "details",
            element("summary", f"{resource}: {len(ids):,}"),
            element("div", element("pre", "\n".join(visible(id) for id in ids), class_="body", tabindex="0"), class_="inside"),
            class_="fold",
        )
        for resource, ids in outcome.created.items()
    ]
