"""Scenarios about keys of requests: what is sent again with its key is answered again, and done once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from contract_tests.scenarios.builder import ScenarioBuilder
from contract_tests.scenarios.guard_cases import look
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.state_changes import moves
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import OMITTED, TaggedUuid, Template
from contract_tests.scenarios.usual_headers import key_header
from mock_server.contract.model import Resource


@dataclass(frozen=True, slots=True)
class IdempotencyCases:
    """Writes the scenarios."""

    subject: Subject

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        for signature in self.subject.signatures:
            if key_header(signature):
                yield partial(self.again, signature)
                yield partial(self.refused_again, signature)
                for remover in self.subject.signatures:
                    if remover.deletes and remover.deletes == signature.key_resource and remover.deletes in signature.makes:
                        yield partial(self.free_meanwhile, signature, remover)
                if len(self.subject.tenants) > 1 and not self._resource(signature):
                    yield partial(self.of_another, signature)

    def again(self, signature: Signature) -> ScenarioBuilder:
        """The same request is answered as before, another one is not, and each key is another."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: idempotency keys")
        resource = self._resource(signature)
        for key in (1, 2, 3) if resource else ():
            self._made(builder, resource, key)
        for note in ("with an idempotency key", "the same request again", "a third time"):
            self._send(builder, signature, note, "one")
            self._look(builder, resource)
        self._send(builder, signature, "another request with the same idempotency key", "one", key=2)
        self._look(builder, resource, 2)
        if any(slot.role == "free" for slot in signature.of("body")):
            self._send(builder, signature, "another body with the same idempotency key", "one", variant=2)
        self._send(builder, signature, "with another idempotency key", "two", key=2)
        self._send(builder, signature, "the first request again", "one")
        self._look(builder, resource, 2)
        for note in ("without an idempotency key", "without an idempotency key again"):
            self._send(builder, signature, note, None, key=3)
        self._look(builder, resource, 3)
        return builder

    def refused_again(self, signature: Signature) -> ScenarioBuilder:
        """What was refused once it had begun is refused again, whatever has changed meanwhile."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: idempotency keys of rejected requests")
        resource = self._resource(signature)
        guards = [getattr(step, "guard", None) for step in signature.operation.steps]
        fields = dict.fromkeys(field for guard in guards if guard for field in guard.fields)
        number = 0
        for field in fields if resource else ():
            for first in moves(self.subject, resource, field) if resource else ():
                for second in moves(self.subject, resource, field) if resource else ():
                    if first.value == second.value:
                        continue
                    number += 1
                    self._made(builder, resource, number)
                    builder.call(first.signature, f"now {first.value}", key=number, values=first.values)
                    self._send(builder, signature, "with an idempotency key", f"refused-{number}", key=number)
                    builder.call(second.signature, f"now {second.value}", key=number, values=second.values)
                    self._send(builder, signature, "the same request again", f"refused-{number}", key=number)
        return builder

    def free_meanwhile(self, signature: Signature, remover: Signature) -> ScenarioBuilder:
        """What was refused since its key was taken is refused again once the key is free, and a request of its own is not."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: idempotency keys of requests that would succeed now")
        slot = next((one for one in remover.ids_of(remover.deletes) if one.location == "path"), None)
        if slot is None or remover.deletes not in signature.gives:
            return builder
        made = builder.call(signature, "create the record that is in the way", fill="full", variant=2)
        for note in ("with an idempotency key", "the same request again"):
            self._send(builder, signature, note, "one")
        builder.call(
            remover, "remove the record that was in the way", path={slot.name: builder.id_of(signature, made, remover.deletes)}
        )
        self._send(builder, signature, "the same request again", "one")
        self._send(builder, signature, "with another idempotency key", "two")
        return builder

    def of_another(self, signature: Signature) -> ScenarioBuilder:
        """Each organization has keys of its own."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: the key of another organization", "refusals")
        for tenant, key in ((0, 1), (1, 1), (1, 1), (0, 1), (1, 2)):
            self._send(builder, signature, f"organization {tenant + 1}", "one", tenant=tenant, key=key)
        return builder

    def _send(
        self,
        builder: ScenarioBuilder,
        signature: Signature,
        note: str,
        which: str | None,
        *,
        key: int = 1,
        variant: int = 1,
        tenant: int = 0,
    ) -> None:
        sent: Template = OMITTED if which is None else TaggedUuid(which)
        headers = {key_header(signature): sent}
        builder.call(signature, note, key=key, variant=variant, tenant=tenant, fill="full", headers=headers)

    def _made(self, builder: ScenarioBuilder, resource: Resource | None, key: int) -> None:
        for maker in self.subject.makers_of(resource.name)[:1] if resource else ():
            made = builder.call(maker, "create a record", key=key, fill="full", variant=key)
            builder.refer_to(maker.makes[-1] if resource is None else resource.name, maker, made, key=key)

    def _look(self, builder: ScenarioBuilder, resource: Resource | None, key: int = 1) -> None:
        if resource is not None:
            look(builder, resource, key)

    def _resource(self, signature: Signature) -> Resource | None:
        """Return the resource of the record that an operation is about, if it is about one."""
        return self.subject.contract.resources.get(signature.updates or signature.deletes)
