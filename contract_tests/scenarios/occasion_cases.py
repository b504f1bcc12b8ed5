"""Scenarios about steps that are done for some requests only: with each value that decides it, then what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from contract_tests.scenarios.builder import ScenarioBuilder
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import Template
from mock_server.contract.model import Resource, Step
from mock_server.contract.step_rules import Occasion
from mock_server.engine.verbs import List


@dataclass(frozen=True, slots=True)
class OccasionCases:
    """Writes the scenarios."""

    subject: Subject

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        for signature in self.subject.signatures:
            for step in signature.operation.steps:
                if not isinstance(step, List) and any(signature.deciding(one) for one in step.occasions):
                    yield partial(self.done_or_not, signature, step)

    def done_or_not(self, signature: Signature, step: Step) -> ScenarioBuilder:
        """The step is done, and then, for each value that decides it, with another one; each time of a record of its own."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: {step}, if asked to")
        done = {one: held for one in step.occasions if (held := signature.values_deciding(one, holds=True))}
        self._try(builder, signature, step, "done", {one: held[0] for one, held in done.items()}, 1)
        for one in done:
            for other in signature.values_deciding(one, holds=False)[:2]:
                values = {**{occasion: held[0] for occasion, held in done.items()}, one: other}
                self._try(builder, signature, step, "not done", values, len(builder.requests) + 1)
        return builder

    def _try(
        self,
        builder: ScenarioBuilder,
        signature: Signature,
        step: Step,
        note: str,
        values: Mapping[Occasion, Template],
        key: int,
    ) -> None:
        for maker in self.subject.makers_of(step.resource.name)[:1]:
            if maker.operation is not signature.operation:
                made = builder.call(maker, f"a {step.resource.name}", key=key, fill="full", variant=key)
                builder.refer_to(step.resource.name, maker, made, key=key)
        given: dict[str, dict[str, Template]] = {}
        for one, value in values.items():
            slot = signature.deciding(one)
            if slot is not None:
                given.setdefault(slot.argument, {})[slot.name] = value
        arguments: dict[str, Any] = dict(given)
        if "values" in arguments:
            body = {slot.name: slot.value(key) for slot in signature.free if slot.required or slot.name in arguments["values"]}
            arguments["values"] = {**body, **arguments["values"]}
        label = builder.call(signature, note, key=key, variant=key, **arguments)
        for made_here in signature.makes:
            if made_here in signature.gives:
                builder.refer_to(made_here, signature, label, key=key)
        self._look(builder, step.resource, key)

    def _look(self, builder: ScenarioBuilder, resource: Resource, key: int) -> None:
        """Add requests that show what is there of a resource."""
        for reader in self.subject.signatures:
            if reader.operation.method == "GET" and (reader.ids_of(resource.name) or reader.lists == resource.name):
                builder.call(reader, f"what is there of the {resource.name}", key=key)
