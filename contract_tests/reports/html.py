"""An outcome as one self-contained HTML page: no network access, and no script but for its filter and its copy buttons.

Everything in the page passes through `element`, which escapes text. The content security policy allows only the page's own
style and script, by their digests; where a server forbids even these, everything is there to be read all the same.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from contract_tests.reports.elements import LONGEST_NAME, LONGEST_SENTENCE, NOTHING, Html, element, listed, section, table
from contract_tests.reports.html_findings import exchange, finding_element
from contract_tests.reports.html_promises import bar, promises_section, tally
from contract_tests.reports.promise_rows import not_tested
from contract_tests.reports.wording import address, by_status, chosen, cut, verdict, visible
from contract_tests.reports.writing import write_whole
from contract_tests.runner.outcome import Outcome, Settlement

LIMITS_AT_ONCE = 3
"""How many sentences about what was not tested are shown before the rest is unfolded."""
FINDINGS_AT_ONCE = 5
"""How many findings the first screen names."""
MOST_ON_A_PHONE = 3
"""How many of them the style shows on a narrow screen."""
STATES = ("inconsistent", "open", "settled", "unreachable")
SIGNS = {"conforms": "✓", "broken": "✗", "unjudged": "?"}


def write(outcome: Outcome, path: Path) -> None:
    """Write the outcome as an HTML page."""
    write_whole(path, page(outcome))


def page(outcome: Outcome) -> str:
    """Return the outcome as an HTML page."""
    here = files("contract_tests.reports")
    style = here.joinpath("page.css").read_text("utf-8")
    code = here.joinpath("page.js").read_text("utf-8")
    policy = f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(code)}; base-uri 'none'; form-action 'none'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("title", f"{outcome.verdict.capitalize()}: {outcome.title}"),
        element("style", Html(style)),
    )
    body = element(
        "body",
        element("header", *_head(outcome)),
        element("main", *_sections(outcome)),
        element("div", id="heard", class_="heard", role="status"),
        element("script", Html(code)),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _head(outcome: Outcome) -> Iterator[Html]:
    yield element("h1", f"Contract tests: {cut(outcome.title, LONGEST_NAME)}")
    facts = {
        "Target": outcome.target,
        "Document": outcome.document,
        "Started": outcome.started,
        "Budget": f"{outcome.budget}, random seed {outcome.random_seed}",
        "Tag in every created key": outcome.tag,
    }
    yield element("dl", *(_fact(name, cut(value, LONGEST_NAME)) for name, value in facts.items() if value), class_="facts")
    said, _, rest = verdict(outcome).partition(":")
    sign = element("span", SIGNS[outcome.verdict], class_="sign", aria_hidden="true")
    sentence = element("p", element("b", f"{said}:"), cut(rest, 1_000), class_="sentence")
    yield element("div", sign, element("div", sentence, *_named(outcome)), class_=f"verdict {outcome.verdict}")
    yield element("dl", *(_fact(name, *value) for name, value in _figures(outcome)), class_="figures")
    links = {
        "limits": "Not tested" if not_tested(outcome.promises) or outcome.limits else "",
        "promises": "Promises" if outcome.promises else "",
        "findings": "Findings" if outcome.findings else "",
        "assumptions": "What the documents leave open" if outcome.settlements else "",
        "differences": "Allowed differences" if outcome.differences else "",
        "requests": "Requests" if outcome.by_operation else "",
        "ledger": "Created records" if outcome.created else "",
    }
    items = [element("li", element("a", text, href=f"#{place}")) for place, text in links.items() if text]
    yield element("nav", element("ul", *items), aria_label="On this page")


def _named(outcome: Outcome) -> Iterator[Html]:
    """Yield the titles of the first findings, which lead to them."""
    shown = outcome.findings[:FINDINGS_AT_ONCE]
    links = [
        element("li", element("a", cut(finding.title, LONGEST_NAME), href=f"#finding-{number}"))
        for number, finding in enumerate(shown, 1)
    ]
    if len(outcome.findings) > MOST_ON_A_PHONE:
        all_of_them = element("a", f"All {len(outcome.findings):,} findings", href="#findings")
        links.append(element("li", all_of_them, class_="all" if len(outcome.findings) > len(shown) else "all narrow"))
    if links:
        yield element("ol", *links)


def _fact(name: str, *value: str) -> Html:
    return element("div", element("dt", name), element("dd", *value))


def _figures(outcome: Outcome) -> Iterator[tuple[str, tuple[str, ...]]]:
    if outcome.promises:
        yield "Promises", (f"{len(outcome.promises):,}", bar(outcome.promises), tally(outcome.promises))
    documented = sum(finding.source == "documented" for finding in outcome.findings)
    sources = f"{documented:,} documented, {len(outcome.findings) - documented:,} assumed" if outcome.findings else ""
    yield "Findings", (f"{len(outcome.findings):,}", element("span", sources))
    if outcome.settlements:
        settled = sum(it.state == "settled" for it in outcome.settlements)
        differing = sum(it.differs for it in outcome.settlements)
        told = f"{settled:,} settled, {differing:,} unlike the profile"
        yield "Points left open", (f"{len(outcome.settlements):,}", element("span", told))
    yield "Requests", (f"{outcome.requests:,}", element("span", f"in {outcome.seconds:.1f} s"))


def _sections(outcome: Outcome) -> Iterator[Html]:
    yield section("limits", "Not tested", *_limits(outcome))
    yield section("promises", "Promises", *promises_section(outcome))
    found = [finding_element(number, finding, outcome) for number, finding in enumerate(outcome.findings, 1)]
    yield section("findings", "Findings", *found)
    yield section("assumptions", "What the documents leave open", *_assumptions(outcome))
    yield section("differences", "Allowed, but different from the mock", *listed(outcome.differences))
    yield section("requests", "Requests by operation", *_requests(outcome))
    yield section("ledger", "Created records", *_ledger(outcome))


def _limits(outcome: Outcome) -> list[Html]:
    """Return what was not tested, and why: first what holds for most promises, then what is no promise of the table."""
    return listed([*not_tested(outcome.promises), *outcome.limits], most=LIMITS_AT_ONCE)


def _assumptions(outcome: Outcome) -> list[Html]:
    if not outcome.settlements:
        return []
    ordered = sorted(outcome.settlements, key=lambda it: (not it.differs, STATES.index(it.state)))
    rows = [(it.assumption, _state(it), chosen(it), it.in_use, _evidence(it)) for it in ordered]
    return [table(("Assumption", "State", "Remaining choices", "Profile in use", "Evidence"), rows, caption="Assumptions")]


def _state(settlement: Settlement) -> Html:
    differs = element("span", "differs", class_="tag strong unjudged") if settlement.differs else NOTHING
    return element("span", settlement.state, " ", differs)


def _evidence(settlement: Settlement) -> Html:
    why = element("p", cut(settlement.why, LONGEST_SENTENCE)) if settlement.why else NOTHING
    if settlement.evidence is None:
        return why
    summary = element("summary", cut(address(settlement.evidence.call), LONGEST_NAME))
    return element("div", why, element("details", summary, exchange(settlement.evidence)))


def _requests(outcome: Outcome) -> list[Html]:
    rows = []
    for operation, answers in outcome.by_operation.items():
        told = ", ".join(f"{status or 'none'}: {number:,}" for status, number in by_status(answers))
        rows.append((operation, f"{sum(answers.values()):,}", told))
    return [table(("Operation", "Requests", "Responses"), rows, caption="Requests by operation")] if rows else []


def _ledger(outcome: Outcome) -> list[Html]:
    return [
        element(
            "details",
            element("summary", f"{cut(resource, LONGEST_NAME)}: {len(ids):,}"),
            element("div", element("pre", "\n".join(visible(id) for id in ids), class_="body", tabindex="0"), class_="inside"),
            class_="fold",
        )
        for resource, ids in outcome.created.items()
    ]
