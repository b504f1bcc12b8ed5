"""Scenarios about writing whole records: replacing, making under a chosen id or key, and what nothing may share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from contract_tests.scenarios.builder import PAUSE, ScenarioBuilder
from contract_tests.scenarios.signatures import Signature, Slot
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import OMITTED, Template
from mock_server.contract.behaviours.expressions import FromBody
from mock_server.contract.model import Resource

ODD_NAMES = ("Crème & Brûlée!", "  two   words ", "UPPER_case", "---", "日本")
"""Texts that not everybody makes the same slug of."""


@dataclass(frozen=True, slots=True)
class WriteCases:
    """Writes the scenarios."""

    subject: Subject

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        for signature in self.subject.signatures:
            if signature.replaces:
                yield partial(self.replaced, signature)
                yield partial(self.one_of_several, signature)
            if signature.updates or signature.replaces:
                yield from (partial(self.onto_taken, signature, slot) for slot in self._unique(signature))
            for name in signature.makes:
                resource = self.subject.contract.resources[name]
                if name in signature.gives and resource.slugs:
                    yield partial(self.slugs, signature, resource)
                if name in signature.gives and resource.counts:
                    yield partial(self.counted, signature, resource)

    def builder(self, title: str) -> ScenarioBuilder:
        """Return a builder of an empty scenario."""
        return ScenarioBuilder(self.subject, title)

    def replaced(self, signature: Signature) -> ScenarioBuilder:
        """What a request leaves out is gone, what it repeats stays, and what comes again is there again."""
        builder = self.builder(f"{signature.operation}: replacing a whole record")
        self._make(builder, signature, 1)
        builder.call(signature, "replace with all fields", fill="full", variant=2)
        builder.call(signature, "exactly the same request again", fill="full", variant=2, pause=PAUSE)
        builder.call(signature, "replace with the required fields only", variant=2, pause=PAUSE)
        builder.read_back(signature)
        for slot in signature.free:
            if not slot.required:
                builder.call(signature, f"replace with {slot.name} too", variant=2, values={slot.name: slot.value(3)})
        builder.call(signature, "replace with all fields again", fill="full", variant=4)
        builder.read_back(signature)
        return builder

    def one_of_several(self, signature: Signature) -> ScenarioBuilder:
        """Replacing one record leaves the others as they were."""
        builder = self.builder(f"{signature.operation}: one of several is replaced")
        for key in (1, 2, 3):
            self._make(builder, signature, key)
        for key in (1, 3):
            builder.call(signature, f"replace record {key}", key=key, fill="full", variant=key + 5)
            for other in (1, 2, 3):
                builder.read_back(signature, key=other)
        return builder

    def onto_taken(self, signature: Signature, slot: Slot) -> ScenarioBuilder:
        """A record may keep what is unique of it, and gets nothing that another one has."""
        builder = self.builder(f"{signature.operation}: {slot.name} of another record")
        for key in (1, 2):
            self._make(builder, signature, key)
        builder.call(signature, f"with its own {slot.name}", key=2, fill="full", variant=5, values={slot.name: slot.key(2)})
        builder.call(
            signature,
            f"with the {slot.name} of the other record",
            key=2,
            fill="full",
            variant=6,
            values={slot.name: slot.key(1)},
        )
        for key in (1, 2):
            builder.read_back(signature, key=key)
        builder.call(signature, f"with a new {slot.name}", key=2, fill="full", variant=7, values={slot.name: slot.key(3)})
        builder.call(signature, "with its former value", key=1, fill="full", variant=8, values={slot.name: slot.key(2)})
        return builder

    def slugs(self, signature: Signature, resource: Resource) -> ScenarioBuilder:
        """Records of one name get slugs of their own, which odd letters do not get into; a slug that is given is kept."""
        builder = self.builder(f"{signature.operation}: slugs of {resource.name}")
        written = {
            write.field: expression.tokens[0]
            for step in signature.operation.steps
            for write in step.written
            if isinstance(expression := write.value.possible()[0], FromBody) and len(expression.tokens) == 1
        }
        for slug, source in resource.slugs.items():
            slots = {slot.name: slot for slot in signature.of("body")}
            text = slots.get(written.get(source, ""))
            without: dict[str, Template] = {written[slug]: OMITTED} if slug in written else {}
            if text is None:
                continue
            for key in (1, 2, 3):
                values = {**without, text.name: text.value(1)} if text.role == "free" else without
                builder.call(signature, "create a record of the same name", key=key, fill="full", values=values)
            for key, name in enumerate(ODD_NAMES, 4):
                if text.role == "free" and text.accepts(name):
                    builder.call(signature, f"of the name {name!r}", key=key, fill="full", values={**without, text.name: name})
        return builder

    def counted(self, signature: Signature, resource: Resource) -> ScenarioBuilder:
        """Ids grow, and what is gone leaves its id to nobody."""
        builder = self.builder(f"{signature.operation}: ids of {resource.name} in turn")
        for key in (1, 2, 3):
            label = builder.call(signature, f"create record {key}", key=key, fill="full", variant=key)
            builder.refer_to(resource.name, signature, label, key=key)
        for remover in [one for one in self.subject.signatures if one.deletes == resource.name][:1]:
            builder.call(remover, "remove the last record", key=3)
        builder.call(signature, "create another record", key=4, fill="full", variant=4)
        return builder

    def _unique(self, signature: Signature) -> list[Slot]:
        """Return the slots of a body by whose value alone a record is told from others, beside its key."""
        return [
            slot
            for slot in signature.of("body")
            if slot.role == "key" and slot.resource and (slot.field,) in slot.resource.unique
        ]

    def _make(self, builder: ScenarioBuilder, signature: Signature, key: int) -> None:
        """Make a record that later requests with `key` are about; an operation that makes what is not there does so itself."""
        resource = signature.replaces or signature.updates
        makers = [signature] if resource in signature.makes else self.subject.makers_of(resource)
        for maker in makers[:1]:
            label = builder.call(maker, f"create record {key}", key=key, fill="full", variant=key)
            if resource in maker.gives:
                builder.refer_to(resource, maker, label, key=key)
