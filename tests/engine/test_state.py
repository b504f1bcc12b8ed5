"""The state goes out as JSON and comes in again exactly, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mock_server.contract.files.flaws import FlawedInput
from mock_server.contract.files.source import Source
from mock_server.engine.state import read_state, state_of

COMPANIES = ["acme", "globex"]
NORTHWIND = "/v2/partners/ptn_northwind/internal-contacts"


def source_of(state):
    return Source(Path("the body"), json.dumps(state))


def test_a_state_is_read_as_it_was_written(talk):
    lively = talk(**{"email-case": "ignore", "old-email": "remembered"})
    lively.post(NORTHWIND, {"email": "Ada@acme.example", "internal_role": "csm"})
    lively.post(NORTHWIND, {"email": "ada@acme.example", "internal_role": "ae", "name": "<script>"})
    lively.patch("/v2/internal-contacts/ict_grace", {"email": "hopper@acme.example"})
    before = lively.store.snapshot()
    written = json.loads(json.dumps(state_of(before)))

    read = read_state(source_of(written), lively.contract, COMPANIES)

    assert read == before
    assert state_of(read) == written
    assert written["previous-keys"]


def test_a_state_is_read_as_it_was_written_for_a_document_with_shared_resources(library):
    talk = library()
    before = talk.store.snapshot()
    organizations = state_of(before)["organizations"].keys()

    assert read_state(source_of(state_of(before)), talk.contract, organizations) == before


def wrong(change):
    def made(state):
        change(state["organizations"]["acme"])
        return state

    return made


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda state: [], "has to be"),
        (lambda state: {}, "'organizations' is missing"),
        (lambda state: {"organizations": {"acmee": {}}}, "did you mean 'acme'?"),
        (lambda state: {**state, "shared": {"Partner": []}}, "put it under an organization"),
        (wrong(lambda acme: acme.update(Contact=[])), "did you mean 'InternalContact'?"),
        (wrong(lambda acme: acme["Partner"].append(3)), "a record is a mapping, not 3"),
        (wrong(lambda acme: acme["Partner"].append(acme["Partner"][0])), "the id 'ptn_northwind' stands twice"),
        (wrong(lambda acme: acme["InternalContact"][0].update(emial="x")), "did you mean 'email'?"),
        (wrong(lambda acme: acme["InternalContact"][0].update(email=3)), "this value is not of type"),
        (wrong(lambda acme: acme["InternalContact"][0].pop("email")), "'email' is missing"),
        (wrong(lambda acme: acme["InternalContactAssignment"][0].update(internal_contact="ict_no")), "is not the id of a"),
        (wrong(lambda acme: acme["InternalContactAssignment"][0].update(internal_contact=None)), "is not the id of a"),
        (wrong(lambda acme: acme["InternalContact"].clear()), "is not the id of a InternalContact here"),
    ],
)
def test_a_state_that_does_not_fit_is_told_with_its_place(talk, damage, told):
    talking = talk()
    damaged = damage(state_of(talking.store.copy().snapshot()) | {})
    with pytest.raises(FlawedInput) as caught:
        read_state(source_of(json.loads(json.dumps(damaged))), talking.contract, COMPANIES)

    assert told in str(caught.value)
    assert "the body:1:" in str(caught.value)
