"""What a rehearsal starts from."""

from __future__ import annotations

from places import FIXTURES

from contract_tests.rehearsal.seed import seed_for


def test_each_organization_has_two_of_what_no_operation_makes(contract):
    rehearsal = seed_for(contract)

    assert len(rehearsal.organizations) == 2
    assert [sorted(known) for known in rehearsal.known.values()] == [["Partner"], ["Partner"]]
    assert [len(known["Partner"]) for known in rehearsal.known.values()] == [2, 2]
    assert len({id for known in rehearsal.known.values() for id in known["Partner"]}) == 4


def test_what_is_shared_is_known_to_all(library_contract):
    rehearsal = seed_for(library_contract)
    first, second = (rehearsal.known[organization]["Book"] for organization in rehearsal.organizations)

    assert first == second
    assert len(first) == 6


def test_fixtures_are_kept_and_completed(contract):
    rehearsal = seed_for(contract, FIXTURES[contract.document.main.path])

    assert rehearsal.organizations == ("acme", "globex")
    assert rehearsal.token_of("acme") == "acme-token"
    assert rehearsal.known["acme"]["Partner"] == ("ptn_northwind", "ptn_contoso")
    assert rehearsal.known["globex"]["Partner"][0] == "ptn_initech"
    assert len(rehearsal.known["globex"]["Partner"]) == 2
    assert "ict_grace" in rehearsal.seed.records["InternalContact"]["acme"]


def test_the_same_seed_makes_the_same_rehearsal(contract):
    assert seed_for(contract) == seed_for(contract)


def test_no_token_is_the_expired_one(contract):
    rehearsal = seed_for(contract)

    assert rehearsal.expired not in rehearsal.tokens
    assert len(rehearsal.tokens) == 2
