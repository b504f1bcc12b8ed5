"""Ids that are said to be known: a wrong one is told as what it is, and a broken promise is not taken for one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from commands import command
from places import FIXTURES, LIBRARY, PARTNER_API

from contract_tests.mutants.hooks import Mutant
from contract_tests.mutants.mock_target import MockTarget
from contract_tests.mutants.prove import settings_for
from contract_tests.mutants.setup import setup_for
from contract_tests.mutants.table import FAMILIES
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import Budget
from contract_tests.transport.tenants import Tenant
from contract_tests.transport.wire import WireResponse
from mock_server.engine.loading import load_contract

SMALL = Budget("small", sequences=1, rounds=1, generated_bodies=1, thinning=30)
OURS, OTHERS = ("ptn_northwind", "ptn_contoso"), ("ptn_initech",)


@pytest.fixture
def hold(contract):
    setup = setup_for(contract, FIXTURES[PARTNER_API])

    def hold(ours=OURS, others=OTHERS, mutant=None, profile=None, **more):
        settings = settings_for(setup, SMALL, 1, stop_at_first=True)
        known = ({"Partner": ours}, {"Partner": others})
        tenants = tuple(replace(tenant, known=ids) for tenant, ids in zip(settings.tenants, known, strict=True))
        target = MockTarget(contract, setup, {**contract.defaults(), **(profile or {})}, mutant)
        return hold_to(contract, target, replace(settings, tenants=tenants, **more))

    return hold


def refusing(applies, status=404):
    """A break that refuses the requests to which `applies`."""
    return Mutant("x", "", "", exchange=lambda context, call, proceed: WireResponse(status) if applies(call) else proceed(call))


@pytest.mark.parametrize("only", ["everything", "assumptions"])
@pytest.mark.parametrize(
    ("ours", "others", "told"),
    [
        (("ptn_nothwind",), OTHERS, "--known Partner=ptn_nothwind is not known: the target returns 404"),
        (("ptn_northwind", "ptn_contso"), OTHERS, "--known Partner=ptn_contso is not known: the target returns 404"),
        (OURS, ("ptn_inetch",), "--other-known Partner=ptn_inetch is not known: the target returns 404"),
    ],
)
def test_an_id_that_nobody_knows_is_told_and_nothing_is_judged(hold, ours, others, told, only):
    outcome = hold(ours, others, only=only)

    assert (outcome.verdict, outcome.exit_code(), outcome.findings) == ("unjudged", 2, ())
    assert outcome.reason.startswith(told)
    option, token = ("--other-known", "--other-token") if "--other" in told else ("--known", "--token")
    assert outcome.reason.endswith(f"{option} has to name a Partner of the organization of {token}")
    assert "\n" not in outcome.reason


def test_every_wrong_id_is_told(hold):
    outcome = hold(("ptn_one",), ("ptn_two",))

    assert "--known Partner=ptn_one is" in outcome.reason
    assert "--other-known Partner=ptn_two is" in outcome.reason


@pytest.mark.parametrize("choice", ["hidden", "forbidden"])
def test_ids_of_the_organizations_the_wrong_way_round_are_told(hold, choice):
    outcome = hold(OTHERS, OURS, profile={"foreign-partner": choice})

    assert outcome.verdict == "unjudged"
    assert "--known Partner=ptn_initech is not known" in outcome.reason
    assert "--other-known Partner=ptn_northwind is not known" in outcome.reason


def test_an_unknown_id_that_is_refused_as_invalid_is_told_where_another_one_is_accepted(hold):
    mutant = refusing(lambda call: "/partners/" in call.path and not any(known in call.path for known in OURS + OTHERS), 422)

    assert hold(("ptn_northwind", "ptn_contso"), mutant=mutant).verdict == "unjudged"


def test_where_any_id_is_accepted_none_is_wrong(hold):
    profile = {"unknown-partner": "accept", "unknown-partner-in-role-change": "accept"}

    assert hold(("ptn_nothwind",), profile=profile, only="assumptions").verdict == "conforms"


def test_an_id_that_one_operation_does_not_know_is_wrong_although_another_takes_any(hold):
    outcome = hold(("ptn_nothwind",), profile={"unknown-partner": "accept"})

    assert outcome.verdict == "unjudged"
    assert "(PATCH /v2/partners/{partner_id}/internal-contacts/{assignment_id})" in outcome.reason


@pytest.mark.parametrize(
    "mutant",
    [
        pytest.param(refusing(lambda call: "ptn_contoso" in call.path and b"given_name" in call.body), id="some bodies"),
        pytest.param(refusing(lambda call: "ptn_contoso" in call.path and b'"csm"' in call.body), id="one role"),
        pytest.param(refusing(lambda call: "ptn_contoso" in call.path, 409), id="another status than an unknown id"),
        pytest.param(refusing(lambda call: call.method == "POST" and "/partners/" in call.path, 422), id="a whole operation"),
    ],
)
def test_a_target_that_breaks_a_promise_is_broken_and_the_id_is_right(hold, mutant):
    assert hold(mutant=mutant).verdict == "broken"


def test_organizations_that_are_mixed_up_are_broken_and_the_ids_are_right(hold, contract):
    def one_for_all(context, request, proceed):
        proceed(request)
        return context.setup.organizations[0]

    assert hold(mutant=Mutant("x", "", "", identify=one_for_all)).verdict == "broken"


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__.rpartition(".")[2])
@pytest.mark.parametrize("document", [PARTNER_API, LIBRARY], ids=["partners", "library"])
def test_no_break_is_taken_for_a_wrong_id(document, family):
    contract = load_contract(document)
    setup = setup_for(contract, FIXTURES[document])
    settings = replace(settings_for(setup, SMALL, 1), only="assumptions", max_requests=60)
    wrong = []
    for mutant in family.mutants(contract):
        outcome = hold_to(contract, MockTarget(contract, setup, contract.defaults(), mutant), settings)
        if outcome.verdict == "unjudged":
            wrong.append((mutant.name, outcome.reason))

    assert wrong == []


def test_a_wrong_id_of_what_no_organization_owns_is_told_once(contract):
    library = load_contract(LIBRARY)
    setup = setup_for(library, FIXTURES[LIBRARY])
    tenants = tuple(
        Tenant(name, setup.token_of(name), {"Book": ("9780000000000", "9780131103627")}) for name in setup.organizations
    )

    outcome = hold_to(library, MockTarget(library, setup), replace(settings_for(setup, SMALL, 1), tenants=tenants))

    assert outcome.verdict == "unjudged"
    assert outcome.reason.count("Book=9780000000000 is not known") == 1


@pytest.mark.parametrize("asked", ["run", "observe"])
def test_the_command_line_says_it_in_one_line(serve, tmp_path, asked):
    known = ["--known", "Partner=ptn_northwind", "--known", "Partner=ptn_contso"]

    said = command(asked, "--url", serve().url, "--token", "acme-token", *known, cwd=tmp_path)

    assert said.code == 2
    lines = [line for line in said.errors.splitlines() if line.startswith("contract-tests: ")]
    assert len(lines) == 1
    assert lines[0].startswith("contract-tests: --known Partner=ptn_contso is not known: ")
    assert said.output == ""
