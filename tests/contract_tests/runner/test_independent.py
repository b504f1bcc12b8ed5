"""The suite against an implementation that shares no line with the engine (all of it: benchmarks/judging.py)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from independent.faults import FAULTS
from independent.partner_api import create_app
from independent.serving import serve
from independent.variants import VARIANTS

from contract_tests.runner.promises import calibrate
from contract_tests.runner.reaching import reach
from contract_tests.runner.run import hold_to
from contract_tests.runner.session import NoProgress, Session
from contract_tests.runner.settings import BUDGETS, Budget, RunSettings
from contract_tests.runner.simultaneous import race
from contract_tests.transport.targets import HttpTarget
from contract_tests.transport.tenants import Tenant

TENANTS = (
    Tenant("acme", "acme-token", {"Partner": ("ptn_northwind", "ptn_contoso")}),
    Tenant("globex", "globex-token", {"Partner": ("ptn_initech",)}),
)
SMALL = Budget("small", sequences=2, rounds=2, generated_bodies=2, thinning=8)
SETTINGS = RunSettings(TENANTS, "acme-expired-token", SMALL)

CONFORMING = [
    "another-style",
    "upsert",
    "upsert-in-another-style",
    "everything-conflicts",
    "strict",
    "lenient",
    "many-statuses",
    "framework-defaults",
    "old-stack",
    "behind-a-gateway",
    "email-strict",
    "closing-connections",
    "null-in-patch=ignore, modified-when-unchanged=when-sent",
]
CAUGHT = [
    "answer-in-list",
    "contact-in-list",
    "created-at-is-a-date",
    "ids-are-numbers",
    "nested-object-missing",
    "assignment-ids-of-seconds",
    "created-at-of-assignment",
    "found-touched",
    "found-shows-request",
    "found-per-partner",
    "found-by-local-part",
    "absent-fields-of-previous-request",
    "null-to-text",
    "phone-normalized",
    "remote-id-changes",
    "role-change-resets-names",
    "only-one-name-updated",
    "update-swaps-names",
    "missing-header-accepted",
    "any-token",
    "foreign-partner-accepted",
    "token-not-checked-on-update",
    "digit-in-name-refused",
    "malformed-crash",
    "email-upper-case-refused",
    "unknown-contact-204",
    "body-before-token",
    "taken-email-shared",
    "role-change-through-any-partner",
    "worker-without-data",
    "sporadic-500",
]


def outcome_of(contract, variant, fault=None, **more):
    with serve(create_app(VARIANTS[variant], fault)) as url:
        target = HttpTarget(url)
        try:
            return hold_to(contract, target, replace(SETTINGS, **more))
        finally:
            target.close()


def test_a_whole_run_over_it_is_quiet(contract):
    outcome = outcome_of(contract, "default")

    assert outcome.verdict == "conforms", outcome.findings or outcome.reason


@pytest.mark.parametrize("variant", CONFORMING)
def test_its_variants_conform(contract, variant):
    outcome = outcome_of(contract, variant, max_requests=350)

    assert outcome.verdict == "conforms", outcome.findings or outcome.reason


def test_operations_that_the_document_does_not_have_are_no_mistake(contract):
    app = create_app()
    for path in {operation.path for operation in contract.operations}:
        app.add_api_route(path, lambda: {"items": []}, methods=["GET"])
    with serve(app) as url:
        target = HttpTarget(url)
        try:
            outcome = hold_to(contract, target, SETTINGS)
        finally:
            target.close()

    assert outcome.verdict == "conforms", outcome.findings or outcome.reason


@pytest.mark.parametrize("variant", ["upsert", "everything-conflicts", "lenient"])
def test_what_its_variants_have_chosen_is_observed(contract, variant):
    outcome = outcome_of(contract, variant, only="assumptions")

    chosen = {name: getattr(VARIANTS[variant], name.replace("-", "_"), None) for name in contract.assumptions}
    chosen = {name: choice for name, choice in chosen.items() if choice in contract.assumptions[name].choices}
    observed = {one.assumption: one.choices for one in outcome.settlements}
    assert {name: observed[name] for name, choice in chosen.items() if choice not in observed[name]} == {}
    assert sum(len(choices) == 1 for choices in observed.values()) > 20


@pytest.mark.parametrize("fault", CAUGHT)
def test_its_faults_are_caught(contract, fault):
    outcome = outcome_of(contract, FAULTS[fault].base, fault, stop_at_first=True, max_requests=500)

    assert outcome.verdict == "broken", FAULTS[fault].description


def test_a_race_is_caught_and_told_once_however_many_requests_meet_it(contract):
    """Only what is simultaneous is tried, so that it does not take long."""
    with serve(create_app(fault="contact-race")) as url:
        target = HttpTarget(url)
        try:
            settings = replace(SETTINGS, budget=BUDGETS["quick"], stop_at_first=False)
            session = Session.begin(contract, target, settings, NoProgress())
            for phase in (reach, calibrate, race):
                phase(session)
        finally:
            target.close()

    assert list(session.log.findings) == ["race: one new key of InternalContact"]


def test_an_assignment_that_is_lost_among_simultaneous_requests_is_missed_afterwards(contract):
    with serve(create_app(fault="assignment-lost-under-load")) as url:
        target = HttpTarget(url)
        try:
            session = Session.begin(contract, target, replace(SETTINGS, budget=BUDGETS["quick"]), NoProgress())
            for phase in (reach, calibrate, race):
                phase(session)
        finally:
            target.close()

    assert {finding.steps[-1].call.operation for finding in session.log.findings.values()} == {"changeAssignmentRole"}


@pytest.mark.parametrize("fault", ["deep-json-crash", "large-body-crash"])
def test_what_fails_on_deep_or_large_bodies_is_caught(contract, fault):
    outcome = outcome_of(contract, "default", fault, stop_at_first=True, operations=frozenset({"createInternalContact"}))

    assert outcome.verdict == "broken"
    assert "fails with 500" in outcome.findings[0].title
