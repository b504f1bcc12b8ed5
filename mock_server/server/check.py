"""What of a document is mocked, what is not and why: `mock-server check`, and the summary at a start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mock_server.contract.flaws import MOST_LISTED, Severity
from mock_server.contract.model import Contract

MOST_SUMMED_UP = 5
"""How many operations the summary at a start names."""


def check_report(contract: Contract) -> str:
    """Return what is mocked, what is not and why, and every mistake of the document with its place."""
    operations, unsupported = contract.operations, contract.unsupported
    by_behaviour = sum(operation.behaviour is not None and not operation.unsupported for operation in operations)
    from_document = len(operations) - by_behaviour - len(unsupported)
    lines = [
        f"{contract.title} {contract.version} ({contract.document.dialect.name}): {_counted(len(operations), 'operation')}",
        f"  {by_behaviour} with a behaviour, {from_document} answered from examples and schemas, "
        f"{len(unsupported)} not supported",
    ]
    if unsupported:
        lines += ["", "Not supported (they answer 501)"]
        for operation in unsupported:
            lines += [f"  {operation}", *(f"      {reason}" for reason in operation.unsupported)]
    for title, severity in (("Mistakes that break operations", Severity.BREAKS), ("Warnings", Severity.WARNING)):
        flaws, more = contract.document.flaws.told(severity, most=MOST_LISTED)
        if flaws:
            lines += ["", title, *(f"  {line}" for flaw in flaws for line in str(flaw).splitlines())]
            lines += [f"  and {more} more"] if more else []
    return "\n".join(lines)


def is_wholly_supported(contract: Contract) -> bool:
    """Say whether nothing in the document is wrong or not supported."""
    flaws = contract.document.flaws
    return not contract.unsupported and not any(flaws.count(severity) for severity in Severity)


def summary(contract: Contract, document: Path) -> Iterator[str]:
    """Yield the lines that a start tells of what is wrong or not supported; none where that is nothing."""
    unsupported, warnings = contract.unsupported, contract.document.flaws.count(Severity.WARNING)
    if unsupported:
        yield f"{len(unsupported)} of {_counted(len(contract.operations), 'operation')} are not supported and answer 501:"
        for operation in unsupported[:MOST_SUMMED_UP]:
            yield f"  {operation}: {operation.unsupported[0]}"
        if len(unsupported) > MOST_SUMMED_UP:
            yield f"  and {len(unsupported) - MOST_SUMMED_UP} more"
    if warnings:
        verb = "changes" if warnings == 1 else "change"
        yield f"{_counted(warnings, 'mistake')} in the document {verb} nothing of what is served."
    if unsupported or warnings:
        yield f"`mock-server check {document}` tells them all."


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
