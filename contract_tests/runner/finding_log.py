"""What a run has found so far: confirmed, shrunk, told once for each cause; and what it saw only now and then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from contract_tests.runner.causes import one_for_each_cause
from contract_tests.runner.failures import Failure, FailureKind
from contract_tests.runner.findings import finding_of, sporadic_title
from contract_tests.runner.outcome import Finding
from contract_tests.runner.player import Played, Player
from contract_tests.runner.shrinking import confirm, shrink
from contract_tests.transport.client import Exhausted
from contract_tests.transport.secrets import Secrets
from contract_tests.transport.wire import is_lost

FEW_LOST, LOST_IN = 2, 500
"""So many requests, or one in so many, may get no answer: a network is no part of the contract."""


MOST_OF_ONE_CAUSE = 3
"""How many findings are looked for at most for each cause that is asked for."""

MOST_CLOCK_CHANGES = 3
"""How often the clock of a target may be set in a run."""


class Enough(Exception):  # noqa: N818 (it ends a run early)
    """Raised when enough was found."""


@dataclass(slots=True)
class Sporadic:
    """What went wrong and did not when it was tried again."""

    first: Played
    times: int = 1


@dataclass(slots=True)
class FindingLog:
    """The findings of a run by cause; it raises `Enough` at the last of `most`."""

    player: Player
    secrets: Secrets
    most: int
    on_finding: Callable[[Finding], None]
    findings: dict[str, Finding] = field(default_factory=dict)
    lost: list[Played] = field(default_factory=list)
    """Where a request got no answer at all, and its scenario went well when it was played again."""
    _found_as: dict[str, str] = field(default_factory=dict)
    """The causes of what went wrong, and under which cause each was told: the smallest sequence may show less of it."""
    clock_changes: int = 0
    """How often a time was wrong and was not when its scenario was played again: as where a clock is set."""
    _sporadic: dict[FailureKind, Sporadic] = field(default_factory=dict)

    @property
    def causes(self) -> set[str]:
        """The causes that are told already."""
        return set(self.findings)

    @property
    def told(self) -> list[Finding]:
        """The findings, in the order in which they were found."""
        return list(self.findings.values())

    def add(self, finding: Finding) -> None:
        """Add a finding."""
        self.findings[finding.cause] = finding
        self.on_finding(finding)
        if len(self.findings) >= self.most * MOST_OF_ONE_CAUSE or len(one_for_each_cause(self.told)) >= self.most:
            raise Enough

    def finding_of(self, played: Played, *, together: bool = False) -> Finding:
        """Return what a playing that went wrong says; it is not added yet."""
        return finding_of(played, self.player.subject.contract, self.secrets, together=together)

    def look_into(self, played: Played) -> None:
        """Play again what went wrong, if anything did, and add what comes of it."""
        failure = played.failure
        if failure is None:
            return
        cause = self._found_as.get(failure.cause, failure.cause)
        if cause in self.findings:
            known = self.findings[cause]
            self.findings[cause] = replace(known, times=known.times + 1, out_of=max(known.out_of, known.times + 1))
            return
        if failure.is_of_clock:
            self.player.oracle.memory.allow_for_another_clock()
        try:
            again = confirm(self.player, played)
        except Exhausted:
            self._note_unconfirmed(played, failure)
            raise
        if again is None:
            self._note_unconfirmed(played, failure)
            return
        try:
            smallest = shrink(self.player, again)
        except Exhausted:
            self._add_as(failure, again)  # no request is left to make it smaller
            raise
        self._add_as(failure, smallest)

    def _add_as(self, failure: Failure, smallest: Played) -> None:
        finding = self.finding_of(smallest)
        self._found_as[failure.cause] = finding.cause
        if finding.cause not in self.findings:
            self.add(finding)

    def _note_unconfirmed(self, played: Played, failure: Failure) -> None:
        if is_lost(played.steps[-1].reply):
            self.lost.append(played)
        elif failure.is_of_clock and self.clock_changes < MOST_CLOCK_CHANGES:
            self.clock_changes += 1
        else:
            self._sporadic.setdefault(failure.kind, Sporadic(played, 0)).times += 1

    def add_sporadic(self, requests: int) -> None:
        """Add what went wrong now and then in a run of so many requests."""
        if len(self.lost) > max(FEW_LOST, requests // LOST_IN):
            self._sporadic["trouble"] = Sporadic(self.lost[0], len(self.lost))
        for kind, sporadic in self._sporadic.items():
            if kind == "answer" and self.findings and sporadic.times == 1:
                continue  # one odd answer beside real findings is most likely one of them
            contract, times = self.player.subject.contract, sporadic.times
            finding = finding_of(sporadic.first, contract, self.secrets, times=times, out_of=requests)
            title, cause = f"{sporadic_title(kind)}: {finding.title}", f"sporadic {kind}"
            self.findings.setdefault(cause, replace(finding, cause=cause, title=title, part="reliability"))
