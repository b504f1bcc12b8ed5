"""Scenarios about lists in a body: each element counts, in its turn, and one that is refused takes the others with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from contract_tests.scenarios.builder import ScenarioBuilder
from contract_tests.scenarios.reference_cases import id_of_nothing
from contract_tests.scenarios.signatures import BodyList, Signature, Slot
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import Template


@dataclass(frozen=True, slots=True)
class BulkCases:
    """Writes the scenarios."""

    subject: Subject

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        for signature in self.subject.signatures:
            for listed in signature.lists_in:
                if len(listed.at) < 2:
                    yield partial(self.several, signature, listed)
                    yield partial(self.one_bad, signature, listed)
            for slot in signature.of("body"):
                changed = (signature.updates, signature.deletes)
                if slot.is_several and slot.resource is not None and slot.resource.name in changed:
                    yield partial(self.by_ids, signature, slot)

    def by_ids(self, signature: Signature, slot: Slot) -> ScenarioBuilder:
        """Several by their ids, one that may be there no more among them, and one that never was."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: several by {slot.name}")
        first, second, third, fourth, fifth = (builder.provide(signature, slot, 0, key) for key in range(1, 6))
        nothing = id_of_nothing(slot)
        for note, ids in (
            ("two existing records", [second, first]),
            ("one of the records named before, and a third", [first, third]),
            ("an unknown id among existing ones", [fourth, nothing, fifth]),
            ("none", []),
        ):
            builder.call(signature, note, values={slot.name: ids})
            for key in range(1, 6):
                builder.read_back(signature, key=key)
        return builder

    def several(self, signature: Signature, listed: BodyList) -> ScenarioBuilder:
        """One, several and none at once, alike and not."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: several{_told(listed)} at once")
        self._send(
            builder,
            signature,
            listed,
            "three records in one request",
            [self._item(builder, signature, listed, key) for key in (1, 2, 3)],
        )
        self._look(builder, signature)
        self._send(builder, signature, listed, "one", [self._item(builder, signature, listed, 4)])
        alike = [{**self._item(builder, signature, listed, key), **self._free(listed)} for key in (5, 6)]
        self._send(builder, signature, listed, "two equal records in one request", alike)
        least = [builder.item(signature, listed, 0, key, key) for key in (9, 8, 7)]
        self._send(builder, signature, listed, "only the required fields of each record", least)
        self._look(builder, signature)
        self._send(builder, signature, listed, "none", [])
        return builder

    def one_bad(self, signature: Signature, listed: BodyList) -> ScenarioBuilder:
        """One that is refused among others, at each place; then what is there, and the others by themselves."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: one of several{_told(listed)} is refused")
        self._send(builder, signature, listed, "create an existing record", [self._item(builder, signature, listed, 1)])
        for number, (note, bad) in enumerate(self._bad(builder, signature, listed), 1):
            for place in (0, 2):
                good = [self._item(builder, signature, listed, 10 * number + place + key) for key in (0, 1)]
                self._send(builder, signature, listed, note, [*good[:place], bad, *good[place:]])
                self._look(builder, signature)
                self._send(builder, signature, listed, "only the valid records", good)
        self._look(builder, signature)
        return builder

    def _bad(self, builder: ScenarioBuilder, signature: Signature, listed: BodyList) -> Iterator[tuple[str, Template]]:
        for slot in listed.slots:
            if slot.role == "key":
                yield (
                    f"one record whose {slot.name} is taken",
                    {**self._item(builder, signature, listed, 300), slot.name: slot.key(1)},
                )
            elif slot.role == "id" and slot.is_text:
                yield (
                    f"one record with an unknown {slot.name}",
                    {**self._item(builder, signature, listed, 301), slot.name: "unknown"},
                )
            elif slot.required:
                item = self._item(builder, signature, listed, 302)
                yield f"one record without {slot.name}", {name: value for name, value in item.items() if name != slot.name}
        yield "one element that is not an object", "nothing"

    def _item(self, builder: ScenarioBuilder, signature: Signature, listed: BodyList, key: int) -> dict[str, Template]:
        return builder.item(signature, listed, 0, key, key, "full")

    def _free(self, listed: BodyList) -> dict[str, Template]:
        return {slot.name: slot.value(1) for slot in listed.slots if slot.role == "free"}

    def _send(self, builder: ScenarioBuilder, signature: Signature, listed: BodyList, note: str, items: list[Template]) -> None:
        if listed.at:
            beneath = {slot.name: builder.provide(signature, slot, 0) for slot in signature.ids}
            key, values = len(builder.requests) + 1, {listed.at[0]: items}
            builder.call(signature, note, fill="full", key=key, values=values, path=beneath)
        else:
            builder.call(signature, note, body=items)

    def _look(self, builder: ScenarioBuilder, signature: Signature) -> None:
        """Add requests that list what is there."""
        for reader in self.subject.signatures:
            if reader.lists in signature.makes and reader.operation.method == "GET":
                builder.call(reader, "list the records")


def _told(listed: BodyList) -> str:
    return f" of {listed.at[0]}" if listed.at else ""
