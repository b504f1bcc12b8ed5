"""What a run made: nothing that a target holds after it is missing from the ledger, whatever phase made it."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace

import pytest
from places import DESK, DOORS, FIXTURES, STOCKROOM

from contract_tests.cli.options import Options
from contract_tests.cli.starting import run_options
from contract_tests.mutants.mock_target import MockTarget
from contract_tests.mutants.prove import settings_for
from contract_tests.mutants.setup import setup_for
from contract_tests.runner.ledger import Ledger, read_ledger
from contract_tests.runner.made import Creations
from contract_tests.runner.run import PHASES, hold_to
from contract_tests.runner.settings import Budget
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import PlannedRequest, Play
from contract_tests.transport.tenants import Tenant
from contract_tests.transport.wire import WireResponse
from mock_server.engine.loading import load_contract
from mock_server.server.application import Application
from mock_server.server.log import Log
from mock_server.server.mock import Mock
from mock_server.server.settings import Settings

SMALL = Budget("small", sequences=1, rounds=1, generated_bodies=1, thinning=50, spread=True)


@pytest.fixture(scope="module")
def stockroom():
    """A document with bulk operations, records within records, and records that are put where they are named."""
    return load_contract(STOCKROOM)


class Following:
    """Knows which phases began."""

    def __init__(self):
        self.began = set()

    def phase(self, name):
        self.began.add(name)

    def requests(self, count):
        pass

    def finding(self, finding):
        pass


def held_to(contract, path, change=lambda call, reply: reply, **settings):
    setup = setup_for(contract, FIXTURES[contract.document.main.path])
    target, progress = MockTarget(contract, setup), Following()
    send, send_together = target.send, target.send_together
    target.send = lambda call: change(call, send(call))
    target.send_together = lambda calls: [change(*pair) for pair in zip(calls, send_together(calls), strict=True)]
    with closing(Ledger(path)) as ledger:
        outcome = hold_to(contract, target, replace(settings_for(setup, SMALL, 1), **settings), progress, ledger=ledger)
    return outcome, setup, target.context.store, progress


def test_what_every_phase_made_is_in_the_ledger(tmp_path):
    outcome, _, store, progress = held_to(load_contract(DESK), tmp_path / "ledger")

    left = read_ledger(tmp_path / "ledger").left
    noted = {(one.resource, one.id) for one in left if one.id is not None}
    unshown = {one.found_by["Ticket.id"] for one in left if one.id is None}
    records = store.snapshot().records
    there = {(name, id) for name, owners in records.items() for kept in owners.values() for id in kept}
    notes = {id: record for kept in records["Note"].values() for id, record in kept.items()}
    assert outcome.verdict == "conforms"
    assert progress.began == {phase.name for phase in PHASES if phase.name}
    assert len(there) > 50
    assert {name for name, _ in there - noted} == {"Note"}  # of urgent tickets; no response shows them
    assert {notes[id]["ticket_id"] for _, id in there - noted} <= unshown
    assert {(name, id) for name, ids in outcome.created.items() for id in ids} == {(name, str(id)) for name, id in noted}


def test_what_was_there_before_is_not_in_the_ledger(stockroom, tmp_path):
    _, setup, _, _ = held_to(stockroom, tmp_path / "ledger", max_requests=400)

    before = {(name, id) for name, owners in setup.seed.records.items() for kept in owners.values() for id in kept}
    assert not before & {(one.resource, one.id) for one in read_ledger(tmp_path / "ledger").left}


def test_a_request_whose_response_is_lost_may_have_made_something_and_that_is_noted(stockroom, tmp_path):
    def change(call, reply):
        return WireResponse(0, trouble="the line is dead") if call.path == "/pages" and call.method == "POST" else reply

    held_to(stockroom, tmp_path / "ledger", change, max_requests=100)

    lost = [one for one in read_ledger(tmp_path / "ledger").left if one.resource == "Page"]
    assert lost
    assert all(one.id is None and "the line is dead, so there may be no such record" in one.uncertain for one in lost)


def test_the_record_that_a_new_one_refers_to_is_not_taken_for_the_new_one(tmp_path):
    contract = load_contract(DESK)
    subject = Subject.of(contract, [Tenant("organization", "acme-token")])
    add = next(operation for operation in contract.operations if operation.id == "addTicket")
    planned = PlannedRequest(1, add, "", body={"title": "Lamp", "parent_id": 7})

    with closing(Ledger(tmp_path / "ledger")) as ledger:
        Creations(subject, "r1", ledger=ledger).note(planned, Play("r1x1", 1, subject.tenants), WireResponse(204), None)

    (made,) = read_ledger(tmp_path / "ledger").left
    assert (made.resource, made.id, made.found_by) == ("Ticket", None, {})


def test_an_id_that_is_a_credential_is_not_written_down(stockroom, tmp_path):
    def change(call, reply):
        if call.path != "/pages" or call.method != "POST" or not reply.is_success:
            return reply
        return replace(reply, body=json.dumps({**json.loads(reply.body), "id": "acme-token"}).encode())

    held_to(stockroom, tmp_path / "ledger", change, max_requests=100)

    text = (tmp_path / "ledger").read_text()
    assert "acme-token" not in text
    assert "its id has a credential in it" in text


def test_the_record_of_the_login_of_a_run_is_in_the_ledger(tmp_path):
    mock = Mock.from_settings(Settings(document=DOORS, seed=FIXTURES[DOORS]))
    login = json.dumps({"email": "ann@acme.example", "password": "correct horse"})
    options = Options(document=DOORS, login=login, max_requests=10, ledger=tmp_path / "ledger")

    run_options(options, app=Application(mock, Settings(), Log("error")))

    first = read_ledger(tmp_path / "ledger").left[-1]
    assert (first.resource, first.operation, first.organization) == ("Session", "POST /login", "organization")
    assert "correct horse" not in (tmp_path / "ledger").read_text()
