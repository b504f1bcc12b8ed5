"""Rounds of simultaneous requests: whatever the order in which a target takes them, some order has to explain the answers.

Many short rounds of two find more than one burst of many: the time between a look and an act is short, and two requests that
start together hit it more often than the tenth of ten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from contract_tests.forms import Form
from contract_tests.learning import Questions
from contract_tests.moves import LEFT, Move, Party, Template
from contract_tests.scripts import Script, Unprovidable, makers_of
from mock_server.contract.model import Contract

MANY = 8


@dataclass(frozen=True, slots=True)
class Race:
    """Moves before, moves at the same time, and moves that look at what came of it.

    Races that are `about` the same promise most likely break by the same cause.
    """

    title: str
    about: str
    before: tuple[Move, ...]
    together: tuple[Move, ...]
    after: tuple[Move, ...]


class Races:
    """Writes the rounds for one contract."""

    def __init__(self, contract: Contract, forms: Sequence[Form], parties: Sequence[Party]) -> None:
        self.forms = forms
        self.parties = parties
        self.questions = Questions(contract, forms, parties)

    def kinds(self) -> list[Race]:
        """Return one race of each kind."""
        found = []
        for write in self._writers():
            try:
                race = write()
            except Unprovidable:
                continue
            if len(race.together) > 1:
                found.append(race)
        return found

    def _writers(self) -> Iterator[Callable[[], Race]]:
        for form in self.questions.keyed:
            yield partial(self.same_new_key, form, 2)
            yield partial(self.elsewhere, form)
            yield partial(self.different_keys, form)
            yield partial(self.organizations, form)
            for other in self.questions.keyed:
                if other is not form:
                    yield partial(self.two_operations, form, other)
            yield partial(self.same_new_key, form, MANY)
        for form in self.questions.updating:
            yield partial(self.different_fields, form)
            yield partial(self.same_field, form)
            yield partial(self.different_records, form)
            yield partial(self.organizations_change, form)
            if form.keys:
                yield partial(self.onto_one_key, form)
        for form in self.forms:
            if form.makes and not form.keys:
                yield partial(self.same_link, form)
            if form.deletes:
                yield partial(self.removed_twice, form)
            if form.operation.method == "GET" and form.keys:
                yield partial(self.read_at_once, form)
                yield partial(self.organizations_read, form)

    def same_new_key(self, form: Form, count: int) -> Race:
        """The same new key, all at once."""
        script = self._script()
        together = [script.call(form, "the same new key", fill="full", variant=1) for _ in range(count)]
        script.call(form, "the same key afterwards", variant=1)
        return self._race(f"{form.operation}: {count} requests with one new key", _one_key(form), script, together)

    def elsewhere(self, form: Form) -> Race:
        """The same new key, with other known ids in the path, and other fields."""
        script = self._script()
        together = [script.call(form, "a new key", fill="full", variant=1)]
        for slot in form.of("path"):
            known = self.parties[0].known.get(slot.resource.name, ()) if slot.resource else ()
            for other in known[1:2]:
                more = {slot.name: other}
                together.append(script.call(form, f"the same key, another {slot.name}", fill="full", variant=2, path=more))
        script.call(form, "the same key afterwards", variant=1)
        return self._race(f"{form.operation}: one new key in different places", _one_key(form), script, together)

    def two_operations(self, form: Form, other: Form) -> Race:
        """The same new key through two operations."""
        script = self._script()
        together = [
            script.call(form, "a new key", fill="full", variant=1),
            script.call(other, "the same key through another operation", fill="full", variant=2),
        ]
        script.call(form, "the same key afterwards", variant=3)
        return self._race(f"{form.operation} and {other.operation}: one new key", _one_key(form), script, together)

    def different_keys(self, form: Form) -> Race:
        """Different keys: every answer belongs to its request."""
        script = self._script()
        together = [script.call(form, f"new key {key}", key=key, fill="full", variant=key) for key in (1, 2, 3, 4)]
        for key in (1, 4):
            script.call(form, f"key {key} afterwards", key=key, variant=key)
        return self._race(f"{form.operation}: different keys", "answers that belong to their requests", script, together)

    def organizations(self, form: Form) -> Race:
        """The same new key in two organizations."""
        script = self._script()
        if len(self.parties) < 2:
            raise Unprovidable("organization")
        together = [
            script.call(form, f"a new key in organization {party + 1}", party=party, fill="full", variant=party + 1)
            for party in (0, 1, 0, 1)[:2]
        ]
        for party in (0, 1):
            script.call(form, f"afterwards in organization {party + 1}", party=party, variant=party + 1)
        return self._race(f"{form.operation}: one key in two organizations", "organizations", script, together)

    def different_fields(self, form: Form) -> Race:
        """Different fields of one record: both changes stay."""
        script = self._with_record(form)
        changed = [slot for slot in form.free if not slot.choices][:2]
        if len(changed) < 2:
            raise Unprovidable(form.updates)
        together = [script.call(form, f"change {slot.name}", values={slot.name: slot.value(7)}) for slot in changed]
        self.questions.read_back(script, form)
        return self._race(
            f"{form.operation}: different fields of one record", f"changes of one {form.updates}", script, together
        )

    def same_field(self, form: Form) -> Race:
        """One field of one record: one of the changes is the last."""
        script = self._with_record(form)
        if not form.free:
            raise Unprovidable(form.updates)
        slot = form.free[0]
        together = [script.call(form, f"change {slot.name}", values={slot.name: slot.value(number)}) for number in (3, 4)]
        self.questions.read_back(script, form)
        return self._race(f"{form.operation}: one field of one record", f"changes of one {form.updates}", script, together)

    def different_records(self, form: Form) -> Race:
        """Different records: every answer belongs to its request."""
        script = self._with_record(form)
        maker = makers_of(self.forms, form.updates)[0]
        made = script.call(maker, "another record", key=2, fill="full", variant=2)
        script.provided(form.updates, 0, 2, script.id_of(maker, made, form.updates))
        without_key = {slot.name: LEFT for slot in form.keys}
        together = [
            script.call(form, f"change record {key}", key=key, fill="full", variant=key + 3, values=without_key)
            for key in (1, 2)
        ]
        return self._race(f"{form.operation}: different records", "answers that belong to their requests", script, together)

    def organizations_change(self, form: Form) -> Race:
        """Two organizations change records of their own."""
        script = self._script()
        makers = makers_of(self.forms, form.updates)
        if len(self.parties) < 2 or not makers:
            raise Unprovidable("organization")
        for party in (0, 1):
            made = script.call(makers[0], f"a record in organization {party + 1}", party=party, fill="full", variant=1)
            script.provided(form.updates, party, 1, script.id_of(makers[0], made, form.updates))
        without_key = {slot.name: LEFT for slot in form.keys}
        together = [
            script.call(
                form, f"change it in organization {party + 1}", party=party, fill="full", variant=party + 2, values=without_key
            )
            for party in (0, 1)
        ]
        return self._race(f"{form.operation}: records of two organizations", "organizations", script, together)

    def onto_one_key(self, form: Form) -> Race:
        """Two records are given one new key."""
        script = self._script()
        maker = next((maker for maker in makers_of(self.forms, form.updates) if maker.keys), None)
        if maker is None:
            raise Unprovidable(form.updates)
        for key in (1, 2):
            made = script.call(maker, f"record {key}", key=key, fill="full", variant=key)
            script.provided(form.updates, 0, key, script.id_of(maker, made, form.updates))
        taken = {slot.name: slot.key(3) for slot in form.keys}
        together = [script.call(form, f"give record {key} the new key", key=key, values=taken) for key in (1, 2)]
        script.call(maker, "who has the new key", key=3, variant=3)
        return self._race(
            f"{form.operation}: one new key for two records", f"one new key for two {form.updates}", script, together
        )

    def same_link(self, form: Form) -> Race:
        """The same link twice."""
        script = self._script()
        for slot in form.slots:
            if slot.role == "id":
                script.provide(form, slot, 0)
        together = [script.call(form, "the same link") for _ in range(2)]
        return self._race(f"{form.operation}: the same twice", f"the same by {form.operation} twice", script, together)

    def removed_twice(self, form: Form) -> Race:
        """One record is removed twice."""
        script = self._script()
        for slot in form.slots:
            if slot.role == "id":
                script.provide(form, slot, 0)
        together = [script.call(form, "remove it") for _ in range(2)]
        return self._race(f"{form.operation}: one record", f"one removed twice by {form.operation}", script, together)

    def read_at_once(self, form: Form) -> Race:
        """Different records are read: every answer belongs to its request."""
        script = self._script()
        resource = next((slot.resource.name for slot in form.keys if slot.resource), "")
        for maker in [maker for maker in makers_of(self.forms, resource) if maker.keys][:1]:
            for key in (1, 2, 3):
                script.call(maker, f"record {key}", key=key, fill="full", variant=key)
        together = [script.call(form, f"read record {key}", key=key, query=self._asked(form, key)) for key in (1, 2, 3)]
        return self._race(f"{form.operation}: different records", "answers that belong to their requests", script, together)

    def organizations_read(self, form: Form) -> Race:
        """Two organizations read at once."""
        script = self._script()
        if len(self.parties) < 2:
            raise Unprovidable("organization")
        resource = next((slot.resource.name for slot in form.keys if slot.resource), "")
        for maker in [maker for maker in makers_of(self.forms, resource) if maker.keys][:1]:
            for party in (0, 1):
                script.call(maker, f"a record in organization {party + 1}", party=party, fill="full", variant=party + 1)
        together = [
            script.call(form, f"read it in organization {party + 1}", party=party, query=self._asked(form, 1))
            for party in (0, 1)
        ]
        return self._race(f"{form.operation}: two organizations", "organizations", script, together)

    @staticmethod
    def _asked(form: Form, key: int) -> dict[str, Template]:
        """Return the keys that a query asks for."""
        return {slot.name: slot.key(key) for slot in form.keys if slot.location == "query"}

    def _with_record(self, form: Form) -> Script:
        script = self._script()
        makers = makers_of(self.forms, form.updates)
        if not makers:
            raise Unprovidable(form.updates)
        made = script.call(makers[0], "a record", fill="full", variant=1)
        script.provided(form.updates, 0, 1, script.id_of(makers[0], made, form.updates))
        for slot in form.of("path"):
            if slot.role == "id" and slot.resource is not None:
                script.provide(form, slot, 0)
        return script

    def _script(self) -> Script:
        return Script(self.forms, self.parties, "")

    @staticmethod
    def _race(title: str, about: str, script: Script, together: Sequence[int]) -> Race:
        """Return the race of the moves with the labels `together`; moves before them prepare, moves after them look."""
        first, last = min(together), max(together)
        moves = script.moves
        made_for_it = [move for move in moves if first <= move.label <= last and move.label not in together]
        prepared = [move for move in moves if move.label < first]
        return Race(
            title,
            about,
            (*prepared, *made_for_it),
            tuple(move for move in moves if move.label in together),
            tuple(move for move in moves if move.label > last),
        )


def _one_key(form: Form) -> str:
    names = dict.fromkeys(slot.resource.name for slot in form.keys if slot.resource)
    return f"one new key of {' and '.join(names)}"
