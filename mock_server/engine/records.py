"""Making and changing records: what the request gives, what the server makes, what is derived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mock_server.contract.expressions import FromBody
from mock_server.contract.model import Decision, Resource, Write
from mock_server.contract.problems import Refused
from mock_server.contract.schemas import SchemaCheck, Violation
from mock_server.contract.source import Json
from mock_server.engine.choices import Choices
from mock_server.engine.execution import ABSENT, Absent, Execution, place_of, same_value
from mock_server.engine.keys import Key, write_stored
from mock_server.engine.scene import Scene
from mock_server.engine.store import Change, Fields, Record

STORED = frozenset({"when-created", "when-stored"})
"""When what is derived becomes part of a new record."""


class Given:
    """What a step takes from a request for the fields of a resource."""

    def __init__(self, resource: Resource, writes: Iterable[Write]) -> None:
        self.resource = resource
        self.writes = tuple(writes)
        self.key = Key(resource)
        self.places: dict[str, tuple[str, str]] = {}
        self.when_absent: dict[str, Json | Absent] = {}
        for write in self.writes:
            target = resource.fields[write.field]
            self.places[write.field] = place_of(write.value, write.field)
            self.when_absent[write.field] = target.default if target.has_default else None if target.nullable else ABSENT

    def write(self, scene: Scene, prefix: str) -> dict[str, str]:
        """Write what evaluates the fields, key values as they are stored; return the variables, which may be `ABSENT`."""
        source = scene.source
        variables = {}
        for write in sorted(self.writes, key=lambda write: not _is_plain(write)):  # the plain ones rest on no choice
            variable = variables[write.field] = source.variable(f"{prefix}_{write.field}")
            source.line(f"{variable} = {scene.value(write.value)}")
            if write.check is not None:
                with source.block(f"if {variable} is not {scene.absent}:"):
                    check = f"{source.bind('given', self)}.checked({write.field!r}, {source.bind('check', write.check)}"
                    source.line(f"{check}, {variable}, choices)")
        for field in self.key.fields:
            if field in variables:
                write_stored(scene, self.key, variables[field])
        return variables

    def checked(self, field: str, check: SchemaCheck, value: Json, choices: Choices) -> None:
        """Raise `Refused` for a value that the field cannot hold."""
        location, pointer = self.places[field]
        violations = check.violations(value, choices, location, pointer)
        if violations:
            raise Refused("invalid", f"The request does not fit what is stored: {violations[0].message}.", violations)

    def refusal(self, field: str, rule: str, message: str) -> Refused:
        """Return the refusal of what the request gives, or fails to give, for `field`."""
        violation = Violation(*self.places.get(field, ("body", "")), rule, message)
        return Refused("invalid", f"The request does not fit what is stored: {message}.", (violation,))

    def lacking(self, field: str) -> Refused:
        """Return the refusal of a request that does not give `field`."""
        return self.refusal(field, "required", f"{field!r} is required")


class Maker:
    """Makes and changes the records of one resource. `when_unchanged` says what a change is that changes nothing."""

    def __init__(self, resource: Resource, given: Given, when_unchanged: Decision[str]) -> None:
        self.resource = resource
        self._given = given
        self._when_unchanged = when_unchanged
        self._derived = [derived for derived in resource.derived if STORED.intersection(derived.when.possible())]

    def write_draft(self, scene: Scene, variables: Mapping[str, str]) -> dict[str, str]:
        """Write what gives the fields of a new record their values, all but what the server makes; return them by field.

        `variables` hold what the request gives. A field that the record may do without can still be `ABSENT`.
        """
        source, resource = scene.source, self.resource
        never_absent = {write.field for write in self._given.writes if scene.never_absent(write.value)}
        values = {}
        for field in resource.fields.values():
            given, default = variables.get(field.name), source.constant(field.default)
            if resource.type_name and field.name == resource.type_name[0]:
                values[field.name] = repr(resource.type_name[1])
            elif field.name in resource.server_made or (given is None and (field.has_default or field.nullable)):
                values[field.name] = default
            elif field.has_default or field.nullable:
                values[field.name] = given or default
                if given and field.name not in never_absent:
                    values[field.name] = source.variable(f"{given}_or_default")
                    source.line(f"{values[field.name]} = {given} if {given} is not {scene.absent} else {default}")
            else:
                values[field.name] = given or scene.absent
                if field.required and field.name not in never_absent:
                    with source.block(f"if {values[field.name]} is {scene.absent}:"):
                        source.line(f"raise {source.bind('given', self._given)}.lacking({field.name!r})")
        return values

    def write_making(
        self, scene: Scene, draft: Mapping[str, str], record: str, entries: Mapping[Fields, tuple[str, str]]
    ) -> None:
        """Write what stores a draft as a new record, and sets the variable `record` to it.

        `entries` has, for indexes in which the record's place is known already, that place and the ids that stand there.
        """
        source, resource, table, owner = scene.source, self.resource, scene.table(self.resource), scene.owner(self.resource)
        values = dict(draft)
        id, held = (source.variable(f"{record}_{part}") for part in ("id", "held"))
        self._write_id(scene, id, held)
        values[resource.id] = id
        if resource.created is not None:
            values[resource.created] = self._write_time(scene)
        if resource.modified is not None:
            modified = values[resource.modified] = source.variable(f"{record}_modified")
            now = f"{scene.run}.now()" if resource.created is None else values[resource.created]
            at_once = scene.settled(resource.modified_when_new)
            source.line(f"{modified} = {now} if {at_once} == 'created' else None")
        optional = {name for name, value in values.items() if self.may_lack(name)}
        members = ", ".join(f"{name!r}: {value}" for name, value in values.items() if value != scene.absent)
        source.line(f"{record} = {{{members}}}")
        for name in values:
            if name in optional and values[name] != scene.absent:
                with source.block(f"if {values[name]} is {scene.absent}:"):
                    source.line(f"del {record}[{name!r}]")
        if self._derived:
            underived = " or ".join(f"{record}[{derived.field!r}] is None" for derived in self._derived)
            with source.block(f"if {underived}:"):
                source.line(f"{source.bind('maker', self)}.derive({scene.run}, {record})")
        source.line(f"{held} = {table}.records.get({owner})")
        with source.block(f"if {held} is None:"):
            source.line(f"{held} = {table}.records[{owner}] = {{}}")
        source.line(f"{held}[{id}] = {record}")
        for fields in sorted(scene.layouts[resource.name].indexes):
            self._write_indexing(scene, fields, record, id, entries)
        # A named tuple's own constructor is a Python function; the one of `tuple` is not.
        change = f"new_tuple({source.bind('Change', Change)}, ({resource.name!r}, {owner}, {id}, None, {record}))"
        source.at_start(f"new_tuple = {source.bind('make_tuple', tuple.__new__)}")
        source.line(f"store.changes.append({change})")

    def may_lack(self, name: str) -> bool:
        """Say whether a record can be without a field."""
        field = self.resource.fields[name]
        return not (name in self.resource.server_made or field.has_default or field.nullable or field.required)

    def _write_id(self, scene: Scene, id: str, held: str) -> None:
        source = scene.source
        resource = source.bind(f"{self.resource.name}_resource", self.resource)
        source.line(f"{id} = generator.id({resource})")
        with source.block(f"for {held} in {scene.table(self.resource)}.records.values():"), source.block(f"if {id} in {held}:"):
            source.line(f"{id} = {source.bind('maker', self)}.free_id({scene.run})")
            source.line("break")

    def _write_time(self, scene: Scene) -> str:
        now = scene.now
        scene.source.line(f"{now} = {scene.run}.time")
        with scene.source.block(f"if {now} is None:"):
            scene.source.line(f"{now} = {scene.run}.time = generator.now()")
        return now

    def _write_indexing(
        self, scene: Scene, fields: Fields, record: str, id: str, entries: Mapping[Fields, tuple[str, str]]
    ) -> None:
        source = scene.source
        by_value = source.variable(f"{record}_by_{'_'.join(fields)}")
        source.line(f"{by_value} = {scene.index(self.resource, fields)}")
        if fields in entries:
            entry, ids = entries[fields]
        else:
            entry, ids = source.variable("entry"), source.variable("ids")
            values = {}
            for field in fields:
                values[field] = source.variable(f"{record}_{field}")
                source.line(f"{values[field]} = {record}.get({field!r})")
            source.line(f"{entry} = {scene.entry(self.resource, fields, values)}")
            source.line(f"{ids} = {by_value}.get({entry})")
        with source.block(f"if {ids} is None:"):
            source.line(f"{by_value}[{entry}] = {id}")
        with source.block(f"elif type({ids}) is list:"):
            source.line(f"{ids}.append({id})")
        with source.block("else:"):
            source.line(f"{by_value}[{entry}] = [{ids}, {id}]")

    def derive(self, run: Execution, record: Record) -> None:
        """Fill what may be derived from other fields into a new record."""
        for derived in self._derived:
            if record[derived.field] is None and (joined := join(derived.join, record)) is not None:
                record[derived.field] = joined if derived.when.settle(run.choices) in STORED else None

    def free_id(self, run: Execution) -> Json:
        """Return a fresh id that no record has."""
        id = run.generator.id(self.resource)
        while run.store.is_taken(self.resource.name, id):
            id = run.generator.id(self.resource)
        return id

    def change(self, run: Execution, record: Record, values: Mapping[str, Json], *, sent: bool | None = None) -> Record:
        """Store `record` with `values`; when they leave it as it was, only the time may change.

        `sent` says whether the request gives any field; without it, `values` are all that it gives.
        """
        resource, owner = self.resource, run.owner(self.resource)
        changes = {name: value for name, value in values.items() if not same_value(record.get(name, ABSENT), value)}
        if not changes and not self.touches(run, sent=bool(values) if sent is None else sent):
            return record
        if resource.modified:
            changes[resource.modified] = run.now()
        if any(field in changes for field in resource.key):
            run.store.remember_key(resource.name, owner, resource.key, record[resource.id], record)
        changed = {**record, **changes}
        for derived in self._derived:
            if changed.get(derived.field) is None and (joined := join(derived.join, changed)) is not None:
                changed[derived.field] = joined if derived.when.settle(run.choices) == "when-stored" else None
        run.store.put(resource.name, owner, record[resource.id], changed)
        return changed

    def touches(self, run: Execution, *, sent: bool) -> bool:
        """Say whether an update that changes nothing counts as a modification."""
        if self.resource.modified is None:
            return False
        outcome = self._when_unchanged.settle(run.choices)
        return outcome == "now" or (sent and outcome == "when-sent")


def join(fields: Iterable[str], record: Record) -> str | None:
    """Return the text that a field derived from others would have; None when there is nothing to make it of."""
    texts = [text for field in fields if type(text := record.get(field)) is str and text]
    return " ".join(texts) if texts else None


def _is_plain(write: Write) -> bool:
    """Say whether a field takes a property of the body as it is."""
    return write.check is None and isinstance(write.value.fixed, FromBody) and len(write.value.fixed.tokens) == 1
