"""Making and changing records: what the server makes, what is derived, what counts as a change."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from mock_server.contract.decisions import Decision
from mock_server.contract.files.source import Json
from mock_server.contract.model import Field, Resource
from mock_server.contract.problems import Refused
from mock_server.engine.choices import settler
from mock_server.engine.execution import Execution
from mock_server.engine.given import Given
from mock_server.engine.store import Former, Record
from mock_server.engine.transitions import transition_check
from mock_server.engine.values import ABSENT, same_value

STORED = frozenset({"when-created", "when-stored"})
"""When what is derived becomes part of a new record."""


class Recorder:
    """Makes and changes the records of one resource. `when_unchanged` says what a change is that changes nothing."""

    def __init__(self, resource: Resource, given: Given, when_unchanged: Decision[str]) -> None:
        self.resource = resource
        self._given = given
        self._settle_unchanged = settler(when_unchanged)
        self._settle_modified = settler(resource.modified_when_new)
        self._check_states = transition_check(resource, given.refusal)
        self._created_form = resource.time_form(resource.created) if resource.created else "date-time"
        self._modified_form = resource.time_form(resource.modified) if resource.modified else "date-time"
        self._uniques, self._slugs = given.uniques, given.slugs
        self._settle_ids = settler(resource.ids)
        self._is_number = "string" not in resource.fields[resource.id].schema.types
        self._derived = [derived for derived in resource.derived if STORED.intersection(derived.when.possible())]
        stored = [field for field in resource.fields.values() if field.name not in resource.computed]
        self._blank = {field.name: self._before_given(field) for field in stored}
        self._may_lack = [name for name, value in self._blank.items() if value is ABSENT]

    def _before_given(self, field: Field) -> object:
        """Return what a field of a new record is, unless the request gives it or the server makes it."""
        resource = self.resource
        if resource.type_name and field.name == resource.type_name[0]:
            return resource.type_name[1]
        if field.name == resource.id or (field.name in resource.slugs and not field.has_default):
            return None
        if field.name in resource.server_made or field.has_default or field.nullable:
            return field.default
        return ABSENT

    def draft(self, values: Mapping[str, Json]) -> Record:
        """Return a new record but for what the server makes; raise `Refused` where `values` lack a required field."""
        record = {**self._blank, **values}
        for field in self._may_lack:
            if record[field] is ABSENT:
                if self.resource.fields[field].required:
                    raise self._given.refusal(field, "required", f"{field!r} is required")
                del record[field]
        return record

    def make(self, execution: Execution, draft: Record) -> Record:
        """Store a draft as a new record, with what the server makes and derives, and return it."""
        resource, store, choices = self.resource, execution.store, execution.choices
        id = draft[resource.id]
        if id is not None:
            if store.get(resource.name, execution.owner(resource), id) is not None:
                raise Refused("conflict", f"Another {resource.name} has the {resource.id} {id!r:.80} already.")
            store.note_id(resource.name, id)
        if self._slugs is not None:
            self._slugs.fill(execution, draft)
        if self._uniques is not None:
            self._uniques.refuse(execution, draft)
        if id is None:
            id = draft[resource.id] = self._new_id(execution)
        if resource.created is not None:
            draft[resource.created] = execution.moment(self._created_form, 0)
        if resource.modified is not None:
            touched = self._settle_modified(choices) == "created"
            draft[resource.modified] = self._first_modified(execution, draft) if touched else None
        for derived in self._derived:
            if draft[derived.field] is None and (joined := join(derived.join, draft)) is not None:
                draft[derived.field] = joined if derived.when.settle(choices) in STORED else None
        store.put(resource.name, execution.organization if resource.owned else None, id, draft)
        return draft

    def _new_id(self, execution: Execution) -> Json:
        """Return an id that no record of any owner has."""
        resource, store, new_id = self.resource, execution.store, execution.generator.id
        ids = self._settle_ids(execution.choices)
        if ids == "sequential" or (ids == "client" and self._is_number):
            return self._next_id(execution)
        id = new_id(resource)
        while store.is_taken(resource.name, id):
            id = new_id(resource)
        return id

    def _first_modified(self, execution: Execution, draft: Record) -> Json:
        """Return the time of the last change of a new record, which is that of its making."""
        if self.resource.created is not None and self._created_form == self._modified_form:
            return draft[self.resource.created]
        return execution.moment(self._modified_form, 0)

    def _next_id(self, execution: Execution) -> Json:
        id = execution.generator.next_id(self.resource, execution.store)
        while execution.store.is_taken(self.resource.name, id):
            id = execution.generator.next_id(self.resource, execution.store)
        return id

    def change(
        self,
        execution: Execution,
        record: Record,
        values: Mapping[str, Json],
        *,
        sent: bool | None = None,
        taken: Callable[[], bool] = lambda: False,
        lost: Collection[str] = (),
    ) -> Record:
        """Store `record` with `values` and without what is `lost`; when they leave it as it was, only the time may change.

        `sent` says whether the request gives any field; without it, `values` are all that it gives. `taken` says whether it
        gives one that is not ignored.
        """
        resource, store, owner = self.resource, execution.store, execution.owner(self.resource)
        changes = {name: value for name, value in values.items() if not same_value(record.get(name, ABSENT), value)}
        gone = [name for name in lost if name in record]
        if not changes and not gone and not self.touches(execution, sent=bool(values) if sent is None else sent, taken=taken):
            return record
        if self._check_states is not None:
            self._check_states(execution, record, changes)
        if resource.modified:
            changes[resource.modified] = execution.moment(self._modified_form, 0)
        key = self._given.key
        if key is not None and any(field in changes for field in key.fields):
            store.remember(key.index, Former(owner, record[resource.id], record))
        changed = {**record, **changes}
        for name in gone:
            del changed[name]
        if self._uniques is not None:
            self._uniques.refuse(execution, changed, {*changes, *gone})
        for derived in self._derived:
            if changed.get(derived.field) is None and (joined := join(derived.join, changed)) is not None:
                changed[derived.field] = joined if derived.when.settle(execution.choices) == "when-stored" else None
        store.put(resource.name, owner, record[resource.id], changed)
        return changed

    def refuse_taken_key(
        self, execution: Execution, values: Mapping[str, Json], when_taken: Decision[str], record: Record | None = None
    ) -> None:
        """Raise `Refused` where another record than `record` has the key in `values`, and that is a conflict."""
        key = self._given.key
        if key is None or (record and all(same_value(record.get(field), values.get(field)) for field in key.fields)):
            return
        id = self.resource.id
        others = [other for other in key.holders(execution, values) if record is None or other[id] != record[id]]
        if others and when_taken.settle(execution.choices) == "conflict":
            raise self.key_taken()

    def key_taken(self) -> Refused:
        """Return the refusal of a key that another record has."""
        return Refused("conflict", f"Another {self.resource.name} has this {' and '.join(self.resource.key)} already.")

    def touches(self, execution: Execution, *, sent: bool, taken: Callable[[], bool] = lambda: False) -> bool:
        """Say whether an update that changes nothing counts as a modification."""
        if self.resource.modified is None:
            return False
        outcome = self._settle_unchanged(execution.choices)
        return outcome == "now" or (sent and outcome == "when-sent") or (outcome == "when-taken" and taken())


def join(fields: Iterable[str], record: Record) -> str | None:
    """Return the text that a field derived from others would have; None when there is nothing to make it of."""
    joined = None
    for field in fields:
        text = record.get(field)
        if text and type(text) is str:
            joined = text if joined is None else f"{joined} {text}"
    return joined
