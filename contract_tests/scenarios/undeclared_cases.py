"""Scenarios about operations without a declared behaviour: nothing is known of them but what they take and may answer.

What is read are records that an earlier answer showed. What may be changed or removed are those alone that an operation beside
it was seen to make, or made-up ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from contract_tests.scenarios.builder import Fill, ScenarioBuilder
from contract_tests.scenarios.credentials import is_judged, wrong_credentials
from contract_tests.scenarios.signatures import LARGEST, Signature, Slot
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import TAG, FromResponse, Tagged, TaggedNumber, Template
from mock_server.contract.files.source import pointer_to
from mock_server.contract.model import Operation
from mock_server.contract.schemas.schema import Schema

TRIED_IN_FULL, IN_TURN = 6, 2
"""For how many operations every wrong credential is tried, and how many of them for each other one."""

PLAINEST = frozenset({"without a token", "an unknown token", "an expired token"})

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class UndeclaredCases:
    """Writes the scenarios."""

    subject: Subject
    expired_token: str = ""

    def writers(self, signature: Signature) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario of an operation."""
        yield partial(self.documented, signature)
        if is_judged(signature.operation.security):
            yield partial(self.tokens, signature)

    def documented(self, signature: Signature) -> ScenarioBuilder:
        """Requests as the document has them, with made-up ids and with those that earlier answers show."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: as documented")
        self.ask(builder, signature, "as documented, with what is required", path=self.made_up(signature))
        self.ask(builder, signature, "as documented, with everything", path=self.made_up(signature), fill="full", variant=1)
        for note, path in self._shown(builder, signature):
            self.ask(builder, signature, note, path=path, fill="full", variant=2)
        return builder

    def tokens(self, signature: Signature) -> ScenarioBuilder:
        """Ways of not having a token: all of them for the first operations; for others the plainest, and some in turn."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: tokens", "refusals")
        wrong = wrong_credentials(signature.operation.security, self.subject.tenants[0].token, self.expired_token)
        number, notes = self.subject.undeclared.index(signature), list(wrong)
        if number >= TRIED_IN_FULL:
            in_turn = {notes[(number * IN_TURN + step) % len(notes)] for step in range(IN_TURN)}
            wrong = {note: one for note, one in wrong.items() if note in PLAINEST | in_turn}
        path = next((path for _, path in self._shown(builder, signature)), self.made_up(signature))
        for note, carried in wrong.items():  # a made-up id may be rejected for what it is
            builder.call(signature, note, path=path, fill="full", carried=carried)
        return builder

    def ask(self, builder: ScenarioBuilder, signature: Signature, note: str, *, fill: Fill = "required", **more: Any) -> int:
        """Add a valid request; what carries anything may be rejected for a reason that the document does not tell."""
        query = {slot.name: slot.value(more.get("variant", 0)) for slot in signature.of("query") if fill == "full"}
        return builder.call(signature, note, fill=fill, query=query, unjudged=takes_anything(signature.operation), **more)

    def made_up(self, signature: Signature) -> dict[str, Template]:
        """Return the values of the path: examples of the document where nothing can be changed by them, else made-up ones."""
        examples = {one.name: one.examples[0] for one in signature.operation.parameters if one.examples}
        known = examples if signature.operation.method in SAFE else {}
        return {slot.name: known.get(slot.name, _made_up(slot)) for slot in signature.of("path")}

    def _shown(self, builder: ScenarioBuilder, signature: Signature) -> Iterator[tuple[str, dict[str, Template]]]:
        """Yield paths with ids that an earlier request of the scenario is answered with; these requests are added."""
        of_new, of_listed = ("POST", "of a new record", _id_of_one), ("GET", "of a listed record", _id_of_listed)
        ways = (of_new, of_listed) if signature.operation.method in SAFE else (of_new,)
        for method, note, pointer_of in ways:
            path: dict[str, Template] = {}
            for collection, slot in _collections(signature):
                other = self._of(method, collection)
                pointer = pointer_of(other.operation, slot.name) if other else None
                if other is not None and pointer is not None:
                    shared = {name: value for name, value in path.items() if f"{{{name}}}" in collection}
                    outer = {**self.made_up(other), **shared}
                    label = self.ask(builder, other, f"what the next request is about: {slot.name}", path=outer, fill="full")
                    path[slot.name] = FromResponse(label, pointer)
            if path:
                yield note, {**self.made_up(signature), **path}

    def _of(self, method: str, path: str) -> Signature | None:
        found = (one for one in self.subject.undeclared if (one.operation.method, one.operation.path) == (method, path))
        return next(found, None)


def takes_anything(operation: Operation) -> bool:
    """Say whether a request of an operation carries anything but its credential."""
    return bool(operation.parameters) or operation.body is not None


def _collections(signature: Signature) -> Iterator[tuple[str, Slot]]:
    """Yield the slots of a path, each with the path before it."""
    slots = {f"{{{slot.name}}}": slot for slot in signature.of("path")}
    segments = signature.operation.path.split("/")
    for number, segment in enumerate(segments):
        if segment in slots:
            yield "/".join(segments[:number]), slots[segment]


def _made_up(slot: Slot) -> Template:
    """Return an id that nothing has."""
    text = Tagged(f"{slot.name}-{TAG}")
    if slot.is_text and slot.accepts(text.text) and slot.accepts(f"{slot.name}-r123456789x12"):
        return text
    least, most = slot.schema.minimum, slot.schema.maximum
    if slot.types & {"integer", "number"} and not slot.choices and most is None:
        return TaggedNumber(0, max(LARGEST // 2, int(least or 0)), max(LARGEST, int(least or 0)))
    return slot.value(0)


def _id_of_one(operation: Operation, name: str) -> str | None:
    """Return where a successful response has an id: a property of that name, or `id`, perhaps within another one."""
    for schema in _answers(operation):
        for at, one in (("", schema), *((pointer_to(member), inner) for member, inner in schema.properties.items())):
            if found := _id_property(one, name):
                return at + pointer_to(found)
    return None


def _id_of_listed(operation: Operation, name: str) -> str | None:
    """Return where a successful response has the id of the first element of a list."""
    for schema in _answers(operation):
        for at, one in (("", schema), *((pointer_to(member), inner) for member, inner in schema.properties.items())):
            if one.items is not None and (found := _id_property(one.items, name)):
                return at + pointer_to("0", found)
    return None


def _id_property(schema: Schema, name: str) -> str:
    return next((one for one in (name, "id") if one in schema.properties), "")


def _answers(operation: Operation) -> Iterator[Schema]:
    for status, response in operation.responses.items():
        if status.startswith("2") and response.media is not None and response.media.schema is not None:
            yield response.media.schema
