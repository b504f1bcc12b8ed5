"""What the phases of one run share: whom it asks, what it knows so far, and what it found."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from contract_tests.oracle.hypotheses import Oracle
from contract_tests.oracle.initial_state import credentials_of, seed_of
from contract_tests.runner.finding_log import FindingLog
from contract_tests.runner.ledger import Ledger
from contract_tests.runner.made import Creations
from contract_tests.runner.outcome import Finding
from contract_tests.runner.player import Player
from contract_tests.runner.retention import Retention
from contract_tests.runner.settings import RunSettings
from contract_tests.scenarios.standing_apart import standing_apart
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import Scenario
from contract_tests.transport.client import Client
from contract_tests.transport.inbox import inbox_for
from contract_tests.transport.interruption import Interruption
from contract_tests.transport.secrets import Secrets
from contract_tests.transport.wire import Target
from mock_server.contract.behaviours.secret_members import secret_members
from mock_server.contract.model import Contract
from mock_server.engine.verbs import Send

MOST_OBSERVING = 199
"""How many requests are sent at most to settle assumptions alone, unless more are allowed: what is last seldom tells much."""

MOST_FINDINGS = 20


class Progress(Protocol):
    """Whoever wants to know how a run goes on."""

    def phase(self, name: str) -> None:
        """A part of the run begins."""

    def requests(self, count: int) -> None:
        """So many requests have been sent."""

    def finding(self, finding: Finding) -> None:
        """Something was found."""


class NoProgress:
    """Nobody wants to know."""

    def phase(self, name: str) -> None:
        """Say nothing."""

    def requests(self, count: int) -> None:
        """Say nothing."""

    def finding(self, finding: Finding) -> None:
        """Say nothing."""


class Unjudged(Exception):  # noqa: N818 (it ends a run early, with a reason)
    """Raised when no verdict can be given."""


@dataclass(slots=True)
class Session:
    """One run while it goes on."""

    subject: Subject
    target: Target
    settings: RunSettings
    progress: Progress
    client: Client
    player: Player
    secrets: Secrets
    log: FindingLog
    stands_apart: Callable[[Scenario], bool]
    """Says whether a scenario may be played beside others that do."""
    retention: Retention | None = None
    further: Iterator[list[Scenario]] = field(default_factory=lambda: iter(()))
    """The prepared scenarios that are still to be played, the most telling ones first."""
    interrupted_by: int = 0
    """The number of the signal that ended the run early, if one did."""
    stopped: str = ""
    """Why the run ended early, if it did."""
    limits: list[str] = field(default_factory=list)
    """Sentences about what was left out on the way."""

    @property
    def connections(self) -> int:
        """Over how many connections requests go that have nothing to do with each other."""
        return self.settings.concurrency or self.target.connections

    @classmethod
    def begin(
        cls,
        contract: Contract,
        target: Target,
        settings: RunSettings,
        progress: Progress,
        ledger: Ledger | None = None,
        interruption: Interruption | None = None,
    ) -> Session:
        """Return the session of a run that has not sent anything yet."""
        if unknown := sorted(settings.operations - {operation.id for operation in contract.operations}):
            raise ValueError(f"no operation of the document is called {' or '.join(unknown)}")
        most = settings.max_requests or (MOST_OBSERVING if settings.observes else None)
        client = Client(
            target,
            rate=settings.rate,
            max_requests=most,
            max_seconds=settings.max_seconds,
            on_request=progress.requests,
            interruption=interruption,
        )
        members = secret_members(contract)
        places = {name for scheme in contract.schemes for name in (*scheme.secret_headers, *scheme.secret_parameters)}
        subject = Subject.of(contract, settings.tenants)
        secrets = Secrets(settings.tenants, settings.expired_token, places | members)
        # Every run has keys of its own, whatever its seed: what an earlier one made is still there.
        tag = f"r{random.SystemRandom().randrange(10**8, 10**9)}"
        oracle = Oracle.of(contract, credentials_of(settings.tenants), seed_of(contract, settings.tenants))
        oracle.judge.tag = tag
        for account in (account for tenant in settings.tenants for account in tenant.accounts):
            for name in contract.resources[account.resource].hidden & account.values.keys():
                secrets.learn(account.values[name])
        player = Player(oracle, client, subject, tag, [oracle.everything_open()])
        player.made = Creations(subject, tag, target.name, secrets.mask, ledger)
        player.secret_members, player.learn = members, secrets.learn
        if not settings.observes and any(isinstance(step, Send) for step in contract.steps()):
            player.inbox = inbox_for(target)
        most_findings = 1 if settings.stop_at_first else MOST_FINDINGS
        log = FindingLog(player, secrets, most_findings, progress.finding)
        return cls(subject, target, settings, progress, client, player, secrets, log, standing_apart(subject))
