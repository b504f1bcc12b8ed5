"""The contract tests against an API that was written by hand: as it is meant, and with the bugs of a careless colleague."""

from __future__ import annotations

import pytest
from places import DOCUMENTS

from contract_tests.runner.outcome import Outcome
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import BUDGETS, Budget, RunSettings
from contract_tests.transport.targets import AppTarget
from contract_tests.transport.tenants import Tenant
from mock_server.engine.loading import load_contract

from .boards_api import BUGS, MORE_BUGS, TOKENS, create_app
from .front import FRONT_BUGS, FrontApp

CONTRACT = load_contract(DOCUMENTS / "boards.yaml", strict=True)
SMALL = Budget("small", sequences=4, rounds=2, generated_bodies=4, thinning=12)


def judged(bug: str = "", *, front: str = "", budget: Budget = SMALL, **settings: bool) -> Outcome:
    tenants = tuple(Tenant(name, token, {}) for token, name in TOKENS.items())
    app = create_app(bug)
    target = AppTarget(FrontApp(app, front, tuple(TOKENS)) if front else app)
    try:
        return hold_to(CONTRACT, target, RunSettings(tenants, budget=budget, random_seed=1, **settings))
    finally:
        target.close()


def test_the_api_as_it_is_meant_conforms():
    outcome = judged()

    assert outcome.verdict == "conforms", outcome.findings


def test_a_run_after_another_conforms_too():
    """What the first run left is there when the second one begins."""
    app = create_app()
    tenants = tuple(Tenant(name, token, {}) for token, name in TOKENS.items())
    for seed in (1, 2):
        target = AppTarget(app)
        try:
            outcome = hold_to(CONTRACT, target, RunSettings(tenants, budget=SMALL, random_seed=seed))
        finally:
            target.close()
        assert outcome.verdict == "conforms", outcome.findings


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_is_caught(bug):
    assert judged(bug, stop_at_first=True).verdict == "broken"


@pytest.mark.parametrize("bug", MORE_BUGS)
def test_a_bug_is_caught_with_few_requests(bug):
    assert judged(bug, budget=BUDGETS["quick"], stop_at_first=True).verdict == "broken"


@pytest.mark.parametrize("bug", FRONT_BUGS)
def test_a_bug_of_what_stands_in_front_is_caught_with_few_requests(bug):
    assert judged(front=bug, budget=BUDGETS["quick"], stop_at_first=True).verdict == "broken"
