"""Each break does what it says somewhere; without a break, nothing is broken."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from types import CodeType, FunctionType

import orjson
import pytest
from conversation import Conversation
from places import LIBRARY, PARTNER_API

from contract_tests.mutants.mock_target import MockTarget
from contract_tests.mutants.setup import setup_for
from contract_tests.mutants.table import mutants_for, some_of
from contract_tests.transport.wire import WireRequest
from mock_server.engine.choices import Choices
from mock_server.engine.generating import Generator
from mock_server.engine.loading import load_contract
from mock_server.engine.values import ABSENT
from mock_server.exchange.authentication import Credentials
from mock_server.exchange.exchange import Exchange
from mock_server.exchange.messages import Request

CREATE = "/v2/internal-contacts"
CONTRACTS = {"partner-api": load_contract(PARTNER_API), "library": load_contract(LIBRARY)}


@pytest.fixture(scope="session")
def conversations():
    return cache(lambda document: Conversation(CONTRACTS[document]))


@pytest.fixture(params=CONTRACTS)
def conversation(request, conversations):
    return conversations(request.param)


def breaks():
    """Every break of both documents. Of those that are the same code, the first one is measured: to measure takes long."""
    measured: set[CodeType] = set()
    for document, contract in CONTRACTS.items():
        for one in mutants_for(contract):
            if not one.together:
                add_code(one.exchange or one.identify or one.read or one.perform, code := set[CodeType]())
                marks = [pytest.mark.no_cover] if code <= measured else []
                measured |= code
                yield pytest.param(document, one, id=f"{document} {one.name}", marks=marks)


def add_code(held, codes):
    """Add the code of a function, and of the functions that it holds."""
    if isinstance(held, FunctionType) and held.__code__ not in codes:
        codes.add(held.__code__)
        for cell in held.__closure__ or ():
            add_code(cell.cell_contents, codes)
    elif isinstance(held, (tuple, list)):
        for one in held:
            add_code(one, codes)


def person(target, organization=0, **fields):
    setup = target.context.setup
    name = setup.organizations[organization]
    headers = (("Authorization", f"Bearer {setup.token_of(name)}"), ("Content-Type", "application/json"))
    body = json.dumps({"internal_role": "csm", **fields}).encode()
    return WireRequest("POST", CREATE, headers=headers, body=body, operation="createInternalContact", organization=name)


def contact_of(reply):
    return json.loads(reply.body)["internal_contact"]


def break_named(contract, name):
    return next(one for one in mutants_for(contract) if one.name == name)


def test_an_unbroken_mock_answers_as_the_exchange_does(conversation):
    exchange = Exchange(conversation.contract, Credentials(conversation.setup.tokens))
    store, generator = (
        exchange.engine.new_store(conversation.setup.seed),
        Generator(clock=lambda: conversation.now, random_seed=1),
    )
    for number, (call, reply) in enumerate(conversation.exchanges[:400]):
        conversation.tick(number)
        headers = {name.lower().encode(): value.encode() for name, value in call.headers}
        request = Request(call.method, call.path, call.query, headers, call.body)
        answer = exchange.answer(request, store, Choices(conversation.contract.defaults()), generator)

        assert (reply.status, reply.body) == (answer.status, b"" if answer.body is ABSENT else orjson.dumps(answer.body))


def test_the_same_conversation_gets_the_same_answers(conversation):
    target = conversation.mock(None)
    again = [conversation.send(target, call, number) for number, (call, _) in enumerate(conversation.exchanges)]

    assert again == [reply for _, reply in conversation.exchanges]


def test_names_are_unique(conversation):
    twice = [name for name, count in Counter(one.name for one in mutants_for(conversation.contract)).items() if count > 1]

    assert twice == []


def test_each_break_has_exactly_one_hook(conversation):
    for one in mutants_for(conversation.contract):
        hooks = [hook for hook in (one.exchange, one.identify, one.read, one.perform) if hook is not None]

        assert len(hooks) == 1, one.name
        assert one.about.endswith("."), one.name


LITTLE_USED = {"selections", "references", "guards"}
"""Families of words that these two documents hardly use; others are about them."""


def test_there_are_breaks_of_every_family(conversation):
    by_family = Counter(one.family for one in mutants_for(conversation.contract))

    assert sum(by_family.values()) >= 150
    assert min(count for family, count in by_family.items() if family not in LITTLE_USED) >= 10, by_family


def test_some_of_the_breaks_are_of_all_families(conversation):
    every = mutants_for(conversation.contract)
    some = some_of(every, 80)

    assert len({one.name for one in some}) == 80
    assert {one.family for one in some} == {one.family for one in every}


@pytest.mark.parametrize(("document", "broken"), list(breaks()))
def test_each_break_shows(conversations, document, broken):
    assert conversations(document).first_difference(broken) is not None


def test_races_do_not_show_one_after_the_other(conversation):
    for one in [one for one in mutants_for(conversation.contract) if one.together]:
        assert conversation.first_difference(one, most=40) is None, one.name


def test_a_record_is_made_twice_only_when_asked_for_at_the_same_time(contract):
    target = MockTarget(contract, setup_for(contract), mutant=break_named(contract, "races.made-twice.createInternalContact"))

    apart = [target.send(person(target, email="apart@acme.example")) for _ in range(2)]
    together = [target.send_together([person(target, email=f"{n}@acme.example")] * 2) for n in range(10)]

    assert len({contact_of(reply)["id"] for reply in apart}) == 1
    assert any(len({contact_of(reply)["id"] for reply in pair}) == 2 for pair in together)


def test_an_update_is_lost_only_to_one_at_the_same_time(contract):
    target = MockTarget(contract, setup_for(contract), mutant=break_named(contract, "races.lost-update.updateInternalContact"))
    made = person(target, email="lost@acme.example")
    id = contact_of(target.send(made))["id"]

    def patch(**fields):
        body = json.dumps(fields).encode()
        return WireRequest("PATCH", f"{CREATE}/{id}", headers=made.headers, body=body, organization=made.organization)

    lost = 0
    for number in range(10):
        target.send_together([patch(phone=f"{number}"), patch(job_title=f"{number}")])
        now = contact_of(target.send(made))
        lost += now["phone"] != f"{number}" or now["job_title"] != f"{number}"
        target.send(patch(phone="apart"))
        target.send(patch(job_title="apart"))
        apart = contact_of(target.send(made))
        assert (apart["phone"], apart["job_title"]) == ("apart", "apart")

    assert lost


@pytest.mark.parametrize("name", ["answers-mixed.createInternalContact", "organizations-mixed.addInternalContact"])
def test_simultaneous_requests_are_mixed_up(contract, name):
    target = MockTarget(contract, setup_for(contract), mutant=break_named(contract, f"races.{name}"))
    calls = [person(target, organization, email=f"{organization}@acme.example") for organization in (0, 1)]
    if "organizations" in name:
        partners = [target.context.setup.known[call.organization]["Partner"][0] for call in calls]
        calls = [
            WireRequest(c.method, f"/v2/partners/{p}/internal-contacts", "", c.headers, c.body)
            for c, p in zip(calls, partners, strict=True)
        ]

    rounds = [target.send_together(calls) for _ in range(10)]

    mixed = [r for r in rounds if r[0].status != 200 or r[1].status != 200 or contact_of(r[0])["id"] == contact_of(r[1])["id"]]
    assert mixed


def test_an_unbroken_mock_mixes_nothing_up(contract):
    target = MockTarget(contract, setup_for(contract))
    for number in range(10):
        replies = target.send_together([person(target, email=f"{number}@acme.example")] * 4)

        assert len({contact_of(reply)["id"] for reply in replies}) == 1


def test_a_profile_is_followed(contract):
    target = MockTarget(contract, setup_for(contract), {"floating-success-status": "created"})

    assert target.send(person(target, email="a@acme.example")).status == 201
