"""What is sent: values and their roles, keys of the run's own, and nothing that changes what was there before."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import pytest
from places import BASKETS, DEPOTS, FIXTURES, LIBRARY, NOBODY, PARTNER_API

from contract_tests.mutants.hooks import Mutant
from contract_tests.mutants.mock_target import MockTarget
from contract_tests.mutants.prove import settings_for
from contract_tests.mutants.setup import setup_for
from contract_tests.oracle.hypotheses import Oracle
from contract_tests.oracle.initial_state import credentials_of, seed_of
from contract_tests.runner.generated_bodies import generate
from contract_tests.runner.player import Player
from contract_tests.runner.random_sequences import explore
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import BUDGETS
from contract_tests.scenarios.builder import ScenarioBuilder, Unprovidable, playable
from contract_tests.scenarios.calibration import Calibration
from contract_tests.scenarios.conformance import conformance_scenarios
from contract_tests.scenarios.key_variants import key_variants
from contract_tests.scenarios.races import Races
from contract_tests.scenarios.signatures import LARGEST, read_signatures
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import (
    OMITTED,
    FromResponse,
    PlannedRequest,
    Play,
    Raw,
    Scenario,
    Tagged,
    TaggedBlank,
    TaggedNumber,
    Unresolved,
)
from contract_tests.scenarios.value_cases import ValueCases
from contract_tests.scenarios.values import WITHIN, texts
from contract_tests.transport.client import Client
from contract_tests.transport.tenants import Tenant
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.access.security import Carried, SchemeUse, Security
from mock_server.engine.loading import load_contract

DOCUMENTS = [PARTNER_API, LIBRARY]


@pytest.fixture(params=DOCUMENTS, ids=["partners", "library"])
def document(request, contract, library_contract):
    return {PARTNER_API: contract, LIBRARY: library_contract}[request.param]


@pytest.fixture
def setup(document):
    return setup_for(document, FIXTURES[document.document.main.path])


@pytest.fixture
def tenants(setup):
    return tuple(Tenant(name, setup.token_of(name), setup.known[name]) for name in setup.organizations)


def signature_of(document, operation):
    return next(signature for signature in read_signatures(document) if signature.operation.id == operation)


def test_what_an_operation_changes_by_its_key_is_made_first():
    subject = Subject.of(load_contract(DEPOTS), (Tenant("acme", "ann-key"),))
    builder = ScenarioBuilder(subject, "a change")
    builder.prepare(next(one for one in subject.signatures if one.operation.id == "recolourShelf"))

    assert [request.operation.id for request in builder.requests] == ["addDepot", "addShelf"]


# --- the roles of values ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "roles"),
    [
        (
            "addInternalContact",
            {"partner_id": "id Partner", "email": "key InternalContact", "internal_role": "free", "phone": "free"},
        ),
        (
            "changeAssignmentRole",
            {"partner_id": "id Partner", "assignment_id": "id InternalContactAssignment", "internal_role": "free"},
        ),
        ("createInternalContact", {"email": "key InternalContact", "name": "free"}),
        (
            "updateInternalContact",
            {"internal_contact_id": "id InternalContact", "email": "key InternalContact", "phone": "free"},
        ),
    ],
)
def test_what_a_value_is_follows_from_what_the_behaviour_does_with_it(contract, operation, roles):
    slots = {slot.name: slot for slot in signature_of(contract, operation).slots}

    found = {name: f"{slot.role} {slot.resource.name if slot.resource else ''}".strip() for name, slot in slots.items()}
    assert {name: found[name] for name in roles} == roles


@pytest.mark.parametrize(
    ("operation", "roles"),
    [
        ("enrolMember", {"branch": "key Member", "number": "key Member", "tags": "free"}),
        ("listMembers", {"branch": "key Member", "offset": "free", "x-trace": "free"}),
        ("findMember", {"branch": "key Member", "number": "key Member"}),
        ("lend", {"member": "id Member", "isbn": "id Book", "days": "free"}),
        ("removeBook", {"isbn": "id Book"}),
        ("extendLoan", {"loan_id": "id Loan", "days": "free"}),
    ],
)
def test_keys_of_several_fields_and_ids_of_other_names_are_found_as_well(library_contract, operation, roles):
    slots = {slot.name: slot for slot in signature_of(library_contract, operation).slots}

    found = {name: f"{slot.role} {slot.resource.name if slot.resource else ''}".strip() for name, slot in slots.items()}
    assert {name: found[name] for name in roles} == roles


def test_a_form_tells_what_an_operation_makes_changes_removes_and_shows(contract, library_contract):
    add, update = signature_of(contract, "addInternalContact"), signature_of(contract, "updateInternalContact")
    lend, gone = signature_of(library_contract, "lend"), signature_of(library_contract, "removeMember")

    assert add.makes == ("InternalContact", "InternalContactAssignment")
    assert (add.finds_by_key, update.updates, gone.deletes) == ("InternalContact", "InternalContact", "Member")
    assert signature_of(library_contract, "listMembers").lists == "Member"
    assert lend.gives == {"Loan": "", "Member": "/member", "Book": "/book"}
    assert gone.gives == {}


def test_an_operation_without_a_behaviour_is_only_read(library_contract):
    signature = signature_of(library_contract, "openingHours")

    assert (signature.slots, signature.makes, signature.updates, signature.deletes) == ((), (), "", "")


def test_values_that_are_filled_in_are_valid_and_differ(document):
    for signature in read_signatures(document):
        for slot in signature.slots:
            if slot.role == "free":
                values = [slot.value(variant) for variant in range(4)]
                assert all(slot.accepts(value) for value in values), slot.name
                if slot.is_text or slot.choices:
                    assert len({json.dumps(value) for value in values}) > 1, slot.name


def test_values_that_are_filled_in_can_be_stored_where_the_body_alone_would_allow_others(library_contract):
    days = next(slot for slot in signature_of(library_contract, "lend").slots if slot.name == "days")

    assert days.accepts(0)
    assert min(days.value(variant) for variant in range(9)) >= 1


# --- keys carry the tag ----------------------------------------------------------------------------------------------


def test_keys_differ_by_number_and_by_playing_and_carry_the_tag(document, tenants):
    for signature in read_signatures(document):
        for slot in signature.keys:
            seen = [Play(f"r1x{n}", n, tenants).resolve(slot.key(key)) for n in (1, 2) for key in (1, 2, 3)]
            assert len(set(seen)) == len(seen)
            assert all(slot.accepts(value) for value in seen)
            if slot.is_text:
                assert [("r1x1" in value, "r1x2" in value) for value in seen] == [(True, False)] * 3 + [(False, True)] * 3


def test_addresses_are_at_a_reserved_domain(contract):
    slot = signature_of(contract, "addInternalContact").keys[0]

    assert slot.is_address
    assert re.fullmatch(
        r".+@([a-z.]+\.)?example\.(com|org|net)|.+@.+\.(example|test|invalid)", Play("r1", 1, ()).resolve(slot.key(1))
    )


@pytest.mark.parametrize("is_address", [True, False])
def test_near_keys_are_other_keys_whichever_way_what_is_not_settled_is_taken(is_address):
    play = Play("r123x4", 4, ())
    for similar in key_variants(is_address=is_address):
        base, other = play.resolve(similar.base), play.resolve(similar.other)
        assert base != other
        assert "r123x4" in base or "1234" in base
        if similar.rests_on != "case":
            assert base.lower() != other.lower(), similar.about
        if similar.rests_on != "space":
            assert base.strip() != other.strip(), similar.about
        if not similar.rests_on and is_address:
            assert all(re.fullmatch(r"[a-z0-9.+_'-]+@[a-z.]+", key) for key in (base, other)), similar.about


def test_texts_that_any_deployment_takes_are_not_longer_than_ordinary_ones():
    packed, alone = texts(math.inf)
    values = [text.value for text in (*packed, *alone) if not text.may_refuse]

    assert max(map(len, values)) <= 255
    assert len(set(values)) == len(values)
    assert not any("\0" in value for value in values)


@pytest.mark.parametrize("room", [10, 255])
def test_texts_are_put_together_as_far_as_a_field_has_room_and_none_is_left_out(room):
    packed, _ = texts(room)

    assert all(any(text in one.value for one in packed) for text in WITHIN.values())
    assert all(len(one.value) <= max(room, max(map(len, WITHIN.values()))) for one in packed)
    assert len(packed) < len(WITHIN) / 2 if room > 10 else len(packed) > len(WITHIN) / 2


@pytest.mark.parametrize("spread", [False, True])
def test_every_text_is_tried_in_each_field_and_read_again_where_time_is_short_now_and_then(contract, spread):
    subject = Subject.of(contract, (ACME, Tenant("globex", "globex-token")))
    operation = signature_of(contract, "addInternalContact").operation
    scenarios = [
        one for one in playable(ValueCases(subject, spread=spread).writers()) if one.title.startswith(f"{operation}: texts")
    ]
    sent = [planned for one in scenarios for planned in one.requests]

    packed, alone = texts(math.inf)
    for name in ("given_name", "family_name"):
        assert {text.value for text in (*packed, *alone)} <= {one.body[name] for one in sent if name in one.body}
    once, again = ([one for one in sent if one.note.startswith("the same key again") == is_again] for is_again in (False, True))
    assert len(again) < len(once) / 2 if spread else len(again) == len(once)


# --- moves -----------------------------------------------------------------------------------------------------------

ACME = Tenant("acme", "acme-token")


def add(contract, **more):
    operation = signature_of(contract, "addInternalContact").operation
    return PlannedRequest(**{"label": 1, "operation": operation, "note": "", "path": {"partner_id": "p"}, "body": {}, **more})


def test_a_move_becomes_a_request_of_its_organization(contract):
    play = Play("r1x1", 1, (ACME, Tenant("globex", "globex-token")))

    call = play.call(add(contract, tenant=1, body={"email": Tagged("a.{tag}@b"), "list": [Tagged("{tag}"), 7, None]}))

    assert (call.method, call.path, call.organization) == ("POST", "/v2/partners/p/internal-contacts", "globex")
    assert json.loads(call.body) == {"email": "a.r1x1@b", "list": ["r1x1", 7, None]}
    assert dict(call.headers) == {"Authorization": "Bearer globex-token", "Content-Type": "application/json"}


def test_a_text_of_another_organization_is_told_from_an_own_one_that_begins_like_it(contract):
    play = Play("r1", 1, (ACME, Tenant("globex", "globex-token")))
    for tenant, name in enumerate(("name-r1-1", "name-r1-12")):
        play.note_reply(add(contract, tenant=tenant), WireResponse(200), {"name": name})
    asked = add(contract, tenant=1, body={})

    assert play.of_others(asked, play.call(asked), WireResponse(200, body=b'["name-r1-12"]')) == ""
    assert play.of_others(asked, play.call(asked), WireResponse(200, body=b'["name-r1-12", "name-r1-1"]')) == "name-r1-1"


def test_ids_stand_in_the_path_percent_encoded(contract):
    call = Play("t", 1, (ACME,)).call(add(contract, path={"partner_id": "a/b ?#é%"}))

    assert call.path == "/v2/partners/a%2Fb%20%3F%23%C3%A9%25/internal-contacts"


def test_a_query_holds_numbers_truths_and_nothings_as_text(library_contract):
    operation = signature_of(library_contract, "listMembers").operation
    call = Play("t", 1, (ACME,)).call(
        PlannedRequest(1, operation, "", query={"offset": -1, "a": True, "b": False, "c": None, "d": "x&y"})
    )

    assert call.query == "offset=-1&a=true&b=false&c=&d=x%26y"


@pytest.mark.parametrize(("authorization", "header"), [(None, None), ("Basic acme-token", "Basic acme-token"), ("", "")])
def test_a_move_may_have_another_authorization_or_none(contract, authorization, header):
    carried = Carried() if authorization is None else Carried(headers=(("Authorization", authorization),))
    call = Play("t", 1, (ACME,)).call(add(contract, carried=carried))

    assert dict(call.headers).get("Authorization") == header


class KeyInQuery:
    """A scheme that the kit does not have, as far as it matters here."""

    def carried(self, credential):
        return Carried(query=(("letmein", credential),))


def test_a_credential_goes_where_the_scheme_of_the_operation_says(contract):
    planned = add(contract)
    keyed = replace(planned.operation, security=Security(((SchemeUse(KeyInQuery()),),)))
    call = Play("t", 1, (ACME,)).call(replace(planned, operation=keyed))

    assert "Authorization" not in dict(call.headers)
    assert call.query == "letmein=acme-token"


def test_a_raw_body_is_sent_as_it_is_but_for_the_tag(contract):
    play = Play("t9", 1, (ACME,))

    assert play.call(add(contract, body=Raw(b'\xff{"{tag}'))).body == b'\xff{"t9'
    left = play.call(add(contract, body=OMITTED))
    assert (left.body, "Content-Type" in dict(left.headers)) == (b"", False)
    assert "Content-Type" not in dict(play.call(add(contract, media_type=OMITTED)).headers)


def test_a_move_that_needs_what_an_earlier_answer_did_not_have_cannot_be_made(contract):
    play = Play("t", 1, (ACME,))
    planned = add(contract, path={"partner_id": FromResponse(1, "/internal_contact/id")})
    for body in (
        {},
        {"internal_contact": None},
        {"internal_contact": {"id": None}},
        {"internal_contact": {"id": {}}},
        [],
        None,
    ):
        with pytest.raises(Unresolved):
            play.call(planned)
        play.note_reply(add(contract), WireResponse(200), body)
    with pytest.raises(Unresolved):
        play.call(planned)

    play.note_reply(add(contract), WireResponse(200), {"internal_contact": {"id": "ict_1"}})
    assert "/ict_1/" in play.call(planned).path


def test_the_answer_to_a_refused_move_is_not_used(contract):
    play = Play("t", 1, (ACME,))
    play.note_reply(add(contract), WireResponse(404), {"id": "not this"})

    with pytest.raises(Unresolved):
        play.call(add(contract, path={"partner_id": FromResponse(1, "/id")}))


@pytest.mark.parametrize(
    ("change", "value", "changed"),
    [
        ("upper", "ict_k3v9x0y", "ICT_K3V9X0Y"),
        ("upper", "ICT_K3V9X0Y", "ict_k3v9x0y"),
        ("prefix", "ict_k3v9x0y7", "ict_k3v9x0y"),
        ("longer", "ict_k3v9x0y7", "ict_k3v9x0y70"),
        ("other", "ict_k3v9x0y7", "ict_k3v9x0y7"),
        ("turned", "ict_k3v9x0y7", "ict_k3v9x0y8"),
        ("turned", "6f1e…9f", "6f1e…9a"),
        ("turned", 9, 0),
        ("negative", 9, "-9"),
        ("encoded", "ict_1", "%69ct_1"),
        ("turned", 1200, 1201),
    ],
)
def test_an_id_may_be_changed_into_something_near_it(change, value, changed):
    play = Play("t", 1, (ACME,), {1: {"id": value}})

    assert play.resolve(FromResponse(1, "/id", change)) == changed


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("prefix", 7),
        ("longer", "ict_7"),
        ("other", "1234567890123"),
        ("prefix", "urn:contact:609"),
        ("longer", "contact_000609"),
        ("upper", "0f8fad5b-d9cb-469f"),
    ],
)
def test_what_is_near_an_id_that_is_counted_may_be_somebody_s_and_is_not_asked_for(change, value):
    with pytest.raises(Unresolved):
        Play("t", 1, (ACME,), {1: {"id": value}}).resolve(FromResponse(1, "/id", change))


def test_numbers_and_blanks_differ_from_playing_to_playing():
    plays = [Play(f"r1x{number}", number, ()) for number in range(1, 40)]

    numbers = [play.resolve(TaggedNumber(key, 1, LARGEST)) for play in plays for key in range(1, 30)]
    assert len(set(numbers)) == len(numbers)
    assert all(5 <= play.resolve(TaggedNumber(9, 5, 9)) <= 9 for play in plays)
    assert Play("r1x1", 1, ()).resolve(TaggedNumber(1, 1, LARGEST)) != Play("r2x1", 1, ()).resolve(TaggedNumber(1, 1, LARGEST))
    blanks = [play.resolve(TaggedBlank()) for play in plays]
    assert len(set(blanks)) == len(blanks)
    assert not any(blank.strip(" \t") for blank in blanks)


def test_a_scenario_may_be_shortened(contract):
    scenario = Scenario("two", (add(contract), add(contract, label=2)))

    assert [planned.label for planned in scenario.without(frozenset({1})).requests] == [2]


# --- builders --------------------------------------------------------------------------------------------------------


def test_a_known_record_is_referred_to_and_never_changed(contract):
    tenant = Tenant("acme", "t", {"Partner": ("ptn_1",), "InternalContact": ("ict_known",)})
    builder = ScenarioBuilder(Subject.of(contract, (tenant,)), "")

    builder.call(signature_of(contract, "addInternalContact"), "")
    builder.call(signature_of(contract, "updateInternalContact"), "")

    assert builder.requests[0].path == {"partner_id": "ptn_1"}
    assert [planned.operation.id for planned in builder.requests[1:]][-1] == "updateInternalContact"
    assert isinstance(builder.requests[-1].path["internal_contact_id"], FromResponse)


def test_what_an_operation_needs_is_made_first_and_once(library_contract):
    builder = ScenarioBuilder(Subject.of(library_contract, (Tenant("town", "t", {"Book": ("isbn-1",)}),)), "")
    lend = signature_of(library_contract, "lend")

    builder.call(lend, "first")
    builder.call(lend, "second")

    assert [planned.operation.id for planned in builder.requests][1:] == ["lend", "lend"]
    assert builder.requests[1].body["member"] == builder.requests[2].body["member"] == FromResponse(1, "/id")
    assert builder.requests[1].body["isbn"] == "isbn-1"


def test_nothing_is_removed_that_the_run_cannot_make(library_contract):
    builder = ScenarioBuilder(Subject.of(library_contract, (Tenant("town", "t", {"Book": ("isbn-1",)}),)), "")

    with pytest.raises(Unprovidable):
        builder.call(signature_of(library_contract, "removeBook"), "")


def test_an_id_of_what_nobody_makes_and_nobody_knows_is_made_up(contract):
    builder = ScenarioBuilder(Subject.of(contract, (ACME,)), "")
    builder.call(signature_of(contract, "addInternalContact"), "")

    assert builder.requests[0].path == {"partner_id": Tagged("ptn_{tag}")}


def test_fields_that_may_be_derived_are_left_out_so_that_it_shows(contract):
    builder = ScenarioBuilder(Subject.of(contract, (ACME,)), "")
    builder.call(signature_of(contract, "addInternalContact"), "", fill="full", values={"phone": OMITTED})

    assert {"given_name", "family_name"} <= builder.requests[0].body.keys()
    assert not {"name", "phone"} & builder.requests[0].body.keys()


# --- nothing that was there before is changed ------------------------------------------------------------------------


class Watching:
    """A mock that tells which requests changed or removed what was there before the run."""

    def __init__(self, document, setup, profile=None):
        self.inner = MockTarget(document, setup, profile)
        self.name, self.local, self.connections = self.inner.name, True, 1
        self.changed: list[WireRequest] = []
        self.before = self.records()

    def records(self):
        known = self.inner.context.setup.seed.records
        store = self.inner.context.store
        return {
            (resource, owner, id): store.get(resource, owner, id)
            for resource, owners in known.items()
            for owner, records in owners.items()
            for id in records
        }

    def send(self, call: WireRequest) -> WireResponse:
        reply = self.inner.send(call)
        if self.records() != self.before:
            self.changed.append(call)
            self.before = self.records()
        return reply

    def send_together(self, calls: list[WireRequest]) -> list[WireResponse]:
        return [self.send(call) for call in calls]

    def close(self) -> None:
        pass


def player_for(document, tenants, target):
    oracle = Oracle.of(document, credentials_of(tenants), seed_of(document, tenants))
    oracle.judge.tag = "r1"
    return Player(oracle, Client(target), Subject.of(document, tenants), "r1", [oracle.everything_open()])


def scenarios_of(document, tenants, *, plain=True) -> Iterator[Scenario]:
    subject = Subject.of(document, tenants)
    yield from Calibration(subject).scenarios()
    for scenarios in conformance_scenarios(
        subject, is_plain=lambda slot, aspect: plain, expired_token="expired", undocumented_methods=True
    ):
        yield from scenarios
    for race in Races(subject).kinds():
        yield Scenario(race.title, (*race.before, *race.together, *race.after))


def all_known(setup):
    """Every record that is there, made by an operation or not, is said to be known."""
    return tuple(
        Tenant(
            name,
            setup.token_of(name),
            {
                resource: tuple(id for owner, records in owners.items() if owner in (name, None) for id in records)
                for resource, owners in setup.seed.records.items()
            },
        )
        for name in setup.organizations
    )


@pytest.mark.parametrize("everything_known", [False, True])
def test_no_scenario_changes_or_removes_what_the_run_did_not_make(document, setup, tenants, everything_known):
    tenants = all_known(setup) if everything_known else tenants
    careless = {"returned-loans": "cascade"} if "returned-loans" in document.assumptions else {}
    target = Watching(document, setup, careless)
    player = player_for(document, tenants, target)
    failures = []
    count = 0
    for scenario in scenarios_of(document, tenants):
        played = player.play(scenario)
        count += 1
        if played.failure is not None:
            failures.append((scenario.title, played.failure.cause, played.failure.differences))
        else:
            player.keep(played)

    assert count > 60
    assert target.changed == []
    assert everything_known or failures == []  # a known record may be in use in a way that nobody told


@pytest.mark.parametrize("cascade", [False, True])
def test_random_sequences_and_generated_bodies_change_nothing_that_was_there_before(document, setup, tenants, cascade):
    careless = {"returned-loans": "cascade"} if cascade and "returned-loans" in document.assumptions else {}
    target = Watching(document, setup, careless)
    player = player_for(document, tenants, target)

    wrong = explore(player, sequences=20, random_seed=1, known=set())
    wrong += generate(player, examples=6, random_seed=1, known=set())

    assert target.changed == []
    assert wrong == []


def test_generated_bodies_name_nothing_in_their_lists_but_what_the_run_made():
    """Whether a number that was made up is the id of something is not known."""
    contract, made, named = load_contract(BASKETS), set[int](), set[int]()

    def note(context, call, proceed):
        reply, body = proceed(call), json.loads(call.body or b"null")
        if call.operation == "addFruit" and reply.is_success:
            made.add(json.loads(reply.body)["id"])
        elif isinstance(body, dict) and isinstance(body.get("fruits"), list):
            named.update(one["id"] for one in body["fruits"] if isinstance(one, dict) and type(one.get("id")) is int)
        return reply

    setup = setup_for(contract, NOBODY)
    tenants = tuple(Tenant(name, setup.token_of(name)) for name in setup.organizations)
    target = MockTarget(contract, setup, None, Mutant("noting", "", "", exchange=note))

    assert generate(player_for(contract, tenants, target), examples=8, random_seed=1, known=set()) == []
    assert named
    assert named <= made


def test_a_whole_run_changes_nothing_that_was_there_before(document, setup):
    target = Watching(document, setup)
    settings = replace(settings_for(setup, BUDGETS["quick"], 3), generated_bodies=False, races=False)

    outcome = hold_to(document, target, settings)

    assert outcome.verdict == "conforms"
    assert target.changed == []


def test_scenarios_are_the_same_each_time_they_are_written(document, tenants):
    assert list(scenarios_of(document, tenants)) == list(scenarios_of(document, tenants))


def test_without_undocumented_methods_only_documented_ones_are_sent(document, tenants):
    documented = {(operation.method, operation.path) for operation in document.operations}
    scenarios = chain.from_iterable(conformance_scenarios(Subject.of(document, tenants), is_plain=lambda slot, aspect: True))
    sent = {
        (planned.method or planned.operation.method, planned.operation.path) for one in scenarios for planned in one.requests
    }

    assert sent <= documented


def test_every_operation_with_a_behaviour_is_used_as_it_is_meant(document, setup, tenants):
    target = MockTarget(document, setup)
    player = player_for(document, tenants, target)
    for scenario in Calibration(Subject.of(document, tenants)).scenarios():
        player.keep(player.play(scenario))
    made_nowhere = {"removeBook"}  # the run may only remove what it made

    for signature in read_signatures(document):
        statuses = player.client.statuses.get(signature.operation.id, {})
        assert signature.operation.id in made_nowhere or any(200 <= status < 300 for status in statuses), signature.operation.id


def test_with_one_organization_nothing_is_asked_of_another(document, tenants):
    for scenario in scenarios_of(document, tenants[:1]):
        assert {planned.tenant for planned in scenario.requests} <= {0}, scenario.title


def test_a_document_in_which_nothing_declares_a_behaviour_is_only_read(tmp_path):
    path = tmp_path / "plain.yaml"
    path.write_text(
        """openapi: 3.1.0
info: {title: Plain, version: '1'}
paths:
  /a:
    get: {responses: {'200': {description: ok}}}
    post: {responses: {'200': {description: ok}}}
"""
    )
    plain = load_contract(path)

    assert {
        planned.operation.method
        for scenario in scenarios_of(plain, (ACME,))
        for planned in scenario.requests
        if not planned.method
    } == {"GET"}
