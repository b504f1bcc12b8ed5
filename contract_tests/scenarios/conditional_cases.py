"""Scenarios about entity tags: reading what has changed only (`If-None-Match`), writing what has not (`If-Match`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from contract_tests.scenarios.builder import ScenarioBuilder
from contract_tests.scenarios.guard_cases import look
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import OMITTED, FromHeader, Template
from contract_tests.scenarios.usual_headers import IF_MATCH, spelled
from mock_server.contract.behaviours.entity_tags import is_conditional, tagged_resource, takes_if_match
from mock_server.contract.model import Resource
from mock_server.engine.entity_tags import ETAG

STRANGE = '"no-tag-of-anything"'


@dataclass(frozen=True, slots=True)
class ConditionalCases:
    """Writes the scenarios."""

    subject: Subject

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        for reader, resource in tagged_readers(self.subject):
            yield partial(self.reading, reader, resource)
            for writer in matching_writers(self.subject, resource):
                yield partial(self.writing, reader, writer, resource)

    def reading(self, reader: Signature, resource: Resource) -> ScenarioBuilder:
        """What a client has already is not sent again; what it has not is."""
        builder = ScenarioBuilder(self.subject, f"{reader.operation}: conditional reads")
        for maker in self.subject.makers_of(resource.name)[:1]:
            for key in (1, 2):
                made = builder.call(maker, f"a {resource.name}", key=key, fill="full", variant=key)
                builder.refer_to(resource.name, maker, made, key=key)
            first = builder.call(reader, "with its entity tag")
            self._conditions(builder, reader, first)
            other = builder.call(reader, "with the entity tag of another record", key=2)
            self._unless(builder, reader, "with the entity tag of the other record", FromHeader(other, ETAG))
            builder.call(reader, "the same request again")
            for number, changer in enumerate(self._changers(resource), 5):
                builder.call(changer, "an update", variant=number, fill="full", values=changer.without_key)
                self._unless(builder, reader, "with the entity tag from before the update", FromHeader(first, ETAG))
                latest = builder.call(reader, "with its entity tag now")
                self._unless(builder, reader, "with the current entity tag", FromHeader(latest, ETAG))
        return builder

    def writing(self, reader: Signature, writer: Signature, resource: Resource) -> ScenarioBuilder:
        """What somebody else has changed meanwhile is not overwritten."""
        builder = ScenarioBuilder(self.subject, f"{writer.operation}: conditional updates")
        keys = iter(range(1, 20))
        for maker in self.subject.makers_of(resource.name)[:1]:
            self._meet(builder, maker, reader, writer, resource, next(keys), None)
            for around in ("{}", f"{STRANGE}, {{}}", "W/{}", "*", STRANGE):
                self._meet(builder, maker, reader, writer, resource, next(keys), around)
            for changer in self._changers(resource):
                key = next(keys)
                tag = self._made(builder, maker, reader, resource, key)
                without = changer.without_key
                builder.call(changer, "an update by somebody else", key=key, variant=6, fill="full", values=without)
                self._if(builder, writer, "with the entity tag from before the update", FromHeader(tag, ETAG), key, 7)
                look(builder, resource, key)
                latest = builder.call(reader, "with its entity tag now", key=key)
                self._if(builder, writer, "with the current entity tag", FromHeader(latest, ETAG), key, 8)
                look(builder, resource, key)
                self._if(builder, writer, "with the same entity tag again", FromHeader(latest, ETAG), key, 9)
        return builder

    def _meet(
        self,
        builder: ScenarioBuilder,
        maker: Signature,
        reader: Signature,
        writer: Signature,
        resource: Resource,
        key: int,
        around: str | None,
    ) -> None:
        """Write a new record with one condition, or with none."""
        tag = self._made(builder, maker, reader, resource, key)
        template: Template = OMITTED if around is None else FromHeader(tag, ETAG, around)
        self._if(builder, writer, "without a condition" if around is None else f"if it is {around}", template, key, 4)
        look(builder, resource, key)

    def _made(self, builder: ScenarioBuilder, maker: Signature, reader: Signature, resource: Resource, key: int) -> int:
        """Make a record, and return the request that shows its tag."""
        made = builder.call(maker, f"a {resource.name}", key=key, fill="full", variant=key)
        builder.refer_to(resource.name, maker, made, key=key)
        return builder.call(reader, "with its entity tag", key=key)

    def _conditions(self, builder: ScenarioBuilder, reader: Signature, tag: int) -> None:
        for around in ("{}", "W/{}", f"{STRANGE}, {{}}", STRANGE, "*"):
            self._unless(builder, reader, around, FromHeader(tag, ETAG, around))

    def _unless(self, builder: ScenarioBuilder, reader: Signature, note: str, tag: Template) -> None:
        builder.call(reader, f"unless it is {note}", headers={spelled(reader, "If-None-Match"): tag})

    def _if(self, builder: ScenarioBuilder, writer: Signature, note: str, tag: Template, key: int, variant: int) -> None:
        values, headers = writer.without_key, {spelled(writer, IF_MATCH): tag}
        builder.call(writer, f"with {note}", key=key, variant=variant, fill="full", values=values, headers=headers)

    def _changers(self, resource: Resource) -> list[Signature]:
        return [signature for signature in self.subject.updating if signature.updates == resource.name]


def tagged_readers(subject: Subject) -> Iterator[tuple[Signature, Resource]]:
    """Yield the operations that show one record, that the run can make, with its tag."""
    for signature in subject.signatures:
        resource = tagged_resource(signature.operation.behaviour)
        if resource is None or not subject.makers_of(resource.name):
            continue
        if is_conditional(signature.operation) and signature.ids_of(resource.name):
            yield signature, resource


def matching_writers(subject: Subject, resource: Resource) -> Iterator[Signature]:
    """Yield the operations that look at `If-Match` before they write a record."""
    for signature in subject.signatures:
        for step in signature.operation.steps:
            if step.resource is resource and takes_if_match(getattr(step, "guard", None)):
                yield signature
