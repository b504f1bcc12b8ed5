"""The table of promises as all reports show it: by operation, counted, and with the findings that broke each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

from contract_tests.reports.wording import counted
from contract_tests.runner.outcome import Finding, Outcome, PromiseResult

Result: TypeAlias = Literal["kept", "broken", "not tested"]

RESULTS: tuple[Result, ...] = ("kept", "broken", "not tested")
WHOLE_API = "The whole API"


def by_operation(promises: Iterable[PromiseResult]) -> dict[str, list[PromiseResult]]:
    """Return the promises of each operation, in their order."""
    rows: dict[str, list[PromiseResult]] = {}
    for one in promises:
        rows.setdefault(one.operation or WHOLE_API, []).append(one)
    return rows


def results(promises: Iterable[PromiseResult]) -> Mapping[Result, int]:
    """Return how many promises were kept, broken and not tested."""
    return Counter(one.result for one in promises)


def breaking(promise: PromiseResult, findings: Sequence[Finding]) -> list[int]:
    """Return the numbers of the findings that break a promise, from 1."""
    pair = (promise.operation, promise.promise)
    return [number for number, finding in enumerate(findings, 1) if pair in finding.breaks]


def unlisted(outcome: Outcome) -> list[Finding]:
    """Return the findings that break no promise of the table."""
    broken = {(one.operation, one.promise) for one in outcome.promises if one.result == "broken"}
    return [finding for finding in outcome.findings if broken.isdisjoint(finding.breaks)]


def not_tested(promises: Iterable[PromiseResult]) -> list[str]:
    """Return sentences about the promises that were not tested, one for each reason; what holds for most comes first."""
    by_reason: dict[str, list[PromiseResult]] = {}
    for one in promises:
        if one.result == "not tested":
            by_reason.setdefault(reason(one), []).append(one)
    ordered = sorted(by_reason.items(), key=lambda it: -len(it[1]))
    return [f"{_which(those)}: {why}." for why, those in ordered]


def _which(promises: Sequence[PromiseResult]) -> str:
    if len(promises) == 1:
        return f"{promises[0].operation or WHOLE_API} {promises[0].promise}"
    same = {one.promise for one in promises}
    if len(same) == 1:
        return f"{counted(len(promises), 'operation')}: {promises[0].promise}"
    return counted(len(promises), "promise")


def reason(promise: PromiseResult) -> str:
    """Return why a promise was not tested, without the full stop at its end."""
    return promise.why.strip().removesuffix(".") or "no reason was given"


def tested(promise: PromiseResult) -> str:
    """Return how often a promise was tested, as `12 responses`; nothing where it was not."""
    return counted(promise.tested, "response") if promise.tested else ""
