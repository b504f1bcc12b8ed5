"""The suite against records that are shown in full when asked for: quiet over honest ones, and over no others."""

from __future__ import annotations

import pytest
from places import EMBEDDING, FIXTURES

from contract_tests.mutants.prove import try_mutant, try_profile
from contract_tests.mutants.setup import setup_for
from contract_tests.mutants.table import mutants_for
from contract_tests.runner.settings import BUDGETS
from mock_server.engine.loading import load_contract

CONTRACT = load_contract(EMBEDDING)
SETUP = setup_for(CONTRACT, FIXTURES[EMBEDDING])
BREAKS = {one.name: one for one in mutants_for(CONTRACT) if one.family == "embedding"}


def test_honest_invoices_conform():
    trial = try_profile(CONTRACT, SETUP, "the defaults", {}, BUDGETS["quick"], 1)

    assert trial.right, (trial.outcome.findings, trial.outcome.reason)


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_shown_in_full_otherwise_than_asked_is_caught(name):
    trial = try_mutant(CONTRACT, SETUP, BREAKS[name], BUDGETS["quick"], 1)

    assert trial.right, trial.about
