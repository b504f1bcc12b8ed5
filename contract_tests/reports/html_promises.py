"""The table of promises on the page: an operation each, which unfolds to its promises; and the same in one bar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contract_tests.reports.elements import LONGEST_NAME, LONGEST_SENTENCE, NOTHING, Html, element
from contract_tests.reports.promise_rows import RESULTS, breaking, by_operation, reason, results
from contract_tests.reports.wording import cut
from contract_tests.runner.outcome import Outcome, PromiseResult

FEW = 3
"""So many operations are all unfolded when the page opens; of more, those with a broken promise."""
SIGNS = {"kept": "✓", "broken": "✗", "not tested": "○"}
HEADINGS = ("Promise", "Responses held to it", "Result")
BAR = 600
"""How wide the bar is, in units of its own."""


def promises_section(outcome: Outcome) -> Iterator[Html]:
    """Yield what shows the table: a filter, and the operations."""
    operations = by_operation(outcome.promises)
    if not operations:
        return
    yield _filter(outcome)
    for number, (operation, rows) in enumerate(operations.items(), 1):
        yield _operation(number, operation, rows, outcome, is_open=len(operations) <= FEW)


def bar(promises: Sequence[PromiseResult]) -> Html:
    """Return a bar that shows how many promises were kept, broken and not tested. It needs no style."""
    counts, done, parts = results(promises), 0.0, []
    for result in RESULTS:
        width = BAR * counts[result] / max(len(promises), 1)
        if width:
            parts.append(element("rect", x=f"{done:.1f}", width=f"{width:.1f}", height="10", class_=_css(result)))
        done += width
    return element("svg", *parts, viewBox=f"0 0 {BAR} 10", preserveAspectRatio="none", class_="bar", aria_hidden="true")


def tally(promises: Sequence[PromiseResult]) -> Html:
    """Return how many promises were kept, broken and not tested, each with its sign."""
    counts = results(promises)
    told = [
        element("span", element("b", SIGNS[result], aria_hidden="true"), f" {counts[result]:,} {result}", class_=_css(result))
        for result in RESULTS
        if counts[result]
    ]
    return element("span", *_spaced(told), class_="tally")


def _spaced(parts: Sequence[Html]) -> Iterator[str]:
    for number, part in enumerate(parts):
        yield " " if number else ""
        yield part


def _css(result: str) -> str:
    return result.replace(" ", "-")


def _filter(outcome: Outcome) -> Html:
    """Return buttons to see only the broken promises or those not tested; the page's script shows them and makes them work."""
    counts = results(outcome.promises)
    choices = [("all", "All", len(outcome.promises))]
    choices += [(result, result.capitalize(), counts[result]) for result in ("broken", "not tested") if counts[result]]
    if len(choices) == 1:
        return NOTHING
    options = [
        element(
            "label",
            element("input", type="radio", name="shown", value=value, **({"checked": ""} if value == "all" else {})),
            element("span", f"{text} {number:,}"),
        )
        for value, text, number in choices
    ]
    return element("fieldset", element("legend", "Show", class_="heard"), *options, id="filter", hidden="")


def _operation(number: int, operation: str, rows: Sequence[PromiseResult], outcome: Outcome, *, is_open: bool) -> Html:
    operation = cut(operation, LONGEST_NAME)
    method, _, path = operation.partition(" ")
    named = (element("b", method), " ", path) if path.startswith("/") else (operation,)
    summary = element("summary", element("h3", *named), " ", tally(rows))
    head = element("tr", *(element("th", heading, scope="col", role="columnheader") for heading in HEADINGS), role="row")
    body = [_row(one, breaking(one, outcome.findings)) for one in rows]
    table = element(
        "table",
        element("caption", f"Promises of {operation}", class_="heard"),
        element("thead", head, role="rowgroup"),
        element("tbody", *body, role="rowgroup"),
        role="table",
    )
    opened = {"open": ""} if is_open or any(one.result == "broken" for one in rows) else {}
    return element("details", summary, table, id=f"operation-{number}", class_="operation", **opened)


def _row(promise: PromiseResult, numbers: Sequence[int]) -> Html:
    sign = element("b", SIGNS[promise.result], aria_hidden="true")
    told = [element("span", sign, f" {promise.result}", class_=f"result {_css(promise.result)}")]
    told += [element("a", f"finding {number}", href=f"#finding-{number}") for number in numbers]
    if promise.result == "not tested":
        told.append(element("span", cut(reason(promise), LONGEST_SENTENCE), class_="why"))
    unit = " response" if promise.tested == 1 else " responses"
    return element(
        "tr",
        element("th", cut(promise.promise, LONGEST_NAME), scope="row", role="rowheader"),
        element("td", f"{promise.tested:,}", role="cell", class_="number", data_unit=unit),
        element("td", *_spaced([Html(part) for part in told]), role="cell"),
        role="row",
        data_result=promise.result,
    )
