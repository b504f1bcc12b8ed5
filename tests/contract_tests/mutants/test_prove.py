"""The suite against mocks: quiet over every admissible reading, which it settles rightly, and not over what breaks the contract."""

from __future__ import annotations

from dataclasses import replace

import pytest
from commands import command
from places import FIXTURES, LIBRARY, PARTNER_API

from contract_tests.mutants.mock_target import MockTarget
from contract_tests.mutants.prove import Proof, Trial, profiles, prove, settings_for, try_mutant, try_profile
from contract_tests.mutants.setup import setup_for
from contract_tests.mutants.table import mutants_for
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import BUDGETS, Budget
from mock_server.engine.loading import load_contract

CONTRACTS = {"partners": load_contract(PARTNER_API), "library": load_contract(LIBRARY)}
FILES = {"partners": PARTNER_API, "library": LIBRARY}
SMALL = Budget("small", sequences=3, rounds=2, generated_bodies=3, thinning=6)
READINGS = [(name, *read_input) for name, contract in CONTRACTS.items() for read_input in profiles(contract, 3, 4)]
WHOLE = [("partners", "random profile 1"), ("library", "random profile 1"), ("library", "random profile 2")]
BREAKS = {f"{name} {one.name}": (name, one) for name, contract in CONTRACTS.items() for one in mutants_for(contract)}


def rehearsal_of(name):
    return setup_for(CONTRACTS[name], FIXTURES[FILES[name]])


@pytest.mark.parametrize(("document", "profile", "chosen"), READINGS, ids=[f"{one[0]}, {one[1]}" for one in READINGS])
def test_every_admissible_reading_conforms_and_is_settled_rightly(document, profile, chosen):
    contract, setup = CONTRACTS[document], rehearsal_of(document)
    full = {**contract.defaults(), **chosen}
    target = MockTarget(contract, setup, full, random_seed=1)

    outcome = hold_to(contract, target, replace(settings_for(setup, SMALL, 1), only="assumptions"))

    assert outcome.verdict == "conforms", outcome.findings
    assert {one.assumption: one.choices for one in outcome.settlements if full[one.assumption] not in one.choices} == {}
    assert outcome.requests < 200
    settled = [one for one in outcome.settlements if one.state == "settled"]
    assert all(one.evidence is not None for one in settled)
    if not profile.startswith("random"):
        assert len(settled) > len(outcome.settlements) * 0.7


@pytest.mark.parametrize(("document", "name"), WHOLE)
def test_a_whole_run_over_a_random_profile_is_quiet(document, name):
    chosen = dict(profiles(CONTRACTS[document], 3, 11))[name]

    trial = try_profile(CONTRACTS[document], rehearsal_of(document), name, chosen, SMALL, 1)

    assert trial.right, (trial.wrongly_settled, trial.outcome.findings, trial.outcome.reason)


def sample_of_breaks():
    """A break of each family, for either document; what shows only where nobody may try it is left out."""
    families: dict[tuple[str, str], list[str]] = {}
    for label, (document, one) in BREAKS.items():
        if not one.together and "removeBook" not in one.name:
            families.setdefault((document, one.family), []).append(label)
    return [names[len(names) // 2] for names in families.values()]


@pytest.mark.parametrize("label", sample_of_breaks())
def test_a_break_of_each_family_is_caught(label):
    document, broken = BREAKS[label]

    trial = try_mutant(CONTRACTS[document], rehearsal_of(document), broken, BUDGETS["quick"], 1)

    assert trial.right, trial.about
    finding = trial.outcome.findings[0]
    assert finding.steps
    assert finding.clause.startswith(f"{FILES[document].name}#/")


@pytest.mark.parametrize("document", CONTRACTS)
def test_breaks_are_derived_from_the_document(document):
    families = {one.family for one in mutants_for(CONTRACTS[document])}

    assert len(mutants_for(CONTRACTS[document])) >= 80
    assert families >= {"schema", "find-or-create", "tenants", "auth", "validation", "updates", "races", "reliability"}


def test_what_is_proven_is_told_apart(contract):
    told = []
    name = next(one.name for one in mutants_for(contract) if one.family == "auth")

    proof = prove(
        contract,
        FIXTURES[PARTNER_API],
        random_profiles=0,
        budget=SMALL,
        on_trial=told.append,
        only=lambda one: one in (name, "the defaults"),
    )

    assert [trial.name for trial in told] == [name, "the defaults"]
    assert ([trial.name for trial in proof.caught], [trial.name for trial in proof.quiet]) == ([name], ["the defaults"])
    assert proof.holds


def test_a_proof_with_something_missed_or_a_false_alarm_does_not_hold():
    trial = Trial("x", "y", "z", None, False)

    assert not Proof(missed=[trial]).holds
    assert not Proof(false_alarms=[trial]).holds
    assert Proof().holds


def test_prove_prints_what_was_caught_and_exits_with_0(tmp_path):
    name = next(one.name for one in mutants_for(CONTRACTS["library"]) if one.family == "schema")

    said = command("prove", LIBRARY, "--seed", FIXTURES[LIBRARY], "--only", name, "--random-profiles", "0", cwd=tmp_path)

    assert said.code == 0, said
    assert f"caught   {name} (" in said.output
    assert "broken mocks were caught; 0 false alarms over 0 profiles." in said.output


def test_prove_tells_mistakes(tmp_path):
    said = command("prove", "missing.yaml", cwd=tmp_path)

    assert said.code == 2
    assert "missing.yaml" in said.errors
    assert "Traceback" not in said.errors
