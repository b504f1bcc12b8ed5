"""Scenarios that ask what the documents leave open, derived from the behaviours of a contract.

They go from simple to involved, so that what one settles keeps the next from being read in many ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from contract_tests.forms import Form
from contract_tests.moves import LEFT, TAG, Party, Raw, Scenario, Tagged, TaggedBlank, Template
from contract_tests.scripts import Script, Unprovidable, makers_of
from mock_server.contract.model import Contract

PAUSE = 0.05
"""Seconds that pass before a request whose time has to show that nothing happened before it."""


class Questions:
    """Writes the scenarios for one contract and the organizations at hand."""

    def __init__(self, contract: Contract, forms: Sequence[Form], parties: Sequence[Party]) -> None:
        self.contract = contract
        self.forms = forms
        self.parties = parties
        self.keyed = [form for form in forms if form.keys and form.makes]
        self.updating = [form for form in forms if form.updates]

    def scenarios(self) -> Iterator[Scenario]:
        """Yield the scenarios, each one that can be played with what is known."""
        for write in self._scripts():
            try:
                yield write().scenario()
            except Unprovidable:
                continue

    def _scripts(self) -> Iterator[Callable[[], Script]]:
        for form in self.keyed:
            yield partial(self.new_ones, form)
        for form in self.forms:
            if form not in self.keyed:
                yield partial(self.plain, form)
        for form in self.forms:
            yield partial(self.refusals, form)
            yield partial(self.unknown_ids, form)
        for form in self.keyed:
            yield partial(self.again, form)
            yield partial(self.known_with_other_fields, form)
            yield partial(self.derived, form)
            yield partial(self.other_choices, form)
            yield partial(self.key_case, form)
            yield partial(self.key_space, form)
            yield partial(self.odd_keys, form)
            for other in self.keyed:
                if other is not form:
                    yield partial(self.after_another, form, other)
        for form in self.updating:
            yield partial(self.update, form)
            yield partial(self.nulls, form)
            for maker in makers_of(self.forms, form.updates):
                yield partial(self.onto_equal, form, maker)
                yield partial(self.made_elsewhere, form, maker)
            if form.keys:
                yield partial(self.null_key, form)
                for maker in [maker for maker in makers_of(self.forms, form.updates) if maker.keys]:
                    yield partial(self.onto_taken_key, form, maker)
                    yield partial(self.old_key, form, maker)
        for form in self.forms:
            if form.deletes:
                yield partial(self.delete, form)

    def script(self, title: str) -> Script:
        """Return an empty script."""
        return Script(self.forms, self.parties, title)

    def new_ones(self, form: Form) -> Script:
        """New records, with as little and with as much as can be said."""
        script = self.script(f"{form.operation}: a new record")
        script.call(form, "a new key, only what is required")
        script.call(form, "another new key, everything filled in", key=2, fill="full", variant=1)
        return script

    def plain(self, form: Form) -> Script:
        """The operation as it is meant to be used, twice."""
        script = self.script(f"{form.operation}: as it is meant")
        script.call(form, "as it is meant")
        if not form.deletes:
            script.call(form, "the same once more", fill="full", variant=1)
        return script

    def again(self, form: Form) -> Script:
        """The very same request again."""
        script = self.script(f"{form.operation}: the same again")
        for note in ("a new key", "the very same request again", "and a third time"):
            script.call(form, note, fill="full", variant=1)
        return script

    def known_with_other_fields(self, form: Form) -> Script:
        """A known key with other, null, absent and new fields."""
        script = self.script(f"{form.operation}: a known key with other fields")
        texts = [slot for slot in form.free if not slot.choices]
        made: dict[str, Template] = {}
        sent: dict[str, Template] = {}
        texts.sort(key=lambda slot: "null" not in slot.types)
        for number, slot in enumerate(texts):
            kind = ("null", "other", "new", "left out")[number % 4]
            made[slot.name] = LEFT if kind == "new" else slot.value(1)
            if kind == "null" and "null" in slot.types:
                sent[slot.name] = None
            elif kind != "left out":
                sent[slot.name] = slot.value(2)
        script.call(form, "a new key with some fields", values=made)
        script.call(form, "the same key with others, some null, some left out", values=sent, variant=1)
        script.call(form, "the same key with nothing else", variant=2)
        return script

    def derived(self, form: Form) -> Script:
        """Fields that may be made of others: when a record is made, when it changes, whenever it is shown."""
        script = self.script(f"{form.operation}: what may be derived")
        for resource in [resource for resource in self.contract.resources.values() if resource.name in form.gives]:
            for derived in resource.derived:
                taken = {slot.name: slot for slot in form.free}
                if not taken.keys() >= {derived.field, *derived.join}:
                    continue
                made = script.call(form, f"without {derived.field}", fill="full", values={derived.field: LEFT})
                for other in [other for other in self.updating if other.updates == resource.name]:
                    script.provided(other.updates, 0, 1, script.id_of(form, made, other.updates))
                    last = taken[derived.join[-1]]
                    script.call(other, f"another {last.name}", values={last.name: last.value(5)})
                    if "null" in taken[derived.field].types:
                        script.call(other, f"null for {derived.field}", values={derived.field: None})
        return script

    def other_choices(self, form: Form) -> Script:
        """The same key with every other value of a list of choices."""
        script = self.script(f"{form.operation}: the same key in other roles")
        script.call(form, "a new key")
        for slot in form.free:
            for value in slot.choices[1:3]:
                script.call(form, f"the same key, {slot.name} {value}", values={slot.name: value})
        script.call(form, "the first request once more")
        return script

    def after_another(self, form: Form, other: Form) -> Script:
        """A key that another operation made."""
        script = self.script(f"{form.operation}: after {other.operation}")
        script.call(other, "a new key, made elsewhere", fill="full", variant=1)
        script.call(form, "the same key here", fill="full", variant=1)
        script.call(form, "and here again, otherwise", fill="full", variant=2)
        script.call(other, "and there again", variant=3)
        return script

    def key_case(self, form: Form) -> Script:
        """Keys that differ in case, beginning with lower case and with upper case."""
        script = self.script(f"{form.operation}: keys that differ in case")
        for number, slot in enumerate(slot for slot in form.keys if slot.is_text):
            script.call(form, "a new key in lower case", key=number * 2 + 1)
            for written in written_cases(slot.key(number * 2 + 1)):
                script.call(form, "the same in another case", key=number * 2 + 1, values={slot.name: written})
            first, *_ = written_cases(slot.key(number * 2 + 2))
            script.call(form, "a new key in mixed case", key=number * 2 + 2, values={slot.name: first})
            script.call(form, "the same in lower case", key=number * 2 + 2)
            script.call(form, "the same in the first way of writing", key=number * 2 + 2, values={slot.name: first})
        return script

    def key_space(self, form: Form) -> Script:
        """Keys that differ in surrounding space."""
        script = self.script(f"{form.operation}: keys that differ in surrounding space")
        for number, slot in enumerate(slot for slot in form.keys if slot.is_text):
            key = number * 2 + 1
            plain, other = slot.key(key), slot.key(key + 1)
            script.call(form, "a new key without space", key=key)
            script.call(form, "the same with a space before it", key=key, values={slot.name: Tagged(f" {plain.text}")})
            script.call(form, "the same with a space behind it", key=key, values={slot.name: Tagged(f"{plain.text} ")})
            script.call(form, "a new key with space around it", key=key + 1, values={slot.name: Tagged(f" {other.text} ")})
            script.call(form, "the same without", key=key + 1)
        return script

    def odd_keys(self, form: Form) -> Script:
        """Texts that may or may not be keys."""
        script = self.script(f"{form.operation}: odd keys")
        for slot in form.keys:
            if slot.is_text:
                if slot.is_address:
                    script.call(form, "a text that is no address", values={slot.name: Tagged(f"not an address {TAG}")})
                script.call(form, "nothing but space", values={slot.name: TaggedBlank()}, shared=True)
                # Checks of addresses differ in whether they let it pass; what is stored of texts is asked of another field.
                values = {slot.name: Tagged(f"nul\0{TAG}@example.com")}
                script.call(form, "a text with U+0000", values=values, unjudged=slot.is_address)
        self.nul_character(script, form, key=2)
        return script

    @staticmethod
    def nul_character(script: Script, form: Form, key: int = 1) -> None:
        """Add a move that sends U+0000 in a text, unless any such text is valid."""
        for slot in form.free:
            if slot.is_text and not slot.accepts("a\0b") and "string" in slot.types:
                script.call(form, f"{slot.name} with U+0000", key=key, values={slot.name: f"a\0b {slot.name}"})
                break

    def update(self, form: Form) -> Script:
        """Changes, the same again, nothing at all; then what is stored, where an operation reads it."""
        script = self.script(f"{form.operation}: changes")
        free = form.free
        script.call(
            form,
            "change everything",
            fill="full",
            values={slot.name: LEFT for slot in form.keys if not slot.required},
            variant=2,
        )
        script.call(
            form,
            "the very same again",
            fill="full",
            values={slot.name: LEFT for slot in form.keys if not slot.required},
            variant=2,
        )
        if free:
            script.call(form, f"change only {free[0].name}", values={free[0].name: free[0].value(3)})
        self.read_back(script, form)
        script.call(form, "a body without any property", body={})
        for slot in free[:1]:
            unknown = {slot.name: slot.value(4), "x_not_documented": "what is this"}
            script.call(form, "with a property that nobody documented", values=unknown)
        return script

    def read_back(self, script: Script, form: Form, key: int = 1, party: int = 0) -> None:
        """Add moves that show what is stored now, through every operation that does so and leaves it as it is."""
        resource = form.updates or form.deletes
        for reader in self.forms:
            finds = reader.finds_by_key == resource or reader.operation.method == "GET"
            if finds and resource in reader.gives:
                script.call(reader, f"what is stored of the {resource}", key=key, party=party)

    def prepare(self, script: Script, form: Form) -> None:
        """Make what an operation changes, removes or reads."""
        resource = form.updates or form.deletes
        if resource:
            if not makers_of(self.forms, resource):
                raise Unprovidable(resource)
            for slot in [slot for slot in form.slots if slot.role == "id" and slot.resource and slot.resource.name == resource][
                :1
            ]:
                script.provide(form, slot, 0)
        elif not form.makes and form.keys:
            read = form.keys[0].resource.name if form.keys[0].resource else ""
            for maker in [maker for maker in makers_of(self.forms, read) if maker.keys][:1]:
                script.call(maker, "what is read next", fill="full", variant=1)

    def check(self, script: Script, form: Form) -> None:
        """Look at what is stored after requests that had to be refused."""
        if form.updates or form.deletes:
            self.read_back(script, form)
            if form.updates:
                script.call(form, "the change that was refused", variant=3, fill="full", pause=PAUSE)
                script.call(form, "another change", variant=4)
        else:
            script.call(form, "a valid request", variant=1)

    def nulls(self, form: Form) -> Script:
        """Null for each field that may be null."""
        script = self.script(f"{form.operation}: null")
        script.call(
            form,
            "fill everything in",
            fill="full",
            values={slot.name: LEFT for slot in form.keys if not slot.required},
            variant=1,
        )
        for slot in form.free:
            if "null" in slot.types:
                script.call(form, f"null for {slot.name}", values={slot.name: None})
        self.read_back(script, form)
        self.nul_character(script, form)
        return script

    def onto_equal(self, form: Form, maker: Form) -> Script:
        """A change that makes a record equal to another one."""
        script = self.script(f"{form.operation}: onto an equal record ({maker.operation.id})")
        for slot in form.free:
            if len(slot.choices) < 2 or slot.name not in {other.name for other in maker.free}:
                continue
            first = script.call(maker, f"{slot.name} {slot.choices[0]}", values={slot.name: slot.choices[0]})
            second = script.call(maker, f"{slot.name} {slot.choices[1]}", values={slot.name: slot.choices[1]})
            script.provided(form.updates, 0, 1, script.id_of(maker, second, form.updates))
            script.call(form, "make the second equal to the first", values={slot.name: slot.choices[0]})
            script.provided(form.updates, 0, 1, script.id_of(maker, first, form.updates))
            script.call(form, "and the first as the second was", values={slot.name: slot.choices[1]})
        return script

    def made_elsewhere(self, form: Form, maker: Form) -> Script:
        """Records that another operation made, and other known ids in the rest of the path."""
        script = self.script(f"{form.operation}: of a record from {maker.operation.id}")
        made = script.call(maker, "make one")
        script.provided(form.updates, 0, 1, script.id_of(maker, made, form.updates))
        script.call(form, "change it", variant=2)
        for slot in form.of("path"):
            name = slot.resource.name if slot.resource else ""
            for other in self.parties[0].known.get(name, ())[1:2] if name != form.updates else ():
                script.call(form, f"with another {name} in the path", path={slot.name: other}, variant=3)
        return script

    def onto_taken_key(self, form: Form, maker: Form) -> Script:
        """A change onto the key of another record, then who is found by it."""
        script = self.script(f"{form.operation}: onto a key in use ({maker.operation.id})")
        script.call(maker, "a record", key=1, fill="full", variant=1)
        second = script.call(maker, "another record", key=2, fill="full", variant=2)
        script.provided(form.updates, 0, 1, script.id_of(maker, second, form.updates))
        taken = {slot.name: slot.key(1) for slot in form.keys}
        script.call(form, "give it the key of the first, and other fields", fill="full", variant=5, values=taken)
        script.call(maker, "who is found by that key", key=1, variant=3)
        script.call(maker, "who is found by the key that it had", key=2, variant=3)
        third = script.call(maker, "an older record", key=3, fill="full", variant=1)
        script.call(maker, "a newer record", key=4, fill="full", variant=2)
        script.provided(form.updates, 0, 1, script.id_of(maker, third, form.updates))
        script.call(form, "give the older one the key of the newer", values={slot.name: slot.key(4) for slot in form.keys})
        script.call(maker, "who is found by that key now", key=4, variant=3)
        return script

    def old_key(self, form: Form, maker: Form) -> Script:
        """A change of the key, then who is found by the old one, and by the new one."""
        script = self.script(f"{form.operation}: another key ({maker.operation.id})")
        made = script.call(maker, "a record", key=1, fill="full", variant=1)
        script.provided(form.updates, 0, 1, script.id_of(maker, made, form.updates))
        script.call(form, "give it another key", values={slot.name: slot.key(2) for slot in form.keys})
        script.call(maker, "who is found by the new key", key=2, variant=1)
        script.call(maker, "who is found by the old key", key=1, variant=1)
        script.call(maker, "and by the new one again", key=2, variant=1)
        return script

    def null_key(self, form: Form) -> Script:
        """Null and an empty text for a key."""
        script = self.script(f"{form.operation}: no key")
        for number, slot in enumerate(form.keys, 1):
            script.call(form, f"null for {slot.name}", key=number, values={slot.name: None})
            self.read_back(script, form, key=number)
            script.call(form, f"a new {slot.name}", key=number, values={slot.name: slot.key(number + 10)})
            if "string" in slot.types:
                for value, note in ((TaggedBlank(), "nothing but space"), ("", "an empty text")):
                    script.call(form, f"{note} for {slot.name}", key=number, values={slot.name: value}, shared=True)
                    script.call(form, f"the {slot.name} of before", key=number, values={slot.name: slot.key(number + 10)})
            if slot.is_address:
                script.call(form, "a text that is no address", key=number, values={slot.name: Tagged(f"no address {TAG}")})
        return script

    def delete(self, form: Form) -> Script:
        """Removing a record that others refer to, and one that nothing refers to."""
        script = self.script(f"{form.operation}: removing")
        for maker in makers_of(self.forms, form.deletes)[:1]:
            labels = {key: script.call(maker, f"record {key}", key=key, fill="full", variant=key) for key in (21, 22, 23)}
            script.provided(form.deletes, 0, 22, script.id_of(maker, labels[22], form.deletes))
            script.call(form, "remove the second of them", key=22)
            for key in labels:
                self.read_back(script, form, key=key)
        referring = [
            other
            for other in self.forms
            if other.makes
            and any(slot.resource and slot.resource.name == form.deletes for slot in other.slots if slot.role == "id")
        ]
        for other in referring[:1]:
            script.call(other, f"something that refers to the {form.deletes}")
            script.call(form, "remove what is referred to")
        script.call(form, "remove one that nothing refers to", key=7)
        script.call(form, "remove it again", key=7)
        self.read_back(script, form, key=7)
        return script

    def refusals(self, form: Form) -> Script:
        """One request of each kind that has to be refused."""
        script = Script(self.forms, self.parties, f"{form.operation}: refusals", "refusals")
        if form.operation.secured:
            script.call(form, "without a token", authorization=LEFT)
            script.call(form, "with an unknown token", authorization="Bearer not-a-token")
        if form.operation.body is not None:
            script.call(form, "a body that is not JSON", body=Raw(b'{"'))
            script.call(form, "a body of another media type", body=Raw(b"<a/>"), media_type="application/xml")
            required = [slot for slot in form.of("body") if slot.required]
            if required:
                script.call(form, f"without {required[-1].name}", values={required[-1].name: LEFT})
            extra: dict[str, Template] = {"x_not_documented": "what is this"}
            script.call(form, "with a property that nobody documented", key=3, fill="full", values=extra)
        return script

    def unknown_ids(self, form: Form) -> Script:
        """Ids that are not known, and those of another organization."""
        script = Script(self.forms, self.parties, f"{form.operation}: ids that are not there", "refusals")
        for slot in form.slots:
            if slot.role != "id" or slot.resource is None:
                continue
            name, where = slot.resource.name, "path" if slot.location == "path" else "values"
            if slot.is_text:
                more = {where: {slot.name: Tagged(f"{slot.resource.id_prefix}{TAG}")}}
                script.call(form, f"an unknown {name}", **more)  # type: ignore[arg-type]
            if len(self.parties) > 1 and slot.resource.owned:
                try:
                    foreign = script.provide(form, slot, 1, key=9)
                except Unprovidable:
                    continue
                script.call(form, f"a {name} of another organization", **{where: {slot.name: foreign}})  # type: ignore[arg-type]
        return script


def written_cases(key: Template) -> list[Template]:
    """Return other ways of writing a key that differ in case only: the first part, then the last part behind an @, then all."""
    text = key.text if isinstance(key, Tagged) else str(key)
    local, at, domain = text.partition("@")
    mixed = Tagged(local.capitalize() + at + domain)
    if not at:
        return [mixed, Tagged(text.replace(TAG, "\n").upper().replace("\n", TAG))]
    return [mixed, Tagged(local + at + domain.capitalize()), Tagged(local.capitalize() + at + domain.upper())]
