"""Scenarios about lists in a body: each element counts, in its turn, and one that is refused takes the others with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from contract_tests.scenarios.builder import ScenarioBuilder
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import Template


@dataclass(frozen=True, slots=True)
class BulkCases:
    """Writes the scenarios."""

    subject: Subject

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        for signature in self.subject.signatures:
            if signature.items and len(signature.items_at) < 2:
                yield partial(self.several, signature)
                yield partial(self.one_bad, signature)

    def several(self, signature: Signature) -> ScenarioBuilder:
        """One, several and none at once, alike and not."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: several at once")
        self._send(builder, signature, "three of them", [self._item(builder, signature, key) for key in (1, 2, 3)])
        self._look(builder, signature)
        self._send(builder, signature, "one", [self._item(builder, signature, 4)])
        alike = [{**self._item(builder, signature, key), **self._free(signature)} for key in (5, 6)]
        self._send(builder, signature, "two that are alike", alike)
        least = [builder.item(signature, 0, key, key) for key in (9, 8, 7)]
        self._send(builder, signature, "with no more than each needs", least)
        self._look(builder, signature)
        self._send(builder, signature, "none", [])
        return builder

    def one_bad(self, signature: Signature) -> ScenarioBuilder:
        """One that is refused among others, at each place; then what is there, and the others by themselves."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: one of several is refused")
        self._send(builder, signature, "what is there", [self._item(builder, signature, 1)])
        for number, (note, bad) in enumerate(self._bad(builder, signature), 1):
            for place in (0, 2):
                good = [self._item(builder, signature, 10 * number + place + key) for key in (0, 1)]
                self._send(builder, signature, note, [*good[:place], bad, *good[place:]])
                self._look(builder, signature)
                self._send(builder, signature, "the others by themselves", good)
        self._look(builder, signature)
        return builder

    def _bad(self, builder: ScenarioBuilder, signature: Signature) -> Iterator[tuple[str, Template]]:
        for slot in signature.items:
            if slot.role == "key":
                yield f"one whose {slot.name} is there", {**self._item(builder, signature, 300), slot.name: slot.key(1)}
            elif slot.role == "id" and slot.is_text:
                yield f"one with an unknown {slot.name}", {**self._item(builder, signature, 301), slot.name: "unknown"}
            elif slot.required:
                item = self._item(builder, signature, 302)
                yield f"one without {slot.name}", {name: value for name, value in item.items() if name != slot.name}
        yield "one that is no object", "nothing"

    def _item(self, builder: ScenarioBuilder, signature: Signature, key: int) -> dict[str, Template]:
        return builder.item(signature, 0, key, key, "full")

    def _free(self, signature: Signature) -> dict[str, Template]:
        return {slot.name: slot.value(1) for slot in signature.items if slot.role == "free"}

    def _send(self, builder: ScenarioBuilder, signature: Signature, note: str, items: list[Template]) -> None:
        if signature.items_at:
            beneath = {slot.name: builder.provide(signature, slot, 0) for slot in signature.ids}
            key, values = len(builder.requests) + 1, {signature.items_at[0]: items}
            builder.call(signature, note, fill="full", key=key, values=values, path=beneath)
        else:
            builder.call(signature, note, body=items)

    def _look(self, builder: ScenarioBuilder, signature: Signature) -> None:
        """Add requests that list what is there."""
        for reader in self.subject.signatures:
            if reader.lists in signature.makes and reader.operation.method == "GET":
                builder.call(reader, "what is there")
