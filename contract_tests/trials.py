"""Scenarios that hold a target to what the contract promises, derived from its behaviours and schemas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from contract_tests.forms import Form, Slot
from contract_tests.learning import PAUSE, Questions
from contract_tests.moves import (
    LEFT,
    TAG,
    Party,
    Scenario,
    Tagged,
    Template,
)
from contract_tests.near import Aspect, Near, near_keys
from contract_tests.refusing import Refusals
from contract_tests.scripts import Script, Unprovidable, makers_of
from contract_tests.values import texts
from mock_server.contract.inclusion import conjuncts
from mock_server.contract.model import Contract
from mock_server.contract.source import Json

MANY = 24
NEARS_IN_ONE = 4
VALUES_IN_ONE = 4


class Trials:
    """Writes the scenarios. `is_plain` says whether a key is taken as it is, in some respect, as far as is settled."""

    def __init__(
        self,
        contract: Contract,
        forms: Sequence[Form],
        parties: Sequence[Party],
        *,
        is_plain: Callable[[Slot, Aspect], bool],
        expired_token: str = "",
        undocumented_methods: bool = False,
        thinning: int = 1,
    ) -> None:
        self.contract = contract
        self.forms = forms
        self.parties = parties
        self.is_plain = is_plain
        self.refusals = Refusals(contract, forms, parties, expired_token=expired_token, other_methods=undocumented_methods)
        self.thinning = thinning
        self.questions = Questions(contract, forms, parties)
        self.keyed = self.questions.keyed
        self.updating = self.questions.updating

    def scenarios(self) -> Iterator[Scenario]:
        """Yield the scenarios, each one that can be played with what is known."""
        for write in self._scripts():
            try:
                scenario = write().scenario()
            except Unprovidable:
                continue
            if scenario.moves:
                yield scenario

    def _scripts(self) -> Iterator[Callable[[], Script]]:
        yield from self.refusals.writers()
        for form in self.forms:
            if form.operation.body is not None:
                yield partial(self.boundaries, form)
                yield partial(self.not_settable, form)
        for form in [*self.keyed, *self.updating]:
            yield from (partial(self.damaged, form, number) for number in self._numbers(form))
        for form in self.keyed:
            pairs = [(slot, near) for slot in form.keys if slot.is_text for near in self.nears(slot)]
            for chunk in _chunks(pairs, NEARS_IN_ONE):
                yield partial(self.near, form, chunk)
            yield partial(self.near_numbers, form)
            yield partial(self.elsewhere, form)
            yield partial(self.organizations, form)
            yield partial(self.several, form)
        for form in self.updating:
            yield partial(self.one_of_several, form)
            yield partial(self.one_field_each, form)
            yield partial(self.in_another_organization, form)
            yield partial(self.through_all, form)
            yield partial(self.one_after_another, form)
            if form.keys:
                yield partial(self.swapped_keys, form)
            for chunk in _chunks(
                [(slot, near) for slot in form.keys if slot.is_text for near in self.nears(slot)], NEARS_IN_ONE
            ):
                yield partial(self.onto_odd_keys, form, chunk)
        for form in self.forms:
            if form.lists:
                yield partial(self.listed, form)
            if form.makes and not form.keys:
                yield partial(self.linked, form)
            if form.operation.method == "GET" and form.keys and form.operation.secured:
                yield partial(self.read_in_turns, form)
            for resource in form.gives:
                yield partial(self.shown_as_it_is, form, resource)
        for form in self.keyed[:1]:
            yield partial(self.many, form)

    def script(self, title: str) -> Script:
        """Return an empty script."""
        return Script(self.forms, self.parties, title)

    def boundaries(self, form: Form) -> Script:
        """Values at the bounds that the schema sets, which have to be accepted."""
        script = self.script(f"{form.operation}: values at their bounds")
        for slot in form.free:
            for note, value in _bounds(slot):
                if slot.accepts(value):
                    script.call(form, f"{note} for {slot.name}", values={slot.name: value}, key=len(script.moves) + 30)
        return script

    def not_settable(self, form: Form) -> Script:
        """Properties that a body does not have, by the names of what the server makes and knows."""
        script = self.script(f"{form.operation}: what nobody may set")
        self.questions.prepare(script, form)
        named = {slot.name for slot in form.of("body")}
        resources = [self.contract.resources[name] for name in dict.fromkeys([*form.gives, *form.makes])]
        smuggled: dict[str, Json] = {}
        for resource in resources:
            for field in resource.fields.values():
                if field.name in (resource.created, resource.modified):
                    smuggled[field.name] = "2001-02-03T04:05:06Z"
                elif field.name == resource.id:
                    smuggled[field.name] = f"{resource.id_prefix}chosen-{TAG}"
                elif field.refers_to is not None:
                    smuggled[field.name] = {"id": "smuggled"}
                else:
                    smuggled[field.name] = "smuggled"
        other = self.parties[1].name if len(self.parties) > 1 else "another"
        smuggled.update(dict.fromkeys(("organization_id", "organization", "tenant_id"), other))
        for number, (name, value) in enumerate(smuggled.items()):
            if name not in named:
                tagged = Tagged(value) if isinstance(value, str) and TAG in value else value
                key = 60 + number if form in self.keyed else 1
                script.call(form, f"with {name}", key=key, variant=number, fill="full", values={name: tagged})
        self.questions.check(script, form)
        return script

    # What has to come back as it was sent.

    def _numbers(self, form: Form) -> Iterator[int]:
        wanted = len(texts())
        for number in range(0, wanted, VALUES_IN_ONE):
            if (number // VALUES_IN_ONE) % self.thinning == 0:
                yield number

    def damaged(self, form: Form, start: int) -> Script:
        """Texts that careless code damages, in every field; each is read again."""
        known = texts()
        script = self.script(f"{form.operation}: texts, from {known[start].about} on")
        slots = [slot for slot in form.free if slot.is_text]
        for number in range(start, min(start + VALUES_IN_ONE, len(known))):
            values: dict[str, Template] = {}
            may_refuse, about = "", []
            for position, slot in enumerate(slots):
                text = known[(number + position * 7) % len(known)]
                if slot.accepts(text.value):
                    values[slot.name] = text.value
                    may_refuse = may_refuse or text.may_refuse
                    about.append(text.about)
            if not values:
                continue
            key = number - start + 1
            script.call(form, ", ".join(about), key=key, values=values, may_refuse=may_refuse)
            self.questions.read_back(script, form, key=key) if form.updates else script.call(
                form, "the same key again", key=key, variant=1
            )
        return script

    # Keys.

    def nears(self, slot: Slot) -> list[Near]:
        """Return the pairs of near keys that can be judged."""
        return [near for near in near_keys(is_address=slot.is_address) if self.is_plain(slot, near.rests_on)]

    def near(self, form: Form, chunk: Sequence[tuple[Slot, Near]]) -> Script:
        """Keys that are near each other, and yet not the same."""
        script = self.script(f"{form.operation}: near keys, from {chunk[0][1].about} on")
        for slot, near in chunk:
            base, other = {slot.name: near.base}, {slot.name: near.other}
            may: dict[str, Any] = {"may_refuse": near.may_refuse}
            script.call(form, "a key", values=base, fill="full", variant=1, **may)
            script.call(form, f"a key that differs only in {near.about}", values=other, fill="full", variant=2, **may)
            script.call(form, "the first again", values=base, variant=3, **may)
            script.call(form, "the other again", values=other, variant=3, **may)
            reversed_base = {slot.name: Tagged(f"5{near.base.text}")}
            reversed_other = {slot.name: Tagged(f"5{near.other.text}")}
            script.call(form, "the other one first", values=reversed_other, fill="full", variant=1, **may)
            script.call(form, "then the key", values=reversed_base, fill="full", variant=2, **may)
        return script

    def near_numbers(self, form: Form) -> Script:
        """Keys of several parts that share some of them."""
        script = self.script(f"{form.operation}: keys that share a part")
        if len(form.keys) < 2:
            return script
        script.call(form, "a key", key=1, fill="full", variant=1)
        for slot in form.keys:
            script.call(form, f"the same but for {slot.name}", key=1, values={slot.name: slot.key(2)}, fill="full", variant=2)
        script.call(form, "the first key again", key=1)
        for reader in [reader for reader in self.forms if reader.operation.method == "GET" and len(reader.keys) > 1]:
            for slot in reader.keys:
                more: dict[str, Any] = {"path" if slot.location == "path" else "query": {slot.name: slot.key(77)}}
                script.call(reader, f"what is there with another {slot.name}", key=1, **more)
        for slot in form.keys:
            for number in (32, 31):
                beside = {slot.name: slot.key(number)}
                script.call(form, "a key beside the one before", key=30, values=beside, fill="full", variant=number)
        return script

    def organizations(self, form: Form) -> Script:
        """The same key in two organizations."""
        script = self.script(f"{form.operation}: two organizations")
        if len(self.parties) < 2:
            return script
        script.call(form, "a key in one organization", fill="full", variant=1)
        script.call(form, "the same key in another organization", party=1, fill="full", variant=2)
        script.call(form, "again in the first", variant=1)
        script.call(form, "the same key in that organization again", party=1, variant=2)
        script.call(form, "a key of the other alone", party=1, key=2, fill="full", variant=1)
        script.call(form, "the same key in the first organization", key=2, fill="full", variant=3)
        here = {slot.name: script.provide(form, slot, 0) for slot in form.of("path") if slot.role == "id"}
        script.call(form, "a request of the first", key=3, fill="full", variant=1, path=here)
        script.call(form, "the same request from another organization", party=1, key=3, fill="full", variant=1, path=here)
        return script

    def elsewhere(self, form: Form) -> Script:
        """The same key with other known ids beside it."""
        script = self.script(f"{form.operation}: the same key elsewhere")
        for slot in form.slots:
            if slot.role != "id" or slot.resource is None:
                continue
            where = "path" if slot.location == "path" else "values"
            for id in self.parties[0].known.get(slot.resource.name, ())[:3]:
                more: dict[str, Any] = {where: {slot.name: id}}
                script.call(form, f"with {slot.name} {id}", fill="full", variant=1, **more)
            for id in self.parties[0].known.get(slot.resource.name, ())[:2]:
                more = {where: {slot.name: id}}
                script.call(form, f"again with {slot.name} {id}", variant=2, **more)
        return script

    def several(self, form: Form) -> Script:
        """Several records in turns, so that none is taken for another."""
        script = self.script(f"{form.operation}: several in turns")
        for key in (1, 2, 3):
            script.call(form, f"record {key}", key=key, fill="full", variant=key)
        for key in (2, 1, 3, 1):
            script.call(form, f"record {key} again", key=key, variant=key)
        return script

    def many(self, form: Form) -> Script:
        """Many records, then each again."""
        script = self.script(f"{form.operation}: many, then each again")
        for key in range(1, MANY + 1):
            script.call(form, f"record {key}", key=key, fill="full", variant=key)
        for key in range(1, MANY + 1):
            script.call(form, f"record {key} again", key=key, variant=key)
        return script

    # Updates.

    def one_of_several(self, form: Form) -> Script:
        """Changing one record leaves the others as they were."""
        script = self.script(f"{form.operation}: one of several")
        for maker in makers_of(self.forms, form.updates)[:1]:
            labels = {key: script.call(maker, f"record {key}", key=key, fill="full", variant=key) for key in (1, 2, 3)}
            without_key = {slot.name: LEFT for slot in form.keys}
            for key in (2, 1):
                script.provided(form.updates, 0, key, script.id_of(maker, labels[key], form.updates))
                script.call(form, f"change record {key}", key=key, fill="full", variant=key + 4, values=without_key)
            for key in (1, 2, 3):
                self.questions.read_back(script, form, key=key)
            alike = {key: script.call(maker, "one of two that are alike", key=key, fill="full", variant=1) for key in (4, 5)}
            script.provided(form.updates, 0, 4, script.id_of(maker, alike[4], form.updates))
            for slot in reversed(form.free):
                script.call(form, f"change {slot.name} of the first of them", key=4, values={slot.name: slot.value(9)})
            for key in (4, 5):
                self.questions.read_back(script, form, key=key)
            script.call(form, "change the first of them", key=4, fill="full", variant=8, values=without_key)
            for key in (4, 5):
                self.questions.read_back(script, form, key=key)
        return script

    def one_field_each(self, form: Form) -> Script:
        """Changing one field leaves the other fields as they were."""
        script = self.script(f"{form.operation}: one field at a time")
        for maker in makers_of(self.forms, form.updates)[:1]:
            made = script.call(maker, "a record with everything", fill="full", variant=1)
            script.provided(form.updates, 0, 1, script.id_of(maker, made, form.updates))
            for number, slot in enumerate(form.free):
                script.call(form, f"change {slot.name}", values={slot.name: slot.value(number + 5)})
                if "null" in slot.types:
                    script.call(form, f"null for {slot.name}", values={slot.name: None})
                    script.call(form, f"{slot.name} again", values={slot.name: slot.value(number + 9)})
                if slot.is_text:
                    for note, value in _alike(str(slot.value(number + 5))):
                        if slot.accepts(value):
                            script.call(form, f"{slot.name} but for {note}", values={slot.name: value})
            self.questions.read_back(script, form)
        return script

    def through_all(self, form: Form) -> Script:
        """What an update changed is seen through every operation that shows the record."""
        script = self.script(f"{form.operation}: seen everywhere")
        for key, maker in enumerate(makers_of(self.forms, form.updates), 1):
            made = script.call(maker, "a record", key=key, fill="full", variant=1)
            script.provided(form.updates, 0, key, script.id_of(maker, made, form.updates))
            self.questions.read_back(script, form, key=key)
            for variant in (6, 7):
                script.call(
                    form, "change it", key=key, fill="full", variant=variant, values={slot.name: LEFT for slot in form.keys}
                )
                self.questions.read_back(script, form, key=key)
        return script

    def one_after_another(self, form: Form) -> Script:
        """Two records that belong together come to hold the same, one after the other: each change is one."""
        script = self.script(f"{form.operation}: one after another")
        for maker in makers_of(self.forms, form.updates)[:1]:
            for slot in form.free:
                first, second, third = (slot.value(number) for number in (1, 2, 3))
                if first == third or slot.name not in {other.name for other in maker.free}:
                    continue
                labels = []
                for number, value in enumerate((first, second)):
                    beside = self._beside(script, maker, 0 if slot.choices else number)
                    beside["values"] = {**beside.get("values", {}), slot.name: value}
                    labels.append(script.call(maker, f"{slot.name} {value}", **beside))
                for label in labels:
                    script.provided(form.updates, 0, 1, script.id_of(maker, label, form.updates))
                    script.call(form, f"now {slot.name} {third}", values={slot.name: third}, pause=PAUSE)
        return script

    def swapped_keys(self, form: Form) -> Script:
        """Keys that change hands."""
        script = self.script(f"{form.operation}: keys that change hands")
        for maker in [maker for maker in makers_of(self.forms, form.updates) if maker.keys]:
            one = script.call(maker, "a record", key=1, fill="full", variant=1)
            other = script.call(maker, "another", key=2, fill="full", variant=2)
            for reader in makers_of(self.forms, form.updates):
                for key in (1, 2):  # what remembers who was found is put to the test only by a key that found somebody
                    script.call(reader, f"who has key {key} now", key=key, variant=4)
            for label, key in ((one, 3), (other, 1), (one, 2)):
                script.provided(form.updates, 0, 1, script.id_of(maker, label, form.updates))
                script.call(form, f"key {key}", values={slot.name: slot.key(key) for slot in form.keys})
            for reader in makers_of(self.forms, form.updates):
                for key in (1, 2, 3):
                    script.call(reader, f"who has key {key}", key=key, variant=4)
        return script

    def onto_odd_keys(self, form: Form, chunk: Sequence[tuple[Slot, Near]]) -> Script:
        """Keys that careless code damages or takes for others, given by an update."""
        script = self.script(f"{form.operation}: odd keys, from {chunk[0][1].about} on")
        maker = next((maker for maker in makers_of(self.forms, form.updates) if maker.keys), None)
        if maker is None:
            raise Unprovidable(form.updates)
        for number, (slot, near) in enumerate(chunk, 1):
            made = script.call(maker, "a record", key=number, fill="full", variant=number)
            script.provided(form.updates, 0, number, script.id_of(maker, made, form.updates))
            may = near.may_refuse
            script.call(
                form, f"a key that differs only in {near.about}", key=number, values={slot.name: near.other}, may_refuse=may
            )
            looked_up = next((other for other in maker.keys if other.name == slot.name), None)
            if looked_up is not None and self.is_plain(looked_up, near.rests_on):
                script.call(maker, "who is found by it", values={slot.name: near.other}, key=number, may_refuse=may)
                script.call(maker, "who is found by one near it", values={slot.name: near.base}, key=number, may_refuse=may)
        return script

    def in_another_organization(self, form: Form) -> Script:
        """No organization changes another one's records."""
        script = Script(self.forms, self.parties, f"{form.operation}: another organization's", "refusals")
        if len(self.parties) < 2:
            return script
        without_key: dict[str, Template] = {slot.name: LEFT for slot in form.keys}
        full: dict[str, Any] = {"fill": "full", "values": without_key}
        for maker in makers_of(self.forms, form.updates)[:1]:
            made = script.call(maker, "a record of the other organization", party=1, fill="full", variant=1)
            mine = script.call(maker, "a record with the same key here", fill="full", variant=2)
            theirs = script.id_of(maker, made, form.updates)
            script.provided(form.updates, 0, 1, theirs)
            script.provided(form.updates, 1, 1, theirs)
            script.call(form, "change the other organization's", variant=5, **full)
            foreign = {slot.name: script.provide(form, slot, 1) for slot in form.of("path") if slot.role == "id"}
            script.call(form, "change it with all ids of the other organization", variant=5, path=foreign, **full)
            self.questions.read_back(script, form, party=1)
            script.call(form, "that change by the other organization itself", party=1, variant=5, pause=PAUSE, **full)
            script.call(form, "the same request from the first organization", variant=5, path=foreign, **full)
            script.provided(form.updates, 0, 1, script.id_of(maker, mine, form.updates))
            script.call(form, "change the one here", variant=6, **full)
            self.questions.read_back(script, form, party=1)
            self.questions.read_back(script, form, party=0)
            if maker.keys:
                script.call(maker, "a key that only the other organization has", party=1, key=2, fill="full", variant=1)
                script.call(form, "give the one here that key", values={slot.name: slot.key(2) for slot in form.keys})
                self.questions.read_back(script, form, party=0, key=2)
                self.questions.read_back(script, form, party=1, key=2)
        return script

    # Other verbs.

    def listed(self, form: Form) -> Script:
        """Lists hold what was made, in order, page by page."""
        script = self.script(f"{form.operation}: lists")
        keys = {slot.name: slot for slot in form.slots if slot.location == "query" and slot.role == "key" and slot.is_text}
        for place, maker in enumerate(maker for maker in makers_of(self.forms, form.lists) if maker.keys):
            shared = {slot.name: slot.key(place + 40) for slot in maker.keys if slot.name in keys}
            for number in range(1, 6):
                script.call(maker, f"record {number}", key=number, values=shared, fill="full", variant=number)
            script.call(maker, "one that does not belong to the list", key=place + 9)
            asked = {name: slot.key(place + 40) for name, slot in keys.items()}
            script.call(form, "all of them", query=asked)
            numbers = [slot for slot in form.slots if slot.location == "query" and "number" in slot.types]
            for values in ((1, 2), (0, 3), (2, 1), (4, 5), (5, 2), (0, 50)):
                page = {slot.name: value for slot, value in zip(numbers, values, strict=False) if slot.accepts(value)}
                script.call(form, f"a page: {page}", query={**asked, **page})
            for slot in numbers:
                script.call(form, f"-1 for {slot.name}", query={**asked, slot.name: -1})
                script.call(form, f"a word for {slot.name}", query={**asked, slot.name: "many"})
            if len(self.parties) > 1:
                script.call(form, "in another organization", party=1, query=asked)
            script.call(form, "everything", party=0)
        return script

    def read_in_turns(self, form: Form) -> Script:
        """Two organizations read in turns, and each sees its own."""
        script = self.script(f"{form.operation}: two organizations in turns")
        resource = next((slot.resource.name for slot in form.keys if slot.resource), "")
        for maker in [maker for maker in makers_of(self.forms, resource) if maker.keys][:1]:
            for party in range(len(self.parties)):
                script.call(maker, "a record", party=party, fill="full", variant=party + 1)
            for number in range(16):
                script.call(form, "what is there", party=number % len(self.parties))
        return script

    def linked(self, form: Form) -> Script:
        """Records that refer to others refer to the right ones."""
        script = self.script(f"{form.operation}: links")
        for key in (1, 2):
            script.call(form, f"a record about {key}", key=key, fill="full", variant=key)
        references = [slot for slot in form.of("body") if slot.role == "id"]
        for slot in references:
            known = self.parties[0].known.get(slot.resource.name if slot.resource else "", ())
            for id in known[1:3]:
                made = script.call(form, f"another {slot.name}", key=1, values={slot.name: id}, fill="full", variant=3)
                for other in self.updating:
                    if other.updates in form.makes and other.updates in form.gives:
                        script.provided(other.updates, 0, 1, script.id_of(form, made, other.updates))
                        script.call(other, "what it refers to", variant=5)
        script.call(form, "the first again", key=1, fill="full", variant=1)
        return script

    def shown_as_it_is(self, form: Form, resource: str) -> Script:
        """A record that stands in the answer about another one is shown as it is now."""
        script = self.script(f"{form.operation}: the {resource} that it shows")
        if resource in (form.updates, form.finds_by_key, form.deletes) or resource in form.makes:
            return script
        for changer in self.forms:
            if changer.finds_by_key == resource or (changer.updates == resource and changer is not form):
                script.call(form, "before anything changes", fill="full", variant=1)
                script.call(changer, f"change the {resource}", fill="full", variant=4)
                script.call(form, "afterwards", fill="full", variant=2)
                for slot in changer.keys if changer.updates == resource else ():
                    if slot.is_text:
                        capitals = Tagged(f"Ann.Key.{TAG}@Example.Com" if slot.is_address else f"Ann.Key.{TAG}")
                        script.call(changer, f"{slot.name} with capitals", values={slot.name: capitals})
                        script.call(form, f"with this {slot.name}", fill="full", variant=3)
        return script

    # Helpers.

    def _beside(self, script: Script, form: Form, which: int) -> dict[str, Any]:
        """Return the options of a call that refers to other known records than the first ones."""
        options: dict[str, Any] = {}
        for slot in form.slots:
            known = self.parties[0].known.get(slot.resource.name, ()) if slot.role == "id" and slot.resource else ()
            if len(known) > which:
                options.setdefault("path" if slot.location == "path" else "values", {})[slot.name] = known[which]
        return options

    def _valid(self, form: Form) -> dict[str, Template]:
        script = self.script("")
        script.call(form, "", fill="full", variant=3, key=1)
        body = script.moves[-1].body
        return dict(body) if isinstance(body, dict) else {}


def _alike(text: str) -> Iterator[tuple[str, str]]:
    """Yield texts that careless code takes for the one before, so that it sees no change."""
    yield "case", text.upper()
    yield "case again", text.lower()
    yield "an accent", f"{text.lower()}\u00e9"
    yield "none", f"{text.lower()}e"
    yield "a space behind it", f"{text.lower()}e "
    yield "everything", ""


def _bounds(slot: Slot) -> Iterator[tuple[str, Json]]:
    if "null" in slot.types:
        yield "null", None
    for choice in slot.choices:
        yield f"{choice}", choice
    for part in conjuncts(slot.schema) or ():
        keywords = part.value
        for keyword in ("minLength", "maxLength"):
            if keyword in keywords:
                yield f"a text of the {keyword}", "x" * keywords[keyword]
        for keyword in ("minimum", "maximum"):
            if keyword in keywords:
                yield f"the {keyword}", keywords[keyword]
    if "number" in slot.types:
        yield from (("zero", 0), ("a large number", 2**31), ("a number below zero", -1), ("a whole number written as 2.0", 2.0))
    if "array" in slot.types:
        yield from (("an empty list", []), ("a list with a text twice", ["a", "a"]), ("a list in its order", ["b", "a", "c"]))


def _chunks(values: Sequence[object], size: int) -> Iterator[Sequence]:  # type: ignore[type-arg]
    for start in range(0, len(values), size):
        yield values[start : start + size]
