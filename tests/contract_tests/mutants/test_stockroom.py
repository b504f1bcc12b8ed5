"""The suite against a stockroom: quiet over an honest one, and not over any that puts things in the wrong place."""

from __future__ import annotations

import pytest
from places import FIXTURES, STOCKROOM

from contract_tests.mutants.prove import try_mutant, try_profile
from contract_tests.mutants.setup import setup_for
from contract_tests.mutants.table import mutants_for
from contract_tests.runner.settings import BUDGETS, Budget
from mock_server.engine.loading import load_contract

CONTRACT = load_contract(STOCKROOM)
SETUP = setup_for(CONTRACT, FIXTURES[STOCKROOM])
SMALL = Budget("small", sequences=3, rounds=2, generated_bodies=3, thinning=6)
FAMILIES = ("replacing", "identity", "bulk")
BREAKS = {one.name: one for one in mutants_for(CONTRACT) if one.family in FAMILIES}


def test_an_honest_stockroom_conforms():
    trial = try_profile(CONTRACT, SETUP, "the defaults", {}, SMALL, 1)

    assert trial.right, (trial.outcome.findings, trial.outcome.reason)


@pytest.mark.parametrize("name", BREAKS)
def test_a_stockroom_that_puts_things_in_the_wrong_place_is_caught(name):
    trial = try_mutant(CONTRACT, SETUP, BREAKS[name], BUDGETS["quick"], 1)

    assert trial.right, trial.about
