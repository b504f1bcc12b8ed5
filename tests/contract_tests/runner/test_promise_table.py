"""What was promised, how often that was tested, and the result: for each operation."""

from __future__ import annotations

from dataclasses import replace

import pytest
from places import FIXTURES, LIBRARY, PARTNER_API

from contract_tests.mutants.hooks import Mutant
from contract_tests.mutants.mock_target import MockTarget
from contract_tests.mutants.prove import settings_for
from contract_tests.mutants.setup import setup_for
from contract_tests.reports.wording import verdict
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import Budget
from mock_server.engine.loading import load_contract

SMALL = Budget("small", sequences=1, rounds=1, generated_bodies=1, thinning=8)
RIGHT = ("Authorization", "Bearer acme-token")
ADD = "POST /v2/internal-contacts"
CHANGE = "PATCH /v2/partners/{partner_id}/internal-contacts/{assignment_id}"


@pytest.fixture(scope="module")
def outcome_of():
    contract = load_contract(PARTNER_API)
    setup = setup_for(contract, FIXTURES[PARTNER_API])

    def run(change=None, local=True, **more):
        def exchange(context, call, proceed):
            return proceed(change(call))

        target = MockTarget(contract, setup, None, Mutant("changed", "", "", exchange=exchange) if change else None)
        target.local = local
        return hold_to(contract, target, replace(settings_for(setup, SMALL, 1), **more))

    return run


@pytest.fixture(scope="module")
def kept(outcome_of):
    return outcome_of()


def table(outcome, operation):
    return {one.promise: one for one in outcome.promises if one.operation == operation}


def test_a_promise_says_how_many_responses_were_held_to_it(kept):
    made = table(kept, ADD)

    assert {one.result for one in made.values()} == {"kept"}
    assert made["rejects invalid bodies"].tested > 20
    assert made["keeps organizations apart"].tested > 0
    assert made["answers every request, without a server error"].tested > made["answers valid requests as declared"].tested


def test_every_operation_stands_in_the_table(kept, contract):
    assert list(dict.fromkeys(one.operation for one in kept.promises)) == [str(one) for one in contract.operations]


def test_what_no_response_shows_is_not_tested_and_says_so(kept):
    stored = table(kept, CHANGE)["stores what was sent"]

    assert (stored.tested, stored.result, stored.why) == (0, "not tested", "no other response shows what it stores")


def test_a_broken_promise_is_the_one_that_the_response_breaks(outcome_of):
    def let_in(call):
        headers = dict(call.headers) if call.operation == "addInternalContact" else {"Authorization": ""}
        return call if "Authorization" in headers else replace(call, headers=(*call.headers, RIGHT))

    outcome = outcome_of(let_in, max_requests=600)

    broken = {(one.operation, one.promise) for one in outcome.promises if one.result == "broken"}
    assert broken == {("POST /v2/partners/{partner_id}/internal-contacts", "rejects requests without valid credentials")}
    assert {pair for finding in outcome.findings for pair in finding.breaks} == broken


def test_what_was_switched_off_is_not_tested(outcome_of):
    outcome = outcome_of(local=False, generated_bodies=False)

    together = table(outcome, ADD)["loses nothing to simultaneous requests"]
    assert (together.result, together.tested) == ("not tested", 0)
    assert "--races" in together.why


def test_what_a_limit_cut_off_is_not_tested(outcome_of):
    outcome = outcome_of(max_requests=60)

    assert table(outcome, ADD)["loses nothing to simultaneous requests"].why == "the run stopped at its limit of 60 requests"
    assert verdict(outcome).startswith("Conforms: ")
    assert verdict(outcome).endswith("as far as it was tested: the run stopped at its limit of 60 requests.")


def test_one_organization_alone_cannot_show_that_organizations_are_kept_apart(outcome_of, kept, contract):
    setup = setup_for(contract, FIXTURES[PARTNER_API])

    outcome = outcome_of(tenants=settings_for(setup, SMALL, 1).tenants[:1], max_requests=200)

    apart = table(outcome, ADD)["keeps organizations apart"]
    assert (apart.result, "--other-token" in apart.why) == ("not tested", True)


def test_lists_and_deletions_are_counted_too():
    contract = load_contract(LIBRARY)
    setup = setup_for(contract)

    outcome = hold_to(contract, MockTarget(contract, setup), settings_for(setup, SMALL, 1))

    assert outcome.verdict == "conforms", outcome.findings
    results = {(one.promise, one.result) for one in outcome.promises}
    assert {("deletes records for good", "kept"), ("lists the right records, in order", "kept")} <= results
