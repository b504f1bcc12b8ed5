"""What a rehearsal starts from."""

from __future__ import annotations

from places import FIXTURES

from contract_tests.mutants.setup import setup_for


def test_each_organization_has_two_of_what_no_operation_makes(contract):
    setup = setup_for(contract)

    assert len(setup.organizations) == 2
    assert [sorted(known) for known in setup.known.values()] == [["Partner"], ["Partner"]]
    assert [len(known["Partner"]) for known in setup.known.values()] == [2, 2]
    assert len({id for known in setup.known.values() for id in known["Partner"]}) == 4


def test_what_is_shared_is_known_to_all(library_contract):
    setup = setup_for(library_contract)
    first, second = (setup.known[organization]["Book"] for organization in setup.organizations)

    assert first == second
    assert len(first) == 6


def test_fixtures_are_kept_and_completed(contract):
    setup = setup_for(contract, FIXTURES[contract.document.main.path])

    assert setup.organizations == ("acme", "globex")
    assert setup.token_of("acme") == "acme-token"
    assert setup.known["acme"]["Partner"] == ("ptn_northwind", "ptn_contoso")
    assert setup.known["globex"]["Partner"][0] == "ptn_initech"
    assert len(setup.known["globex"]["Partner"]) == 2
    assert "ict_grace" in setup.seed.records["InternalContact"]["acme"]


def test_the_same_seed_makes_the_same_rehearsal(contract):
    assert setup_for(contract) == setup_for(contract)


def test_no_token_is_the_expired_one(contract):
    setup = setup_for(contract)

    assert setup.expired not in setup.tokens
    assert len(setup.tokens) == 2
