"""Every reading of the contract that explains the answers is followed; the others are dropped."""

from __future__ import annotations

import pytest
from held import CONTOSO, NORTHWIND, Held, places, time
from hypothesis import given, settings
from hypothesis import strategies as st

from contract_tests.oracle.deviations import ErrorBodyDeviation, StatusDeviation
from contract_tests.oracle.hypotheses import MOST_HYPOTHESES
from contract_tests.oracle.judging import read_body
from contract_tests.oracle.regions import merged

ANN = {"email": "ann1@example.com", "internal_role": "csm"}


# --- choices ---------------------------------------------------------------------------------------------------------


def test_an_answer_that_only_some_choices_explain_drops_the_others(contract):
    held = Held(contract, "success-status", "duplicate-assignment")
    held.now = 1

    explanation = held.tell(held.call("POST", NORTHWIND, ANN), held.reply(201, held.assignment(1)))

    assert explanation.explained
    assert explanation.rested_on >= {"success-status"}
    assert held.choices("success-status") == ["created", "by-outcome"]
    assert held.choices("duplicate-assignment") == ["create", "reuse", "conflict"]


def test_what_could_be_known_only_later_is_dropped_later(contract):
    held = Held(contract, "email-case")
    _, answer = held.added(1)
    assert held.choices("email-case") == ["exact", "ignore", "lower", "lower-domain"]

    other = {**ANN, "email": "Ann1@Example.com"}
    again = held.assignment(2, answer["internal_contact"])
    assert places(held.asked("POST", NORTHWIND, other, 200, again)) == []

    assert held.choices("email-case") == ["ignore", "lower"]


def test_choices_that_do_the_same_so_far_stay_open_together_until_they_differ(contract):
    held = Held(contract, "email-case")
    held.now = 1
    sent = {**ANN, "email": "Ann1@Example.com"}
    answer = held.assignment(1, held.contact(1, email="ann1@example.com"))

    assert places(held.tell(held.call("POST", NORTHWIND, sent), held.reply(200, answer))) == []

    assert held.choices("email-case") == ["lower"]


def test_a_refusal_settles_a_choice_as_well(contract):
    held = Held(contract, "duplicate-assignment", "existing-contact")
    _, answer = held.added(1)

    refusal = {"type": "about:blank", "title": "Conflict", "status": 409, "detail": "twice"}
    explanation = held.asked("POST", NORTHWIND, ANN, 409, refusal, media_type="application/problem+json")

    assert explanation.explained
    assert held.choices("duplicate-assignment") == ["conflict"]
    assert answer["id"] == "ica_1"


def test_where_nothing_explains_an_answer_no_world_is_left_and_the_nearest_reading_is_told(contract):
    held = Held(contract, "existing-contact")
    _, answer = held.added(1, {"phone": "1"}, contact={"phone": "1"})
    before = len(held.hypotheses)

    wrong = held.assignment(2, {**answer["internal_contact"], "phone": "3"})
    explanation = held.asked("POST", NORTHWIND, {**ANN, "phone": "2"}, 200, wrong)

    assert not explanation.explained
    assert places(explanation)[-1:] == ["/internal_contact/phone"]
    assert explanation.nearest.answer.status == 200
    assert explanation.nearest.rested_on["existing-contact"] in contract.assumptions["existing-contact"].choices
    assert len(held.hypotheses) == before


def test_the_nearest_reading_has_the_status_that_came_where_one_has(contract):
    held = Held(contract, "duplicate-assignment")
    held.added(1)

    explanation = held.asked("POST", NORTHWIND, ANN, 200, {"id": "ica_2"})

    assert not explanation.explained
    assert explanation.nearest.answer.status == 200
    assert "status" not in places(explanation)


def test_what_an_unexplained_answer_shows_is_not_remembered(contract):
    held = Held(contract)
    explanation, _ = held.added(1, contact={"phone": "never sent"})
    assert not explanation.explained

    assert places(held.added(1)[0]) == []


def test_a_legal_answer_beside_the_choices_is_explained_with_a_note(contract):
    held = Held(contract, "media-type-status")
    call = held.call("POST", NORTHWIND, ANN)
    text = [(name, "text/plain" if name == "Content-Type" else value) for name, value in call.headers]
    odd = type(call)(call.method, call.path, "", tuple(text), call.body, None, "acme")

    explanation = held.tell(odd, held.reply(406, b"no", media_type="text/plain"))

    assert explanation.explained
    assert explanation.deviations == (StatusDeviation("unsupported-media-type", 406), ErrorBodyDeviation("text/plain"))
    assert held.choices("media-type-status") == ["415", "400", "422"]


def test_a_choice_that_explains_without_a_note_goes_before_one_with_a_note(contract):
    held = Held(contract, "missing-token-status", "error-format")
    call = held.call("POST", NORTHWIND, ANN, token="nobody")

    body = {"type": "about:blank", "title": "x", "status": 403, "detail": "y"}
    explanation = held.tell(call, held.reply(403, body, media_type="application/problem+json"))

    assert explanation.explained
    assert not explanation.deviations
    assert held.choices("missing-token-status") == ["403"]
    assert held.choices("error-format") == ["problem"]


@pytest.mark.parametrize("status", [200, 204, 302, 500, 503])
def test_nothing_but_a_refusal_explains_what_has_to_be_refused(contract, status):
    held = Held(contract)

    explanation = held.asked("POST", NORTHWIND, {"email": "a@b.example"}, status, {})

    assert places(explanation) == ["status"]


@pytest.mark.parametrize("status", [404, 405, 409, 429])
def test_a_refusal_of_another_kind_does_not_explain_a_missing_token(contract, status):
    held = Held(contract)

    explanation = held.asked("POST", NORTHWIND, ANN, status, {}, token="nobody")

    assert explanation.explained == (status == 404)


def test_no_more_worlds_are_followed_than_can_be(contract):
    held = Held(contract, *contract.assumptions)
    held.added(1)

    assert 0 < len(held.hypotheses) <= MOST_HYPOTHESES


# --- organizations ---------------------------------------------------------------------------------------------------


def test_another_organization_does_not_find_what_this_one_has(contract):
    held = Held(contract)
    _, answer = held.added(1)
    path = NORTHWIND.replace("northwind", "initech")
    mine = held.assignment(2, answer["internal_contact"], partner_id="ptn_initech")

    assert "/internal_contact/id" in places(held.asked("POST", path, ANN, 200, mine, token="globex-token"))
    held.now += 1
    theirs = held.assignment(3, held.contact(3, email="ann1@example.com"), partner_id="ptn_initech")
    call = held.call("POST", path, ANN, "globex-token")
    assert places(held.tell(call, held.reply(200, theirs))) == []


# --- regions ---------------------------------------------------------------------------------------------------------


def test_regions_that_differ_in_one_assumption_become_one():
    assert merged([{"a": ("1",), "b": ("x",)}, {"a": ("2",), "b": ("x",)}]) == [{"a": ("1", "2"), "b": ("x",)}]
    assert merged([{"a": ("1",)}, {"a": ("1",)}]) == [{"a": ("1",)}]
    apart = [{"a": ("1",), "b": ("x",)}, {"a": ("2",), "b": ("y",)}]
    assert merged(apart) == apart


NAMES = {"a": ["1", "2", "3"], "b": ["x", "y"], "c": ["p", "q"]}
REGIONS = st.lists(
    st.fixed_dictionaries(
        {
            name: st.lists(st.sampled_from(choices), min_size=1, unique=True).map(lambda found: tuple(sorted(found)))
            for name, choices in NAMES.items()
        }
    ),
    min_size=1,
    max_size=6,
)


def points(regions):
    return {(a, b, c) for region in regions for a in region["a"] for b in region["b"] for c in region["c"]}


@settings(max_examples=60, deadline=None, database=None)
@given(REGIONS)
def test_merging_loses_no_choice_and_adds_none(regions):
    found = merged(regions)

    assert points(found) == points(regions)
    assert len(found) <= len(regions)


# --- simultaneous requests -------------------------------------------------------------------------------------------


def together(held, *told):
    return held.oracle.follow_together(held.hypotheses, [(call, reply, read_body(reply)) for call, reply in told])


def test_simultaneous_requests_are_explained_by_some_order(contract):
    held = Held(contract)
    held.now = 1
    contact = held.contact(1, phone="2")
    calls = [held.call("POST", NORTHWIND, {**ANN, "phone": phone}) for phone in ("1", "2")]
    replies = [held.reply(200, held.assignment(number, contact)) for number in (1, 2)]

    hypotheses, explanation = together(held, *zip(calls, replies, strict=True))

    assert explanation.explained
    held.hypotheses = hypotheses
    assert places(held.asked("POST", NORTHWIND, ANN, 200, held.assignment(3, contact, created_at=time(2)))) == []


def test_one_of_simultaneous_requests_may_be_slow_after_it_looked_at_its_clock(contract):
    held = Held(contract)
    held.now = 1
    calls, replies = [], []
    for number, seconds in ((1, 3.9), (2, -0.9), (3, 3.9)):
        at = {"created_at": time(seconds)}
        contact = held.contact(number, **at)
        calls.append(held.call("POST", NORTHWIND, {**ANN, "email": contact["email"]}))
        replies.append(held.reply(200, held.assignment(number, contact, **at)))

    hypotheses, explanation = together(held, *zip(calls, replies, strict=True))
    held.hypotheses = hypotheses
    early = {"created_at": time(-0.9)}
    afterwards, _ = held.added(4, contact=early, **early)

    assert explanation.explained
    assert places(afterwards) == ["/created_at", "/internal_contact/created_at"]


def test_two_people_for_one_new_email_are_explained_by_no_order(contract):
    held = Held(contract)
    held.now = 1
    calls = [held.call("POST", NORTHWIND, ANN) for _ in range(2)]
    replies = [held.reply(200, held.assignment(number, held.contact(number, email="ann1@example.com"))) for number in (1, 2)]

    hypotheses, explanation = together(held, *zip(calls, replies, strict=True))

    assert hypotheses == []
    assert places(explanation) == ["/internal_contact/id"]


def test_answers_that_belong_to_each_other_s_requests_are_explained_by_no_order(contract):
    held = Held(contract)
    held.now = 1
    calls = [held.call("POST", NORTHWIND, {**ANN, "email": f"ann{number}@example.com"}) for number in (1, 2)]
    replies = [held.reply(200, held.assignment(number)) for number in (2, 1)]

    assert not together(held, *zip(calls, replies, strict=True))[1].explained


def test_more_than_two_simultaneous_requests_are_explained_as_well(contract):
    held = Held(contract)
    held.now = 1
    contact = held.contact(1)
    calls = [held.call("POST", path, ANN) for path in (NORTHWIND, CONTOSO) * 4]
    partners = ["ptn_northwind", "ptn_contoso"] * 4
    replies = [held.reply(200, held.assignment(n, contact, partner_id=partner)) for n, partner in enumerate(partners)]

    hypotheses, explanation = together(held, *zip(calls, replies, strict=True))

    assert explanation.explained
    held.hypotheses = hypotheses
    again = held.assignment(3, contact)
    assert places(held.asked("POST", NORTHWIND, ANN, 200, {**again, "id": "ica_3", "created_at": time(2)})) == ["/id"]


def test_an_order_that_explains_nothing_leaves_no_id_behind(contract):
    held = Held(contract)
    held.now = 1
    calls = [held.call("POST", NORTHWIND, {**ANN, "email": f"ann{number}@example.com"}) for number in (1, 2)]
    wrong = held.reply(200, held.assignment(2, held.contact(2, phone="7")))

    assert not together(held, (calls[0], held.reply(200, held.assignment(1))), (calls[1], wrong))[1].explained
    held.now = 0

    assert places(held.added(1)[0]) == []


def test_which_of_two_changes_was_the_last_is_open_until_it_is_seen(contract):
    held = Held(contract)
    _, answer = held.added(1)
    held.now += 1
    contact = {**answer["internal_contact"], "modified_at": time(held.now)}
    path = "/v2/internal-contacts/ict_1"
    told = [
        (
            held.call("PATCH", path, {"phone": phone}),
            held.reply(200, {**contact, "phone": phone, "modified_at": time(2 + n / 1000)}),
        )
        for n, phone in enumerate("12")
    ]

    hypotheses, explanation = together(held, *told)

    assert explanation.explained
    for phone, seen in (("1", 2.0), ("2", 2.001)):
        held.hypotheses = [type(hypothesis)(hypothesis.region, hypothesis.store.copy()) for hypothesis in hypotheses]
        shown = {**contact, "phone": phone, "modified_at": time(seen)}
        assert (
            places(held.asked("POST", NORTHWIND, ANN, 200, held.assignment(f"{phone}x", shown, created_at=time(held.now + 1))))
            == []
        )
    held.hypotheses = [type(hypothesis)(hypothesis.region, hypothesis.store.copy()) for hypothesis in hypotheses]
    lost = {**contact, "phone": "3"}
    assert "/internal_contact/phone" in places(held.asked("POST", NORTHWIND, ANN, 200, held.assignment(7, lost)))


def test_both_of_two_changes_of_different_fields_stay(contract):
    held = Held(contract)
    _, answer = held.added(1)
    held.now += 1
    contact = answer["internal_contact"]
    path = "/v2/internal-contacts/ict_1"
    first = {**contact, "phone": "1", "modified_at": time(2)}
    second = {**first, "job_title": "CEO", "modified_at": time(2.001)}
    calls = [held.call("PATCH", path, {"phone": "1"}), held.call("PATCH", path, {"job_title": "CEO"})]

    assert together(held, *zip(calls, [held.reply(200, first), held.reply(200, second)], strict=True))[1].explained

    lost = {**contact, "job_title": "CEO", "modified_at": time(2.001)}
    assert not together(held, *zip(calls, [held.reply(200, first), held.reply(200, lost)], strict=True))[1].explained
