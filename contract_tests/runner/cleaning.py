"""Deleting what runs left on a target, by their ledger: the newest first, and nothing that may be somebody else's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from contract_tests.oracle.judging import Judge
from contract_tests.runner.ledger import Ledger, LedgerEntry
from contract_tests.scenarios.builder import ScenarioBuilder, Unprovidable
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import PlannedRequest, Play, Unresolved
from contract_tests.transport.client import Client
from contract_tests.transport.wire import WireResponse

GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What became of a record: it is there still where it was `refused` by the target, or is `left` for another reason."""

    entry: LedgerEntry
    state: Literal["deleted", "gone", "refused", "left"]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Deletion:
    """The request that deletes a record, and the one that shows it, where there is one."""

    entry: LedgerEntry
    delete: PlannedRequest
    read: PlannedRequest | None


class Left(Exception):  # noqa: N818 (it says why a record stays)
    """Raised with the reason why a record cannot be deleted."""


def planned_deletion(subject: Subject, entry: LedgerEntry) -> Deletion:
    """Return how a record is deleted; raise `Left` where it cannot be."""
    if entry.uncertain:
        raise Left(entry.uncertain)
    if entry.resource not in subject.contract.resources:
        raise Left("the document has no such resource")
    names = [tenant.name for tenant in subject.tenants]
    if entry.organization is not None and entry.organization not in names:
        raise Left("it belongs to the other organization, and --other-token is not given")
    deleting = [one for one in subject.signatures if one.deletes == entry.resource and one.of("path")]
    if not deleting:
        raise Left(f"the document declares no operation that deletes {entry.resource} records")
    tenant = names.index(entry.organization) if entry.organization is not None else 0
    missing: list[str] = []
    for signature in deleting:
        try:
            delete = _request(subject, signature, entry, tenant)
        except Left as left:
            missing.append(str(left))
            continue
        return Deletion(entry, delete, _reading(subject, entry, tenant))
    raise Left(missing[0])


def _goes_along(subject: Subject, entry: LedgerEntry, gone: Collection[tuple[str, str | int | None]]) -> bool:
    """Say whether a record goes with what it belongs to, as the document declares; `gone` has resources and ids."""
    resources = subject.contract.resources
    return any(
        reference.when_deleted is not None
        and reference.when_deleted.fixed == "cascade"
        and (reference.to, entry.found_by.get(f"{reference.to}.{resources[reference.to].id}")) in gone
        for reference in (resources[entry.resource].references.values() if entry.resource in resources else ())
    )


def gone_along(subject: Subject, left: Sequence[Cleaned], gone: set[tuple[str, str | int | None]]) -> Iterator[Cleaned]:
    """Yield what is left, the oldest first; what goes with what it belongs to as gone, after adding it to `gone`."""
    for one in reversed(left):  # what belongs to others was made after them
        if _goes_along(subject, one.entry, gone):
            gone.add((one.entry.resource, one.entry.id))
            yield Cleaned(one.entry, "gone")
        else:
            yield one


def _reading(subject: Subject, entry: LedgerEntry, tenant: int) -> PlannedRequest | None:
    """Return the request that shows a record which had the tag of its run in it; None where there is none."""
    for signature in subject.signatures if entry.tagged else ():
        is_its_own = any(slot.resource and slot.resource.name == entry.resource for slot in signature.of("path"))
        if signature.operation.method == "GET" and is_its_own and signature.gives.get(entry.resource) == "":
            try:
                return _request(subject, signature, entry, tenant)
            except Left:
                continue
    return None


def _request(subject: Subject, signature: Signature, entry: LedgerEntry, tenant: int) -> PlannedRequest:
    """Return the request of an operation that is about a record; raise `Left` where the ledger does not say enough."""
    places = {slot.name: f"{slot.resource.name}.{slot.field}" for slot in signature.of("path") if slot.resource}
    for slot in signature.of("path"):
        if places.get(slot.name) not in entry.found_by:
            raise Left(f"{signature.operation} needs {{{slot.name}}}, which the ledger does not have")
    if len(set(places.values())) < len(places):
        raise Left(f"{signature.operation} needs two ids of one kind, which the ledger does not tell apart")
    path = {name: entry.found_by[place] for name, place in places.items()}
    builder = ScenarioBuilder(subject, "what a run left")
    try:
        builder.call(signature, "delete what a run left", tenant=tenant, path=path)
    except Unprovidable:
        raise Left(f"{signature.operation} needs more than a path") from None
    if len(builder.requests) > 1:
        raise Left(f"{signature.operation} needs another record")
    return builder.requests[0]


class Cleaning:
    """Deletes what a ledger holds and appends to it what is gone."""

    def __init__(self, subject: Subject, client: Client, ledger: Ledger) -> None:
        self._subject = subject
        self._client = client
        self._ledger = ledger
        self._judge = Judge(subject.contract)
        self._gone: set[tuple[str, str | int | None]] = set()

    def clean(self, entries: Sequence[LedgerEntry]) -> Iterator[Cleaned]:
        """Delete records in this order; those that the target refuses are tried again for as long as others go."""
        left: list[Cleaned] = []
        while entries:
            refused: list[Cleaned] = []
            has_gone = False
            for entry in entries:
                cleaned = self._clean(entry)
                if cleaned.state == "refused":
                    refused.append(cleaned)
                elif cleaned.state == "left":
                    left.append(cleaned)
                else:
                    has_gone = True
                    yield self._noted(cleaned)
            if not has_gone:
                left += refused
                break
            entries = [one.entry for one in refused]
        for one in gone_along(self._subject, left, self._gone):
            yield self._noted(one) if one.state == "gone" else one

    def _noted(self, cleaned: Cleaned) -> Cleaned:
        self._gone.add((cleaned.entry.resource, cleaned.entry.id))
        self._ledger.add_deleted(cleaned.entry)
        return cleaned

    def _clean(self, entry: LedgerEntry) -> Cleaned:
        try:
            deletion = planned_deletion(self._subject, entry)
            if deletion.read is not None:
                shown = self._send(deletion.read)
                if shown.is_success and entry.tag.encode() not in shown.body:
                    raise Left("the record that has its id now does not have the tag of the run")
            reply = self._send(deletion.delete)
        except Left as left:
            return Cleaned(entry, "left", str(left))
        if reply.is_success and not reply.trouble:
            return Cleaned(entry, "deleted")
        operation = deletion.delete.operation
        if reply.status in GONE and not reply.trouble and not self._judge.flaws(operation, reply):
            return Cleaned(entry, "gone")
        return Cleaned(entry, "refused", f"{operation} returned {reply.trouble or reply.status}")

    def _send(self, planned: PlannedRequest) -> WireResponse:
        try:
            call = Play("", 0, self._subject.tenants).call(planned)
        except Unresolved:
            raise Left(f"{planned.operation} needs what an earlier response would show") from None
        return self._client.send(call)
