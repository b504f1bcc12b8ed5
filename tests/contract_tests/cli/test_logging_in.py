"""Runs that log in: the token that a target hands out is the one that the run uses, and no report tells it."""

from __future__ import annotations

import json

import pytest
from places import DOORS, FIXTURES, LIBRARY

import contract_tests
from contract_tests.cli.options import Options
from contract_tests.mutants.families import logins
from contract_tests.mutants.mock_target import MockTarget
from contract_tests.mutants.prove import settings_for
from contract_tests.mutants.setup import setup_for
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import BUDGETS
from mock_server.engine.loading import load_contract
from mock_server.server.application import Application
from mock_server.server.log import Log
from mock_server.server.mock import Mock
from mock_server.server.settings import Settings

ANN = json.dumps({"email": "ann@acme.example", "password": "correct horse"})
BOB = json.dumps({"email": "bob@globex.example", "password": "battery staple"})


@pytest.fixture
def mock() -> Mock:
    return Mock.from_settings(Settings(document=DOORS, seed=FIXTURES[DOORS]))


def run(target, **options):
    known = {"document": DOORS, "token": "", "other_token": "", "known": {}, "other_known": {}, "budget": "quick"}
    return contract_tests.run(target, **{**known, "max_requests": 150, **options})


def test_a_run_uses_the_tokens_that_its_logins_are_answered_with(mock):
    outcome = run(Application(mock, Settings(), Log("error")), login=ANN, other_login=BOB)

    assert outcome.verdict == "conforms", outcome.reason
    assert {entry.organization for entry in mock.journal.entries()} >= {"acme", "globex"}


def test_no_report_of_a_run_tells_what_was_handed_out():
    contract = load_contract(DOORS)
    setup = setup_for(contract, FIXTURES[DOORS])
    broken = next(mutant for mutant in logins.mutants(contract) if mutant.name == "logins.anybody.email.login")
    target = MockTarget(contract, setup, mutant=broken)
    outcome = hold_to(contract, target, settings_for(setup, BUDGETS["quick"], 0, stop_at_first=True))
    told = repr(outcome)
    sessions = [record for held in target.context.store.snapshot().records["Session"].values() for record in held.values()]

    assert outcome.verdict == "broken"
    assert "$HANDED_OUT" in told
    assert [session["token"] for session in sessions if session["token"] in told] == []


@pytest.mark.parametrize(
    ("login", "told"),
    [
        ("ann", "--login is not the body of a login as JSON"),
        ('{"email": "ann@acme.example"}', "--login lacks what an operation logs in by (POST /login: email, password)"),
        (json.dumps({"email": "ann@acme.example", "password": "wrong"}), "POST /login handed out no bearer token"),
    ],
    ids=["no JSON", "no password", "a wrong password"],
)
def test_a_login_that_gives_no_token_ends_the_run_before_it_begins(mock, login, told):
    with pytest.raises(ValueError, match="--login") as refused:
        run(Application(mock, Settings(), Log("error")), login=login)

    assert told in str(refused.value)
    assert "wrong" not in str(refused.value)


def test_a_login_is_told_by_no_representation_of_the_options():
    assert "correct horse" not in repr(Options(login=ANN))


def test_where_nobody_logs_in_a_login_is_refused():
    contract = load_contract(LIBRARY)
    with pytest.raises(ValueError, match="none of the document does"):
        Options(token="some-token", login=ANN).settings(contract)
