"""An honest mock of records that are numbered or named beneath others, and of a caller who is looked up, conforms in all of it."""

from __future__ import annotations

import pytest
from places import DEPOTS, FIXTURES, LIBRARY

from contract_tests.cli.options import Options
from contract_tests.cli.starting import make_target
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import Budget, RunSettings
from contract_tests.transport.tenants import Tenant
from mock_server.engine.loading import load_contract
from mock_server.server.application import Application
from mock_server.server.log import Log
from mock_server.server.mock import Mock
from mock_server.server.settings import Settings

SMALL = Budget("small", sequences=4, rounds=2, generated_bodies=4, thinning=12)
TOKENS = {"document": DEPOTS, "token": "ann-key", "other_token": "bob-key"}


def tenants(**options) -> tuple[Tenant, ...]:
    return Options(**{**TOKENS, **options}).settings(load_contract(options.get("document", DEPOTS))).tenants


@pytest.fixture
def outcome():
    mock = Mock.from_settings(Settings(document=DEPOTS, seed=FIXTURES[DEPOTS]))
    target = make_target(Options(), Application(mock, Settings(), Log("error")))
    try:
        return hold_to(
            load_contract(DEPOTS), target, RunSettings(tenants(user="1", other_user="2"), budget=SMALL, random_seed=1)
        )
    finally:
        target.close()


def test_an_honest_mock_conforms_and_nothing_is_left_untested(outcome):
    assert outcome.verdict == "conforms", outcome.findings
    assert outcome.limits == ()


def test_a_user_whose_token_it_is_is_known_to_be_there():
    assert [(tenant.user, dict(tenant.known)) for tenant in tenants(user="1", other_user="2")] == [
        (1, {"Person": (1,)}),
        (2, {"Person": (2,)}),
    ]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"user": "ann"}, "--user: 'ann' is not the person_id of a Key, which is a whole number"),
        ({"other_user": "bob"}, "--other-user: 'bob' is not the person_id of a Key"),
        ({"user": "1", "document": LIBRARY}, "--user: nothing in the document asks whose credential it is"),
    ],
    ids=["no number", "no number for the other", "nothing asks"],
)
def test_a_user_that_is_of_no_use_is_refused(options, told):
    with pytest.raises(ValueError, match="--") as refused:
        tenants(**options)

    assert told in str(refused.value)
