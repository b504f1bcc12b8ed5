"""Scenarios about references: to what is not there, to what others have, and to what is removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from contract_tests.scenarios.builder import ScenarioBuilder
from contract_tests.scenarios.list_cases import filters_of, steps_of, value_of
from contract_tests.scenarios.signatures import Signature, Slot
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import OMITTED, TAG, Tagged, Template
from mock_server.contract.decisions import Decision
from mock_server.contract.model import Resource
from mock_server.contract.record_rules import Reference

UNKNOWN_NUMBER = 1_999_999_973


@dataclass(frozen=True, slots=True)
class ReferenceCases:
    """Writes the scenarios."""

    subject: Subject

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        resources = self.subject.contract.resources
        for signature in self.subject.signatures:
            for slot in self._slots(signature):
                if slot.is_several:
                    yield partial(self.several, signature, slot)
                yield partial(self.unknown, signature, slot)
                if len(self.subject.tenants) > 1:
                    yield partial(self.of_others, signature, slot)
        for remover in self.subject.signatures:
            for other in resources.values():
                for reference in _references(other):
                    if remover.deletes == reference.to:
                        yield partial(self.removed, remover, other, reference)

    @staticmethod
    def _slots(signature: Signature) -> list[Slot]:
        """Return the slots of a body that hold the id of another resource."""
        own = {signature.updates, signature.deletes}
        return [slot for slot in signature.of("body") if slot.role == "id" and slot.resource and slot.resource.name not in own]

    def unknown(self, signature: Signature, slot: Slot) -> ScenarioBuilder:
        """The id of nothing."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: {slot.name} of no record", "refusals")
        builder.prepare(signature)
        id = id_of_nothing(slot)
        nothing: Template = [id] if slot.is_several else id
        builder.call(signature, f"an unknown {slot.name}", values={slot.name: nothing}, fill="full", variant=2)
        builder.check(signature)
        return builder

    def several(self, signature: Signature, slot: Slot) -> ScenarioBuilder:
        """The ids of two records, in the order in which those were made."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: {slot.name} of two")
        builder.prepare(signature)
        both = [builder.provide(signature, slot, 0, key) for key in (1, 2)]
        label = builder.call(signature, f"two {slot.name}", values={slot.name: both}, fill="full", variant=2)
        if signature.makes:
            builder.look_at(signature, label)
        return builder

    def of_others(self, signature: Signature, slot: Slot) -> ScenarioBuilder:
        """The id of a record of another organization."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: {slot.name} of another organization", "refusals")
        builder.prepare(signature)
        id = builder.provide(signature, slot, 1)
        theirs: Template = [id] if slot.is_several else id
        builder.call(signature, f"the {slot.name} of another organization", values={slot.name: theirs}, fill="full", variant=2)
        builder.check(signature)
        return builder

    def removed(self, remover: Signature, other: Resource, reference: Reference) -> ScenarioBuilder:
        """What is referred to is removed, and then looked at, with those that referred to it."""
        title = f"{remover.operation}: {other.name} that refer by {reference.field}"
        builder = ScenarioBuilder(self.subject, title)
        slot = next((one for one in remover.ids_of(reference.to) if one.location == "path"), None)
        makers = [one for one in self.subject.makers_of(other.name) if reference.field in _named(one)]
        if slot is None or not makers:
            return builder
        maker, made = makers[0], {}
        others = {one.field: OMITTED for one in other.references.values() if one.to == reference.to and one is not reference}
        others = {name: value for name, value in others.items() if not _is_required(maker, name)}
        for key in (1, 2):
            id = builder.provide(remover, slot, 0, key)
            held: Template = [id] if reference.is_list else id
            for number in (1, 2) if key == 1 else (1,):
                values = (
                    {**others, reference.field: held} if reference.field in {one.name for one in maker.of("body")} else others
                )
                made[key, number] = builder.call(
                    maker, f"create {other.name} {number} for {key}", key=key, values=values, fill="full", variant=number
                )
        builder.call(remover, "remove the record that is referred to", key=1)
        for label in made.values():
            builder.look_at(maker, label)
        for reader in self.subject.signatures:
            if reader.lists == other.name:
                builder.call(reader, "list what is left", key=2 if reader.ids else 1)
            for step in [one for one in steps_of(reader.operation) if one.resource is other]:
                for asked, condition in list(filters_of(reader, (*step.conditions, *step.search)))[:1]:
                    label = made[1, 1]
                    query = {asked.name: value_of(maker, step, asked, condition, label)}
                    builder.call(reader, f"filter by {asked.name}", query=query)
        builder.call(remover, "the same request again", key=1)
        if slot_of := next((one for one in maker.of("body") if one.name == reference.field and one.role == "id"), None):
            id = builder.provide(remover, slot, 0, 1)
            gone = {**others, slot_of.name: [id] if reference.is_list else id}
            builder.call(maker, f"create a {other.name} that refers to a removed record", values=gone, fill="full", key=1)
        self._change(builder, other, reference, builder.id_of(maker, made[2, 1], other.name))
        builder.call(remover, "remove the record that an updated one refers to", key=2)
        builder.look_at(maker, made[2, 1])
        return builder

    def _change(self, builder: ScenarioBuilder, other: Resource, reference: Reference, id: Template) -> None:
        """Change a record that refers to another one, and let it refer to that still."""
        for changer in self.subject.updating:
            slot = next((one for one in changer.ids_of(other.name) if one.location == "path"), None)
            if changer.updates == other.name and slot is not None and reference.field not in _named(changer):
                builder.call(changer, "update the record that refers to it", path={slot.name: id}, variant=2, fill="full")


def id_of_nothing(slot: Slot) -> Template:
    """Return an id that no record has."""
    return Tagged(f"none-{TAG}") if "string" in _types(slot) else UNKNOWN_NUMBER


def _types(slot: Slot) -> frozenset[str]:
    """Return the types of the ids that a slot holds."""
    return slot.schema.items.types if slot.is_several and slot.schema.items else slot.types


def _references(resource: Resource) -> list[Reference]:
    """Return the fields of a resource that refer to others, by their values or by their schemas."""
    by_schema = [field for field in resource.fields.values() if field.refers_to is not None]
    shown = [Reference(field.name, field.refers_to or "", False, Decision("invalid"), None) for field in by_schema]
    return [*resource.references.values(), *shown]


def _named(signature: Signature) -> set[str]:
    """Return the fields that a request of an operation gives values, by the names of its slots and of what it writes."""
    steps = signature.operation.steps
    return {write.field for step in steps for write in step.written}


def _is_required(signature: Signature, name: str) -> bool:
    return any(slot.required and slot.name == name for slot in signature.of("body"))
