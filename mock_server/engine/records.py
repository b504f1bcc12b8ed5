"""Making and changing records: what the request gives, what the server makes, what is derived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mock_server.contract.expressions import FromBody
from mock_server.contract.model import Derived, Resource, Write
from mock_server.contract.problems import Refused
from mock_server.contract.schemas import SchemaCheck, Violation
from mock_server.contract.source import Json
from mock_server.engine.keys import Key
from mock_server.engine.run import ABSENT, Absent, Evaluate, Run, compile_value, place_of, same_value
from mock_server.engine.store import Record


class Given:
    """What a step takes from a request for the fields of a resource."""

    def __init__(self, resource: Resource, writes: Iterable[Write], ids: Mapping[str, str]) -> None:
        self.places: dict[str, tuple[str, str]] = {}
        self.when_absent: dict[str, Json | Absent] = {}
        self._from_body: list[tuple[str, str]] = []
        self._others: list[tuple[str, Evaluate, SchemaCheck | None]] = []
        self._key = Key(resource)
        for write in writes:
            target, expression = resource.fields[write.field], write.value.fixed
            self.places[write.field] = place_of(write.value, write.field)
            self.when_absent[write.field] = target.default if target.has_default else None if target.nullable else ABSENT
            if write.check is None and isinstance(expression, FromBody) and len(expression.tokens) == 1:
                self._from_body.append((write.field, expression.tokens[0]))
            else:
                self._others.append((write.field, compile_value(write.value, ids), write.check))

    def values(self, run: Run) -> dict[str, Json]:
        """Return the values by field, key values as they are stored; what the request does not send is left out."""
        values: dict[str, Json] = {}
        body = run.body
        if type(body) is dict:
            for field, name in self._from_body:
                if name in body:
                    values[field] = body[name]
        for field, evaluate, check in self._others:
            value = evaluate(run)
            if value is not ABSENT:
                values[field] = value if check is None else self._checked(field, value, check, run)
        for field in self._key.fields:
            if field in values:
                values[field] = self._key.stored(values[field], run.choices)
        return values

    def refusal(self, field: str, rule: str, message: str) -> Refused:
        """Return the refusal of what the request gives, or fails to give, for `field`."""
        violation = Violation(*self.places.get(field, ("body", "")), rule, message)
        return Refused("invalid", f"The request does not fit what is stored: {message}.", (violation,))

    def _checked(self, field: str, value: Json, check: SchemaCheck, run: Run) -> Json:
        location, pointer = self.places[field]
        violations = check.violations(value, run.choices, location, pointer)
        if violations:
            raise Refused("invalid", f"The request does not fit what is stored: {violations[0].message}.", violations)
        return value


class Maker:
    """Makes and changes the records of one resource."""

    def __init__(self, resource: Resource, given: Given) -> None:
        self.resource = resource
        self._given = given
        self._blank: Record = {}
        self._needed: list[str] = []
        self._optional: list[str] = []
        self._derived = [derived for derived in resource.derived if "when-created" in derived.when.possible()]
        for field in resource.fields.values():
            self._blank[field.name] = field.default
            if field.name in resource.server_made or field.has_default or field.nullable:
                continue
            (self._needed if field.required else self._optional).append(field.name)
        if resource.type_name:
            self._blank[resource.type_name[0]] = resource.type_name[1]

    def draft(self, values: Mapping[str, Json]) -> Record:
        """Return a record with `values`, all of it but what the server makes."""
        for field in self._needed:
            if field not in values:
                raise self._given.refusal(field, "required", f"{field!r} is required")
        record = {**self._blank, **values}
        for field in self._optional:
            if field not in values:
                del record[field]
        return record

    def make(self, run: Run, record: Record) -> Record:
        """Store a draft as a new record."""
        resource = self.resource
        record[resource.id] = self._new_id(run)
        if resource.created is not None:
            record[resource.created] = run.now()
        if resource.modified is not None:
            at_once = resource.modified_when_new.settle(run.choices) == "created"
            record[resource.modified] = run.now() if at_once else None
        for derived in self._derived:
            if record[derived.field] is None and (joined := join(derived, record)) is not None:
                record[derived.field] = joined if derived.when.settle(run.choices) == "when-created" else None
        run.store.put(resource.name, run.owner(resource), record[resource.id], record)
        return record

    def change(self, run: Run, record: Record, values: Mapping[str, Json]) -> Record:
        """Store `record` with `values`; when they leave it as it was, only the time may change."""
        resource, owner = self.resource, run.owner(self.resource)
        changes = {name: value for name, value in values.items() if not same_value(record.get(name, ABSENT), value)}
        if not changes and not self.touches(run):
            return record
        if resource.modified:
            changes[resource.modified] = run.now()
        if any(field in changes for field in resource.key):
            run.store.remember_key(resource.name, owner, resource.key, record[resource.id], record)
        changed = {**record, **changes}
        run.store.put(resource.name, owner, record[resource.id], changed)
        return changed

    def touches(self, run: Run) -> bool:
        """Say whether an update that changes nothing counts as a modification."""
        return self.resource.modified is not None and self.resource.modified_when_unchanged.settle(run.choices) == "now"

    def _new_id(self, run: Run) -> Json:
        id = run.making.id(self.resource)
        while run.store.is_taken(self.resource.name, id):
            id = run.making.id(self.resource)
        return id


def join(derived: Derived, record: Record) -> str | None:
    """Return the text that a derived field would have; None when there is nothing to make it of."""
    parts = [record[name] for name in derived.join if isinstance(record.get(name), str)]
    return " ".join(parts) if parts else None
