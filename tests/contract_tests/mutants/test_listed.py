"""The suite against mocks of a document with lists: quiet over honest ones, and not over what selects wrongly."""

from __future__ import annotations

import pytest
from places import DOCUMENTS

from contract_tests.mutants.prove import try_mutant, try_profile
from contract_tests.mutants.setup import setup_for
from contract_tests.mutants.table import mutants_for
from contract_tests.runner.settings import Budget
from mock_server.engine.loading import load_contract

CONTRACT = load_contract(DOCUMENTS / "notices.yaml", strict=True)
SMALL = Budget("small", sequences=1, rounds=1, generated_bodies=1, thinning=12)
BREAKS = {one.name: one for one in mutants_for(CONTRACT) if one.family == "selections"}


def test_an_honest_mock_conforms():
    trial = try_profile(CONTRACT, setup_for(CONTRACT), "honest", {}, SMALL, 1)

    assert trial.right, trial.outcome.findings


@pytest.mark.parametrize("name", BREAKS)
def test_a_list_that_selects_wrongly_is_caught(name):
    trial = try_mutant(CONTRACT, setup_for(CONTRACT), BREAKS[name], SMALL, 1)

    assert trial.right, trial.about
