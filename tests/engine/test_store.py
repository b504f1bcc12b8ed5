"""What every store has to do. A new one is added to `STORES`; nothing else here has to change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from naive_store import NaiveStore

from mock_server.engine.memory import MemoryStore
from mock_server.engine.store import Former, Index, Layout, Mark, Snapshot, Store

EMAIL = Index("Person", ("email",), key=True, texts=True)
ROLE = Index("Person", ("city", "role"), texts=True)
RANK = Index("Person", ("rank",))
LAYOUT: Layout = {
    "Person": {index.fields: index for index in (EMAIL, ROLE, RANK)},
    "Country": {},
}
STORES: list[Callable[..., Store]] = [MemoryStore, NaiveStore]


def person(id: str, email: str = "a", city: str | None = None, role: str = "x", rank: Any = 1) -> dict[str, Any]:
    return {"id": id, "email": email, "city": city, "role": role, "rank": rank}


SEED = Snapshot({"Person": {"acme": {"1": person("1"), "2": person("2", "b", "Rome")}}})


@pytest.fixture(params=STORES, ids=lambda kind: kind.__name__)
def store(request) -> Store:
    return request.param(LAYOUT, SEED)


def ids(store: Store, owner: str = "acme") -> list[Any]:
    return [record["id"] for record in store.scan("Person", owner)]


def test_a_record_is_got_by_its_id_from_its_owner_alone(store):
    assert store.get("Person", "acme", "1") == person("1")
    assert store.get("Person", "acme", "9") is None
    assert store.get("Person", "globex", "1") is None
    assert store.get("Country", None, "1") is None


def test_a_record_that_is_not_there_cannot_be_held_or_removed(store):
    for attempt in (store.held, store.remove):
        with pytest.raises(LookupError):
            attempt("Person", "acme", "9")


def test_an_id_is_taken_whoever_has_it(store):
    store.put("Person", "globex", "3", person("3"))

    assert store.is_taken("Person", "1")
    assert store.is_taken("Person", "3")
    assert not store.is_taken("Person", "4")
    assert not store.is_taken("Country", "1")


def test_reset_returns_to_the_seed_and_not_to_emptiness(store):
    store.remove("Person", "acme", "1")
    store.put("Person", "acme", "3", person("3", "c"))
    store.commit()
    store.reset()

    assert ids(store) == ["1", "2"]


def test_a_snapshot_is_restored_whatever_happened_since(store):
    store.put("Person", "acme", "3", person("3", "c"))
    store.commit()
    snapshot = store.snapshot()
    store.put("Person", "acme", "3", person("3", "d"))
    store.put("Person", "globex", "4", person("4"))
    store.commit()
    store.restore(snapshot)

    assert store.snapshot() == snapshot
    assert list(store.find(EMAIL, "acme", ("c",))) == ["3"]
    assert list(store.find(EMAIL, "acme", ("d",))) == []


def test_what_one_store_tells_any_other_restores(store):
    store.put("Person", "acme", "1", person("1", "b"))
    store.remember(EMAIL, Former("acme", "1", person("1")))
    store.commit()
    snapshot = store.snapshot()
    for other in STORES:
        twin = other(LAYOUT)
        twin.restore(snapshot)
        assert list(twin.find(EMAIL, "acme", ("b",))) == ["2", "1"]
        assert [former.id for former in twin.remembered(EMAIL, "acme", (" A",))] == ["1"]
        assert twin.snapshot() == snapshot


def test_a_copy_changes_on_its_own(store):
    twin = store.copy()
    twin.put("Person", "acme", "9", person("9", "z"))
    twin.commit()

    assert store.get("Person", "acme", "9") is None
    assert twin.get("Person", "acme", "9") is not None


def test_a_commit_tells_what_changed_in_order_and_tells_it_once(store):
    store.put("Person", "acme", "3", person("3"))
    store.put("Person", "acme", "1", person("1", "z"))
    store.remove("Person", "acme", "2")

    assert [(change.id, change.before, change.after) for change in store.commit()] == [
        ("3", None, person("3")),
        ("1", person("1"), person("1", "z")),
        ("2", person("2", "b", "Rome"), None),
    ]
    assert store.commit() == []


def test_a_rollback_keeps_the_order_of_records(store):
    before = store.snapshot()
    store.remove("Person", "acme", "1")
    store.put("Person", "acme", "2", person("2", "b", "Paris"))
    store.put("Person", "acme", "3", person("3"))
    store.remember(EMAIL, Former("acme", "1", person("1")))
    store.rollback()

    assert store.snapshot().records["Person"]["acme"] == before.records["Person"]["acme"]
    assert ids(store) == ["1", "2"]
    assert list(store.find(EMAIL, "acme", ("a",))) == ["1"]
    assert list(store.remembered(EMAIL, "acme", ("a",))) == []


def test_what_was_remembered_and_committed_stays(store):
    store.remember(EMAIL, Former("acme", "1", person("1")))
    store.commit()
    store.rollback()

    assert [former.id for former in store.remembered(EMAIL, "acme", ("a",))] == ["1"]
    assert list(store.remembered(EMAIL, "globex", ("a",))) == []


def test_a_key_is_found_give_or_take_case_and_space_and_other_fields_to_the_letter(store):
    assert list(store.find(EMAIL, "acme", (" A ",))) == ["1"]
    assert list(store.find(ROLE, "acme", ("rome", "x"))) == []
    assert list(store.find(ROLE, "acme", ("Rome", "x"))) == ["2"]


@pytest.mark.parametrize(("stored", "sought", "same"), [(1, 1.0, True), (1, True, False), ("1", 1, False), ([1], [1], True)])
def test_values_are_found_as_json_has_them(store, stored, sought, same):
    store.put("Person", "acme", "3", person("3", rank=stored))
    del (lacking := person("4"))["rank"]
    store.put("Person", "acme", "4", lacking)

    assert ("3" in store.find(RANK, "acme", (sought,))) == same
    assert "4" in store.find(RANK, "acme", (None,))


def test_who_comes_to_share_a_value_later_stands_last_however_old(store):
    store.put("Person", "acme", "1", person("1", "b"))

    assert list(store.find(EMAIL, "acme", ("b",))) == ["2", "1"]
    assert store.oldest_first("Person", "acme", ["2", "1"]) == ["1", "2"]


class StoreAgainstNaiveStore(RuleBasedStateMachine):
    """A store against the naive one: whatever is put, removed, committed, rolled back or restored, both say the same."""

    kind: Callable[..., Store] = MemoryStore
    id_strategy = st.sampled_from("12345")
    owners = st.sampled_from(["acme", "globex"])
    people = st.builds(
        person,
        id_strategy,
        st.sampled_from(["a", "A", "b "]),
        st.sampled_from([None, "Rome"]),
        st.sampled_from("xy"),
        st.sampled_from([None, 1, 1.0, True, "1", [1]]),
    )

    def __init__(self) -> None:
        super().__init__()
        self.store, self.model = type(self).kind(LAYOUT, SEED), NaiveStore(LAYOUT, SEED)
        self.kept = (self.store.snapshot(), self.model.snapshot())
        self.removed: set[tuple[str, str]] = set()
        self.marked: tuple[Mark, Mark, set[tuple[str, str]]] | None = None

    @rule(owner=owners, record=people)
    def put(self, owner, record):
        if (owner, record["id"]) not in self.removed:  # a removed id may come back only in a later transaction
            for store in (self.store, self.model):
                store.put("Person", owner, record["id"], record)

    @rule(owner=owners, id=id_strategy)
    def remove(self, owner, id):
        if self.model.get("Person", owner, id) is not None:
            self.removed.add((owner, id))
            for store in (self.store, self.model):
                store.remove("Person", owner, id)

    @rule(owner=owners, record=people)
    def remember(self, owner, record):
        for store in (self.store, self.model):
            store.remember(EMAIL, Former(owner, record["id"], record))

    @rule()
    def commit(self):
        assert self.store.commit() == self.model.commit()
        self._begin()

    @rule()
    def roll_back(self):
        for store in (self.store, self.model):
            store.rollback()
        self._begin()

    def _begin(self):
        self.removed.clear()
        self.marked = None

    @rule()
    def mark(self):
        self.marked = (self.store.mark(), self.model.mark(), set(self.removed))

    @precondition(lambda self: self.marked is not None)
    @rule()
    def undo(self):
        assert self.marked is not None
        mine, theirs, removed = self.marked
        self.store.undo(mine)
        self.model.undo(theirs)
        self.removed = set(removed)

    @precondition(lambda self: not self.model.changes)
    @rule()
    def take_snapshot(self):
        self.commit()
        self.kept = (self.store.snapshot(), self.model.snapshot())

    @rule(across=st.booleans())
    def restore(self, across):
        mine, theirs = self.kept
        self.store.restore(theirs if across else mine)
        self.model.restore(mine if across else theirs)
        self._begin()

    @invariant()
    def agree(self):
        for owner in ("acme", "globex"):
            assert list(self.store.scan("Person", owner)) == list(self.model.scan("Person", owner))
            for email in ("a", "b", "c"):
                assert list(self.store.find(EMAIL, owner, (email,))) == self.model.find(EMAIL, owner, (email,))
                assert list(self.store.remembered(EMAIL, owner, (email,))) == self.model.remembered(EMAIL, owner, (email,))
            for role in "xy":
                assert list(self.store.find(ROLE, owner, ("Rome", role))) == self.model.find(ROLE, owner, ("Rome", role))
            for rank in (None, 1, True, "1", [1]):
                assert list(self.store.find(RANK, owner, (rank,))) == self.model.find(RANK, owner, (rank,))
            for id in "12345":
                assert self.store.get("Person", owner, id) == self.model.get("Person", owner, id)


TestMemoryStore = StoreAgainstNaiveStore.TestCase
TestMemoryStore.settings = settings(max_examples=60, stateful_step_count=30, deadline=None, derandomize=True)
