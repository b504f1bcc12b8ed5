"""Scenarios about keys: those that are near each other, those of two organizations, and many of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from contract_tests.scenarios.builder import ScenarioBuilder
from contract_tests.scenarios.key_variants import Aspect, KeyVariant, key_variants
from contract_tests.scenarios.signatures import Signature, Slot
from contract_tests.scenarios.subject import Subject

MANY = 24
VARIANTS_IN_ONE = 6

IsPlain: TypeAlias = Callable[[Slot, Aspect], bool]
"""Says whether a key is taken as it is, in some respect, as far as is settled."""


@dataclass(frozen=True, slots=True)
class KeyCases:
    """Writes the scenarios. With `spread`, near keys come in both orders only where code mostly minds the order."""

    subject: Subject
    is_plain: IsPlain
    spread: bool = False

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        for signature in self.subject.keyed:
            for slot, variants in variants_of_keys(signature, self.is_plain):
                yield partial(self.near_known_ones, signature, slot, variants)
                after = [one for one in variants if one.contains_base or one.rests_on == "case" or not self.spread]
                if after:
                    yield partial(self.known_by_near_ones, signature, slot, after)
            yield partial(self.shared_key_parts, signature)
            yield partial(self.elsewhere, signature)
            yield partial(self.organizations, signature)
            yield partial(self.several, signature)

    def writers_of_many(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes the long scenarios."""
        for signature in self.subject.keyed[:1]:
            yield partial(self.many, signature)

    def builder(self, title: str) -> ScenarioBuilder:
        """Return a builder of an empty scenario."""
        return ScenarioBuilder(self.subject, title)

    def near_known_ones(self, signature: Signature, slot: Slot, variants: Sequence[KeyVariant]) -> ScenarioBuilder:
        """Keys that are near one, and near each other, and yet not the same."""
        builder = self.builder(f"{signature.operation}: near keys, from {variants[0].about} on")
        may: dict[str, Any] = {"may_refuse": variants[0].may_refuse}
        keys = [("a key", variants[0].base), *((f"a key that differs only in {one.about}", one.other) for one in variants)]
        for number, (note, key) in enumerate(keys, 1):
            builder.call(signature, note, values={slot.name: key}, fill="full", variant=number, **may)
        for note, key in keys:
            builder.call(signature, f"{note}, again", values={slot.name: key}, variant=9, **may)
        return builder

    def known_by_near_ones(self, signature: Signature, slot: Slot, variants: Sequence[KeyVariant]) -> ScenarioBuilder:
        """A key that is new, though all that are near it are known."""
        builder = self.builder(f"{signature.operation}: a key after near ones, from {variants[0].about} on")
        may: dict[str, Any] = {"may_refuse": variants[0].may_refuse}
        keys = [*((f"a key that differs only in {one.about}", one.other) for one in variants), ("the key", variants[0].base)]
        for number, (note, key) in enumerate(keys, 1):
            builder.call(signature, note, values={slot.name: key}, fill="full", variant=number, **may)
        builder.call(signature, "the key again", values={slot.name: variants[0].base}, variant=9, **may)
        return builder

    def shared_key_parts(self, signature: Signature) -> ScenarioBuilder:
        """Keys of several parts that share some of them."""
        builder = self.builder(f"{signature.operation}: keys that share a part")
        if len(signature.keys) < 2:
            return builder
        builder.call(signature, "a key", key=1, fill="full", variant=1)
        for slot in signature.keys:
            builder.call(
                signature, f"the same but for {slot.name}", key=1, values={slot.name: slot.key(2)}, fill="full", variant=2
            )
        builder.call(signature, "the first key again", key=1)
        for reader in [
            reader for reader in self.subject.signatures if reader.operation.method == "GET" and len(reader.keys) > 1
        ]:
            for slot in reader.keys:
                more: dict[str, Any] = {slot.argument: {slot.name: slot.key(77)}}
                builder.call(reader, f"what is there with another {slot.name}", key=1, **more)
        for slot in signature.keys:
            for number in (32, 31):
                beside = {slot.name: slot.key(number)}
                builder.call(signature, "a key beside the one before", key=30, values=beside, fill="full", variant=number)
        return builder

    def organizations(self, signature: Signature) -> ScenarioBuilder:
        """The same key in two organizations."""
        builder = self.builder(f"{signature.operation}: two organizations")
        if len(self.subject.tenants) < 2:
            return builder
        builder.call(signature, "a key in one organization", fill="full", variant=1)
        builder.call(signature, "the same key in another organization", tenant=1, fill="full", variant=2)
        builder.call(signature, "again in the first", variant=1)
        builder.call(signature, "the same key in that organization again", tenant=1, variant=2)
        builder.call(signature, "a key of the other alone", tenant=1, key=2, fill="full", variant=1)
        builder.call(signature, "the same key in the first organization", key=2, fill="full", variant=3)
        here = {slot.name: builder.provide(signature, slot, 0) for slot in signature.of("path") if slot.role == "id"}
        builder.call(signature, "a request of the first", key=3, fill="full", variant=1, path=here)
        builder.call(
            signature, "the same request from another organization", tenant=1, key=3, fill="full", variant=1, path=here
        )
        return builder

    def elsewhere(self, signature: Signature) -> ScenarioBuilder:
        """The same key with other known ids beside it."""
        builder = self.builder(f"{signature.operation}: the same key elsewhere")
        for slot in signature.slots:
            if slot.role != "id" or slot.resource is None:
                continue
            where = slot.argument
            for id in self.subject.tenants[0].known.get(slot.resource.name, ())[:3]:
                more: dict[str, Any] = {where: {slot.name: id}}
                builder.call(signature, f"with {slot.name} {id}", fill="full", variant=1, **more)
            for id in self.subject.tenants[0].known.get(slot.resource.name, ())[:2]:
                more = {where: {slot.name: id}}
                builder.call(signature, f"again with {slot.name} {id}", variant=2, **more)
        return builder

    def several(self, signature: Signature) -> ScenarioBuilder:
        """Several records in turns, so that none is taken for another."""
        builder = self.builder(f"{signature.operation}: several in turns")
        for key in (1, 2, 3):
            builder.call(signature, f"record {key}", key=key, fill="full", variant=key)
        for key in (2, 1, 3, 1):
            builder.call(signature, f"record {key} again", key=key, variant=key)
        return builder

    def many(self, signature: Signature) -> ScenarioBuilder:
        """Many records, then each again."""
        builder = self.builder(f"{signature.operation}: many, then each again")
        for key in range(1, MANY + 1):
            builder.call(signature, f"record {key}", key=key, fill="full", variant=key)
        for key in range(1, MANY + 1):
            builder.call(signature, f"record {key} again", key=key, variant=key)
        return builder


def variants_of_keys(signature: Signature, is_plain: IsPlain) -> Iterator[tuple[Slot, Sequence[KeyVariant]]]:
    """Yield the variants of keys that can be judged: a few at a time, those together that are near the same key."""
    for slot in signature.keys:
        near: dict[str, list[KeyVariant]] = {}
        for variant in key_variants(is_address=slot.is_address) if slot.is_text else ():
            if is_plain(slot, variant.rests_on):
                near.setdefault(variant.base.text, []).append(variant)
        for variants in near.values():
            for start in range(0, len(variants), VARIANTS_IN_ONE):
                yield slot, variants[start : start + VARIANTS_IN_ONE]
