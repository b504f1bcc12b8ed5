"""What a run made on its target, read from the responses of every phase: for the ledger and for the outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

from contract_tests.oracle.shapes import (
    ListShape,
    ListsShape,
    ObjectShape,
    OutcomesShape,
    PlainShape,
    RecordShape,
    SeveralShape,
    Shape,
    answer_shape,
)
from contract_tests.runner.ledger import Ledger, LedgerEntry, now
from contract_tests.scenarios.signatures import Signature, Slot
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import Omitted, PlannedRequest, Play, Unresolved
from contract_tests.transport.wire import WireResponse
from mock_server.contract.behaviours.expressions import FromThis
from mock_server.contract.files.source import Json
from mock_server.contract.model import Resource, Step


@dataclass(frozen=True, slots=True)
class CreatedRecord:
    """A record in a response: its id, and what else is shown of it, by field."""

    resource: Resource
    id: str | int
    fields: Mapping[str, Json]


def shown_in(shape: Shape, value: Json) -> Iterator[CreatedRecord]:
    """Yield the records in a part of a response that belong to the request; of a list, only one that it came to itself."""
    match shape:
        case RecordShape() if isinstance(value, dict):
            id = value.get(shape.id)
            if is_plain(id):
                yield CreatedRecord(shape.resource, id, _fields(shape, value))
            for name, nested in shape.nested.items():
                yield from shown_in(nested, value.get(name))
        case ObjectShape() if isinstance(value, dict):
            for name, member in shape.members.items():
                yield from shown_in(member, value.get(name))
        case ListsShape(lists) if isinstance(value, list):
            for one in lists:
                yield from shown_in(one, value)
        case ListShape(is_whole=True) if isinstance(value, list):
            for element in value:
                yield from shown_in(shape.item, element)
        case SeveralShape() | OutcomesShape() if isinstance(value, list):
            for element in value:
                yield from shown_in(shape.of if isinstance(shape, SeveralShape) else shape.done, element)
        case PlainShape((resource, name)) if name == resource.id and is_plain(value):
            yield CreatedRecord(resource, value, {})


def is_plain(value: object) -> TypeGuard[str | int]:
    """Say whether a value may be an id."""
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def _fields(shape: RecordShape, value: Mapping[str, Json]) -> dict[str, Json]:
    if shape.view is None:
        return dict(value)
    shown = shape.view.members.items()
    return {made_of.field: value[name] for name, made_of in shown if isinstance(made_of, FromThis) and name in value}


@dataclass(slots=True)
class Creations:
    """Notes what is made on a target. Without a `ledger` it only counts; `mask` puts stand-ins for secrets into a text."""

    subject: Subject
    tag: str
    target: str = ""
    mask: Callable[[str], str] = lambda text: text
    ledger: Ledger | None = None
    created: dict[str, dict[Json, None]] = field(default_factory=dict)
    """The ids of records, by resource."""
    _unshown: set[str] = field(default_factory=set)
    """What was noted of records whose ids are not known: once is enough."""
    _makers: dict[str, Signature] = field(init=False)
    _shapes: dict[str, Shape] = field(init=False)
    _finding: frozenset[tuple[str, str]] = field(init=False)
    """The fields by which operations find what they delete, and what it belongs to, by resource."""

    def __post_init__(self) -> None:
        signatures = self.subject.signatures
        self._makers = {one.operation.id: one for one in signatures if one.makes}
        self._shapes = {id: answer_shape(one.operation, self.subject.contract) for id, one in self._makers.items()}
        places = (slot for one in signatures if one.deletes for slot in one.of("path"))
        self._finding = frozenset((slot.resource.name, slot.field) for slot in places if slot.resource)

    def note(self, planned: PlannedRequest, play: Play, reply: WireResponse, body: Json) -> None:
        """Note what a request made, as its response shows; where nothing shows it, that there may be something."""
        maker = self._makers.get(planned.operation.id)
        if maker is None or planned.method not in ("", planned.operation.method):
            return
        if reply.trouble or reply.status >= 500:
            self.note_lost(planned, play, reply.trouble or f"the response was {reply.status}")
        if not reply.is_success or reply.trouble:
            return
        shown = [one for one in shown_in(self._shapes[maker.operation.id], body) if one.resource.name in maker.makes]
        for one in shown:
            if not self._is_known(one):
                sent = _sent(maker, one.resource, planned, play)
                self._add(planned, one, {**sent, **self._of_record(one, sent)})
        for step in maker.operation.steps:
            if step.makes and step.each is None and not any(one.resource == step.resource for one in shown):
                sent = _sent(maker, step.resource, planned, play)
                self._note_unshown(planned, play, step, {**sent, **self._parents(step.resource, shown)})

    def note_lost(self, planned: PlannedRequest, play: Play, why: str) -> None:
        """Note that a request may have made something, which no response tells."""
        maker = self._makers.get(planned.operation.id)
        for name in maker.makes if maker else ():
            told, resource = f"{why}, so there may be no such record", self.subject.contract.resources[name]
            self._write(planned, resource, None, _sent(maker, resource, planned, play), uncertain=told)

    def _note_unshown(self, planned: PlannedRequest, play: Play, step: Step, found_by: Mapping[str, str | int]) -> None:
        """Note a record of which the response shows nothing, unless the request says that it was not made."""
        slots = [(one, self._makers[planned.operation.id].deciding(one)) for one in step.occasions]
        given = [(one, _given(planned, play, slot)) for one, slot in slots if slot is not None]
        if any((value in one.among) is not one.is_among for one, value in given):
            return
        told = "" if len(given) == len(slots) else "no response tells whether it was made"
        id = found_by.get(f"{step.resource.name}.{step.resource.id}")
        self._write(planned, step.resource, id, found_by, uncertain=told)

    def _parents(self, resource: Resource, shown: Sequence[CreatedRecord]) -> dict[str, str | int]:
        """Return the ids of those shown records that a record may refer to."""
        others = {reference.to for reference in resource.references.values()}
        return {f"{one.resource.name}.{one.resource.id}": one.id for one in shown if one.resource.name in others}

    def sync(self) -> None:
        """Have the disk keep what was noted."""
        if self.ledger is not None:
            self.ledger.sync()

    def _is_known(self, shown: CreatedRecord) -> bool:
        """Say whether a record was there before the run."""
        name, id = shown.resource.name, shown.id
        return any(
            id in tenant.known.get(name, ()) or any((one.resource, one.id) == (name, id) for one in tenant.accounts)
            for tenant in self.subject.tenants
        )

    def _of_record(self, shown: CreatedRecord, sent: Mapping[str, str | int]) -> dict[str, str | int]:
        """Return the values by which operations find a record, and what it belongs to where the request does not say so."""
        resource = shown.resource
        values = {resource.id: shown.id, **shown.fields}
        found = {name: value for name, value in values.items() if name == resource.id or (resource.name, name) in self._finding}
        own = {f"{resource.name}.{name}": value for name, value in found.items() if is_plain(value)}
        belongs: dict[str, set[Json]] = {}
        for name, reference in resource.references.items():
            if is_plain(value := shown.fields.get(name)):
                other = self.subject.contract.resources[reference.to]
                belongs.setdefault(f"{other.name}.{other.id}", set()).add(value)
        parents = {name: ids.pop() for name, ids in belongs.items() if len(ids) == 1 and name not in sent}
        return {**parents, **own}

    def _add(self, planned: PlannedRequest, shown: CreatedRecord, found_by: Mapping[str, str | int]) -> None:
        ids = self.created.setdefault(shown.resource.name, {})
        if shown.id in ids:
            return
        ids[shown.id] = None
        maker = self._makers[planned.operation.id]
        may_be_found = planned.shared and shown.resource.name in (maker.finds_by_key, maker.replaces)
        self._write(
            planned,
            shown.resource,
            shown.id,
            found_by,
            tagged=bool(self.tag) and self.tag in str(shown.fields),
            uncertain="its key was not one of the run's own, so it may have been there before" if may_be_found else "",
        )

    def _write(
        self,
        planned: PlannedRequest,
        resource: Resource,
        id: str | int | None,
        found_by: Mapping[str, str | int],
        *,
        tagged: bool = False,
        uncertain: str = "",
    ) -> None:
        if self.ledger is None:
            return
        if id is None:
            what = str((resource.name, planned.operation.id, planned.tenant, sorted(found_by.items()), uncertain))
            if what in self._unshown:
                return
            self._unshown.add(what)
        found_by = {name: value for name, value in found_by.items() if self.mask(str(value)) == str(value)}
        if id is not None and self.mask(str(id)) != str(id):
            id, uncertain = None, "its id has a credential in it, which is not written down"
        tenants = self.subject.tenants
        whose = tenants[planned.tenant].name if planned.tenant < len(tenants) else None
        operation = str(planned.operation)
        entry = LedgerEntry(
            resource.name, id, whose, operation, found_by, self.target, self.tag, tagged, self.mask(uncertain), now()
        )
        self.ledger.add(entry)


def _sent(maker: Signature | None, made: Resource, planned: PlannedRequest, play: Play) -> dict[str, str | int]:
    """Return the keys and ids that a request was given, by resource and field, but for those of another record like it."""
    found: dict[str, str | int] = {}
    for slot in maker.slots if maker else ():
        if slot.resource is None or not slot.field or (slot.role == "id" and slot.resource == made):
            continue
        if is_plain(value := _given(planned, play, slot)):
            found.setdefault(f"{slot.resource.name}.{slot.field}", value)
    return found


def _given(planned: PlannedRequest, play: Play, slot: Slot) -> Json:
    """Return what a request has in a place; None where it has nothing there."""
    body = planned.body if isinstance(planned.body, Mapping) else {}
    given = {"path": {} if planned.raw_path else planned.path, "query": planned.query, "header": planned.headers, "body": body}
    template = given.get(slot.location, {}).get(slot.name)
    if isinstance(template, Omitted):
        return None
    try:
        return play.resolve(template)
    except Unresolved:
        return None
