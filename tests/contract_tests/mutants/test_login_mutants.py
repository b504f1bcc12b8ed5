"""Mocks that let the wrong ones in, and the scenarios about credentials that notice it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from places import DOORS, FIXTURES

from contract_tests.mutants.families import logins
from contract_tests.mutants.hooks import Mutant
from contract_tests.mutants.mock_target import MockTarget
from contract_tests.mutants.prove import settings_for
from contract_tests.mutants.setup import MockSetup, setup_for
from contract_tests.runner.failures import Failure
from contract_tests.runner.session import NoProgress, Session
from contract_tests.runner.settings import BUDGETS
from contract_tests.scenarios.builder import playable
from contract_tests.scenarios.credential_cases import CredentialCases
from contract_tests.scenarios.negative_cases import NegativeCases
from mock_server.contract.model import Contract
from mock_server.engine.loading import load_contract

CONTRACT = load_contract(DOORS)
SETUP = setup_for(CONTRACT, FIXTURES[DOORS])
MUTANTS = {mutant.name: mutant for mutant in logins.mutants(CONTRACT)}
LOGIN = "password: {type: string, minLength: 1}, name: {type: string}"


def failures(contract: Contract, setup: MockSetup, mutant: Mutant | None = None) -> Iterator[Failure]:
    settings = settings_for(setup, BUDGETS["quick"], 1)
    session = Session.begin(contract, MockTarget(contract, setup, mutant=mutant, random_seed=1), settings, NoProgress())
    writers = [*CredentialCases(session.subject).writers()]
    refusals = NegativeCases(session.subject, expired_token=setup.expired, other_methods=False)
    writers += [writer for writer in refusals.writers() if writer.func == refusals.tokens]
    for scenario in playable(writers):
        failure = session.player.play(scenario).failure
        if failure is not None:
            yield failure


def test_a_mock_that_follows_the_document_is_not_blamed():
    assert list(failures(CONTRACT, SETUP)) == []


@pytest.mark.parametrize("name", MUTANTS)
def test_each_way_of_letting_the_wrong_ones_in_is_noticed(name):
    assert next(failures(CONTRACT, SETUP, MUTANTS[name]), None) is not None


def test_there_is_a_mutant_for_each_promise_about_credentials():
    promises = {name.split(".")[1] for name in MUTANTS}

    assert promises == {
        *("any-secret", "secret-case", "secret-longer", "secret-shorter", "secret-trimmed", "anybodys-secret", "anybody"),
        *("tells-who-is-there", "wrong-organization", "goes-on", "ends-all", "old-goes-on", "new-is-none", "other-caller"),
        *("shows", "never-expires"),
    }


def without_sign_up(text: str) -> str:
    """Return the document without the operation that makes people."""
    before, _, rest = text.partition("  /people:\n")
    return before + "  /people/{id}:" + rest.partition("  /people/{id}:")[2]


def test_where_nobody_can_be_made_those_of_the_fixtures_log_in(tmp_path):
    (tmp_path / "doors.yaml").write_text(without_sign_up(DOORS.read_text()))
    contract = load_contract(tmp_path / "doors.yaml")
    setup = setup_for(contract, FIXTURES[DOORS])
    lenient = {mutant.name: mutant for mutant in logins.mutants(contract)}

    assert [account.values["email"] for account in setup.accounts["acme"]][:1] == ["ann@acme.example"]
    assert list(failures(contract, setup)) == []
    assert next(failures(contract, setup, lenient["logins.any-secret.password.login"]), None) is not None
    assert next(failures(contract, setup, lenient["logins.anybodys-secret.password.login"]), None) is not None


def test_without_fixtures_those_who_log_in_are_made_up(tmp_path):
    (tmp_path / "doors.yaml").write_text(without_sign_up(DOORS.read_text()))
    contract = load_contract(tmp_path / "doors.yaml")
    setup = setup_for(contract)

    assert len({account.values["password"] for accounts in setup.accounts.values() for account in accounts}) == 4
    assert list(failures(contract, setup)) == []
