"""What a run has found so far: confirmed, shrunk, told once for each cause; and what it saw only now and then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from contract_tests.runner.findings import finding_of, sporadic_title
from contract_tests.runner.outcome import Finding
from contract_tests.runner.player import Failure, FailureKind, Played, Player
from contract_tests.runner.shrinking import confirm, shrink
from contract_tests.transport.client import Exhausted
from contract_tests.transport.secrets import Secrets
from contract_tests.transport.wire import is_lost

FEW_LOST, LOST_IN = 2, 500
"""So many requests, or one in so many, may get no answer: a network is no part of the contract."""


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
    document: str
    most: int
    on_finding: Callable[[Finding], None]
    findings: dict[str, Finding] = field(default_factory=dict)
    lost: list[Played] = field(default_factory=list)
    """Where a request got no answer at all, and its scenario went well when it was played again."""
    _sporadic: dict[FailureKind, Sporadic] = field(default_factory=dict)

    @property
    def causes(self) -> set[str]:
        """The causes that are told already."""
        return set(self.findings)

    def add(self, finding: Finding) -> None:
        """Add a finding."""
        self.findings[finding.cause] = finding
        self.on_finding(finding)
        if len(self.findings) >= self.most:
            raise Enough

    def finding_of(self, played: Played) -> Finding:
        """Return what a playing that went wrong says; it is not added yet."""
        return finding_of(played, self.document, self.secrets)

    def look_into(self, played: Played) -> None:
        """Play again what went wrong, if anything did, and add what comes of it."""
        failure = played.failure
        if failure is None:
            return
        if failure.cause in self.findings:
            known = self.findings[failure.cause]
            self.findings[failure.cause] = replace(known, times=known.times + 1, out_of=max(known.out_of, known.times + 1))
            return
        try:
            again = confirm(self.player, played)
        except Exhausted:
            self._note_unconfirmed(played, failure)
            raise
        if again is not None:
            try:
                smallest = shrink(self.player, again)
            except Exhausted:
                self.add(self.finding_of(again))  # no request is left to make it smaller
                raise
            self.add(self.finding_of(smallest))
        else:
            self._note_unconfirmed(played, failure)

    def _note_unconfirmed(self, played: Played, failure: Failure) -> None:
        if is_lost(played.steps[-1].reply):
            self.lost.append(played)
        else:
            self._sporadic.setdefault(failure.kind, Sporadic(played, 0)).times += 1

    def add_sporadic(self, requests: int) -> None:
        """Add what went wrong now and then in a run of so many requests."""
        if len(self.lost) > max(FEW_LOST, requests // LOST_IN):
            self._sporadic["trouble"] = Sporadic(self.lost[0], len(self.lost))
        for kind, sporadic in self._sporadic.items():
            if kind == "answer" and self.findings and sporadic.times == 1:
                continue  # one odd answer beside real findings is most likely one of them
            finding = finding_of(sporadic.first, self.document, self.secrets, times=sporadic.times, out_of=requests)
            title, cause = f"{sporadic_title(kind)}: {finding.title}", f"sporadic {kind}"
            self.findings.setdefault(cause, replace(finding, cause=cause, title=title, part="reliability"))
