"""Scenarios that hold a target to what the contract promises, derived from its behaviours and schemas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from contract_tests.scenarios.builder import ScenarioBuilder, Unprovidable, makers_of
from contract_tests.scenarios.calibration import PAUSE, Calibration
from contract_tests.scenarios.key_variants import Aspect, KeyVariant, key_variants
from contract_tests.scenarios.negative_cases import NegativeCases
from contract_tests.scenarios.signatures import Signature, Slot
from contract_tests.scenarios.templates import OMITTED, TAG, Scenario, Tagged, Template
from contract_tests.scenarios.values import texts
from contract_tests.transport.tenants import Tenant
from mock_server.contract.model import Contract
from mock_server.contract.source import Json

MANY = 24
NEARS_IN_ONE = 4
VALUES_IN_ONE = 4


class ConformanceScenarios:
    """Writes the scenarios. `is_plain` says whether a key is taken as it is, in some respect, as far as is settled."""

    def __init__(
        self,
        contract: Contract,
        signatures: Sequence[Signature],
        tenants: Sequence[Tenant],
        *,
        is_plain: Callable[[Slot, Aspect], bool],
        expired_token: str = "",
        undocumented_methods: bool = False,
        thinning: int = 1,
    ) -> None:
        self.contract = contract
        self.signatures = signatures
        self.tenants = tenants
        self.is_plain = is_plain
        self.refusals = NegativeCases(
            contract, signatures, tenants, expired_token=expired_token, other_methods=undocumented_methods
        )
        self.thinning = thinning
        self.calibration = Calibration(contract, signatures, tenants)
        self.keyed = self.calibration.keyed
        self.updating = self.calibration.updating

    def scenarios(self) -> Iterator[Scenario]:
        """Yield the scenarios, each one that can be played with what is known."""
        for write in self._scripts():
            try:
                scenario = write().scenario()
            except Unprovidable:
                continue
            if scenario.requests:
                yield scenario

    def _scripts(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        yield from self.refusals.writers()
        for signature in self.signatures:
            if signature.operation.body is not None:
                yield partial(self.boundaries, signature)
                yield partial(self.not_settable, signature)
        for signature in [*self.keyed, *self.updating]:
            yield from (partial(self.damaged, signature, number) for number in self._numbers(signature))
        for signature in self.keyed:
            pairs = [(slot, similar) for slot in signature.keys if slot.is_text for similar in self.key_variants_of(slot)]
            for chunk in _chunks(pairs, NEARS_IN_ONE):
                yield partial(self.similar, signature, chunk)
            yield partial(self.shared_key_parts, signature)
            yield partial(self.elsewhere, signature)
            yield partial(self.organizations, signature)
            yield partial(self.several, signature)
        for signature in self.updating:
            yield partial(self.one_of_several, signature)
            yield partial(self.one_field_each, signature)
            yield partial(self.in_another_organization, signature)
            yield partial(self.through_all, signature)
            yield partial(self.one_after_another, signature)
            if signature.keys:
                yield partial(self.swapped_keys, signature)
            for chunk in _chunks(
                [(slot, similar) for slot in signature.keys if slot.is_text for similar in self.key_variants_of(slot)],
                NEARS_IN_ONE,
            ):
                yield partial(self.onto_odd_keys, signature, chunk)
        for signature in self.signatures:
            if signature.lists:
                yield partial(self.listed, signature)
            if signature.makes and not signature.keys:
                yield partial(self.linked, signature)
            if signature.operation.method == "GET" and signature.keys and signature.operation.secured:
                yield partial(self.read_in_turns, signature)
            for resource in signature.gives:
                yield partial(self.shown_as_it_is, signature, resource)
        for signature in self.keyed[:1]:
            yield partial(self.many, signature)

    def builder(self, title: str) -> ScenarioBuilder:
        """Return a builder of an empty scenario."""
        return ScenarioBuilder(self.signatures, self.tenants, title)

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
        self.calibration.prepare(builder, signature)
        named = {slot.name for slot in signature.of("body")}
        resources = [self.contract.resources[name] for name in dict.fromkeys([*signature.gives, *signature.makes])]
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
                    smuggled[field.name] = "smuggled"
        other = self.tenants[1].name if len(self.tenants) > 1 else "another"
        smuggled.update(dict.fromkeys(("organization_id", "organization", "tenant_id"), other))
        for number, (name, value) in enumerate(smuggled.items()):
            if name not in named:
                tagged = Tagged(value) if isinstance(value, str) and TAG in value else value
                key = 60 + number if signature in self.keyed else 1
                builder.call(signature, f"with {name}", key=key, variant=number, fill="full", values={name: tagged})
        self.calibration.check(builder, signature)
        return builder

    # What has to come back as it was sent.

    def _numbers(self, signature: Signature) -> Iterator[int]:
        wanted = len(texts())
        for number in range(0, wanted, VALUES_IN_ONE):
            if (number // VALUES_IN_ONE) % self.thinning == 0:
                yield number

    def damaged(self, signature: Signature, start: int) -> ScenarioBuilder:
        """Texts that careless code damages, in every field; each is read again."""
        known = texts()
        builder = self.builder(f"{signature.operation}: texts, from {known[start].about} on")
        slots = [slot for slot in signature.free if slot.is_text]
        for number in range(start, min(start + VALUES_IN_ONE, len(known))):
            values: dict[str, Template] = {}
            may_refuse, about = "", []
            for position, slot in enumerate(slots):
                text = known[(number + position * 7) % len(known)]
                if slot.accepts(text.value):
                    values[slot.name] = text.value
                    may_refuse = may_refuse or text.may_refuse
                    about.append(text.about)
            if not values:
                continue
            key = number - start + 1
            builder.call(signature, ", ".join(about), key=key, values=values, may_refuse=may_refuse)
            self.calibration.read_back(builder, signature, key=key) if signature.updates else builder.call(
                signature, "the same key again", key=key, variant=1
            )
        return builder

    # Keys.

    def key_variants_of(self, slot: Slot) -> list[KeyVariant]:
        """Return the pairs of near keys that can be judged."""
        return [similar for similar in key_variants(is_address=slot.is_address) if self.is_plain(slot, similar.rests_on)]

    def similar(self, signature: Signature, chunk: Sequence[tuple[Slot, KeyVariant]]) -> ScenarioBuilder:
        """Keys that are near each other, and yet not the same."""
        builder = self.builder(f"{signature.operation}: near keys, from {chunk[0][1].about} on")
        for slot, similar in chunk:
            base, other = {slot.name: similar.base}, {slot.name: similar.other}
            may: dict[str, Any] = {"may_refuse": similar.may_refuse}
            builder.call(signature, "a key", values=base, fill="full", variant=1, **may)
            builder.call(signature, f"a key that differs only in {similar.about}", values=other, fill="full", variant=2, **may)
            builder.call(signature, "the first again", values=base, variant=3, **may)
            builder.call(signature, "the other again", values=other, variant=3, **may)
            reversed_base = {slot.name: Tagged(f"5{similar.base.text}")}
            reversed_other = {slot.name: Tagged(f"5{similar.other.text}")}
            builder.call(signature, "the other one first", values=reversed_other, fill="full", variant=1, **may)
            builder.call(signature, "then the key", values=reversed_base, fill="full", variant=2, **may)
        return builder

    def shared_key_parts(self, signature: Signature) -> ScenarioBuilder:
        """Keys of several parts that share some of them."""
        builder = self.builder(f"{signature.operation}: keys that share a part")
        if len(signature.keys) < 2:
            return builder
        builder.call(signature, "a key", key=1, fill="full", variant=1)
        for slot in signature.keys:
            builder.call(
                signature, f"the same but for {slot.name}", key=1, values={slot.name: slot.key(2)}, fill="full", variant=2
            )
        builder.call(signature, "the first key again", key=1)
        for reader in [reader for reader in self.signatures if reader.operation.method == "GET" and len(reader.keys) > 1]:
            for slot in reader.keys:
                more: dict[str, Any] = {"path" if slot.location == "path" else "query": {slot.name: slot.key(77)}}
                builder.call(reader, f"what is there with another {slot.name}", key=1, **more)
        for slot in signature.keys:
            for number in (32, 31):
                beside = {slot.name: slot.key(number)}
                builder.call(signature, "a key beside the one before", key=30, values=beside, fill="full", variant=number)
        return builder

    def organizations(self, signature: Signature) -> ScenarioBuilder:
        """The same key in two organizations."""
        builder = self.builder(f"{signature.operation}: two organizations")
        if len(self.tenants) < 2:
            return builder
        builder.call(signature, "a key in one organization", fill="full", variant=1)
        builder.call(signature, "the same key in another organization", tenant=1, fill="full", variant=2)
        builder.call(signature, "again in the first", variant=1)
        builder.call(signature, "the same key in that organization again", tenant=1, variant=2)
        builder.call(signature, "a key of the other alone", tenant=1, key=2, fill="full", variant=1)
        builder.call(signature, "the same key in the first organization", key=2, fill="full", variant=3)
        here = {slot.name: builder.provide(signature, slot, 0) for slot in signature.of("path") if slot.role == "id"}
        builder.call(signature, "a request of the first", key=3, fill="full", variant=1, path=here)
        builder.call(
            signature, "the same request from another organization", tenant=1, key=3, fill="full", variant=1, path=here
        )
        return builder

    def elsewhere(self, signature: Signature) -> ScenarioBuilder:
        """The same key with other known ids beside it."""
        builder = self.builder(f"{signature.operation}: the same key elsewhere")
        for slot in signature.slots:
            if slot.role != "id" or slot.resource is None:
                continue
            where = "path" if slot.location == "path" else "values"
            for id in self.tenants[0].known.get(slot.resource.name, ())[:3]:
                more: dict[str, Any] = {where: {slot.name: id}}
                builder.call(signature, f"with {slot.name} {id}", fill="full", variant=1, **more)
            for id in self.tenants[0].known.get(slot.resource.name, ())[:2]:
                more = {where: {slot.name: id}}
                builder.call(signature, f"again with {slot.name} {id}", variant=2, **more)
        return builder

    def several(self, signature: Signature) -> ScenarioBuilder:
        """Several records in turns, so that none is taken for another."""
        builder = self.builder(f"{signature.operation}: several in turns")
        for key in (1, 2, 3):
            builder.call(signature, f"record {key}", key=key, fill="full", variant=key)
        for key in (2, 1, 3, 1):
            builder.call(signature, f"record {key} again", key=key, variant=key)
        return builder

    def many(self, signature: Signature) -> ScenarioBuilder:
        """Many records, then each again."""
        builder = self.builder(f"{signature.operation}: many, then each again")
        for key in range(1, MANY + 1):
            builder.call(signature, f"record {key}", key=key, fill="full", variant=key)
        for key in range(1, MANY + 1):
            builder.call(signature, f"record {key} again", key=key, variant=key)
        return builder

    # Updates.

    def one_of_several(self, signature: Signature) -> ScenarioBuilder:
        """Changing one record leaves the others as they were."""
        builder = self.builder(f"{signature.operation}: one of several")
        for maker in makers_of(self.signatures, signature.updates)[:1]:
            labels = {key: builder.call(maker, f"record {key}", key=key, fill="full", variant=key) for key in (1, 2, 3)}
            without_key = {slot.name: OMITTED for slot in signature.keys}
            for key in (2, 1):
                builder.provided(signature.updates, 0, key, builder.id_of(maker, labels[key], signature.updates))
                builder.call(signature, f"change record {key}", key=key, fill="full", variant=key + 4, values=without_key)
            for key in (1, 2, 3):
                self.calibration.read_back(builder, signature, key=key)
            alike = {key: builder.call(maker, "one of two that are alike", key=key, fill="full", variant=1) for key in (4, 5)}
            builder.provided(signature.updates, 0, 4, builder.id_of(maker, alike[4], signature.updates))
            for slot in reversed(signature.free):
                builder.call(signature, f"change {slot.name} of the first of them", key=4, values={slot.name: slot.value(9)})
            for key in (4, 5):
                self.calibration.read_back(builder, signature, key=key)
            builder.call(signature, "change the first of them", key=4, fill="full", variant=8, values=without_key)
            for key in (4, 5):
                self.calibration.read_back(builder, signature, key=key)
        return builder

    def one_field_each(self, signature: Signature) -> ScenarioBuilder:
        """Changing one field leaves the other fields as they were."""
        builder = self.builder(f"{signature.operation}: one field at a time")
        for maker in makers_of(self.signatures, signature.updates)[:1]:
            made = builder.call(maker, "a record with everything", fill="full", variant=1)
            builder.provided(signature.updates, 0, 1, builder.id_of(maker, made, signature.updates))
            for number, slot in enumerate(signature.free):
                builder.call(signature, f"change {slot.name}", values={slot.name: slot.value(number + 5)})
                if "null" in slot.types:
                    builder.call(signature, f"null for {slot.name}", values={slot.name: None})
                    builder.call(signature, f"{slot.name} again", values={slot.name: slot.value(number + 9)})
                if slot.is_text:
                    for note, value in _alike(str(slot.value(number + 5))):
                        if slot.accepts(value):
                            builder.call(signature, f"{slot.name} but for {note}", values={slot.name: value})
            self.calibration.read_back(builder, signature)
        return builder

    def through_all(self, signature: Signature) -> ScenarioBuilder:
        """What an update changed is seen through every operation that shows the record."""
        builder = self.builder(f"{signature.operation}: seen everywhere")
        for key, maker in enumerate(makers_of(self.signatures, signature.updates), 1):
            made = builder.call(maker, "a record", key=key, fill="full", variant=1)
            builder.provided(signature.updates, 0, key, builder.id_of(maker, made, signature.updates))
            self.calibration.read_back(builder, signature, key=key)
            for variant in (6, 7):
                builder.call(
                    signature,
                    "change it",
                    key=key,
                    fill="full",
                    variant=variant,
                    values={slot.name: OMITTED for slot in signature.keys},
                )
                self.calibration.read_back(builder, signature, key=key)
        return builder

    def one_after_another(self, signature: Signature) -> ScenarioBuilder:
        """Two records that belong together come to hold the same, one after the other: each change is one."""
        builder = self.builder(f"{signature.operation}: one after another")
        for maker in makers_of(self.signatures, signature.updates)[:1]:
            for slot in signature.free:
                first, second, third = (slot.value(number) for number in (1, 2, 3))
                if first == third or slot.name not in {other.name for other in maker.free}:
                    continue
                labels = []
                for number, value in enumerate((first, second)):
                    beside = self._beside(builder, maker, 0 if slot.choices else number)
                    beside["values"] = {**beside.get("values", {}), slot.name: value}
                    labels.append(builder.call(maker, f"{slot.name} {value}", **beside))
                for label in labels:
                    builder.provided(signature.updates, 0, 1, builder.id_of(maker, label, signature.updates))
                    builder.call(signature, f"now {slot.name} {third}", values={slot.name: third}, pause=PAUSE)
        return builder

    def swapped_keys(self, signature: Signature) -> ScenarioBuilder:
        """Keys that change hands."""
        builder = self.builder(f"{signature.operation}: keys that change hands")
        for maker in [maker for maker in makers_of(self.signatures, signature.updates) if maker.keys]:
            one = builder.call(maker, "a record", key=1, fill="full", variant=1)
            other = builder.call(maker, "another", key=2, fill="full", variant=2)
            for reader in makers_of(self.signatures, signature.updates):
                for key in (1, 2):  # what remembers who was found is put to the test only by a key that found somebody
                    builder.call(reader, f"who has key {key} now", key=key, variant=4)
            for label, key in ((one, 3), (other, 1), (one, 2)):
                builder.provided(signature.updates, 0, 1, builder.id_of(maker, label, signature.updates))
                builder.call(signature, f"key {key}", values={slot.name: slot.key(key) for slot in signature.keys})
            for reader in makers_of(self.signatures, signature.updates):
                for key in (1, 2, 3):
                    builder.call(reader, f"who has key {key}", key=key, variant=4)
        return builder

    def onto_odd_keys(self, signature: Signature, chunk: Sequence[tuple[Slot, KeyVariant]]) -> ScenarioBuilder:
        """Keys that careless code damages or takes for others, given by an update."""
        builder = self.builder(f"{signature.operation}: odd keys, from {chunk[0][1].about} on")
        maker = next((maker for maker in makers_of(self.signatures, signature.updates) if maker.keys), None)
        if maker is None:
            raise Unprovidable(signature.updates)
        for number, (slot, similar) in enumerate(chunk, 1):
            made = builder.call(maker, "a record", key=number, fill="full", variant=number)
            builder.provided(signature.updates, 0, number, builder.id_of(maker, made, signature.updates))
            may = similar.may_refuse
            builder.call(
                signature,
                f"a key that differs only in {similar.about}",
                key=number,
                values={slot.name: similar.other},
                may_refuse=may,
            )
            looked_up = next((other for other in maker.keys if other.name == slot.name), None)
            if looked_up is not None and self.is_plain(looked_up, similar.rests_on):
                builder.call(maker, "who is found by it", values={slot.name: similar.other}, key=number, may_refuse=may)
                builder.call(maker, "who is found by one near it", values={slot.name: similar.base}, key=number, may_refuse=may)
        return builder

    def in_another_organization(self, signature: Signature) -> ScenarioBuilder:
        """No organization changes another one's records."""
        builder = ScenarioBuilder(self.signatures, self.tenants, f"{signature.operation}: another organization's", "refusals")
        if len(self.tenants) < 2:
            return builder
        without_key: dict[str, Template] = {slot.name: OMITTED for slot in signature.keys}
        full: dict[str, Any] = {"fill": "full", "values": without_key}
        for maker in makers_of(self.signatures, signature.updates)[:1]:
            made = builder.call(maker, "a record of the other organization", tenant=1, fill="full", variant=1)
            mine = builder.call(maker, "a record with the same key here", fill="full", variant=2)
            theirs = builder.id_of(maker, made, signature.updates)
            builder.provided(signature.updates, 0, 1, theirs)
            builder.provided(signature.updates, 1, 1, theirs)
            builder.call(signature, "change the other organization's", variant=5, **full)
            foreign = {slot.name: builder.provide(signature, slot, 1) for slot in signature.of("path") if slot.role == "id"}
            builder.call(signature, "change it with all ids of the other organization", variant=5, path=foreign, **full)
            self.calibration.read_back(builder, signature, tenant=1)
            builder.call(signature, "that change by the other organization itself", tenant=1, variant=5, pause=PAUSE, **full)
            builder.call(signature, "the same request from the first organization", variant=5, path=foreign, **full)
            builder.provided(signature.updates, 0, 1, builder.id_of(maker, mine, signature.updates))
            builder.call(signature, "change the one here", variant=6, **full)
            self.calibration.read_back(builder, signature, tenant=1)
            self.calibration.read_back(builder, signature, tenant=0)
            if maker.keys:
                builder.call(maker, "a key that only the other organization has", tenant=1, key=2, fill="full", variant=1)
                builder.call(
                    signature, "give the one here that key", values={slot.name: slot.key(2) for slot in signature.keys}
                )
                self.calibration.read_back(builder, signature, tenant=0, key=2)
                self.calibration.read_back(builder, signature, tenant=1, key=2)
        return builder

    # Other verbs.

    def listed(self, signature: Signature) -> ScenarioBuilder:
        """Lists hold what was made, in order, page by page."""
        builder = self.builder(f"{signature.operation}: lists")
        keys = {slot.name: slot for slot in signature.slots if slot.location == "query" and slot.role == "key" and slot.is_text}
        for place, maker in enumerate(maker for maker in makers_of(self.signatures, signature.lists) if maker.keys):
            shared = {slot.name: slot.key(place + 40) for slot in maker.keys if slot.name in keys}
            for number in range(1, 6):
                builder.call(maker, f"record {number}", key=number, values=shared, fill="full", variant=number)
            builder.call(maker, "one that does not belong to the list", key=place + 9)
            asked = {name: slot.key(place + 40) for name, slot in keys.items()}
            builder.call(signature, "all of them", query=asked)
            numbers = [slot for slot in signature.slots if slot.location == "query" and "number" in slot.types]
            for values in ((1, 2), (0, 3), (2, 1), (4, 5), (5, 2), (0, 50)):
                page = {slot.name: value for slot, value in zip(numbers, values, strict=False) if slot.accepts(value)}
                builder.call(signature, f"a page: {page}", query={**asked, **page})
            for slot in numbers:
                builder.call(signature, f"-1 for {slot.name}", query={**asked, slot.name: -1})
                builder.call(signature, f"a word for {slot.name}", query={**asked, slot.name: "many"})
            if len(self.tenants) > 1:
                builder.call(signature, "in another organization", tenant=1, query=asked)
            builder.call(signature, "everything", tenant=0)
        return builder

    def read_in_turns(self, signature: Signature) -> ScenarioBuilder:
        """Two organizations read in turns, and each sees its own."""
        builder = self.builder(f"{signature.operation}: two organizations in turns")
        resource = next((slot.resource.name for slot in signature.keys if slot.resource), "")
        for maker in [maker for maker in makers_of(self.signatures, resource) if maker.keys][:1]:
            for tenant in range(len(self.tenants)):
                builder.call(maker, "a record", tenant=tenant, fill="full", variant=tenant + 1)
            for number in range(16):
                builder.call(signature, "what is there", tenant=number % len(self.tenants))
        return builder

    def linked(self, signature: Signature) -> ScenarioBuilder:
        """Records that refer to others refer to the right ones."""
        builder = self.builder(f"{signature.operation}: links")
        for key in (1, 2):
            builder.call(signature, f"a record about {key}", key=key, fill="full", variant=key)
        references = [slot for slot in signature.of("body") if slot.role == "id"]
        for slot in references:
            known = self.tenants[0].known.get(slot.resource.name if slot.resource else "", ())
            for id in known[1:3]:
                made = builder.call(signature, f"another {slot.name}", key=1, values={slot.name: id}, fill="full", variant=3)
                for other in self.updating:
                    if other.updates in signature.makes and other.updates in signature.gives:
                        builder.provided(other.updates, 0, 1, builder.id_of(signature, made, other.updates))
                        builder.call(other, "what it refers to", variant=5)
        builder.call(signature, "the first again", key=1, fill="full", variant=1)
        return builder

    def shown_as_it_is(self, signature: Signature, resource: str) -> ScenarioBuilder:
        """A record that stands in the answer about another one is shown as it is now."""
        builder = self.builder(f"{signature.operation}: the {resource} that it shows")
        if resource in (signature.updates, signature.finds_by_key, signature.deletes) or resource in signature.makes:
            return builder
        for changer in self.signatures:
            if changer.finds_by_key == resource or (changer.updates == resource and changer is not signature):
                builder.call(signature, "before anything changes", fill="full", variant=1)
                builder.call(changer, f"change the {resource}", fill="full", variant=4)
                builder.call(signature, "afterwards", fill="full", variant=2)
                for slot in changer.keys if changer.updates == resource else ():
                    if slot.is_text:
                        capitals = Tagged(f"Ann.Key.{TAG}@Example.Com" if slot.is_address else f"Ann.Key.{TAG}")
                        builder.call(changer, f"{slot.name} with capitals", values={slot.name: capitals})
                        builder.call(signature, f"with this {slot.name}", fill="full", variant=3)
        return builder

    # Helpers.

    def _beside(self, builder: ScenarioBuilder, signature: Signature, which: int) -> dict[str, Any]:
        """Return the options of a call that refers to other known records than the first ones."""
        options: dict[str, Any] = {}
        for slot in signature.slots:
            known = self.tenants[0].known.get(slot.resource.name, ()) if slot.role == "id" and slot.resource else ()
            if len(known) > which:
                options.setdefault("path" if slot.location == "path" else "values", {})[slot.name] = known[which]
        return options

    def _valid(self, signature: Signature) -> dict[str, Template]:
        builder = self.builder("")
        builder.call(signature, "", fill="full", variant=3, key=1)
        body = builder.requests[-1].body
        return dict(body) if isinstance(body, dict) else {}


def _alike(text: str) -> Iterator[tuple[str, str]]:
    """Yield texts that careless code takes for the one before, so that it sees no change."""
    yield "case", text.upper()
    yield "case again", text.lower()
    yield "an accent", f"{text.lower()}\u00e9"
    yield "none", f"{text.lower()}e"
    yield "a space behind it", f"{text.lower()}e "
    yield "everything", ""


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


def _chunks(values: Sequence[object], size: int) -> Iterator[Sequence]:  # type: ignore[type-arg]
    for start in range(0, len(values), size):
        yield values[start : start + size]
