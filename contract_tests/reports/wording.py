"""Wording that the reports share: text made harmless, responses and verdicts in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from contract_tests.runner.outcome import Finding, Outcome, Settlement
from contract_tests.transport.wire import Interaction, WireRequest, WireResponse


def visible(text: str, *, lines: bool = False) -> str:
    r"""Return text in which nothing acts or hides: \x1b for an escape, \u202e for a change of direction.

    With `lines`, line breaks and tabs stay as they are.
    """
    if text.isascii() and text.isprintable():
        return text
    kept = "\n\t" if lines else ""
    return "".join(
        char if char.isprintable() or char in kept else char.encode("unicode_escape").decode("ascii") for char in text
    )


def cut(text: str, most: int) -> str:
    """Return no more than `most` characters of a text; the last one is … if there are more."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def shown_body(body: bytes, most: int = 4000) -> str:
    r"""Return a body to look at: its text, \xff for what is not UTF-8, and no more than `most` characters."""
    text = visible(body[: most * 4].decode("utf-8", "backslashreplace"), lines=True)
    if len(body) <= most * 4 and len(text) <= most:
        return text
    return f"{text[:most]}… ({len(body):,} bytes in all)"


def address(call: WireRequest) -> str:
    """Return method, path and query of a call as one text."""
    return visible(f"{call.method} {call.path}" + (f"?{call.query}" if call.query else ""))


def answered(reply: WireResponse) -> str:
    """Return the response to a call in words."""
    trouble = visible(reply.trouble)
    if not reply.status:
        return f"no response: {trouble}" if trouble else "no response"
    try:
        status = f"{reply.status} {HTTPStatus(reply.status).phrase}"
    except ValueError:
        status = str(reply.status)
    return f"{status}, but: {trouble}" if trouble else status


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return `1 step`, `2 steps`, `1,204 steps`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def verdict(outcome: Outcome) -> str:
    """Return the outcome of a run as one sentence."""
    if outcome.verdict == "unjudged":
        return "No verdict: " + (visible(outcome.reason) or "no reason was given.")
    if outcome.verdict == "broken":
        documented = sum(finding.source == "documented" for finding in outcome.findings)
        sources = f"{documented} documented, {len(outcome.findings) - documented} assumed"
        if outcome.promises:
            sources = "all documented" if documented == len(outcome.findings) else sources
            return f"Broken: the target breaks {_broken(outcome)} ({counted(len(outcome.findings), 'finding')}, {sources})."
        return f"Broken: the target breaks {counted(len(outcome.findings), 'promise')} of the contract ({sources})."
    so_far = f"; as far as it was tested: {visible(outcome.stopped)}" if outcome.stopped else ""
    points = sum(settlement.differs for settlement in outcome.settlements)
    if points:
        differs = f"differs from the profile in {counted(points, 'assumption')}"
        return f"Conforms: the target keeps the contract, but {differs}{so_far}."
    return f"Conforms: the target keeps the contract and matches the profile in use{so_far}."


def _broken(outcome: Outcome) -> str:
    """Say how many promises of the table were broken; a finding that breaks none of them is beside it."""
    broken = sum(promise.result == "broken" for promise in outcome.promises)
    return f"{counted(broken, 'promise')} of the contract" if broken else "the contract"


def by_status(answers: Mapping[int, int]) -> list[tuple[int, int]]:
    """Return how many responses had each status, in order; requests without a response come last."""
    return sorted(answers.items(), key=lambda it: (it[0] == 0, it[0]))


def chosen(settlement: Settlement) -> str:
    """Return the choices that no response contradicts, as `keep` or `keep or fill`."""
    return visible(" or ".join(settlement.choices)) or "none"


def seen(finding: Finding) -> str:
    """Return how often a finding was seen; nothing if it was seen every time."""
    return "" if finding.times == finding.out_of else f"seen {finding.times:,} of {finding.out_of:,} times"


def together(steps: Sequence[Interaction]) -> list[list[Interaction]]:
    """Return the steps in groups: one was sent before another of its group was answered."""
    groups: list[list[Interaction]] = []
    answered_by = 0.0
    for step in steps:
        if groups and step.reply.sent_at < answered_by:
            groups[-1].append(step)
            answered_by = max(answered_by, step.reply.received_at)
        else:
            groups.append([step])
            answered_by = step.reply.received_at
    return groups
