"""Scenarios about writing whole records: replacing, making under a chosen id or key, and what nothing may share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from contract_tests.scenarios.builder import PAUSE, ScenarioBuilder
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.subject import Subject


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

    def builder(self, title: str) -> ScenarioBuilder:
        """Return a builder of an empty scenario."""
        return ScenarioBuilder(self.subject, title)

    def replaced(self, signature: Signature) -> ScenarioBuilder:
        """What a request leaves out is gone, what it repeats stays, and what comes again is there again."""
        builder = self.builder(f"{signature.operation}: a whole record, and less of it")
        self._make(builder, signature, 1)
        builder.call(signature, "with everything", fill="full", variant=2)
        builder.call(signature, "the very same again", fill="full", variant=2, pause=PAUSE)
        builder.call(signature, "with no more than it needs", variant=2, pause=PAUSE)
        builder.read_back(signature)
        for slot in signature.free:
            if not slot.required:
                builder.call(signature, f"with {slot.name} beside", variant=2, values={slot.name: slot.value(3)})
        builder.call(signature, "with everything again", fill="full", variant=4)
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

    def _make(self, builder: ScenarioBuilder, signature: Signature, key: int) -> None:
        """Make a record that later requests with `key` are about; an operation that makes what is not there does so itself."""
        resource = signature.replaces
        makers = [signature] if resource in signature.makes else self.subject.makers_of(resource)
        for maker in makers[:1]:
            label = builder.call(maker, f"record {key}", key=key, fill="full", variant=key)
            if resource in maker.gives:
                builder.refer_to(resource, maker, label, key=key)
