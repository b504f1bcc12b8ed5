"""Proving the suite: it has to catch every broken mock, and to raise no alarm over any mock that follows the contract."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contract_tests.mutants.hooks import Mutant
from contract_tests.mutants.mock_target import MockTarget
from contract_tests.mutants.setup import MockSetup, setup_for
from contract_tests.mutants.table import mutants_for
from contract_tests.runner.outcome import Outcome
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import BUDGETS, Budget, RunSettings
from contract_tests.transport.tenants import Tenant
from mock_server.contract.model import Contract

RANDOM_PROFILES = 30


@dataclass(frozen=True, slots=True)
class Trial:
    """One mock that the suite was run against. `right` says whether the verdict is the one that it deserves."""

    name: str
    family: str
    about: str
    outcome: Outcome
    right: bool
    wrongly_settled: tuple[str, ...] = ()
    """Assumptions that the run settled otherwise than the mock does."""


@dataclass(slots=True)
class Proof:
    """What came of it."""

    caught: list[Trial] = field(default_factory=list)
    missed: list[Trial] = field(default_factory=list)
    quiet: list[Trial] = field(default_factory=list)
    false_alarms: list[Trial] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether everything was caught and nothing else."""
        return not self.missed and not self.false_alarms


def prove(
    contract: Contract,
    fixtures: Path | None = None,
    *,
    random_seed: int = 0,
    random_profiles: int = RANDOM_PROFILES,
    budget: Budget = BUDGETS["quick"],
    on_trial: Callable[[Trial], None] = lambda trial: None,
    only: Callable[[str], bool] = lambda name: True,
) -> Proof:
    """Run the suite against broken mocks and against mocks that follow admissible profiles, and return what came of it."""
    setup = setup_for(contract, fixtures)
    proof = Proof()
    for broken in mutants_for(contract):
        if only(broken.name):
            trial = try_mutant(contract, setup, broken, budget, random_seed)
            (proof.caught if trial.right else proof.missed).append(trial)
            on_trial(trial)
    for name, profile in profiles(contract, random_profiles, random_seed):
        if only(name):
            trial = try_profile(contract, setup, name, profile, budget, random_seed)
            (proof.quiet if trial.right else proof.false_alarms).append(trial)
            on_trial(trial)
    return proof


def try_mutant(contract: Contract, setup: MockSetup, broken: Mutant, budget: Budget, random_seed: int) -> Trial:
    """Run the suite against one broken mock, until something is found."""
    target = MockTarget(contract, setup, contract.defaults(), broken, random_seed=random_seed)
    outcome = hold_to(contract, target, settings_for(setup, budget, random_seed, stop_at_first=True))
    return Trial(broken.name, broken.family, broken.about, outcome, outcome.verdict == "broken")


def try_profile(
    contract: Contract, setup: MockSetup, name: str, profile: Mapping[str, str], budget: Budget, random_seed: int
) -> Trial:
    """Run the suite against a mock that follows an admissible profile; what it settles has to be what the mock does."""
    full = {**contract.defaults(), **profile}
    target = MockTarget(contract, setup, full, None, random_seed=random_seed)
    outcome = hold_to(contract, target, settings_for(setup, budget, random_seed))
    wrong = tuple(one.assumption for one in outcome.settlements if full[one.assumption] not in one.choices)
    return Trial(
        name, "profile", "A mock that follows the contract.", outcome, outcome.verdict == "conforms" and not wrong, wrong
    )


def settings_for(setup: MockSetup, budget: Budget, random_seed: int, *, stop_at_first: bool = False) -> RunSettings:
    """Return what a run against a mock of the setup is asked to do."""
    tenants = tuple(
        Tenant(name, token, setup.known.get(name, {}), setup.accounts.get(name, ()), setup.users.get(token))
        for name, token in ((name, setup.token_of(name)) for name in setup.organizations)
    )
    return RunSettings(tenants, setup.expired, budget, random_seed=random_seed, stop_at_first=stop_at_first)


def profiles(contract: Contract, random_profiles: int, random_seed: int) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the defaults, each other choice alone, and random profiles."""
    yield "the defaults", {}
    for name, assumption in contract.assumptions.items():
        for choice in assumption.choices:
            if choice != assumption.default:
                yield f"{name}={choice}", {name: choice}
    mixing, there_are = random.Random(random_seed), math.prod(len(one.choices) for one in contract.assumptions.values())
    for number in range(1, min(random_profiles, there_are - 1) + 1):
        chosen = {name: mixing.choice(list(one.choices)) for name, one in contract.assumptions.items()}
        yield f"random profile {number}", chosen
