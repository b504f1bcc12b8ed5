"""The contract tests against an API that was written by hand: as it is meant, and with the bugs of a careless colleague."""

from __future__ import annotations

import pytest
from places import DOCUMENTS

from contract_tests.runner.outcome import Outcome
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import Budget, RunSettings
from contract_tests.transport.targets import AppTarget
from contract_tests.transport.tenants import Tenant
from mock_server.engine.loading import load_contract

from .boards_api import BUGS, TOKENS, create_app

CONTRACT = load_contract(DOCUMENTS / "boards.yaml", strict=True)
SMALL = Budget("small", sequences=4, rounds=2, generated_bodies=4, thinning=12)


def judged(bug: str = "", **settings: bool) -> Outcome:
    tenants = tuple(Tenant(name, token, {}) for token, name in TOKENS.items())
    target = AppTarget(create_app(bug))
    try:
        return hold_to(CONTRACT, target, RunSettings(tenants, budget=SMALL, random_seed=1, **settings))
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
