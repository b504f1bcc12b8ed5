"""An outcome as GitHub-flavoured Markdown, for the summary of a job.

Texts of the target and of the document are never markup: in running text every character that could act is written as an HTML
entity (https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references), and a fence is longer than any that its
content has. A zero-width space after @ and # keeps GitHub from making mentions and references of them.

GitHub takes a summary of at most 1 MiB for each step of a job
(https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands); what has to be left out is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from contract_tests.reports.body_lines import WHOLE, body_lines
from contract_tests.reports.curl import finding_script
from contract_tests.reports.promise_rows import RESULTS, breaking, by_operation, not_tested, reason, results
from contract_tests.reports.wording import address, answered, chosen, counted, cut, seen, verdict, visible
from contract_tests.reports.writing import write_whole
from contract_tests.runner.outcome import Finding, Outcome, PromiseResult
from contract_tests.transport.wire import Interaction

LARGEST = 1_000_000
"""How many bytes the file has at most."""
LONGEST_SCRIPT = 60_000
LONGEST_TITLE, LONGEST_VALUE = 300, 500
MOST_LISTED = 100
FEW_ROWS = 20
"""A table of promises with more rows than this is folded, each operation by itself."""
SIGNS = {"kept": "✅", "broken": "❌", "not tested": "⚪"}
VERDICTS = {"conforms": "✅", "broken": "❌", "unjudged": "⚠️"}
ACTIVE = re.compile(r"^[-=\d]|[^\w\s,;'/()=?.{}:-]|\b_|_\b|:(?!\s|$)|(?<=\bwww)\.|(?<=\bGH)-", re.ASCII)
"""What could act within a line: all punctuation but some that cannot; `www.` makes a link, GH-1 a reference, :x: a picture."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the report: in full, and in as few words as possible."""

    full: str
    short: str


def write(outcome: Outcome, path: Path) -> None:
    """Write the outcome as Markdown."""
    write_whole(path, markdown(outcome))


def markdown(outcome: Outcome) -> str:
    """Return the outcome as Markdown, no more than `LARGEST` bytes."""
    head = "\n\n".join(_head(outcome))
    findings = [_finding(number, finding, outcome) for number, finding in enumerate(outcome.findings[:MOST_LISTED], 1)]
    promises = _promises(outcome)
    rest = "\n\n".join(_rest(outcome))
    told = fitted([*findings, *promises], LARGEST - _size(head) - _size(rest) - 1_000)
    cut_short = sum(text != block.full for text, block in zip(told, (*findings, *promises), strict=True))
    left_out = len(outcome.findings) - len(findings)
    parts = [head, _cut(cut_short, left_out)]
    if promises:
        parts += ["### Promises", *told[len(findings) :]]
    if findings:
        parts += ["### Findings", *told[: len(findings)]]
    return "\n\n".join(part for part in [*parts, rest] if part) + "\n"


def fitted(blocks: Sequence[Block], room: int) -> list[str]:
    """Return the texts of the blocks: in full, the first ones first, while that fits into `room` bytes; else in short."""
    room -= sum(_size(block.short) for block in blocks)
    texts = []
    for block in blocks:
        more = _size(block.full) - _size(block.short)
        texts.append(block.full if more <= room else block.short)
        room -= more if more <= room else 0
    return texts


def _cut(cut_short: int, left_out: int) -> str:
    """Say what is not in the report for want of room; nothing if all is."""
    what = [f"{counted(cut_short, 'finding or table', 'findings or tables')} in short form or not at all"] if cut_short else []
    what += [f"{counted(left_out, 'finding')} not at all"] if left_out else []
    if not what:
        return ""
    return f"⚠️ **Cut to stay below 1 MiB: {', '.join(what)}.** A report in HTML or JSON has everything."


def plain(text: str, most: int = LONGEST_VALUE) -> str:
    """Return text for running text, a table or a summary, in which nothing acts."""
    return ACTIVE.sub(lambda match: _entity(match[0]) + ("&#8203;" if match[0] in "@#" else ""), _line(text, most))


def code(text: str, most: int = LONGEST_VALUE) -> str:
    """Return the same set as code: there, GitHub knows no mentions."""
    return f"<code>{ACTIVE.sub(lambda match: _entity(match[0]), _line(text, most))}</code>" if text else ""


def fenced(text: str, language: str = "") -> str:
    """Return a block of code that its content cannot end."""
    content = visible(text, lines=True).rstrip("\n")
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", content)), 0)
    return f"{fence}{language}\n{content}\n{fence}"


def _entity(char: str) -> str:
    return f"&#{ord(char)};" if char.isascii() else char


def _line(text: str, most: int) -> str:
    return cut(visible(" ".join(text.split())), most)


def _size(text: str) -> int:
    return len(text.encode("utf-8")) + 2


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _folded(summary: str, *inside: str, is_open: bool = False) -> str:
    return "\n\n".join([f"<details{' open' if is_open else ''}>\n<summary>{summary}</summary>", *inside, "</details>"])


def _head(outcome: Outcome) -> Iterator[str]:
    yield f"## Contract tests: {plain(outcome.title, LONGEST_TITLE)}"
    said, _, rest = verdict(outcome).partition(":")
    yield f"{VERDICTS[outcome.verdict]} **{said}:**{' ' if rest else ''}{plain(rest, 1_000)}"
    facts = [
        f"target {code(outcome.target)}",
        f"document {code(outcome.document)}",
        f"{counted(outcome.requests, 'request')} in {outcome.seconds:.1f} s",
        f"budget {plain(outcome.budget)}",
        f"random seed {outcome.random_seed}",
    ]
    yield " · ".join(facts)
    limits = [*not_tested(outcome.promises), *outcome.limits]
    if limits:
        yield "\n".join(["**Not tested:**", "", *_items(limits, 10)])


def _items(sentences: Sequence[str], most: int) -> Iterator[str]:
    yield from (f"- {plain(sentence)}" for sentence in sentences[:most])
    if more := len(sentences) - most:
        yield from [f"- and {more:,} more"] if more > 0 else []


def _promises(outcome: Outcome) -> list[Block]:
    """Return the table of promises: whole if it is short, else a table of the operations, and each of them folded."""
    operations = by_operation(outcome.promises)
    if not operations:
        return []
    blocks = [Block(overview := _overview(operations), overview)]
    is_long = len(outcome.promises) > FEW_ROWS
    for operation, rows in operations.items():
        told = [_row(one, breaking(one, outcome.findings)) for one in rows]
        table = _table(("Promise", "Responses", "Result"), told)
        is_broken = any(one.result == "broken" for one in rows)
        folded = _folded(code(operation), table, is_open=is_broken or not is_long)
        blocks.append(Block(folded, ""))
    return sorted(blocks, key=lambda block: block.short == "")


def _overview(operations: dict[str, list[PromiseResult]]) -> str:
    rows = []
    for operation, promises in list(operations.items())[: MOST_LISTED * 5]:
        counts = results(promises)
        rows.append([code(operation, 200), *(f"{counts[result]:,}" if counts[result] else "" for result in RESULTS)])
    headings = ("Operation", *(f"{SIGNS[result]} {result}" for result in RESULTS))
    more = len(operations) - len(rows)
    return _table(headings, rows) + (f"\n\nand {counted(more, 'operation')} more" if more else "")


def _row(promise: PromiseResult, numbers: Sequence[int]) -> list[str]:
    said = f"{SIGNS[promise.result]} {promise.result}"
    if numbers:
        said += f" ({'findings' if len(numbers) > 1 else 'finding'} {', '.join(map(str, numbers))})"
    if promise.result == "not tested":
        said += f": {plain(reason(promise))}"
    return [plain(promise.promise), f"{promise.tested:,}", said]


def _finding(number: int, finding: Finding, outcome: Outcome) -> Block:
    summary = f"<b>{number}. {plain(finding.title, LONGEST_TITLE)}</b>"
    told = [_about(finding)]
    if finding.differences:
        rows = [(code(it.place), code(it.expected), code(it.received)) for it in finding.differences]
        told.append(_table(("Where", "Expected", "Received"), rows))
    for place, step in enumerate(finding.steps, 1):
        told += _step(place, step, finding if place == len(finding.steps) else None)
    script = finding_script(finding, outcome)
    if len(script) <= LONGEST_SCRIPT:
        told.append(_folded("Reproduce it in bash", fenced(script, "bash")))
    else:
        told.append(f"Its curl script has {len(script):,} characters: see a report in HTML or JSON.")
    return Block(_folded(summary, *told, is_open=number == 1), f"- {summary}")


def _about(finding: Finding) -> str:
    facts = [f"{code(finding.clause)} ({finding.source})", f"cause {code(finding.cause)}", seen(finding)]
    lines = [f"> {plain(finding.promised, 2_000)}" if finding.promised else "", plain(finding.detail, 2_000)]
    lines += [f"**Look at:** {plain(finding.look_at, 2_000)}" if finding.look_at else ""]
    lines += [" · ".join(fact for fact in facts if fact)]
    lines += [f"Breaks: {code(operation)} {plain(promise)}" for operation, promise in finding.breaks]
    if finding.also_seen_in:
        lines.append("\n".join(["Also seen in:", "", *_items(finding.also_seen_in, 10)]))
    return "\n\n".join(line for line in lines if line)


def _step(number: int, step: Interaction, finding: Finding | None) -> Iterator[str]:
    call, reply = step.call, step.reply
    yield f"**{number}. {plain(step.note, LONGEST_TITLE) or 'Request'}**"
    lines = [cut(address(call), 2_000), *(cut(f"{name}: {value}", LONGEST_VALUE) for name, value in call.headers)]
    if call.body:
        lines += ["", *(line.text for line in body_lines(call.body))]
    yield fenced("\n".join(lines))
    wrong = [it for it in finding.differences if not it.is_value and it.place != WHOLE] if finding else []
    answer = [("- " if wrong else "  ") + answered(reply)]
    answer += [f"+ {it.place}: expected {cut(it.expected, LONGEST_VALUE)}" for it in wrong]
    for line in body_lines(reply.body, finding) if reply.body else ():
        answer.append(("- " if line.is_wrong else "  ") + line.text)
        answer += [f"+ {note}" for note in line.notes]
    yield fenced("\n".join(answer), "diff")


def _rest(outcome: Outcome) -> Iterator[str]:
    differing = [it for it in outcome.settlements if it.differs]
    if differing:
        rows = [(code(it.assumption), code(chosen(it)), code(it.in_use)) for it in differing[:MOST_LISTED]]
        yield _folded(
            f"{counted(len(differing), 'assumption')} unlike the profile in use",
            _table(("Assumption", "Target", "Profile in use"), rows),
        )
    if outcome.differences:
        items = "\n".join(_items(outcome.differences, MOST_LISTED))
        yield _folded(f"{counted(len(outcome.differences), 'allowed difference')} from the mock", items)
