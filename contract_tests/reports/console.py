"""The console: a line that shows that a run goes on, and what it came to on one screen."""

from __future__ import annotations

import io
import os
import shutil
import textwrap
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from contract_tests.reports.promise_rows import RESULTS, by_operation, not_tested, results
from contract_tests.reports.wording import by_status, chosen, counted, cut, seen, verdict, visible
from contract_tests.runner.outcome import Finding, Outcome, PromiseResult, Settlement

PAUSE = 10.0
"""Seconds between two lines of a run whose output is no terminal."""
COLOURS = {"broken": "bold red", "unjudged": "bold yellow", "conforms": "bold green"}
RESULT_COLOURS = {"kept": "green", "broken": "bold red", "not tested": "yellow"}
MOST_OPERATIONS = 6
"""How many operations are shown by themselves."""
LONGEST_VALUE = 60
"""How many characters of a value are shown."""
NARROW = 60
"""On a terminal of fewer columns, sentences have more lines."""


def console_for(stream: TextIO) -> Console:
    """Return a console that writes to the stream, with colours only on a terminal whose user does not refuse them."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    refused = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb" or not stream.isatty()
    return Console(
        file=stream, color_system=None if refused else "auto", markup=False, highlight=False, emoji=False, soft_wrap=True
    )


def show(text: Text | str, stream: TextIO) -> None:
    """Write a summary or a detail to a stream."""
    console_for(stream).print(text, end="\n" if not str(text).endswith("\n") else "")


class ConsoleProgress:
    """Shows that a run goes on: one line that changes on a terminal, else a line now and then.

    Findings are written as they come. It may be told from several threads.
    """

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console_for(stream)
        self._clock = clock
        self._started = self._wrote = clock()
        self._phase, self._requests, self._found = "", 0, 0
        self._bar = Bar(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not stream.isatty() or os.environ.get("TERM") == "dumb",
        )
        self._task = self._bar.add_task("", total=None)
        self._bar.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.done()

    def phase(self, name: str) -> None:
        """Say what is being looked at from now on."""
        self._phase = visible(name)
        self._tell(at_once=True)

    def requests(self, count: int) -> None:
        """Say how many requests have been sent so far."""
        self._requests = count
        self._tell()

    def finding(self, finding: Finding) -> None:
        """Say what was found."""
        self._found += 1
        self._console.print(Text.assemble(("broken promise: ", COLOURS["broken"]), visible(finding.title)))
        self._tell()

    def done(self) -> None:
        """Take the line away. Nothing may be told after that."""
        self._bar.stop()

    def _tell(self, *, at_once: bool = False) -> None:
        found = [counted(self._found, "finding")] if self._found else []
        line = " · ".join([self._phase or "starting", counted(self._requests, "request"), *found])
        if not self._bar.disable:
            self._bar.update(self._task, description=line, refresh=at_once)
        elif at_once or self._clock() - self._wrote >= PAUSE:
            self._wrote = self._clock()
            self._console.print(f"{line} · {self._wrote - self._started:.0f} s")


def width_of(stream: TextIO) -> int | None:
    """Return the width of a terminal; None if the stream is not one, so that lines may have any length."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def summary(outcome: Outcome, *, reports: Sequence[Path] = (), width: int | None = None, height: int = 40) -> Text:
    """Return a summary of a run in about `height` lines: the verdict, findings, promises, assumptions, what was not tested.

    `reports` are the files that were written; the summary refers to them for the rest. Lines are cut at `width`, if given.
    """
    head = _head(outcome, width)
    tail = [
        *_promises(outcome, width),
        *_assumptions(outcome),
        *_sentences("Allowed, but different from the mock:", outcome.differences, width),
    ]
    tail += [
        *_sentences("Not tested:", [*not_tested(outcome.promises), *outcome.limits], width),
        *_counts(outcome),
        *_where(outcome, reports),
    ]
    room = height - len(head) - len(tail)
    lines = [*head, *_findings(outcome.findings, room, reports), *tail]
    if width is not None:
        for line in lines:
            line.truncate(width, overflow="ellipsis")
    return Text("\n").join(lines)


def _head(outcome: Outcome, width: int | None) -> list[Text]:
    first, *more = _wrapped(verdict(outcome), width, most=4)
    said, colon, rest = first.partition(":")
    about = f"{visible(outcome.title)} at {visible(outcome.target)}"
    run = [
        counted(outcome.requests, "request"),
        f"{outcome.seconds:.1f} s",
        f"budget {visible(outcome.budget)}",
        f"random seed {outcome.random_seed}",
    ]
    sentence = [Text.assemble((said + colon, COLOURS[outcome.verdict]), rest), *map(Text, more)]
    return [*sentence, Text(about), Text(f"{visible(outcome.document)} · {' · '.join(run)}", "dim")]


def _findings(findings: Sequence[Finding], room: int, reports: Sequence[Path]) -> list[Text]:
    """Return findings with their first differences while there is room, then only titles, then how many more there are."""
    blocks = [_finding(number, finding, 2, reports) for number, finding in enumerate(findings, 1)]
    lines: list[Text] = []
    told = 0
    for block in blocks:
        for_titles = min(len(blocks) - told - 1, room // 2)
        if told and len(lines) + len(block) + for_titles + bool(for_titles) > room:
            break
        lines += block
        told += 1
    titles = [block[1] for block in blocks[told:]]
    if not titles:
        return lines
    left = max(room - len(lines) - 1, 1)
    if len(titles) > left:
        titles[left - 1 :] = [Text(f"… and {counted(len(titles) - left + 1, 'finding')} more")]
    return [*lines, Text(), *titles]


def _finding(number: int, finding: Finding, shown: int, reports: Sequence[Path]) -> list[Text]:
    title = Text.assemble((f"{number}. {visible(finding.title)}", "bold"), f" ({finding.source})")
    lines = [Text(), title, Text(f"   {visible(finding.clause)}", "dim")]
    if finding.promised:
        lines.append(Text(f"   promised: {cut(visible(finding.promised), 200)}"))
    for difference in finding.differences[:shown]:
        place, expected, received = (visible(it) for it in (difference.place, difference.expected, difference.received))
        lines.append(Text(f"   {place}: expected {cut(expected, LONGEST_VALUE)}, received {cut(received, LONGEST_VALUE)}"))
    if (more := len(finding.differences) - shown) > 0:
        lines.append(Text(f"   and {counted(more, 'more difference')}"))
    script = f"curl script in {visible(str(_best(reports)))}" if reports else ""
    told = [f"cause {visible(finding.cause)}", counted(len(finding.steps), "step"), seen(finding), script]
    return [*lines, Text("   " + " · ".join(text for text in told if text))]


def _best(reports: Sequence[Path]) -> Path:
    """Return the report that a person would open: the HTML page, if there is one."""
    return min(reports, key=lambda path: (".html", ".md", ".xml", ".json", path.suffix).index(path.suffix))


def _promises(outcome: Outcome, width: int | None) -> list[Text]:
    """Return how many promises of each operation were kept, broken and not tested; those with broken ones come first."""
    operations = by_operation(outcome.promises)
    if not operations:
        return []
    ordered = sorted(operations.items(), key=lambda it: [-results(it[1])[result] for result in ("broken", "not tested")])
    column = max(len(visible(operation)) for operation, _ in ordered[:MOST_OPERATIONS])
    longest = max(len(Text.assemble(*_results(promises))) for _, promises in ordered[:MOST_OPERATIONS])
    is_narrow = width is not None and column + longest + 5 > width
    most = MOST_OPERATIONS // 2 if is_narrow and len(ordered) > MOST_OPERATIONS // 2 + 1 else MOST_OPERATIONS
    shown, rest = ordered[:most], ordered[most:]
    lines = [Text(), Text.assemble(("Promises: ", "bold"), *_results(outcome.promises))]
    for operation, promises in shown:
        if is_narrow:
            lines += [
                Text(f"   {_cut_within(visible(operation), (width or 0) - 3)}"),
                Text.assemble("      ", *_results(promises)),
            ]
        else:
            lines.append(Text.assemble(f"   {visible(operation):<{column}}  ", *_results(promises)))
    if rest:
        more = counted(len(rest), "operation more", "operations more")
        lines.append(Text.assemble(f"   and {more}: ", *_results([one for _, promises in rest for one in promises])))
    return lines


def _cut_within(text: str, most: int) -> str:
    """Return a text of which the middle is cut: operations differ in their ends."""
    kept = most - 1
    return text if len(text) <= most else f"{text[: kept // 3]}…{text[-(kept - kept // 3) :]}"


def _results(promises: Sequence[PromiseResult]) -> list[str | tuple[str, str]]:
    """Return the pieces of `12 kept, 1 broken, 3 not tested`, with colours."""
    counts = results(promises)
    pieces: list[str | tuple[str, str]] = []
    for result in RESULTS:
        if counts[result]:
            pieces += [", "] if pieces else []
            pieces.append((f"{counts[result]:,} {result}", RESULT_COLOURS[result]))
    return pieces


def _assumptions(outcome: Outcome) -> list[Text]:
    if not outcome.settlements:
        return []
    lines = [Text(), Text("What the documents leave open", "bold")]
    differing = [it for it in outcome.settlements if it.differs and it.choices]
    lines += [_differing(it) for it in differing[:6]]
    if len(differing) > 6:
        lines.append(Text(f"   and {len(differing) - 6} more that differ from the profile in use"))
    same = sum(it.state == "settled" and not it.differs for it in outcome.settlements)
    if same:
        lines.append(Text(f"   {same} settled: as in the profile in use"))
    named: tuple[tuple[str, str], ...] = (("open", "open"), ("unreachable", "not reachable"), ("inconsistent", "inconsistent"))
    for state, words in named:
        those = [it for it in outcome.settlements if it.state == state]
        if those:
            lines.append(Text(f"   {words}: " + ", ".join(_undecided(it) for it in those)))
    return lines


def _differing(settlement: Settlement) -> Text:
    name = visible(settlement.assumption)
    return Text.assemble(
        "   ", (name, "yellow"), f": {chosen(settlement)} (the profile in use says {visible(settlement.in_use)})"
    )


def _undecided(settlement: Settlement) -> str:
    choices = f" ({chosen(settlement)})" if settlement.state == "open" and len(settlement.choices) < 4 else ""
    return visible(settlement.assumption) + choices


def _sentences(heading: str, sentences: Sequence[str], width: int | None) -> list[Text]:
    if not sentences:
        return []
    shown = sentences if len(sentences) <= 3 else sentences[:2]
    lines = [Text(), Text(heading, "bold")]
    for sentence in map(visible, shown):
        most = 2 if width and width >= NARROW else 3
        lines += [Text(f"   {piece}") for piece in _wrapped(sentence, width and max(width - 3, 20), most=most)]
    return lines if len(shown) == len(sentences) else [*lines, Text(f"   and {len(sentences) - len(shown)} more")]


def _wrapped(sentence: str, width: int | None, *, most: int) -> list[str]:
    """Return a sentence in no more than `most` lines; in one, if lines may have any length."""
    if not width:
        return [sentence]
    return textwrap.wrap(sentence, width, max_lines=most, placeholder=" …", break_on_hyphens=False) or [""]


def _counts(outcome: Outcome) -> list[Text]:
    statuses: Counter[int] = Counter()
    for answers in outcome.by_operation.values():
        statuses.update(answers)
    lines = []
    if statuses:
        told = ", ".join(f"{status or 'none'}: {number:,}" for status, number in by_status(statuses))
        lines.append(Text(f"Responses: {told}"))
    if outcome.created:
        made = ", ".join(f"{len(ids):,} {visible(resource)}" for resource, ids in outcome.created.items())
        lines.append(
            Text(f"Created on the target: {made}" + (f"; every key has the tag {visible(outcome.tag)}" if outcome.tag else ""))
        )
    return [Text(), *lines] if lines else []


def _where(outcome: Outcome, reports: Sequence[Path]) -> list[Text]:
    if reports:
        return [Text("Reports: " + ", ".join(visible(str(path)) for path in reports))]
    if outcome.findings:
        return [Text("Add --report report.html to get every step of each finding and its curl script.")]
    return []
