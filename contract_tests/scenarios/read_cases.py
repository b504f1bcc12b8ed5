"""Scenarios about what is shown: lists, links, and records within the answers about others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from contract_tests.scenarios.builder import ScenarioBuilder
from contract_tests.scenarios.list_cases import all_at_once, steps_of
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import TAG, Tagged


@dataclass(frozen=True, slots=True)
class ReadCases:
    """Writes the scenarios."""

    subject: Subject

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        for signature in self.subject.signatures:
            if signature.lists:
                yield partial(self.listed, signature)
            if signature.makes and not signature.keys:
                yield partial(self.linked, signature)
            if signature.deletes and signature.ids_of(signature.deletes):
                yield partial(self.gone, signature)
            if signature.operation.method == "GET" and signature.keys and signature.operation.secured:
                yield partial(self.read_in_turns, signature)
            for resource in signature.gives:
                yield partial(self.shown_as_it_is, signature, resource)

    def builder(self, title: str) -> ScenarioBuilder:
        """Return a builder of an empty scenario."""
        return ScenarioBuilder(self.subject, title)

    def listed(self, signature: Signature) -> ScenarioBuilder:
        """Lists hold what was made, in order, page by page."""
        builder = self.builder(f"{signature.operation}: lists")
        keys = {slot.name: slot for slot in signature.slots if slot.location == "query" and slot.role == "key" and slot.is_text}
        for place, maker in enumerate(self.subject.keyed_makers_of(signature.lists)):
            shared = {slot.name: slot.key(place + 40) for slot in maker.keys if slot.name in keys}
            for number in range(1, 6):
                builder.call(maker, f"create record {number}", key=number, values=shared, fill="full", variant=number)
            builder.call(maker, "create a record that does not belong to the list", key=place + 9)
            asked = {name: slot.key(place + 40) for name, slot in keys.items()}
            builder.call(signature, "list all records", query=asked)
            numbers = [slot for slot in signature.slots if slot.location == "query" and "number" in slot.types]
            for values in ((1, 2), (0, 3), (2, 1), (4, 5), (5, 2), (0, 50)):
                page = {slot.name: value for slot, value in zip(numbers, values, strict=False) if slot.accepts(value)}
                builder.call(signature, f"list a page: {page}", query={**asked, **page})
            for slot in numbers:
                builder.call(signature, f"-1 for {slot.name}", query={**asked, slot.name: -1})
                builder.call(signature, f"a word for {slot.name}", query={**asked, slot.name: "many"})
            if len(self.subject.tenants) > 1:
                builder.call(signature, "list in another organization", tenant=1, query=asked)
            builder.call(signature, "everything", tenant=0)
        return builder

    def gone(self, signature: Signature) -> ScenarioBuilder:
        """What is removed is shown nowhere and changed by nothing, and the one beside it is there still."""
        builder, resource = self.builder(f"{signature.operation}: one of two is gone"), signature.deletes
        for key in (1, 2):
            builder.provide(signature, signature.ids_of(resource)[-1], 0, key)
        builder.call(signature, "one of two is removed", key=1)
        for reader in self.subject.signatures:
            for step in [step for step in steps_of(reader.operation) if step.resource.name == resource]:
                builder.call(reader, "what is left", key=2, query=all_at_once(reader, step))
        for changer in self.subject.updating:
            if changer.updates == resource and changer.ids_of(resource):
                builder.call(changer, "a change of what is gone", key=1, fill="full", variant=3)
        return builder

    def read_in_turns(self, signature: Signature) -> ScenarioBuilder:
        """Two organizations read in turns, and each sees its own."""
        builder = self.builder(f"{signature.operation}: two organizations in turns")
        resource = signature.key_resource
        for maker in self.subject.keyed_makers_of(resource)[:1]:
            for tenant in range(len(self.subject.tenants)):
                builder.call(maker, "create a record", tenant=tenant, fill="full", variant=tenant + 1)
            for number in range(16):
                builder.call(signature, "list the records", tenant=number % len(self.subject.tenants))
        return builder

    def linked(self, signature: Signature) -> ScenarioBuilder:
        """Records that refer to others refer to the right ones."""
        builder = self.builder(f"{signature.operation}: links")
        for key in (1, 2):
            builder.call(signature, f"create a record for {key}", key=key, fill="full", variant=key)
        references = [slot for slot in signature.of("body") if slot.role == "id"]
        for slot in references:
            known = self.subject.tenants[0].known.get(slot.resource.name if slot.resource else "", ())
            for id in known[1:3]:
                made = builder.call(signature, f"another {slot.name}", key=1, values={slot.name: id}, fill="full", variant=3)
                for other in self.subject.updating:
                    if other.updates in signature.makes and other.updates in signature.gives:
                        builder.refer_to(other.updates, signature, made)
                        builder.call(other, "read the record that it refers to", variant=5)
        builder.call(signature, "the first request again", key=1, fill="full", variant=1)
        return builder

    def shown_as_it_is(self, signature: Signature, resource: str) -> ScenarioBuilder:
        """A record that stands in the answer about another one is shown as it is now."""
        builder = self.builder(f"{signature.operation}: the {resource} that it shows")
        if resource in (signature.updates, signature.finds_by_key, signature.deletes) or resource in signature.makes:
            return builder
        for changer in self.subject.signatures:
            if changer.finds_by_key == resource or (changer.updates == resource and changer is not signature):
                builder.call(signature, "read before any update", fill="full", variant=1)
                builder.call(changer, f"update the {resource}", fill="full", variant=4)
                builder.call(signature, "afterwards", fill="full", variant=2)
                for slot in changer.keys if changer.updates == resource else ():
                    if slot.is_text:
                        capitals = Tagged(f"Ann.Key.{TAG}@Example.Com" if slot.is_address else f"Ann.Key.{TAG}")
                        builder.call(changer, f"{slot.name} with capitals", values={slot.name: capitals})
                        builder.call(signature, f"with this {slot.name}", fill="full", variant=3)
        return builder
