"""Whether the target knows the ids that it is said to know: a wrong one would make valid requests look refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from contract_tests.scenarios.builder import Fill, ScenarioBuilder, Unprovidable
from contract_tests.scenarios.signatures import LARGEST, Signature, Slot
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import TAG, Scenario, Tagged, TaggedNumber, Template
from contract_tests.transport.wire import WireResponse
from mock_server.contract.files.source import Json

NOT_THERE = frozenset({403, 404, 410})
"""Statuses that say by themselves that there is no such record, or none that may be seen."""

INVALID = frozenset({400, 422})
"""Statuses that may say so too, where the operation accepts another id."""

OPTIONS = (("--known", "--token"), ("--other-known", "--other-token"))
"""How each organization is told its ids and its token."""


@dataclass(frozen=True, slots=True)
class Use:
    """What an operation returned for a request with an id, and for the same request with an id that was made up."""

    operation: str
    status: int
    made_up: int


@dataclass(frozen=True, slots=True)
class Claim:
    """That an organization has a record with an id."""

    tenant: int
    resource: str
    id: Json


class KnownIds:
    """Tries every id that is said to be known. `send` plays a scenario and returns the last reply, None without one."""

    def __init__(self, subject: Subject, send: Callable[[Scenario], WireResponse | None]) -> None:
        self._subject = subject
        self._send = send
        self._tried: dict[Claim, list[Use] | None] = {}
        self._working: set[str] = set()
        """The operations that accepted some id."""

    def wrong(self) -> Iterator[str]:
        """Yield a sentence for each id that every request shows to be unknown; one that breaks some promises is not."""
        uses = {claim: self._uses(claim) for claim in self._claims()}
        for claim, seen in uses.items():
            if not seen or self._is_leaking(claim):
                continue
            if all(use.status == use.made_up and self._says_unknown(use) for use in seen):
                yield self._told(claim, seen, "as it does for an id that was made up")
            elif all(use.status in NOT_THERE for use in seen) and self._is_of_another(claim):
                yield self._told(claim, seen, "but accepts it from the other organization")

    def _claims(self) -> Iterator[Claim]:
        """Yield every claim once: what no organization owns is said of all of them.

        Of records that can be removed only the first is tried: once one is referred to, its removal may be refused.
        """
        removable = {signature.deletes for signature in self._subject.signatures}
        shared: set[tuple[str, Json]] = set()
        for number, tenant in enumerate(self._subject.tenants):
            for resource, ids in tenant.known.items():
                owned = any(slot.resource.owned for _, slot in self._places(resource) if slot.resource)
                for id in ids[:1] if resource in removable else ids:
                    if owned or (resource, id) not in shared:
                        yield Claim(number, resource, id)
                    shared.add((resource, id))

    def _uses(self, claim: Claim) -> list[Use] | None:
        """Return what operations make of an id that they refuse; None when one accepts it that refuses a made-up one."""
        if claim not in self._tried:
            self._tried[claim] = self._try(claim)
        return self._tried[claim]

    def _try(self, claim: Claim) -> list[Use] | None:
        uses = []
        for signature, slot in self._places(claim.resource):
            for fill, before in self._ways(signature):
                reply = self._use(signature, slot, claim, claim.id, fill, before)
                other = self._use(signature, slot, claim, self._made_up(slot), fill, before)
                if reply is None or other is None:
                    continue
                if not reply.is_success:
                    uses.append(Use(str(signature.operation), reply.status, other.status))
                elif other.is_success:
                    break  # it takes any id
                else:
                    self._working.add(str(signature.operation))
                    return None
        return uses

    def _ways(self, signature: Signature) -> Iterator[tuple[Fill, Signature | None]]:
        """Yield how requests of an operation are filled in, and what makes a record with their key before, if anything."""
        yield "required", None
        yield "full", None
        for other in self._subject.signatures if signature.keys else ():
            if other.operation != signature.operation and other.keys and set(other.makes) & set(signature.makes):
                yield "full", other  # an operation may refuse keys that are new to it

    def _places(self, resource: str) -> Iterator[tuple[Signature, Slot]]:
        """Yield where operations take the id of a record that they neither change nor remove."""
        for signature in self._subject.signatures:
            if resource not in (signature.updates, signature.deletes):
                yield from ((signature, slot) for slot in signature.ids_of(resource))

    def _use(
        self, signature: Signature, slot: Slot, claim: Claim, id: Template, fill: Fill, before: Signature | None
    ) -> WireResponse | None:
        tenants = list(self._subject.tenants)
        tenant = tenants[claim.tenant]
        tenants[claim.tenant] = replace(tenant, known={**tenant.known, claim.resource: (claim.id,)})
        builder = ScenarioBuilder(
            replace(self._subject, tenants=tuple(tenants)), f"{signature.operation}: a known {claim.resource}"
        )
        where = slot.argument
        try:
            if before is not None:
                builder.call(before, "a record with the key", tenant=claim.tenant, fill=fill, key=1)
            note, more = f"with a known {claim.resource}", {where: {slot.name: id}}
            builder.call(signature, note, tenant=claim.tenant, fill=fill, key=1, **more)  # type: ignore[arg-type]
        except Unprovidable:
            return None
        return self._send(builder.scenario())

    @staticmethod
    def _made_up(slot: Slot) -> Template:
        prefix = slot.resource.id_prefix if slot.resource else ""
        return Tagged(f"{prefix}{TAG}") if slot.is_text else TaggedNumber(0, LARGEST // 2, LARGEST)

    def _says_unknown(self, use: Use) -> bool:
        return use.status in NOT_THERE or (use.status in INVALID and use.operation in self._working)

    def _is_leaking(self, claim: Claim) -> bool:
        """Say whether the organization may use what another one has: then the target mixes them up, and the id may be right."""
        own = self._subject.tenants[claim.tenant].known[claim.resource]
        for number, tenant in enumerate(self._subject.tenants):
            for id in tenant.known.get(claim.resource, ()) if number != claim.tenant else ():
                theirs = Claim(number, claim.resource, id)
                if id not in own and self._uses(theirs) is None and self._uses(replace(theirs, tenant=claim.tenant)) is None:
                    return True
        return False

    def _is_of_another(self, claim: Claim) -> bool:
        others = [replace(claim, tenant=number) for number in range(len(self._subject.tenants)) if number != claim.tenant]
        return any(self._uses(other) is None for other in others)

    def _told(self, claim: Claim, uses: Sequence[Use], how: str) -> str:
        option, token = OPTIONS[min(claim.tenant, 1)]
        statuses = " or ".join(dict.fromkeys(str(use.status) for use in uses))
        operations = ", ".join(dict.fromkeys(use.operation for use in uses))
        return (
            f"{option} {claim.resource}={claim.id} is not known: the target returns {statuses} to every request with it "
            f"({operations}), {how}; {option} has to name a {claim.resource} of the organization of {token}"
        )
