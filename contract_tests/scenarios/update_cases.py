"""Scenarios about changes: what changes, what has to stay, and where it is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from contract_tests.scenarios.builder import PAUSE, ScenarioBuilder, Unprovidable
from contract_tests.scenarios.key_cases import IsPlain, variants_of_keys
from contract_tests.scenarios.key_variants import KeyVariant
from contract_tests.scenarios.signatures import Signature, Slot
from contract_tests.scenarios.subject import Subject


@dataclass(frozen=True, slots=True)
class UpdateCases:
    """Writes the scenarios. With `spread`, odd keys are spread over the operations."""

    subject: Subject
    is_plain: IsPlain
    spread: bool = False

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        by_key = [signature for signature in self.subject.updating if signature.keys]
        for signature in self.subject.updating:
            yield partial(self.one_of_several, signature)
            yield partial(self.one_field_each, signature)
            yield partial(self.in_another_organization, signature)
            yield partial(self.through_all, signature)
            yield partial(self.one_after_another, signature)
            if signature.keys:
                yield partial(self.swapped_keys, signature)
            for number, (slot, variants) in enumerate(variants_of_keys(signature, self.is_plain)):
                if not self.spread or by_key[number % len(by_key)] is signature:
                    yield partial(self.onto_odd_keys, signature, slot, variants)

    def builder(self, title: str) -> ScenarioBuilder:
        """Return a builder of an empty scenario."""
        return ScenarioBuilder(self.subject, title)

    def one_of_several(self, signature: Signature) -> ScenarioBuilder:
        """Changing one record leaves the others as they were."""
        builder = self.builder(f"{signature.operation}: one of several")
        for maker in self.subject.makers_of(signature.updates)[:1]:
            labels = {key: builder.call(maker, f"record {key}", key=key, fill="full", variant=key) for key in (1, 2, 3)}
            for key in (2, 1):
                builder.refer_to(signature.updates, maker, labels[key], key=key)
                builder.call(
                    signature, f"change record {key}", key=key, fill="full", variant=key + 4, values=signature.without_key
                )
            for key in (1, 2, 3):
                builder.read_back(signature, key=key)
            alike = {key: builder.call(maker, "one of two that are alike", key=key, fill="full", variant=1) for key in (4, 5)}
            builder.refer_to(signature.updates, maker, alike[4], key=4)
            for slot in reversed(signature.free):
                builder.call(signature, f"change {slot.name} of the first of them", key=4, values={slot.name: slot.value(9)})
            for key in (4, 5):
                builder.read_back(signature, key=key)
            builder.call(signature, "change the first of them", key=4, fill="full", variant=8, values=signature.without_key)
            for key in (4, 5):
                builder.read_back(signature, key=key)
        return builder

    def one_field_each(self, signature: Signature) -> ScenarioBuilder:
        """Changing one field leaves the other fields as they were."""
        builder = self.builder(f"{signature.operation}: one field at a time")
        for maker in self.subject.makers_of(signature.updates)[:1]:
            made = builder.call(maker, "a record with everything", fill="full", variant=1)
            builder.refer_to(signature.updates, maker, made)
            for number, slot in enumerate(signature.free):
                builder.call(signature, f"change {slot.name}", values={slot.name: slot.value(number + 5)})
                if "null" in slot.types:
                    builder.call(signature, f"null for {slot.name}", values={slot.name: None})
                    builder.call(signature, f"{slot.name} again", values={slot.name: slot.value(number + 9)})
                if slot.is_text:
                    for note, value in _alike(str(slot.value(number + 5))):
                        if slot.accepts(value):
                            builder.call(signature, f"{slot.name} but for {note}", values={slot.name: value})
            builder.read_back(signature)
        return builder

    def through_all(self, signature: Signature) -> ScenarioBuilder:
        """What an update changed is seen through every operation that shows the record."""
        builder = self.builder(f"{signature.operation}: seen everywhere")
        for key, maker in enumerate(self.subject.makers_of(signature.updates), 1):
            made = builder.call(maker, "a record", key=key, fill="full", variant=1)
            builder.refer_to(signature.updates, maker, made, key=key)
            builder.read_back(signature, key=key)
            for variant in (6, 7):
                builder.call(
                    signature,
                    "change it",
                    key=key,
                    fill="full",
                    variant=variant,
                    values=signature.without_key,
                )
                builder.read_back(signature, key=key)
        return builder

    def one_after_another(self, signature: Signature) -> ScenarioBuilder:
        """Two records that belong together come to hold the same, one after the other: each change is one."""
        builder = self.builder(f"{signature.operation}: one after another")
        for maker in self.subject.makers_of(signature.updates)[:1]:
            for slot in signature.free:
                first, second, third = (slot.value(number) for number in (1, 2, 3))
                if first == third or slot.name not in {other.name for other in maker.free}:
                    continue
                labels = []
                for number, value in enumerate((first, second)):
                    beside = self._beside(builder, maker, 0 if slot.choices else number)
                    beside["values"] = {**beside.get("values", {}), slot.name: value}
                    labels.append(builder.call(maker, f"{slot.name} {value}", **beside))
                for label in labels:
                    builder.refer_to(signature.updates, maker, label)
                    builder.call(signature, f"now {slot.name} {third}", values={slot.name: third}, pause=PAUSE)
        return builder

    def swapped_keys(self, signature: Signature) -> ScenarioBuilder:
        """Keys that change hands."""
        builder = self.builder(f"{signature.operation}: keys that change hands")
        for maker in self.subject.keyed_makers_of(signature.updates):
            one = builder.call(maker, "a record", key=1, fill="full", variant=1)
            other = builder.call(maker, "another", key=2, fill="full", variant=2)
            for reader in self.subject.makers_of(signature.updates):
                for key in (1, 2):  # what remembers who was found is put to the test only by a key that found somebody
                    builder.call(reader, f"who has key {key} now", key=key, variant=4)
            for label, key in ((one, 3), (other, 1), (one, 2)):
                builder.refer_to(signature.updates, maker, label)
                builder.call(signature, f"key {key}", values=signature.with_key(key))
            for reader in self.subject.makers_of(signature.updates):
                for key in (1, 2, 3):
                    builder.call(reader, f"who has key {key}", key=key, variant=4)
        return builder

    def onto_odd_keys(self, signature: Signature, slot: Slot, variants: Sequence[KeyVariant]) -> ScenarioBuilder:
        """Keys that careless code damages or takes for others, given by an update."""
        builder = self.builder(f"{signature.operation}: odd keys, from {variants[0].about} on")
        maker = next(iter(self.subject.keyed_makers_of(signature.updates)), None)
        if maker is None:
            raise Unprovidable(signature.updates)
        may: dict[str, Any] = {"may_refuse": variants[0].may_refuse}
        looked_up = next((other for other in maker.keys if other.name == slot.name), None)
        builder.refer_to(signature.updates, maker, builder.call(maker, "a record", fill="full", variant=1))
        for number, similar in enumerate(variants, 2):
            given = {slot.name: similar.other}
            builder.call(signature, f"a key that differs only in {similar.about}", variant=number, values=given, **may)
            if looked_up is not None and self.is_plain(looked_up, similar.rests_on):
                builder.call(maker, "who is found by it", values=given, variant=number, **may)
        if looked_up is not None and self.is_plain(looked_up, variants[-1].rests_on):
            builder.call(maker, "who is found by the key that they are near", values={slot.name: variants[0].base}, **may)
        return builder

    def in_another_organization(self, signature: Signature) -> ScenarioBuilder:
        """No organization changes another one's records."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: another organization's", "refusals")
        if len(self.subject.tenants) < 2:
            return builder
        full: dict[str, Any] = {"fill": "full", "values": signature.without_key}
        for maker in self.subject.makers_of(signature.updates)[:1]:
            made = builder.call(maker, "a record of the other organization", tenant=1, fill="full", variant=1)
            mine = builder.call(maker, "a record with the same key here", fill="full", variant=2)
            theirs = builder.id_of(maker, made, signature.updates)
            builder.provided(signature.updates, 0, 1, theirs)
            builder.provided(signature.updates, 1, 1, theirs)
            builder.call(signature, "change the other organization's", variant=5, **full)
            foreign = {slot.name: builder.provide(signature, slot, 1) for slot in signature.of("path") if slot.role == "id"}
            builder.call(signature, "change it with all ids of the other organization", variant=5, path=foreign, **full)
            builder.read_back(signature, tenant=1)
            builder.call(signature, "that change by the other organization itself", tenant=1, variant=5, pause=PAUSE, **full)
            builder.call(signature, "the same request from the first organization", variant=5, path=foreign, **full)
            builder.refer_to(signature.updates, maker, mine)
            builder.call(signature, "change the one here", variant=6, **full)
            builder.read_back(signature, tenant=1)
            builder.read_back(signature, tenant=0)
            if maker.keys:
                builder.call(maker, "a key that only the other organization has", tenant=1, key=2, fill="full", variant=1)
                builder.call(signature, "give the one here that key", values=signature.with_key(2))
                builder.read_back(signature, tenant=0, key=2)
                builder.read_back(signature, tenant=1, key=2)
        return builder

    def _beside(self, builder: ScenarioBuilder, signature: Signature, which: int) -> dict[str, Any]:
        """Return the options of a call that refers to other known records than the first ones."""
        options: dict[str, Any] = {}
        for slot in signature.slots:
            known = self.subject.tenants[0].known.get(slot.resource.name, ()) if slot.role == "id" and slot.resource else ()
            if len(known) > which:
                options.setdefault(slot.argument, {})[slot.name] = known[which]
        return options


def _alike(text: str) -> Iterator[tuple[str, str]]:
    """Yield texts that careless code takes for the one before, so that it sees no change."""
    yield "case", text.upper()
    yield "case again", text.lower()
    yield "an accent", f"{text.lower()}\u00e9"
    yield "none", f"{text.lower()}e"
    yield "a space behind it", f"{text.lower()}e "
    yield "everything", ""
