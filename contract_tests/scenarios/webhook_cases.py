"""Scenarios about messages that an API sends of itself: to whom, of what, how often, and of what not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count

from contract_tests.scenarios.builder import ScenarioBuilder
from contract_tests.scenarios.signatures import Signature, Slot
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import TAG, AtInbox, Raw, Tagged, TaggedUuid, Template, media_type_of
from contract_tests.scenarios.usual_headers import key_header
from mock_server.contract.behaviours.conditions import EQUALS
from mock_server.contract.behaviours.expressions import Expression, FromBody, FromThis, Literal, walk
from mock_server.contract.messages.codecs import is_json
from mock_server.contract.model import Value
from mock_server.engine.verbs import Send


@dataclass(frozen=True, slots=True)
class WebhookCases:
    """Writes the scenarios."""

    subject: Subject

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        for signature in self.subject.signatures:
            for step in signature.operation.steps:
                if isinstance(step, Send) and step.subscribes:
                    for maker in self.subject.makers_of(step.resource.name)[:1]:
                        if url := _slot_of(maker, step, step.url):
                            yield partial(self.subscribers, signature, step, maker, url)
                elif isinstance(step, Send):
                    for expression in step.url.possible():
                        for part in walk(expression):
                            slot = _body_slot(signature, part)
                            if slot is not None:
                                yield partial(self.one_place, signature, step, slot)

    def subscribers(self, sender: Signature, step: Send, maker: Signature, url: Slot) -> ScenarioBuilder:
        """Each subscriber that fits gets each message once, and nobody else gets any."""
        builder = ScenarioBuilder(self.subject, f"{sender.operation}: sends {step.event} to each {step.resource.name}")
        names, subscribed = count(1), dict[int, int]()

        def subscribe(note: str, tenant: int, more: Mapping[str, Template]) -> None:
            number = next(names)
            values = {url.name: AtInbox(f"s{number}"), **_secret(maker, step, number), **more}
            label = builder.call(maker, note, tenant=tenant, key=10 + len(builder.requests), values=values)
            subscribed[label] = tenant

        fitting = _fitting(maker, step)
        for note in ("subscribe", "subscribe a second address"):
            subscribe(note, 0, fitting)
        for other in _not_fitting(maker, step):
            subscribe("subscribe to another event", 0, {**fitting, **other})
        if len(self.subject.tenants) > 1:
            subscribe("subscribe from another organization", 1, fitting)
        self._send(builder, sender)
        if self._unsubscribe(builder, maker, step.resource.name, subscribed):
            builder.call(sender, "a request that no subscriber is told of any more", key=4, variant=4)
        return builder

    def _unsubscribe(self, builder: ScenarioBuilder, maker: Signature, resource: str, subscribed: Mapping[int, int]) -> bool:
        """Remove the subscribers that some requests made, by tenant, where that can be done: else each later request of the run
        would send to all of them. Say whether it could."""
        for remover in self.subject.signatures:
            places = [slot for slot in remover.ids_of(resource) if slot.location == "path"]
            if remover.deletes == resource and len(places) == len(remover.ids) == 1:
                for label, tenant in subscribed.items():
                    path = {places[0].name: builder.id_of(maker, label, resource)}
                    builder.call(remover, "remove a subscriber", tenant=tenant, path=path)
                return True
        return False

    def one_place(self, sender: Signature, step: Send, url: Slot) -> ScenarioBuilder:
        """What goes to one place goes there, once."""
        builder = ScenarioBuilder(self.subject, f"{sender.operation}: sends {step.event} where the request says")
        self._send(builder, sender, lambda name: {url.name: AtInbox(name)})
        return builder

    def _send(
        self, builder: ScenarioBuilder, sender: Signature, places: Callable[[str], Mapping[str, Template]] = lambda name: {}
    ) -> None:
        for key in (1, 2):
            builder.call(sender, f"trigger the event ({key})", key=key, variant=key, values=places(f"p{key}"))
        builder.call(sender, "trigger the event (1) again", key=1, variant=1, values=places("p4"))
        if header := key_header(sender):
            for note in ("trigger the event with an idempotency key", "the same request again, which must not send a message"):
                headers = {header: TaggedUuid("messages are sent once")}
                builder.call(sender, note, key=3, variant=3, values=places("p5"), headers=headers)
        ids = [slot for slot in sender.ids if slot.location == "path" and "string" in slot.types]
        if ids:
            unknown = {ids[-1].name: Tagged("none-{tag}")}
            builder.call(sender, "a request that is rejected", path=unknown, values=places("p3"), unjudged=True)
        if sender.operation.body is not None and is_json(media_type_of(sender.operation)):  # as a form, it can be read
            builder.call(sender, "a body that cannot be read", body=Raw(b'{"'), unjudged=True)


def _slot_of(maker: Signature, step: Send, value: Value) -> Slot | None:
    """Return what of a request to `maker` becomes the field of the subscriber that a value names."""
    for expression in value.possible():
        for part in walk(expression):
            if isinstance(part, FromThis):
                return _slot_for(maker, step, part.field)
    return None


def _slot_for(maker: Signature, step: Send, field: str) -> Slot | None:
    for made in maker.operation.steps:
        for write in made.written if made.resource.name == step.resource.name else ():
            if write.field == field:
                return _body_slot(maker, write.value.possible()[0])
    return None


def _body_slot(signature: Signature, expression: Expression) -> Slot | None:
    if not isinstance(expression, FromBody) or len(expression.tokens) != 1:
        return None
    return next((slot for slot in signature.of("body") if slot.name == expression.tokens[0]), None)


def _fitting(maker: Signature, step: Send) -> dict[str, Template]:
    """Return values by which a subscriber fits the conditions, as far as they name them."""
    values: dict[str, Template] = {}
    for condition in step.where:
        expression, slot = condition.value.possible()[0], _slot_for(maker, step, condition.path[0])
        if slot is not None and isinstance(expression, Literal) and len(condition.path) == 1:
            values[slot.name] = [expression.value] if condition.operator == "contains" else expression.value
    return values


def _not_fitting(maker: Signature, step: Send) -> Iterator[dict[str, Template]]:
    """Yield values by which a subscriber does not fit a condition."""
    for condition in step.where:
        slot = _slot_for(maker, step, condition.path[0]) if len(condition.path) == 1 else None
        expression = condition.value.possible()[0]
        if slot is None or not isinstance(expression, Literal):
            continue
        if condition.operator == EQUALS:
            other = next((value for value in slot.choices if value != expression.value), None)
            if other is not None:
                yield {slot.name: other}
        elif condition.operator == "contains" and slot.accepts([]):
            yield {slot.name: []}


def _secret(maker: Signature, step: Send, number: int) -> dict[str, Template]:
    slot = _slot_of(maker, step, step.secret) if step.secret else None
    return {slot.name: Tagged(f"whsec_{TAG}-secret-number-{number}")} if slot is not None else {}
