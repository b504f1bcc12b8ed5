"""Scenarios about values: those at the bounds of a schema, those that nobody may set, those that careless code damages."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from contract_tests.scenarios.builder import ScenarioBuilder
from contract_tests.scenarios.signatures import Signature, Slot
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import OMITTED, TAG, Tagged
from contract_tests.scenarios.values import Text, texts
from mock_server.contract.files.source import Json
from mock_server.contract.model import Field

VALUES_IN_ONE = 4


TRIED_WHOLE = 4
"""How many operations are tried with every text: careless code damages texts in one place for many operations."""

THINNED = 5
"""Of how many scenarios about texts one is written for each further operation."""


READ_AGAIN = 3
"""Of how many records one is read again, where that is spread over the operations."""


@dataclass(frozen=True, slots=True)
class ValueCases:
    """Writes the scenarios. Of those about damaged texts, one in `thinning` is written.

    With `spread`, only one in some is read again: an answer mostly shows what is stored.
    """

    subject: Subject
    thinning: int = 1
    spread: bool = False

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        for signature in self.subject.signatures:
            if signature.operation.body is not None:
                yield partial(self.boundaries, signature)
                yield partial(self.not_settable, signature)
        for place, signature in enumerate(self._writing()):
            thinning = self.thinning * (1 if place < TRIED_WHOLE else THINNED)
            tried = self.tried(signature)
            for number in range(0, max(map(len, tried.values()), default=0), VALUES_IN_ONE):
                if (number // VALUES_IN_ONE + place) % thinning == 0 or thinning == 1:
                    yield partial(self.damaged, signature, tried, number, place)

    def _writing(self) -> list[Signature]:
        return [*self.subject.keyed, *self.subject.updating, *self.subject.keyless]

    def builder(self, title: str) -> ScenarioBuilder:
        """Return a builder of an empty scenario."""
        return ScenarioBuilder(self.subject, title)

    def boundaries(self, signature: Signature) -> ScenarioBuilder:
        """Values at the bounds that the schema sets, which have to be accepted."""
        builder = self.builder(f"{signature.operation}: values at their bounds")
        for slot in signature.free:
            for note, value in _bounds(slot):
                if slot.accepts(value):
                    builder.call(
                        signature, f"{note} for {slot.name}", values={slot.name: value}, key=len(builder.requests) + 30
                    )
        return builder

    def not_settable(self, signature: Signature) -> ScenarioBuilder:
        """Properties that a body does not have, by the names of what the server makes and knows."""
        builder = self.builder(f"{signature.operation}: what nobody may set")
        builder.prepare(signature)
        named = {slot.name for slot in signature.of("body")}
        resources = [self.subject.contract.resources[name] for name in dict.fromkeys([*signature.gives, *signature.makes])]
        smuggled: dict[str, Json] = {}
        for resource in resources:
            for field in resource.fields.values():
                if field.name in (resource.created, resource.modified):
                    smuggled[field.name] = "2001-02-03T04:05:06Z"
                elif field.name == resource.id:
                    smuggled[field.name] = f"{resource.id_prefix}chosen-{TAG}"
                elif field.refers_to is not None:
                    smuggled[field.name] = {"id": "smuggled"}
                else:
                    smuggled[field.name] = _likely(field)
        other = self.subject.tenants[1].name if len(self.subject.tenants) > 1 else "another"
        smuggled.update(dict.fromkeys(("organization_id", "organization", "tenant_id"), other))
        # What decides whether a step is done may have it write the same field.
        undecided = {slot.name: OMITTED for slot in signature.deciders if slot.location == "body" and not slot.required}
        for number, (name, value) in enumerate(smuggled.items()):
            if name not in named:
                tagged = Tagged(value) if isinstance(value, str) and TAG in value else value
                key = 60 + number if signature in self.subject.keyed else 1
                builder.call(
                    signature, f"with {name}", key=key, variant=number, fill="full", values={**undecided, name: tagged}
                )
        builder.check(signature)
        return builder

    def tried(self, signature: Signature) -> Mapping[str, Sequence[Text]]:
        """Return the texts that are tried in each field of an operation, the most telling ones first."""
        tried = {}
        for position, slot in enumerate(slot for slot in signature.free if slot.is_text):
            packed, alone = texts(slot.schema.max_length if slot.schema.max_length is not None else math.inf)
            known = [*_turned(packed, position), *_turned(alone, position * 7)]  # no field of a record holds what another does
            tried[slot.name] = [text for text in known if slot.accepts(text.value)]
        return tried

    def damaged(self, signature: Signature, tried: Mapping[str, Sequence[Text]], start: int, place: int) -> ScenarioBuilder:
        """Texts that careless code damages, in every field; each is read again, for one operation or another."""
        first = next(iter(known[start] for known in tried.values() if start < len(known)))
        builder = self.builder(f"{signature.operation}: texts, from {first.about} on")
        for number in range(start, start + VALUES_IN_ONE):
            here = {name: known[number] for name, known in tried.items() if number < len(known)}
            if not here:
                continue
            note = "; ".join(f"{text.about} for {name}" for name, text in here.items())
            may_refuse = next((text.may_refuse for text in here.values() if text.may_refuse), "")
            key, values = number - start + 1, {name: text.value for name, text in here.items()}
            label = builder.call(signature, note, key=key, values=values, may_refuse=may_refuse)
            if self.spread and (number + place) % READ_AGAIN:
                continue
            if signature.updates:
                builder.read_back(signature, key=key)
            elif signature.keys:
                builder.call(signature, "the same key again", key=key, variant=1)
            else:
                builder.look_at(signature, label)
        return builder


def _turned(known: Sequence[Text], by: int) -> list[Text]:
    return [*known[by % len(known) :], *known[: by % len(known)]]


def _likely(field: Field) -> Json:
    """Return a value that a field may have, though not from a request: code that takes it would store it."""
    if field.schema.values:
        return field.schema.values[-1]
    types = field.schema.types
    return "smuggled" if "string" in types else 7 if "number" in types else "boolean" in types or "smuggled"


def _bounds(slot: Slot) -> Iterator[tuple[str, Json]]:
    if "null" in slot.types:
        yield "null", None
    for choice in slot.choices:
        yield f"{choice}", choice
    schema = slot.schema
    for name, length in (("minLength", schema.min_length), ("maxLength", schema.max_length)):
        if name in schema.rules:
            yield f"a text of the {name}", "x" * length
    for name, bound in (("minimum", schema.minimum), ("maximum", schema.maximum)):
        if bound is not None:
            yield f"the {name}", bound
    if "number" in slot.types:
        yield from (("zero", 0), ("a large number", 2**31), ("a number below zero", -1), ("a whole number written as 2.0", 2.0))
    if "array" in slot.types:
        yield from (("an empty list", []), ("a list with a text twice", ["a", "a"]), ("a list in its order", ["b", "a", "c"]))
