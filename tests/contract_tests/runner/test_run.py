"""A whole run: what it makes of targets of every sort."""

from __future__ import annotations

from dataclasses import replace

import pytest
from places import FIXTURES, LIBRARY, MEMBERS, PARTNER_API

from contract_tests.mutants.hooks import Mutant
from contract_tests.mutants.mock_target import MockTarget
from contract_tests.mutants.prove import settings_for
from contract_tests.mutants.setup import setup_for
from contract_tests.runner.outcome import Finding
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import Budget, RunSettings
from contract_tests.transport.tenants import Tenant
from contract_tests.transport.wire import WireResponse
from mock_server.engine.engine import Engine
from mock_server.engine.loading import load_contract

SMALL = Budget("small", sequences=2, rounds=2, generated_bodies=2, thinning=8)


def answering(change):
    """A break that changes replies: `change(number, call, reply)`; a reply that stands for itself is given without asking."""

    def exchange(context, call, proceed):
        number = context.count("all")
        early = change(number, call, None) if change.__code__.co_varnames[2] == "unasked" else None
        return early or change(number, call, proceed(call))

    return Mutant("changed", "", "", exchange=exchange)


@pytest.fixture
def held(contract):
    setup = setup_for(contract, FIXTURES[PARTNER_API])

    def hold(change=None, profile=None, target=None, progress=None, **more):
        target = target or MockTarget(contract, setup, profile, answering(change) if change else None)
        return hold_to(contract, target, replace(settings_for(setup, SMALL, 1), **more), progress)

    return hold


def changed(reply: WireResponse, **more) -> WireResponse:
    return replace(reply, **more)


# --- reliability -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (WireResponse(500, (), b"oops"), "server error"),
        (WireResponse(0, trouble="no whole answer"), "no complete response"),
        (WireResponse(200, (("content-type", "text/html"),), b"<p>We will be back"), "schema"),
    ],
)
def test_what_goes_wrong_now_and_then_is_told_with_how_often(held, reply, told):
    outcome = held(lambda number, call, right: reply if number in (200, 300, 400) else right, max_requests=700)

    assert outcome.verdict == "broken"
    (finding,) = outcome.findings
    assert finding.part == "reliability"
    assert told in finding.title
    assert (finding.times, finding.out_of >= 3) == (3, True)


def test_one_cause_is_one_finding_however_many_requests_show_it(held):
    seen = []

    class Progress:
        def phase(self, name: str) -> None:
            seen.append(name)

        def requests(self, count: int) -> None:
            seen.append(count)

        def finding(self, finding: Finding) -> None:
            seen.append(finding)

    def change(number, call, reply):
        return changed(reply, body=reply.body.replace(b'"phone":null', b'"phone":""'))

    outcome = held(change, progress=Progress(), max_requests=600)

    phones = [one for one in outcome.findings if any("phone" in difference.place for difference in one.differences)]
    assert len({one.cause for one in phones}) == len(phones) <= 4
    assert phones[0].times > 1
    assert [one for one in seen if isinstance(one, Finding)]
    assert max(one for one in seen if isinstance(one, int)) == outcome.requests
    assert "settling assumptions" in seen


def test_a_finding_is_shown_in_the_fewest_requests(held):
    def change(number, call, reply):
        return changed(reply, body=reply.body.replace(b'"job_title":"', b'"job_title":"Dr. '))

    outcome = held(change, stop_at_first=True)

    (finding,) = outcome.findings
    assert len(finding.steps) <= 2
    assert finding.clause.startswith("openapi.yaml#/paths/")
    assert any(difference.place.endswith("/job_title") for difference in finding.differences)
    assert "$TOKEN" in repr(finding.steps)
    assert "acme-token" not in repr(finding)


def test_no_more_findings_are_told_than_anybody_reads(held):
    outcome = held(lambda number, call, reply: changed(reply, status=500 + number % 60, body=b"") if number > 12 else reply)

    assert outcome.verdict == "broken"
    assert len(outcome.findings) <= 25


def test_being_asked_to_wait_is_never_a_verdict(held):
    busy = WireResponse(429, (("Retry-After", "0"),), b"slow down")

    outcome = held(lambda number, call, unasked: busy if number % 7 == 0 else unasked)

    assert outcome.verdict == "conforms", outcome.findings


def test_a_target_that_asks_to_wait_for_years_is_not_waited_for_and_not_judged_by_that(held, monkeypatch):
    monkeypatch.setattr("contract_tests.transport.client.LONGEST_WAIT", 0.0)
    busy = WireResponse(429, (("Retry-After", "99999999"),))

    outcome = held(lambda number, call, unasked: busy if number > 300 else unasked)

    assert outcome.verdict == "conforms", outcome.findings
    assert "The target asked to wait 99999999 seconds; waited 0." in outcome.limits
    assert "The target asked to wait once; the run waited 0 seconds for it in all." in outcome.limits


# --- limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [0, 1, 2, 5])
def test_what_was_found_last_is_told_though_no_request_is_left_to_confirm_it(held, more):
    first = []

    def change(number, call, reply):
        if number > 300 and reply.is_success and b"job_title" in reply.body:
            first.append(number)
            return changed(reply, status=200, body=b"[]")
        return reply

    held(change)
    outcome = held(change, max_requests=first[0] + more)

    assert outcome.verdict == "broken"
    assert outcome.limits[0] == f"The run stopped at its limit of {first[0] + more} requests."


@pytest.mark.parametrize(("limit", "told"), [({"max_seconds": 1e-9}, "1e-09 seconds"), ({"max_requests": 3}, "3 requests")])
def test_a_run_that_ends_before_anything_was_judged_is_no_pass(held, limit, told):
    outcome = held(**limit)

    assert outcome.verdict == "unjudged"
    assert outcome.reason == f"the run stopped at its limit of {told}, before anything was judged"


# --- what cannot be judged -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (WireResponse(0, trouble="no connection: refused"), "is not reachable: no connection"),
        (WireResponse(401), "the token is rejected: every request returned 401"),
        (WireResponse(404), "accepted no valid request"),
        (WireResponse(200, (("content-type", "text/html"),), b" <!doctype html>"), "returns HTML"),
        (WireResponse(503, (), b""), "accepted no valid request"),
    ],
)
def test_a_target_that_gives_one_answer_to_all_is_not_judged(held, reply, told):
    outcome = held(lambda number, call, right: reply)

    assert outcome.verdict == "unjudged"
    assert told in outcome.reason
    assert (outcome.findings, outcome.settlements) == ((), ())
    assert outcome.exit_code() == 2
    assert outcome.requests < 40


def test_json_that_is_called_html_is_a_finding_and_no_reason_not_to_judge(held):
    html = (("content-type", "text/html"),)

    outcome = held(
        lambda number, call, reply: changed(reply, headers=html) if reply.status < 300 else reply, stop_at_first=True
    )

    assert outcome.verdict == "broken"
    assert "Content-Type" in outcome.findings[0].title


def test_a_document_without_behaviours_is_judged_by_what_it_documents(tmp_path):
    path = tmp_path / "plain.yaml"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: Plain, version: '1'}\npaths:\n  /a:\n    post: {responses: {'200': {description: ok}}}\n"
    )
    contract = load_contract(path)

    def judged(change=None):
        target = MockTarget(contract, setup_for(contract), None, answering(change) if change else None)
        return hold_to(contract, target, RunSettings((Tenant("a", "t"),), budget=SMALL))

    assert judged().verdict == "conforms"
    assert judged(lambda number, call, reply: changed(reply, status=201)).verdict == "broken"


# --- assumptions -----------------------------------------------------------------------------------------------------


def test_what_was_settled_differs_from_the_profile_in_use_or_not(held):
    outcome = held(profile={"email-case": "ignore"}, only="assumptions")

    settled = {one.assumption: one for one in outcome.settlements}
    assert (settled["email-case"].state, settled["email-case"].choices, settled["email-case"].differs) == (
        "settled",
        ("ignore",),
        True,
    )
    assert not settled["second-role"].differs
    assert outcome.exit_code() == 0
    assert outcome.exit_code(strict=True) == 3


def test_a_status_that_is_legal_and_no_choice_is_told_as_a_difference(held):
    def change(number, call, reply):
        return changed(reply, status=406) if reply.status == 415 else reply

    outcome = held(change, max_requests=300)

    assert outcome.verdict == "conforms", outcome.findings
    assert any("406" in sentence for sentence in outcome.differences)


def test_error_bodies_of_another_shape_are_told_as_a_difference(held):
    def change(number, call, reply):
        return changed(reply, body=b"no", headers=(("content-type", "text/plain"),)) if reply.status >= 400 else reply

    outcome = held(change, max_requests=300)

    assert outcome.verdict == "conforms", outcome.findings
    assert any("Error bodies do not have the documented shape (text/plain" in sentence for sentence in outcome.differences)


def test_a_target_of_two_minds_is_told_so(held):
    def change(number, call, reply):
        return changed(reply, status=400) if reply.status == 422 and call.method == "PATCH" else reply

    outcome = held(change, max_requests=900)

    settled = {one.assumption: one for one in outcome.settlements}
    assert outcome.verdict == "broken" or settled["invalid-status"].state == "inconsistent" or settled["invalid-status"].why


# --- what could not be looked at -------------------------------------------------------------------------------------


def test_what_could_not_be_looked_at_is_told(contract):
    setup = setup_for(contract, FIXTURES[PARTNER_API])
    target = MockTarget(contract, setup)
    target.local = False

    outcome = hold_to(contract, target, RunSettings((Tenant("acme", "acme-token"),), budget=SMALL, max_requests=900))

    assert outcome.verdict == "conforms", outcome.findings
    limits = " ".join(outcome.limits)
    assert "name one with --known" in limits
    assert "no --other-token was given" in limits
    unreachable = {one.assumption for one in outcome.settlements if one.state == "unreachable"}
    assert "duplicate-assignment" in unreachable


def test_races_may_be_left_out_and_asked_for(held):
    phases = []

    class Progress:
        def phase(self, name):
            phases.append(name)

        def requests(self, count):
            pass

        def finding(self, finding):
            pass

    held(races=False, generated_bodies=False, progress=Progress())

    assert "simultaneous requests" not in phases
    assert "generated bodies" not in phases


# --- keys of every sort ----------------------------------------------------------------------------------------------


@pytest.fixture
def counted_library(tmp_path):
    """The library, but members have a number alone for a key."""
    text = LIBRARY.read_text().replace("key: [branch, number], key-case: {assumption: member-number}", "key: [number]")
    text = text.replace(
        "where: {branch: $request.path.branch, number: $request.path.number}", "where: {number: $request.path.number}"
    )
    start = text.index("  member-number:\n")
    path = tmp_path / "library.yaml"
    path.write_text(text[:start] + text[text.index("\npaths:", start) + 1 :])
    return load_contract(path)


def test_a_second_run_is_not_misled_by_what_the_first_one_made(counted_library, contract):
    for document, file in ((counted_library, None), (contract, PARTNER_API)):
        setup = setup_for(document, FIXTURES[file] if file else None)
        target = MockTarget(document, setup)
        for _ in range(2):
            outcome = hold_to(document, target, replace(settings_for(setup, SMALL, 1), max_requests=900))

            assert outcome.verdict == "conforms", outcome.findings


def test_the_ledger_holds_what_the_run_made_and_nothing_else(held, contract):
    setup = setup_for(contract, FIXTURES[PARTNER_API])
    target = MockTarget(contract, setup)

    outcome = held(target=target, max_requests=300)

    store = target.context.store
    made = {name: set(ids) for name, ids in outcome.created.items()}
    assert made.keys() == {"InternalContact", "InternalContactAssignment"}
    for resource, ids in made.items():
        there = {id for organization in setup.organizations for id in ids if store.get(resource, organization, id) is not None}
        assert there == ids
        before = {id for records in setup.seed.records[resource].values() for id in records}
        assert not before & ids


# --- documents that contradict themselves ----------------------------------------------------------------------------

NICKNAME = "nickname: {anyOf: [{type: string}, {type: 'null'}], title: Nickname}"
STRICTER = f"""properties:
        name: {{type: string}}
        {NICKNAME.replace("{anyOf: [{type: string}, {type: 'null'}],", "{type: string,")}"""


@pytest.mark.parametrize("answers", ["an error", "what its behaviour says"])
def test_a_response_that_the_document_both_asks_for_and_forbids_is_not_the_fault_of_the_target(tmp_path, answers):
    path = tmp_path / "members.yaml"
    path.write_text(MEMBERS.read_text().replace("properties: *fields", STRICTER))
    contract = load_contract(path)
    setup = setup_for(contract)
    target = MockTarget(contract, setup)
    if answers != "an error":
        target._exchange.engine = Engine(contract, checks_answers=False)

    outcome = hold_to(contract, target, settings_for(setup, SMALL, 1))

    assert [finding.title for finding in outcome.findings] == []
    assert outcome.verdict == "conforms"
    told = "POST /members was not judged where its behaviour leads to a response that its own schema forbids"
    assert [limit for limit in outcome.limits if told in limit]


def test_a_response_that_fits_such_a_schema_is_judged_as_any_other(tmp_path):
    path = tmp_path / "members.yaml"
    path.write_text(MEMBERS.read_text().replace("properties: *fields", STRICTER))
    contract = load_contract(path)
    setup = setup_for(contract)

    def change(number, call, reply):
        return changed(reply, body=reply.body.replace(b'"nickname":"', b'"nickname":"Dr. '))

    outcome = hold_to(contract, MockTarget(contract, setup, None, answering(change)), settings_for(setup, SMALL, 1))

    assert outcome.verdict == "broken"
    assert {difference.place for finding in outcome.findings for difference in finding.differences} <= {
        "/nickname",
        "/items/0/nickname",
    }
