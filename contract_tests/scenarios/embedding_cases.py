"""Scenarios about what records refer to, shown in full: always, or where a parameter asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from contract_tests.scenarios.builder import ScenarioBuilder
from contract_tests.scenarios.signatures import Signature, Slot
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import Template
from mock_server.contract.behaviours.expressions import Embedded
from mock_server.contract.model import Resource


@dataclass(frozen=True, slots=True)
class EmbeddingCases:
    """Writes the scenarios."""

    subject: Subject

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        for resource in self.subject.contract.resources.values():
            for embedded in resource.embedded:
                for maker in self.subject.makers_of(resource.name)[:1]:
                    yield partial(self.shown, resource, maker, embedded)

    def shown(self, resource: Resource, maker: Signature, embedded: Embedded) -> ScenarioBuilder:
        """Two records that refer to different ones, each looked at with and without what it refers to."""
        builder = ScenarioBuilder(self.subject, f"{resource.name}: {embedded.name} in full")
        made = []
        for key in (1, 2):
            other = self._other(builder, embedded.to, key)
            held: Template = [other] if embedded.is_list and other is not None else other
            values = {} if other is None else {embedded.field: held}
            query = self._asking(maker, embedded)[-1]
            made.append(
                builder.call(maker, f"a {resource.name}", key=key, variant=key, fill="full", values=values, query=query)
            )
        for reader in self.subject.signatures:
            if reader.operation.method != "GET":
                continue
            slots = [slot for slot in reader.ids_of(resource.name) if slot.location == "path"]
            for query in self._asking(reader, embedded):
                note = "with the records that it refers to" if query else "without asking for more"
                if slots and resource.name in reader.gives:
                    for label in made:
                        path = {slots[-1].name: builder.id_of(maker, label, resource.name)}
                        builder.call(reader, note, path=path, query=query)
                elif reader.lists == resource.name:
                    builder.call(reader, note, query=query)
        return builder

    def _other(self, builder: ScenarioBuilder, name: str, key: int) -> Template | None:
        """Return the id of a new record that may be referred to; None where no operation makes one."""
        for maker in self.subject.makers_of(name)[:1]:
            label = builder.call(maker, f"create the {name} {key} that is referred to", key=key, variant=key, fill="full")
            return builder.id_of(maker, label, name)
        return None

    def _asking(self, signature: Signature, embedded: Embedded) -> list[dict[str, Template]]:
        """Return what to ask for: nothing, something else, and what is embedded, as far as the operation can be asked."""
        slot = next((one for one in signature.of("query") if one.name == embedded.asked_by), None)
        if slot is None:
            return [{}]
        resources = self.subject.contract.resources.values()
        together = [one.name for resource in resources for one in resource.embedded if one.asked_by == embedded.asked_by]
        several = list(dict.fromkeys([*(name for name in together if name != embedded.name), embedded.name]))
        names = (["something-else"], [embedded.name], ["other", embedded.name], several)
        asked = [self._written(slot, one) for place, one in enumerate(names) if one not in names[:place]]
        return [{}, *({slot.name: value} for value in asked if slot.accepts(value))]

    @staticmethod
    def _written(slot: Slot, names: list[str]) -> list[str] | str:
        return names if "array" in slot.types else ",".join(names)
