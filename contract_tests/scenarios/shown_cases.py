"""Scenarios about what is shown of records beside what is stored: counts of others, and views."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from contract_tests.oracle.progress import SLACK
from contract_tests.scenarios.builder import PAUSE, ScenarioBuilder
from contract_tests.scenarios.subject import Subject
from mock_server.contract.behaviours.expressions import ByTime, Count, FromThis, walk
from mock_server.contract.model import Resource

LONGEST = 10.0
"""Seconds that are waited at most for what goes by the time; of what takes longer, only the beginning is judged."""


@dataclass(frozen=True, slots=True)
class ShownCases:
    """Writes the scenarios."""

    subject: Subject

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        for resource in self.subject.contract.resources.values():
            counts = [part for shown in resource.computed.values() for part in walk(shown) if isinstance(part, Count)]
            for count in counts:
                if FromThis(resource.id) in count.where.values():
                    yield partial(self.counted, resource, count)
            if resource.computed and not counts:
                yield partial(self.shown, resource)

    def counted(self, resource: Resource, count: Count) -> ScenarioBuilder:
        """A count has what belongs to its record, no more and no less, at any time."""
        builder = ScenarioBuilder(self.subject, f"{resource.name}: its number of {count.resource} records")
        for maker in self.subject.makers_of(count.resource)[:1]:
            for number, key in enumerate((1, 1, 2, 1)):
                builder.call(maker, f"create a {count.resource} for record {key}", key=key, variant=number, fill="full")
            self._look(builder, resource)
            counted_by = {name for name, value in count.where.items() if value != FromThis(resource.id)}
            for changer in self.subject.updating:
                if changer.updates == count.resource and counted_by & {slot.name for slot in changer.of("body")}:
                    for variant in (1, 2):
                        builder.call(changer, f"update one of them ({variant})", key=1, variant=variant, fill="full")
                        self._look(builder, resource)
            for remover in self.subject.signatures:
                if remover.deletes == count.resource:
                    builder.call(remover, "remove one of them", key=1)
                    self._look(builder, resource)
                    break
        return builder

    def shown(self, resource: Resource) -> ScenarioBuilder:
        """What is computed of a record is that of the record as it is now."""
        builder = ScenarioBuilder(self.subject, f"{resource.name}: computed fields")
        ends = [shown.steps[-1][0] for shown in resource.computed.values() if isinstance(shown, ByTime)]
        soon = PAUSE if ends else 0.0  # only after a pause does a time tell for certain
        for maker in self.subject.makers_of(resource.name)[:1]:
            for key in (1, 2):
                builder.call(maker, "create a record", key=key, variant=key, fill="full", pause=soon)
                builder.refer_to(resource.name, maker, len(builder.requests), key=key)
            self._look(builder, resource, pause=soon)
            for changer in self.subject.updating:
                if changer.updates == resource.name:
                    builder.call(changer, "update it with another value", key=1, variant=7, fill="full")
                    self._look(builder, resource)
            if ends and max(ends) <= LONGEST:
                self._look(builder, resource, pause=max(ends) + SLACK * 2)
        return builder

    def _look(self, builder: ScenarioBuilder, resource: Resource, pause: float = 0.0) -> None:
        """Add requests that show the first two records, each alone and in lists."""
        for reader in self.subject.signatures:
            if reader.operation.method != "GET":
                continue
            if resource.name in reader.gives and reader.ids_of(resource.name):
                for key in (1, 2):
                    builder.call(reader, f"read record {key}", key=key, pause=pause)
                    pause = 0.0
            elif reader.lists == resource.name:
                builder.call(reader, "list all records", pause=pause)
                pause = 0.0
