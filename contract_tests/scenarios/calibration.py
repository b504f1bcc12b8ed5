"""Scenarios that ask what the documents leave open, derived from the behaviours of a contract.

They go from simple to involved, so that what one settles keeps the next from being read in many ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from contract_tests.scenarios.builder import ScenarioBuilder, Unprovidable, playable
from contract_tests.scenarios.credentials import NOTHING, is_judged, unknown_credential
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import OMITTED, TAG, Raw, Scenario, Tagged, TaggedBlank, Template


class Calibration:
    """Writes the scenarios for one contract and the organizations at hand."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def scenarios(self) -> Iterator[Scenario]:
        """Yield the scenarios, each one that can be played with what is known."""
        return playable(self._writers())

    def _writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        for signature in self.subject.keyed:
            yield partial(self.new_ones, signature)
        for signature in self.subject.signatures:
            if signature not in self.subject.keyed:
                yield partial(self.plain, signature)
        for signature in self.subject.signatures:
            yield partial(self.refusals, signature)
            yield partial(self.unknown_ids, signature)
        for signature in self.subject.keyed:
            yield partial(self.again, signature)
            yield partial(self.known_with_other_fields, signature)
            yield partial(self.derived, signature)
            yield partial(self.other_choices, signature)
            yield partial(self.key_case, signature)
            yield partial(self.key_space, signature)
            yield partial(self.odd_keys, signature)
            for other in self.subject.keyed:
                if other is not signature:
                    yield partial(self.after_another, signature, other)
        for signature in self.subject.updating:
            yield partial(self.update, signature)
            yield partial(self.nulls, signature)
            for maker in self.subject.makers_of(signature.updates):
                yield partial(self.onto_equal, signature, maker)
                yield partial(self.made_elsewhere, signature, maker)
            if signature.keys:
                yield partial(self.null_key, signature)
                for maker in self.subject.keyed_makers_of(signature.updates):
                    yield partial(self.onto_taken_key, signature, maker)
                    yield partial(self.old_key, signature, maker)
        for signature in self.subject.signatures:
            if signature.deletes:
                yield partial(self.delete, signature)

    def builder(self, title: str) -> ScenarioBuilder:
        """Return a builder of an empty scenario."""
        return ScenarioBuilder(self.subject, title)

    def new_ones(self, signature: Signature) -> ScenarioBuilder:
        """New records, with as little and with as much as can be said."""
        builder = self.builder(f"{signature.operation}: a new record")
        builder.call(signature, "a new key, required fields only")
        builder.call(signature, "another new key, all fields", key=2, fill="full", variant=1)
        return builder

    def plain(self, signature: Signature) -> ScenarioBuilder:
        """The operation as it is meant to be used, twice."""
        builder = self.builder(f"{signature.operation}: plain valid requests")
        builder.call(signature, "a plain valid request")
        if not signature.deletes:
            builder.call(signature, "the same request again", fill="full", variant=1)
        return builder

    def again(self, signature: Signature) -> ScenarioBuilder:
        """The very same request again."""
        builder = self.builder(f"{signature.operation}: the same request again")
        for note in ("a new key", "exactly the same request again", "the same request a third time"):
            builder.call(signature, note, fill="full", variant=1)
        return builder

    def known_with_other_fields(self, signature: Signature) -> ScenarioBuilder:
        """A known key with other, null, absent and new fields."""
        builder = self.builder(f"{signature.operation}: an existing key with other fields")
        texts = [slot for slot in signature.free if not slot.choices]
        made: dict[str, Template] = {}
        sent: dict[str, Template] = {}
        texts.sort(key=lambda slot: "null" not in slot.types)
        for number, slot in enumerate(texts):
            kind = ("null", "other", "new", "left out")[number % 4]
            made[slot.name] = OMITTED if kind == "new" else slot.value(1)
            if kind == "null" and "null" in slot.types:
                sent[slot.name] = None
            elif kind != "left out":
                sent[slot.name] = slot.value(2)
        builder.call(signature, "a new key with some fields", values=made)
        builder.call(signature, "the same key with other values, some null, some left out", values=sent, variant=1)
        builder.call(signature, "the same key and no other field", variant=2)
        return builder

    def derived(self, signature: Signature) -> ScenarioBuilder:
        """Fields that may be made of others: when a record is made, when it changes, whenever it is shown."""
        builder = self.builder(f"{signature.operation}: derived fields")
        for resource in [resource for resource in self.subject.contract.resources.values() if resource.name in signature.gives]:
            for derived in resource.derived:
                taken = {slot.name: slot for slot in signature.free}
                if not taken.keys() >= {derived.field, *derived.join}:
                    continue
                made = builder.call(signature, f"without {derived.field}", fill="full", values={derived.field: OMITTED})
                for other in [other for other in self.subject.updating if other.updates == resource.name]:
                    builder.refer_to(other.updates, signature, made)
                    last = taken[derived.join[-1]]
                    builder.call(other, f"another {last.name}", values={last.name: last.value(5)})
                    if "null" in taken[derived.field].types:
                        builder.call(other, f"null for {derived.field}", values={derived.field: None})
        return builder

    def other_choices(self, signature: Signature) -> ScenarioBuilder:
        """The same key with every other value of a list of choices."""
        builder = self.builder(f"{signature.operation}: the same key with other choices")
        builder.call(signature, "a new key")
        for slot in signature.free:
            for value in slot.choices[1:3]:
                builder.call(signature, f"the same key with {slot.name} {value}", values={slot.name: value})
        builder.call(signature, "the first request again")
        return builder

    def after_another(self, signature: Signature, other: Signature) -> ScenarioBuilder:
        """A key that another operation made."""
        builder = self.builder(f"{signature.operation}: after {other.operation}")
        builder.call(other, "a new key through the other operation", fill="full", variant=1)
        builder.call(signature, "the same key through this operation", fill="full", variant=1)
        builder.call(signature, "the same key through this operation, with other values", fill="full", variant=2)
        builder.call(other, "the same key through the other operation again", variant=3)
        return builder

    def key_case(self, signature: Signature) -> ScenarioBuilder:
        """Keys that differ in case, beginning with lower case and with upper case."""
        builder = self.builder(f"{signature.operation}: keys that differ in case")
        for number, slot in enumerate(slot for slot in signature.keys if slot.is_text):
            builder.call(signature, "a new key in lower case", key=number * 2 + 1)
            for written in written_cases(slot.key(number * 2 + 1)):
                builder.call(signature, "the same key in another case", key=number * 2 + 1, values={slot.name: written})
            first, *_ = written_cases(slot.key(number * 2 + 2))
            builder.call(signature, "a new key in mixed case", key=number * 2 + 2, values={slot.name: first})
            builder.call(signature, "the same key in lower case", key=number * 2 + 2)
            builder.call(signature, "the same key as it was first written", key=number * 2 + 2, values={slot.name: first})
        return builder

    def key_space(self, signature: Signature) -> ScenarioBuilder:
        """Keys that differ in surrounding space."""
        builder = self.builder(f"{signature.operation}: keys that differ in surrounding space")
        for number, slot in enumerate(slot for slot in signature.keys if slot.is_text):
            key = number * 2 + 1
            plain, other = slot.key(key), slot.key(key + 1)
            builder.call(signature, "a new key without spaces", key=key)
            builder.call(signature, "the same key with a leading space", key=key, values={slot.name: Tagged(f" {plain.text}")})
            builder.call(signature, "the same key with a trailing space", key=key, values={slot.name: Tagged(f"{plain.text} ")})
            builder.call(
                signature, "a new key with spaces around it", key=key + 1, values={slot.name: Tagged(f" {other.text} ")}
            )
            builder.call(signature, "the same key without spaces", key=key + 1)
        return builder

    def odd_keys(self, signature: Signature) -> ScenarioBuilder:
        """Texts that may or may not be keys."""
        builder = self.builder(f"{signature.operation}: odd keys")
        for slot in signature.keys:
            if slot.is_text:
                if slot.is_address:
                    builder.call(
                        signature, "a text that is not an email address", values={slot.name: Tagged(f"not an address {TAG}")}
                    )
                builder.call(signature, "nothing but spaces", values={slot.name: TaggedBlank()}, shared=True)
                # Checks of addresses differ in whether they let it pass; what is stored of texts is asked of another field.
                values = {slot.name: Tagged(f"nul\0{TAG}@example.com")}
                builder.call(signature, "a text with the character U+0000", values=values, unjudged=slot.is_address)
        self.nul_character(builder, signature, key=2)
        return builder

    @staticmethod
    def nul_character(builder: ScenarioBuilder, signature: Signature, key: int = 1) -> None:
        """Add a request that sends U+0000 in a text, unless any such text is valid."""
        for slot in signature.free:
            if slot.is_text and not slot.accepts("a\0b") and "string" in slot.types:
                builder.call(signature, f"{slot.name} with U+0000", key=key, values={slot.name: f"a\0b {slot.name}"})
                break

    def update(self, signature: Signature) -> ScenarioBuilder:
        """Changes, the same again, nothing at all; then what is stored, where an operation reads it."""
        builder = self.builder(f"{signature.operation}: updates")
        free = signature.free
        builder.call(
            signature,
            "update all fields",
            fill="full",
            values={slot.name: OMITTED for slot in signature.keys if not slot.required},
            variant=2,
        )
        builder.call(
            signature,
            "exactly the same request again",
            fill="full",
            values={slot.name: OMITTED for slot in signature.keys if not slot.required},
            variant=2,
        )
        if free:
            builder.call(signature, f"update only {free[0].name}", values={free[0].name: free[0].value(3)})
        builder.read_back(signature)
        builder.call(signature, "an empty object as the body", body={})
        for slot in free[:1]:
            unknown = {slot.name: slot.value(4), "x_not_documented": "what is this"}
            builder.call(signature, "with an undocumented property", values=unknown)
        return builder

    def nulls(self, signature: Signature) -> ScenarioBuilder:
        """Null for each field that may be null."""
        builder = self.builder(f"{signature.operation}: fields set to null")
        builder.call(
            signature,
            "set all fields",
            fill="full",
            values={slot.name: OMITTED for slot in signature.keys if not slot.required},
            variant=1,
        )
        for slot in signature.free:
            if "null" in slot.types:
                builder.call(signature, f"null for {slot.name}", values={slot.name: None})
        builder.read_back(signature)
        self.nul_character(builder, signature)
        return builder

    def onto_equal(self, signature: Signature, maker: Signature) -> ScenarioBuilder:
        """A change that makes a record equal to another one."""
        builder = self.builder(f"{signature.operation}: updates that make two records equal ({maker.operation.id})")
        for slot in signature.free:
            if len(slot.choices) < 2 or slot.name not in {other.name for other in maker.free}:
                continue
            first = builder.call(maker, f"{slot.name} {slot.choices[0]}", values={slot.name: slot.choices[0]})
            second = builder.call(maker, f"{slot.name} {slot.choices[1]}", values={slot.name: slot.choices[1]})
            builder.refer_to(signature.updates, maker, second)
            builder.call(signature, "update the second record to equal the first", values={slot.name: slot.choices[0]})
            builder.refer_to(signature.updates, maker, first)
            builder.call(signature, "update the first record to what the second one was", values={slot.name: slot.choices[1]})
        return builder

    def made_elsewhere(self, signature: Signature, maker: Signature) -> ScenarioBuilder:
        """Records that another operation made, and other known ids in the rest of the path."""
        builder = self.builder(f"{signature.operation}: a record created by {maker.operation.id}")
        made = builder.call(maker, "create a record")
        builder.refer_to(signature.updates, maker, made)
        builder.call(signature, "update it", variant=2)
        for slot in signature.of("path"):
            name = slot.resource.name if slot.resource else ""
            for other in self.subject.tenants[0].known.get(name, ())[1:2] if name != signature.updates else ():
                builder.call(signature, f"with another {name} in the path", path={slot.name: other}, variant=3)
        return builder

    def onto_taken_key(self, signature: Signature, maker: Signature) -> ScenarioBuilder:
        """A change onto the key of another record, then who is found by it."""
        builder = self.builder(f"{signature.operation}: changing a key to one in use ({maker.operation.id})")
        builder.call(maker, "create a record", key=1, fill="full", variant=1)
        second = builder.call(maker, "create another record", key=2, fill="full", variant=2)
        builder.refer_to(signature.updates, maker, second)
        taken = signature.with_key(1)
        builder.call(
            signature, "change its key to that of the first record, and other fields", fill="full", variant=5, values=taken
        )
        builder.call(maker, "find by that key", key=1, variant=3)
        builder.call(maker, "find by its former key", key=2, variant=3)
        third = builder.call(maker, "create a record, the older one", key=3, fill="full", variant=1)
        builder.call(maker, "create another record, the newer one", key=4, fill="full", variant=2)
        builder.refer_to(signature.updates, maker, third)
        builder.call(signature, "change the key of the older record to that of the newer", values=signature.with_key(4))
        builder.call(maker, "find by that key again", key=4, variant=3)
        return builder

    def old_key(self, signature: Signature, maker: Signature) -> ScenarioBuilder:
        """A change of the key, then who is found by the old one, and by the new one."""
        builder = self.builder(f"{signature.operation}: changing a key ({maker.operation.id})")
        made = builder.call(maker, "create a record", key=1, fill="full", variant=1)
        builder.refer_to(signature.updates, maker, made)
        builder.call(signature, "change its key", values=signature.with_key(2))
        builder.call(maker, "find by the new key", key=2, variant=1)
        builder.call(maker, "find by the old key", key=1, variant=1)
        builder.call(maker, "find by the new key again", key=2, variant=1)
        return builder

    def null_key(self, signature: Signature) -> ScenarioBuilder:
        """Null and an empty text for a key."""
        builder = self.builder(f"{signature.operation}: keys that are null or empty")
        for number, slot in enumerate(signature.keys, 1):
            builder.call(signature, f"null for {slot.name}", key=number, values={slot.name: None})
            builder.read_back(signature, key=number)
            builder.call(signature, f"a new {slot.name}", key=number, values={slot.name: slot.key(number + 10)})
            if "string" in slot.types:
                for value, note in ((TaggedBlank(), "nothing but spaces"), ("", "an empty text")):
                    builder.call(signature, f"{note} for {slot.name}", key=number, values={slot.name: value}, shared=True)
                    builder.call(signature, f"change {slot.name} back", key=number, values={slot.name: slot.key(number + 10)})
            if slot.is_address:
                builder.call(
                    signature,
                    "a text that is not an email address",
                    key=number,
                    values={slot.name: Tagged(f"no address {TAG}")},
                )
        return builder

    def delete(self, signature: Signature) -> ScenarioBuilder:
        """Removing a record that others refer to, and one that nothing refers to."""
        builder = self.builder(f"{signature.operation}: removal")
        for maker in self.subject.makers_of(signature.deletes)[:1]:
            labels = {
                key: builder.call(maker, f"create record {key}", key=key, fill="full", variant=key) for key in (21, 22, 23)
            }
            for key, label in labels.items():
                builder.refer_to(signature.deletes, maker, label, key=key)
            builder.call(signature, "remove the second record", key=22)
            for key in labels:
                builder.read_back(signature, key=key)
            builder.call(signature, "remove the last record", key=23)
        referring = [
            other
            for other in self.subject.signatures
            if other.makes
            and any(slot.resource and slot.resource.name == signature.deletes for slot in other.slots if slot.role == "id")
        ]
        for other in referring[:1]:
            builder.call(other, f"create a record that refers to the {signature.deletes}")
            builder.call(signature, "remove a record that another one refers to")
        builder.call(signature, "remove a record that no other one refers to", key=7)
        builder.call(signature, "remove it again", key=7)
        builder.read_back(signature, key=7)
        return builder

    def refusals(self, signature: Signature) -> ScenarioBuilder:
        """One request of each kind that has to be refused."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: rejections", "refusals")
        if is_judged(signature.operation.security):
            unknown = unknown_credential(signature.operation.security)
            builder.call(signature, "without a token", carried=NOTHING)
            builder.call(signature, "with an unknown token", carried=unknown)
        if signature.operation.body is not None:
            builder.call(signature, "a body that is not JSON", body=Raw(b'{"'))
            builder.call(signature, "a body of another media type", body=Raw(b"<a/>"), media_type="application/xml")
            required = [slot for slot in signature.of("body") if slot.required]
            if required:
                builder.call(signature, f"without {required[-1].name}", values={required[-1].name: OMITTED})
            extra: dict[str, Template] = {"x_not_documented": "what is this"}
            builder.call(signature, "with an undocumented property", key=3, fill="full", values=extra)
        return builder

    def unknown_ids(self, signature: Signature) -> ScenarioBuilder:
        """Ids that are not known, and those of another organization."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: unknown ids", "refusals")
        for slot in signature.slots:
            if slot.role != "id" or slot.resource is None:
                continue
            name, where = slot.resource.name, slot.argument
            if slot.is_text:
                more = {where: {slot.name: Tagged(f"{slot.resource.id_prefix}{TAG}")}}
                builder.call(signature, f"with the id of no {name}", **more)  # type: ignore[arg-type]
            if len(self.subject.tenants) > 1 and slot.resource.owned:
                try:
                    foreign = builder.provide(signature, slot, 1, key=9)
                except Unprovidable:
                    continue
                builder.call(signature, f"with the id of another organization's {name}", **{where: {slot.name: foreign}})  # type: ignore[arg-type]
        return builder


def written_cases(key: Template) -> list[Template]:
    """Return other ways of writing a key that differ in case only: the first part, then the last part behind an @, then all."""
    text = key.text if isinstance(key, Tagged) else str(key)
    local, at, domain = text.partition("@")
    mixed = Tagged(local.capitalize() + at + domain)
    if not at:
        return [mixed, Tagged(text.replace(TAG, "\n").upper().replace("\n", TAG))]
    return [mixed, Tagged(local + at + domain.capitalize()), Tagged(local.capitalize() + at + domain.upper())]
