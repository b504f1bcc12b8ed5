"""What operations require of records, and which states may follow which."""

from __future__ import annotations

import pytest
from workshop import Workshop, workshop_with

from mock_server.contract.files.flaws import FlawedInput

TABLE = "status: {placed: [started], started: [finished, placed], finished: [delivered]}"
REQUIRED = "require: {status: [placed, delivered]}"


def test_what_is_done_is_not_done_again():
    api = Workshop()
    order = api.placed()
    paid = api.ask("POST", f"{order}/payment", {"payer": "Ann"})
    again = api.ask("POST", f"{order}/payment", {"payer": "Bob"})

    assert paid.status == 200
    assert (again.status, again.problem) == (409, "conflict")
    assert "paid" in again.detail
    assert api.ask("GET", order).body == paid.body


@pytest.mark.parametrize(("states", "status"), [((), 204), (("started",), 409), (("started", "finished", "delivered"), 204)])
def test_one_of_several_values_will_do(states, status):
    api = Workshop()
    order = api.at(*states)

    assert api.ask("DELETE", order).status == status
    assert api.ask("GET", order).status == (404 if status == 204 else 200)


@pytest.mark.parametrize(("outcome", "status"), [("invalid", 422), ("forbidden", 403), ("not-found", 404)])
def test_what_follows_when_a_record_is_otherwise_is_declared(tmp_path, outcome, status):
    api = Workshop(workshop_with(tmp_path, (REQUIRED, f"{REQUIRED}\n          when-not: {outcome}")))

    assert api.ask("DELETE", api.at("started")).status == status


def test_a_value_that_the_request_does_not_give_asks_for_nothing(tmp_path):
    before, ref = "operationId: dropOrder\n      parameters: [", "{$ref: '#/components/parameters/Key'}]"
    header = "{name: X-Item, in: header, schema: {type: string}}"
    edits = (f"{before}{ref}", f"{before}{header}, {ref}"), (REQUIRED, "require: {item: $request.header.X-Item}")
    api = Workshop(workshop_with(tmp_path, *edits))

    assert api.ask("DELETE", api.placed(), X_Item="Table").status == 409
    assert api.ask("DELETE", api.placed(), X_Item="Chair").status == 204
    assert api.ask("DELETE", api.placed()).status == 204


def test_a_computed_field_may_be_required(tmp_path):
    computed = "        transitions:", "        computed: {label: 'The {$this.item}'}\n        transitions:"
    field = "        paid: {type: boolean", "        label: {type: string}\n        paid: {type: boolean"
    api = Workshop(workshop_with(tmp_path, computed, field, (REQUIRED, "require: {label: The Chair}")))

    assert api.ask("DELETE", api.placed(item="Table")).status == 409
    assert api.ask("DELETE", api.placed()).status == 204


@pytest.mark.parametrize(("item", "status"), [("Armchair", 204), ("Table", 409)])
def test_a_field_may_be_compared_otherwise(tmp_path, item, status):
    api = Workshop(workshop_with(tmp_path, (REQUIRED, "require: {item: {contains: chair}, paid: {not: true}}")))
    paid = api.placed(item="Chair")
    api.ask("POST", f"{paid}/payment", {"payer": "Ann"})

    assert api.ask("DELETE", api.placed(item=item)).status == status
    assert api.ask("DELETE", paid).status == 409


@pytest.mark.parametrize(
    ("states", "state", "status"),
    [
        ((), "started", 200),
        ((), "placed", 200),
        ((), "finished", 409),
        (("started",), "placed", 200),
        (("started",), "delivered", 409),
    ],
)
def test_a_state_follows_another_as_the_table_says(states, state, status):
    api = Workshop()
    order = api.at(*states)
    before = api.ask("GET", order).body
    answer = api.ask("PATCH", order, {"status": state, "item": "Bed"})

    assert answer.status == status
    if status == 409:
        assert api.ask("GET", order).body == before


def test_a_state_that_is_not_named_is_the_last_one():
    api = Workshop()
    order = api.at("started", "finished", "delivered")

    assert [api.ask("PATCH", order, {"status": state}).status for state in ("placed", "started", "finished")] == [409] * 3


def test_an_illegal_change_may_be_invalid_and_then_names_its_place(tmp_path):
    api = Workshop(workshop_with(tmp_path, ("transitions:", "when-illegal: invalid\n        transitions:")))
    answer = api.ask("PATCH", api.placed(), {"status": "finished"})

    assert answer.status == 422
    assert [(one.pointer, one.rule) for one in answer.violations] == [("/status", "transition")]


FLAWS = {
    "unknown field": (REQUIRED, "require: {statuss: placed}", "no field 'statuss'", "did you mean 'status'?"),
    "impossible value": (REQUIRED, "require: {status: [placed, lost]}", "is never 'lost'", ""),
    "no value": (REQUIRED, "require: {status: []}", "never has one of no values", "one VALUE"),
    "nothing required": (REQUIRED, "require: {}", "needs at least 1", ""),
    "no requirement": (REQUIRED, "when-not: invalid", "nothing is required here", "require: {FIELD: VALUE}"),
    "unknown outcome": (REQUIRED, f"{REQUIRED}\n          when-not: gone", "'gone' is not an outcome", "conflict"),
    "unknown state": (TABLE, "status: {placed: [startd]}", "is never 'startd'", "did you mean 'started'?"),
    "unknown first state": (TABLE, "status: {plaged: [started]}", "is never 'plaged'", "did you mean 'placed'?"),
    "unknown field of states": (TABLE, "stats: {placed: [started]}", "no field 'stats'", "did you mean 'status'?"),
    "states of a truth": (TABLE, "paid: {placed: [started]}", "cannot hold a state", "allow a text"),
    "states of the server": (TABLE, "changed_at: {placed: [started]}", "made by the server", ""),
    "no table": (f"transitions:\n          {TABLE}", "when-illegal: invalid", "no change is illegal here", "transitions:"),
}


@pytest.mark.parametrize(("old", "new", "message", "hint"), FLAWS.values(), ids=FLAWS.keys())
def test_what_cannot_be_required_or_followed_is_a_flaw(tmp_path, old, new, message, hint):
    with pytest.raises(FlawedInput) as raised:
        workshop_with(tmp_path, (old, new))

    assert any(message in flaw.message and hint in flaw.hint for flaw in raised.value.flaws), raised.value.flaws
