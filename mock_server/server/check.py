"""What of a document is mocked, what is not and why: `mock-server check`, and the summary at a start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mock_server.contract.files.flaws import MOST_LISTED, Severity
from mock_server.contract.model import Contract, Operation
from mock_server.engine.choices import Choices
from mock_server.engine.execution import Execution
from mock_server.engine.generating import Generator
from mock_server.engine.values import ABSENT
from mock_server.exchange.authentication import Credentials
from mock_server.exchange.exchange import Exchange
from mock_server.exchange.refusals import Refusals

NOT_IMPLEMENTED = "not-implemented"

MOST_SUMMED_UP = 5
"""How many operations the summary at a start names."""


@dataclass(frozen=True, slots=True)
class Check:
    """What of a contract is mocked: the operations that are not, each with the reasons, and what is wrong in the document."""

    contract: Contract
    unanswered: Mapping[Operation, tuple[str, ...]]

    @classmethod
    def of(cls, contract: Contract) -> Check:
        """Return what comes of a contract: an answer of every operation without a behaviour is made to see."""
        exchange = Exchange(contract, Credentials({}))
        Refusals(contract).find_all()
        made = {operation: _made(exchange, operation) for operation in contract.operations}
        return cls(contract, {operation: reasons for operation, reasons in made.items() if reasons})

    @property
    def is_whole(self) -> bool:
        """Whether nothing in the document is wrong or not supported."""
        flaws = self.contract.document.flaws
        return not self.unanswered and not any(flaws.count(severity) for severity in Severity)

    def __str__(self) -> str:
        contract, unanswered = self.contract, self.unanswered
        by_behaviour = sum(one.behaviour is not None and one not in unanswered for one in contract.operations)
        count = len(contract.operations)
        lines = [
            f"{contract.title} {contract.version} ({contract.document.dialect.name}): {_counted(count, 'operation')}",
            f"  {by_behaviour} with a behaviour, {count - by_behaviour - len(unanswered)} answered from examples and schemas, "
            f"{len(unanswered)} not supported",
        ]
        if unanswered:
            lines += ["", "Not supported (they answer 501)"]
            for operation, reasons in unanswered.items():
                lines += [f"  {operation}", *(f"      {reason}" for reason in reasons)]
        for title, severity in (("Mistakes that break operations", Severity.BREAKS), ("Warnings", Severity.WARNING)):
            flaws, more = contract.document.flaws.told(severity, most=MOST_LISTED)
            if flaws:
                lines += ["", title, *(f"  {line}" for flaw in flaws for line in str(flaw).splitlines())]
                lines += [f"  and {more} more"] if more else []
        return "\n".join(lines)


def _made(exchange: Exchange, operation: Operation) -> tuple[str, ...]:
    """Return why an operation cannot be answered; nothing where it can."""
    if operation.unsupported or operation.behaviour:
        return operation.unsupported
    choices, store = Choices(exchange.contract.defaults()), exchange.engine.new_store()
    execution = Execution(store, choices, Generator(), None, {}, ABSENT)
    answer = exchange.answer_by(exchange.responder(operation), operation, execution)
    return (answer.detail,) if answer.problem == NOT_IMPLEMENTED else ()


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
