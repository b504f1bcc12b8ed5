from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mock_server.engine.store import Snapshot, Store, TableLayout

LAYOUT = {"Person": TableLayout(frozenset({("email",), ("city", "role")}), ("email",), frozenset({"city", "role", "email"}))}


def person(id: str, email: str = "a", city: str | None = None, role: str = "x") -> dict[str, object]:
    return {"id": id, "email": email, "city": city, "role": role}


@pytest.fixture
def store() -> Store:
    seed = Snapshot({"Person": {"acme": {"1": person("1"), "2": person("2", "b", "Rome")}}}, {})
    return Store(LAYOUT, seed)


def test_reset_returns_to_the_seed_and_not_to_emptiness(store):
    store.put("Person", "acme", "1", None)
    store.put("Person", "acme", "3", person("3", "c"))
    store.commit()
    store.reset()

    assert [record["id"] for record in store.scan("Person", "acme")] == ["1", "2"]


def test_a_snapshot_is_restored_whatever_happened_since(store):
    store.put("Person", "acme", "3", person("3", "c"))
    store.commit()
    snapshot = store.snapshot()
    store.put("Person", "acme", "3", person("3", "d"))
    store.put("Person", "globex", "4", person("4"))
    store.commit()
    store.restore(snapshot)

    assert store.snapshot() == snapshot
    assert store.find("Person", "acme", ("email",), {"email": "c"}) == ["3"]
    assert store.find("Person", "acme", ("email",), {"email": "d"}) == []


def test_a_copy_changes_on_its_own(store):
    twin = store.copy()
    twin.put("Person", "acme", "9", person("9", "z"))
    twin.commit()

    assert store.get("Person", "acme", "9") is None
    assert twin.get("Person", "acme", "9") is not None


def test_a_rollback_keeps_the_order_of_records(store):
    before = store.snapshot()
    store.put("Person", "acme", "1", None)
    store.put("Person", "acme", "2", person("2", "b", "Paris"))
    store.put("Person", "acme", "3", person("3"))
    store.rollback()

    assert store.snapshot() == before
    assert [record["id"] for record in store.scan("Person", "acme")] == ["1", "2"]


def test_a_key_is_found_give_or_take_case_and_space(store):
    assert store.find("Person", "acme", ("email",), {"email": " A "}) == ["1"]
    assert store.find("Person", "acme", ("city", "role"), {"city": "rome", "role": "x"}) == []


def test_organizations_do_not_see_each_other(store):
    assert store.get("Person", "globex", "1") is None
    assert store.find("Person", "globex", ("email",), {"email": "a"}) == []


class StoreAgainstModel(RuleBasedStateMachine):
    """The store against a dict of dicts: whatever is put, committed, rolled back or restored, both agree."""

    ids = st.sampled_from("12345")
    people = st.builds(person, ids, st.sampled_from(["a", "A", "b "]), st.sampled_from([None, "Rome"]), st.sampled_from("xy"))

    def __init__(self) -> None:
        super().__init__()
        self.store = Store(LAYOUT)
        self.model: dict[str, dict[str, dict[str, object]]] = {"acme": {}, "globex": {}}
        self.committed = copy.deepcopy(self.model)
        self.kept = (self.store.snapshot(), copy.deepcopy(self.model))

    @rule(owner=st.sampled_from(["acme", "globex"]), record=people)
    def put(self, owner, record):
        self.store.put("Person", owner, record["id"], record)
        self.model[owner][record["id"]] = record

    @rule(owner=st.sampled_from(["acme", "globex"]), id=ids)
    def remove(self, owner, id):
        if id in self.model[owner]:
            self.store.put("Person", owner, id, None)
            del self.model[owner][id]
            self.commit()  # a removed id may come back only in a later transaction

    @rule()
    def commit(self):
        self.store.commit()
        self.committed = copy.deepcopy(self.model)

    @rule()
    def roll_back(self):
        self.store.rollback()
        self.model = copy.deepcopy(self.committed)

    @rule()
    def take_snapshot(self):
        self.commit()
        self.kept = (self.store.snapshot(), copy.deepcopy(self.model))

    @rule()
    def restore(self):
        self.store.restore(self.kept[0])
        self.model = copy.deepcopy(self.kept[1])
        self.committed = copy.deepcopy(self.model)

    @invariant()
    def agree(self):
        for owner, people in self.model.items():
            assert list(self.store.scan("Person", owner)) == list(people.values())
            for email in ("a", "b"):
                wanted = {id for id, record in people.items() if record["email"].strip().lower() == email}
                assert set(self.store.find("Person", owner, ("email",), {"email": email})) == wanted
            for role in "xy":
                wanted = {id for id, record in people.items() if (record["city"], record["role"]) == ("Rome", role)}
                assert set(self.store.find("Person", owner, ("city", "role"), {"city": "Rome", "role": role})) == wanted


TestStoreAgainstModel = StoreAgainstModel.TestCase
TestStoreAgainstModel.settings = settings(max_examples=60, stateful_step_count=30, deadline=None, derandomize=True)


@given(st.lists(st.tuples(st.sampled_from("123"), st.sampled_from("ab"))))
@settings(deadline=None, derandomize=True)
def test_ids_of_one_place_keep_their_order_through_a_rollback(puts):
    store = Store(LAYOUT, Snapshot({"Person": {"acme": {id: person(id) for id in "12345"}}}, {}))
    before = store.find("Person", "acme", ("email",), {"email": "a"})[:]
    for id, email in puts:
        store.put("Person", "acme", id, person(id, email))
    store.rollback()

    assert store.find("Person", "acme", ("email",), {"email": "a"}) == before
