"""Rounds of simultaneous requests: whatever the order in which a target takes them, some order has to explain the answers.

Many short rounds of two find more than one burst of many: the time between a look and an act is short, and two requests that
start together hit it more often than the tenth of ten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from contract_tests.scenarios.builder import ScenarioBuilder, Unprovidable
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import PlannedRequest, Template

TWO, MANY = 2, 8


@dataclass(frozen=True, slots=True)
class Race:
    """Requests before, requests at the same time, and requests that look at what came of it.

    Races that are `about` the same promise most likely break by the same cause.
    """

    title: str
    about: str
    before: tuple[PlannedRequest, ...]
    together: tuple[PlannedRequest, ...]
    after: tuple[PlannedRequest, ...]


class Races:
    """Writes the rounds for one contract."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def kinds(self) -> list[Race]:
        """Return one race of each kind."""
        found = []
        for write in self._writers():
            try:
                race = write()
            except Unprovidable:
                continue
            if len(race.together) > 1:
                found.append(race)
        return found

    def _writers(self) -> Iterator[Callable[[], Race]]:
        for signature in self.subject.keyed:
            yield partial(self.same_new_key, signature, TWO)
            yield partial(self.elsewhere, signature)
            yield partial(self.different_keys, signature)
            yield partial(self.organizations, signature)
            for other in self.subject.keyed:
                if other is not signature:
                    yield partial(self.two_operations, signature, other)
            yield partial(self.same_new_key, signature, MANY)
        for signature in self.subject.updating:
            yield partial(self.different_fields, signature)
            yield partial(self.same_field, signature)
            yield partial(self.different_records, signature)
            yield partial(self.organizations_change, signature)
            if signature.keys:
                yield partial(self.onto_one_key, signature)
        for signature in self.subject.signatures:
            if signature.makes and not signature.keys:
                yield partial(self.same_link, signature)
            if signature.deletes:
                yield partial(self.removed_twice, signature)
            if signature.operation.method == "GET":
                if signature.keys or signature.ids:
                    yield partial(self.read_at_once, signature)
                if signature.keys or signature.lists:
                    yield partial(self.organizations_read, signature)
            if signature in self.subject.keyless:
                yield partial(self.different_keys, signature)
                yield partial(self.organizations, signature)

    def same_new_key(self, signature: Signature, count: int) -> Race:
        """The same new key, all at once."""
        builder = self._builder()
        together = [builder.call(signature, "the same new key", fill="full", variant=1) for _ in range(count)]
        builder.call(signature, "the same key afterwards", variant=1)
        if count == TWO:
            self._look_at_each(builder, signature, together)
        return self._race(f"{signature.operation}: {count} requests with one new key", _one_key(signature), builder, together)

    def elsewhere(self, signature: Signature) -> Race:
        """The same new key, with other known ids in the path, and other fields."""
        builder = self._builder()
        together = [builder.call(signature, "a new key", fill="full", variant=1)]
        for slot in signature.of("path"):
            known = self.subject.tenants[0].known.get(slot.resource.name, ()) if slot.resource else ()
            for other in known[1:2]:
                more = {slot.name: other}
                together.append(
                    builder.call(signature, f"the same key with another {slot.name}", fill="full", variant=2, path=more)
                )
        builder.call(signature, "the same key afterwards", variant=1)
        return self._race(f"{signature.operation}: one new key in different places", _one_key(signature), builder, together)

    def two_operations(self, signature: Signature, other: Signature) -> Race:
        """The same new key through two operations."""
        builder = self._builder()
        together = [
            builder.call(signature, "a new key", fill="full", variant=1),
            builder.call(other, "the same key through another operation", fill="full", variant=2),
        ]
        builder.call(signature, "the same key afterwards", variant=3)
        return self._race(f"{signature.operation} and {other.operation}: one new key", _one_key(signature), builder, together)

    def different_keys(self, signature: Signature) -> Race:
        """Different keys: every answer belongs to its request."""
        builder = self._builder()
        together = [builder.call(signature, f"new key {key}", key=key, fill="full", variant=key) for key in (1, 2, 3, 4)]
        for key in (1, 4):
            builder.call(signature, f"key {key} afterwards", key=key, variant=key)
        if not signature.keys:
            self._look_at_each(builder, signature, together[:TWO], lists=False)  # their order is anybody's guess
        return self._race(f"{signature.operation}: different keys", "answers that belong to their requests", builder, together)

    def organizations(self, signature: Signature) -> Race:
        """The same new key in two organizations."""
        builder = self._builder()
        if len(self.subject.tenants) < 2:
            raise Unprovidable("organization")
        together = [
            builder.call(signature, f"a new key in organization {tenant + 1}", tenant=tenant, fill="full", variant=tenant + 1)
            for tenant in (0, 1)
        ]
        for tenant in (0, 1):
            builder.call(signature, f"the same key afterwards in organization {tenant + 1}", tenant=tenant, variant=tenant + 1)
            for reader in self.subject.signatures:
                if reader.lists and reader.lists in signature.makes and not signature.keys:
                    builder.call(reader, f"list all records of organization {tenant + 1}", tenant=tenant)
        return self._race(f"{signature.operation}: one key in two organizations", "organizations", builder, together)

    def different_fields(self, signature: Signature) -> Race:
        """Different fields of one record: both changes stay."""
        builder = self._with_record(signature)
        changed = [slot for slot in signature.free if not slot.choices][:2]
        if len(changed) < 2:
            raise Unprovidable(signature.updates)
        together = [builder.call(signature, f"update {slot.name}", values={slot.name: slot.value(7)}) for slot in changed]
        builder.read_back(signature)
        return self._race(
            f"{signature.operation}: different fields of one record", f"changes of one {signature.updates}", builder, together
        )

    def same_field(self, signature: Signature) -> Race:
        """One field of one record: one of the changes is the last."""
        builder = self._with_record(signature)
        if not signature.free:
            raise Unprovidable(signature.updates)
        slot = signature.free[0]
        together = [builder.call(signature, f"update {slot.name}", values={slot.name: slot.value(number)}) for number in (3, 4)]
        builder.read_back(signature)
        return self._race(
            f"{signature.operation}: one field of one record", f"changes of one {signature.updates}", builder, together
        )

    def different_records(self, signature: Signature) -> Race:
        """Different records: every answer belongs to its request."""
        builder = self._with_record(signature)
        maker = self.subject.makers_of(signature.updates)[0]
        made = builder.call(maker, "create another record", key=2, fill="full", variant=2)
        builder.refer_to(signature.updates, maker, made, key=2)
        together = [
            builder.call(signature, f"update record {key}", key=key, fill="full", variant=key + 3, values=signature.without_key)
            for key in (1, 2)
        ]
        return self._race(
            f"{signature.operation}: different records", "answers that belong to their requests", builder, together
        )

    def organizations_change(self, signature: Signature) -> Race:
        """Two organizations change records of their own."""
        builder = self._builder()
        makers = self.subject.makers_of(signature.updates)
        if len(self.subject.tenants) < 2 or not makers:
            raise Unprovidable("organization")
        for tenant in (0, 1):
            made = builder.call(
                makers[0], f"create a record in organization {tenant + 1}", tenant=tenant, fill="full", variant=1
            )
            builder.refer_to(signature.updates, makers[0], made, tenant=tenant)
        together = [
            builder.call(
                signature,
                f"update it in organization {tenant + 1}",
                tenant=tenant,
                fill="full",
                variant=tenant + 2,
                values=signature.without_key,
            )
            for tenant in (0, 1)
        ]
        return self._race(f"{signature.operation}: records of two organizations", "organizations", builder, together)

    def onto_one_key(self, signature: Signature) -> Race:
        """Two records are given one new key."""
        builder = self._builder()
        maker = next(iter(self.subject.keyed_makers_of(signature.updates)), None)
        if maker is None:
            raise Unprovidable(signature.updates)
        for key in (1, 2):
            made = builder.call(maker, f"create record {key}", key=key, fill="full", variant=key)
            builder.refer_to(signature.updates, maker, made, key=key)
        taken = signature.with_key(3)
        together = [
            builder.call(signature, f"change the key of record {key} to the new one", key=key, values=taken) for key in (1, 2)
        ]
        builder.call(maker, "find by the new key", key=3, variant=3)
        return self._race(
            f"{signature.operation}: one new key for two records", f"one new key for two {signature.updates}", builder, together
        )

    def same_link(self, signature: Signature) -> Race:
        """The same link twice."""
        return self._twice(signature, "the same request", "the same twice", f"the same by {signature.operation} twice")

    def removed_twice(self, signature: Signature) -> Race:
        """One record is removed twice."""
        return self._twice(signature, "remove it", "one record", f"one removed twice by {signature.operation}")

    def _twice(self, signature: Signature, note: str, title: str, about: str) -> Race:
        """The very same request twice, about records that are there."""
        builder = self._builder()
        for slot in signature.slots:
            if slot.role == "id":
                builder.provide(signature, slot, 0)
        together = [builder.call(signature, note) for _ in range(2)]
        self._look_at_each(builder, signature, together)
        return self._race(f"{signature.operation}: {title}", about, builder, together)

    def _look_at_each(
        self, builder: ScenarioBuilder, signature: Signature, labels: Sequence[int], *, lists: bool = True
    ) -> None:
        """Add requests that show whether all is there that simultaneous requests said they made, and nothing else."""
        for resource in signature.makes[-1:]:
            looking = [one for one in self.subject.signatures if resource in one.gives and one.operation.method == "GET"]
            looking += [one for one in self.subject.updating if one.updates == resource]
            by_id = [(one, slot) for one in looking for slot in one.ids_of(resource)[-1:] if slot.location == "path"][:1]
            shown = labels if resource in signature.gives else ()
            for (one, slot), label in [(found, label) for found in by_id for label in shown]:
                builder.call(one, f"the {resource} that was made", path={slot.name: builder.id_of(signature, label, resource)})
            for reader in self.subject.signatures if lists else ():
                if reader.lists == resource and not reader.keys:
                    builder.call(reader, "list all records")

    def read_at_once(self, signature: Signature) -> Race:
        """Different records are read: every answer belongs to its request."""
        builder = self._builder()
        resource = signature.key_resource
        for maker in self.subject.keyed_makers_of(resource)[:1]:
            for key in (1, 2, 3):
                builder.call(maker, f"create record {key}", key=key, fill="full", variant=key)
        for slot in signature.ids:
            for key in (1, 2, 3):
                builder.provide(signature, slot, 0, key)
        together = [
            builder.call(signature, f"read record {key}", key=key, query=self._asked(signature, key)) for key in (1, 2, 3)
        ]
        return self._race(
            f"{signature.operation}: different records", "answers that belong to their requests", builder, together
        )

    def organizations_read(self, signature: Signature) -> Race:
        """Two organizations read at once."""
        builder = self._builder()
        if len(self.subject.tenants) < 2:
            raise Unprovidable("organization")
        resource = signature.key_resource or signature.lists
        for maker in (self.subject.keyed_makers_of(resource) or self.subject.makers_of(resource))[:1]:
            for tenant in (0, 1):
                builder.call(
                    maker, f"create a record in organization {tenant + 1}", tenant=tenant, fill="full", variant=tenant + 1
                )
        together = [
            builder.call(signature, f"read it in organization {tenant + 1}", tenant=tenant, query=self._asked(signature, 1))
            for tenant in (0, 1)
        ]
        return self._race(f"{signature.operation}: two organizations", "organizations", builder, together)

    @staticmethod
    def _asked(signature: Signature, key: int) -> dict[str, Template]:
        """Return the keys that a query asks for."""
        return {slot.name: slot.key(key) for slot in signature.keys if slot.location == "query"}

    def _with_record(self, signature: Signature) -> ScenarioBuilder:
        builder = self._builder()
        makers = self.subject.makers_of(signature.updates)
        if not makers:
            raise Unprovidable(signature.updates)
        made = builder.call(makers[0], "create a record", fill="full", variant=1)
        builder.refer_to(signature.updates, makers[0], made)
        for slot in signature.of("path"):
            if slot.role == "id" and slot.resource is not None:
                builder.provide(signature, slot, 0)
        return builder

    def _builder(self) -> ScenarioBuilder:
        return ScenarioBuilder(self.subject, "")

    @staticmethod
    def _race(title: str, about: str, builder: ScenarioBuilder, together: Sequence[int]) -> Race:
        """Return the race of the requests labelled `together`; requests before them prepare, requests after them look."""
        first, last = min(together), max(together)
        requests = builder.requests
        made_for_it = [planned for planned in requests if first <= planned.label <= last and planned.label not in together]
        prepared = [planned for planned in requests if planned.label < first]
        return Race(
            title,
            about,
            (*prepared, *made_for_it),
            tuple(planned for planned in requests if planned.label in together),
            tuple(planned for planned in requests if planned.label > last),
        )


def _one_key(signature: Signature) -> str:
    names = dict.fromkeys(slot.resource.name for slot in signature.keys if slot.resource)
    return f"one new key of {' and '.join(names)}"
