"""A complete finding as plain text: what was expected, what was received, each exchange, and the script."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent

from contract_tests.reports.curl import finding_script
from contract_tests.reports.wording import address, answered, seen, shown_body, visible
from contract_tests.runner.outcome import Finding, Outcome
from contract_tests.transport.wire import Interaction


def details(finding: Finding, outcome: Outcome) -> str:
    """Return everything about a finding, including the script that reproduces it."""
    return "\n".join([*_told(finding), "", "Reproduce it in bash:", "", finding_script(finding, outcome).rstrip(), ""])


def _told(finding: Finding) -> Iterator[str]:
    yield visible(finding.title)
    yield f"{visible(finding.clause)} ({finding.source})"
    yield f"Part: {finding.part}. Cause: {visible(finding.cause)}." + (
        f" {seen(finding).capitalize()}." if seen(finding) else ""
    )
    if finding.detail:
        yield ""
        yield visible(finding.detail, lines=True)
    if finding.promised:
        yield f"Promised: {visible(finding.promised, lines=True)}"
    if finding.look_at:
        yield f"Look at: {visible(finding.look_at, lines=True)}"
    if finding.also_seen_in:
        yield "Also seen in: " + visible("; ".join(finding.also_seen_in))
    for difference in finding.differences:
        yield ""
        yield visible(difference.place)
        yield f"  expected  {visible(difference.expected)}"
        yield f"  received  {visible(difference.received)}"
    for number, step in enumerate(finding.steps, 1):
        yield ""
        yield from _step(number, step)


def _step(number: int, step: Interaction) -> Iterator[str]:
    call, reply = step.call, step.reply
    yield f"{number}. {visible(step.note)}" if step.note else f"{number}."
    yield f"   {address(call)}"
    yield from (f"   {visible(name)}: {visible(value)}" for name, value in call.headers)
    if call.body:
        yield indent(shown_body(call.body), "   ")
    yield f"   response: {answered(reply)}"
    if reply.body:
        yield indent(shown_body(reply.body), "   ")
