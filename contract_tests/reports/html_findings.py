"""A finding on the page: what was promised, each step with its request beside its response, and the script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from contract_tests.reports.body_lines import BodyLine, body_lines
from contract_tests.reports.curl import finding_script
from contract_tests.reports.elements import LONGEST_NAME, LONGEST_SENTENCE, NOTHING, Html, element, listed, table
from contract_tests.reports.wording import address, answered, counted, cut, seen
from contract_tests.runner.outcome import Finding, Outcome
from contract_tests.transport.wire import Interaction

UNFOLDED = 3
"""How many findings are expanded when the page opens."""
STATUS, ANSWER, HEADER = "status", "the answer", "header "
"""Places of differences that are not in the body."""
ALSO_AT_ONCE = 3
"""How many findings with the same cause are named before the rest is unfolded."""
LONGEST_TITLE, LONGEST_VALUE, LONGEST_DETAIL = 300, 1_000, 3_000


def finding_element(number: int, finding: Finding, outcome: Outcome) -> Html:
    """Return a finding, folded unless it is one of the first."""
    tags = [element("span", finding.source, class_="tag strong"), element("span", finding.part, class_="tag")]
    if how_often := seen(finding):
        tags.append(element("span", how_often, class_="tag"))
    title = element("h3", f"{number}. {cut(finding.title, LONGEST_TITLE)}")
    summary = element("summary", title, " ", element("span", *tags, class_="tags"))
    inside = element("div", *_told(finding), *_steps(finding), *_script(number, finding, outcome), class_="inside")
    opened = {"open": ""} if number <= UNFOLDED else {}
    return element("details", summary, inside, id=f"finding-{number}", class_="finding", data_source=finding.source, **opened)


def _told(finding: Finding) -> Iterator[Html]:
    if finding.promised:
        yield element("blockquote", cut(finding.promised, LONGEST_DETAIL))
    if finding.detail:
        yield element("p", cut(finding.detail, LONGEST_DETAIL))
    rows = [(_value(it.place), _value(it.expected), _value(it.received)) for it in finding.differences]
    if rows:
        yield table(("Where", "Expected", "Received"), rows, caption="What is wrong")
    if finding.look_at:
        yield element("p", element("b", "Look at: "), cut(finding.look_at, LONGEST_DETAIL))
    facts: list[tuple[str, str]] = [("Clause", _value(finding.clause)), ("Cause", _value(finding.cause))]
    facts += [("Breaks", cut(f"{operation} {promise}".strip(), LONGEST_SENTENCE)) for operation, promise in finding.breaks]
    facts += (
        [("Also seen in", element("div", *listed(finding.also_seen_in, most=ALSO_AT_ONCE)))] if finding.also_seen_in else []
    )
    yield element("dl", *(element("div", element("dt", name), element("dd", value)) for name, value in facts), class_="about")


def _value(text: str) -> Html:
    return element("code", cut(text, LONGEST_VALUE))


def _steps(finding: Finding) -> Iterator[Html]:
    if not finding.steps:
        return
    yield element("h4", counted(len(finding.steps), "step"))
    items = []
    for number, step in enumerate(finding.steps, 1):
        is_last = number == len(finding.steps)
        head = element("h5", f"{number}. {cut(step.note or address(step.call), LONGEST_NAME)}")
        both = exchange(step, finding if is_last else None, f" of step {number}")
        items.append(element("li", head, both, class_="wrong" if is_last else "right"))
    yield element("ol", *items, class_="steps")


def exchange(step: Interaction, finding: Finding | None = None, of_step: str = "") -> Html:
    """Return request and response: beside each other, or one below the other on a narrow screen.

    `finding` is the finding that the response is wrong for, if it is.
    """
    call, reply = step.call, step.reply
    expected = (
        {difference.place: cut(difference.expected, LONGEST_VALUE) for difference in finding.differences} if finding else {}
    )
    status = next((expected[place] for place in (STATUS, ANSWER) if place in expected), "")
    headers = {place.removeprefix(HEADER).lower(): told for place, told in expected.items() if place.startswith(HEADER)}
    request = element(
        "div",
        element("h6", "Request"),
        element("p", element("code", cut(address(call), LONGEST_VALUE)), class_="line"),
        _headers(call.headers, {}),
        _body(body_lines(call.body), f"Body of the request{of_step}") if call.body else NOTHING,
    )
    response = element(
        "div",
        element("h6", "Response"),
        element("p", element("mark" if status else "b", answered(reply)), class_="line"),
        element("p", f"expected {status}", class_="note") if status else NOTHING,
        _headers(reply.headers, headers),
        _body(body_lines(reply.body, finding), f"Body of the response{of_step}") if reply.body else NOTHING,
    )
    return element("div", request, response, class_="exchange")


def _headers(headers: Sequence[tuple[str, str]], wrong: Mapping[str, str]) -> Html:
    """Return headers, folded unless one of them is wrong; `wrong` says by lower-case name what was expected."""
    left, lines = dict(wrong), []
    for name, value in headers:
        said = element("code", cut(f"{name}: {value}", LONGEST_VALUE))
        expected = left.pop(name.lower(), None)
        lines.append(element("div", said if expected is None else element("mark", said)))
        if expected is not None:
            lines.append(element("div", f"expected {expected}", class_="note"))
    lines += [element("div", f"{name} is missing: expected {expected}", class_="note") for name, expected in left.items()]
    if not lines:
        return NOTHING
    opened = {"open": ""} if wrong else {}
    return element("details", element("summary", counted(len(headers), "header")), *lines, class_="heads", **opened)


def _body(lines: Sequence[BodyLine], named: str) -> Html:
    pieces: list[str] = []
    for line in lines:
        indent = line.text[: len(line.text) - len(line.text.lstrip(" "))]
        if line.is_gap:
            pieces.append(element("i", line.text))
        elif line.is_wrong:
            pieces += [indent, element("mark", line.text[len(indent) :])]
        else:
            pieces.append(line.text)
        pieces.append("\n")
        for note in line.notes:
            text = note.lstrip(" ")
            pieces += [note[: len(note) - len(text)], element("span", text, class_="note"), "\n"]
    return element("pre", *pieces[:-1], class_="body", tabindex="0", role="group", aria_label=named)


def _script(number: int, finding: Finding, outcome: Outcome) -> Iterator[Html]:
    place = f"script-{number}"
    copy = element(
        "button",
        "Copy",
        type="button",
        hidden="",
        data_copies=place,
        aria_label=f"Copy the script of finding {number}",
    )
    yield element("div", element("h4", "Reproduce it in bash"), copy, class_="script-head")
    script = element("pre", finding_script(finding, outcome), id=place, class_="script", tabindex="0")
    yield element("details", element("summary", "Show the curl script"), script, class_="more")
