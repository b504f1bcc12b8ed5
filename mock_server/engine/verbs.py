"""What the verbs of a behaviour do: the source of each step, and what the source leaves to ordinary methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from mock_server.contract.expressions import Generated
from mock_server.contract.model import Create, Decision, Delete, Find, FindOrCreate, List, Resource, Step, Update
from mock_server.contract.problems import Refused
from mock_server.contract.source import Json
from mock_server.engine.duplicates import Duplicates
from mock_server.engine.execution import ABSENT, Execution, has, same_value
from mock_server.engine.keys import Key, write_lookup
from mock_server.engine.locating import Locator
from mock_server.engine.records import Given, Maker
from mock_server.engine.scene import Scene
from mock_server.engine.store import Fields, Owner, Record

WritingStep = TypeVar("WritingStep", FindOrCreate, Create, Update)


def write_step(scene: Scene, step: Step) -> None:
    """Write what performs `step`, and note its result in the scene."""
    match step:
        case Find():
            result = scene.result(step)
            Locator(step).write(scene, result)
            scene.note(step, result, nullable="accept" in step.otherwise.possible())
        case FindOrCreate():
            FindingOrCreating(step).write(scene)
        case Create():
            Creating(step).write(scene)
        case Update():
            Updating(step).write(scene)
        case Delete():
            Deleting(step, scene.resources).write(scene)
        case List():
            Listing(step).write(scene)


class _Writing(Generic[WritingStep]):
    """What the steps that write a record have in common."""

    def __init__(self, step: WritingStep) -> None:
        self.step: WritingStep = step
        self.resource = step.resource
        self.given = Given(step.resource, step.writes)
        self.maker = Maker(step.resource, self.given, step.when_unchanged)
        self.key = Key(step.resource)


class FindingOrCreating(_Writing[FindOrCreate]):
    """The step `find-or-create`."""

    def __init__(self, step: FindOrCreate) -> None:
        super().__init__(step)
        self.outcomes = step.when_found.possible()
        absents = self.given.when_absent.items()
        self.other_fields = [(field, absent) for field, absent in absents if field not in step.resource.key]

    def write(self, scene: Scene) -> None:
        """Write the step."""
        source, record = scene.source, scene.result(self.step)
        made, me = source.variable(f"{record}_made"), source.bind("find_or_create", self)
        variables = self.given.write(scene, record)
        key_variables = {field: variables[field] for field in self.resource.key if field in variables}
        write_lookup(scene, self.key, key_variables, record, f"{me}.known")
        source.line(f"{made} = {record} is None")
        with source.block(f"if {made}:"):
            draft = self.maker.write_draft(scene, variables)
            self.maker.write_making(scene, draft, record, {})
        if self.outcomes != ("keep",):
            with source.block(f"elif {self._unusual(scene, record, variables)}:"):
                source.line(f"{record} = {me}.use({scene.run}, {record}, {scene.mapping(variables)})")
        scene.note(self.step, record, made=made)

    def _unusual(self, scene: Scene, record: str, variables: Mapping[str, str]) -> str:
        """Return what tells whether anything can become of a known record but that it stays as it is."""
        if "conflict" in self.outcomes:
            return "True"
        fixed_texts = scene.layouts[self.resource.name].texts
        conditions = []
        for field, absent in self.other_fields:
            default = scene.source.constant(absent) if absent is not ABSENT else scene.absent
            value = f"({default} if {variables[field]} is {scene.absent} else {variables[field]})"
            if field in fixed_texts:  # a text, or null, equals nothing of another type
                conditions.append(f"{record}[{field!r}] != {value}")
            else:
                same = scene.source.bind("same_value", same_value)
                conditions.append(f"not {same}({record}.get({field!r}), {value})")
        if self.resource.modified is not None:
            conditions.append(f"{scene.settled(self.step.when_unchanged)} != 'kept'")
        return " or ".join(conditions) or "False"

    def known(self, run: Execution, key: Mapping[str, Json]) -> Record | None:
        """Return the record that is meant by a key; None when there is none."""
        ids = self.key.find(run, key)
        if not ids:
            return None
        id = ids[0] if len(ids) == 1 else self._one_of(run, key, ids)
        return run.store.held(self.resource.name, run.owner(self.resource), id)

    def _one_of(self, run: Execution, key: Mapping[str, Json], ids: list[Json]) -> Json:
        """Return the one that is meant among the ids of records with one key, which are given oldest first."""
        outcome = self.step.when_several.settle(run.choices)
        if outcome == "latest":
            in_turn = run.store.find(self.resource.name, run.owner(self.resource), self.key.fields, key)
            return [id for id in in_turn if id in ids][-1]
        return ids[0] if outcome == "oldest" else ids[-1]

    def use(self, run: Execution, record: Record, values: Mapping[str, Json]) -> Record:
        """Return a known record as it is after a request with `values`."""
        outcome = self._settle(run, record, values)
        if outcome == "conflict":
            raise _key_taken(self.resource)
        if outcome == "keep":
            return record
        return self.maker.change(run, record, self._updates(outcome, record, values), sent=self._sends(outcome, record, values))

    def _settle(self, run: Execution, record: Record, values: Mapping[str, Json]) -> str:
        """Return what becomes of the known record; consult the assumption only when its choices differ for this request."""
        outcomes, when_found = self.outcomes, self.step.when_found
        if "conflict" in outcomes:
            return when_found.settle(run.choices)
        for field, absent in self.other_fields:
            stored, value = record.get(field), values.get(field, absent)
            if stored is not value and not same_value(stored, value):
                break
        else:  # nothing to take from the request; yet a deployment may note that it was there
            sends = any(self._sends(outcome, record, values) for outcome in outcomes)
            touched = outcomes != ("keep",) and self.maker.touches(run, sent=sends)
            return when_found.settle(run.choices) if touched else "keep"
        first, *others = [self._updates(outcome, record, values) for outcome in outcomes]
        return outcomes[0] if others and all(other == first for other in others) else when_found.settle(run.choices)

    def _sends(self, outcome: str, record: Record, values: Mapping[str, Json]) -> bool:
        """Say whether the request has any field that the record takes, whether or not it is what the record has."""
        for field, _ in self.other_fields:
            value = values.get(field, ABSENT)
            if outcome in ("patch", "replace") and value is not ABSENT:
                return True
            if (
                outcome in ("fill", "merge")
                and value not in (ABSENT, None)
                and (outcome == "merge" or record.get(field) is None)
            ):
                return True
        return False

    def _updates(self, outcome: str, record: Record, values: Mapping[str, Json]) -> dict[str, Json]:
        """Return the fields that a known record takes from the request."""
        taken = {}
        for field, absent in self.other_fields:
            value, stored = values.get(field, absent if outcome == "replace" else ABSENT), record.get(field)
            if value is ABSENT or outcome == "keep" or same_value(stored, value):
                continue
            if (outcome == "fill" and stored is not None) or (outcome in ("fill", "merge") and value is None):
                continue
            taken[field] = value
        return taken


class Creating(_Writing[Create]):
    """The step `create`."""

    def __init__(self, step: Create) -> None:
        super().__init__(step)
        self.rules = [Duplicates(rule, self.maker) for rule in step.when_duplicate]
        # What the server makes up for a new record is not made up again for one that is there.
        generated = {write.field for write in step.writes if any(isinstance(one, Generated) for one in write.value.possible())}
        self.taken = [write.field for write in step.writes if write.field not in generated]

    def write(self, scene: Scene) -> None:
        """Write the step."""
        source, record = scene.source, scene.result(self.step)
        made, me = source.variable(f"{record}_made"), source.bind("create", self)
        variables = self.given.write(scene, record)
        taken = {field: variables[field] for field in self.taken}
        if self.resource.key:
            known = source.variable(f"{record}_known")
            key_variables = {field: variables[field] for field in self.resource.key if field in variables}
            write_lookup(scene, self.key, key_variables, known, f"{me}.known")
            with source.block(f"if {known} is not None and {scene.settled(self.step.when_key_taken)} == 'conflict':"):
                source.line(f"raise {me}.key_taken()")
        draft = self.maker.write_draft(scene, variables)
        source.line(f"{record} = None")
        entries: dict[Fields, tuple[str, str]] = {}
        earlier: list[str] = []
        for rule in self.rules:
            if not earlier:
                entry = rule.write(scene, draft, taken, record, "")
            else:
                none_applied = " and ".join(f"{ids} is None" for ids in earlier)
                may_decide = f"({none_applied}) or {scene.settled(self.step.when_several_apply)} == 'next'"
                with source.block(f"if {record} is None:"):
                    entry = rule.write(scene, draft, taken, record, may_decide)
            earlier.append(entry[1])
            if rule.finds_equals_only():
                entries[rule.fields] = entry
        source.line(f"{made} = {record} is None")
        with source.block(f"if {made}:"):
            self.maker.write_making(scene, draft, record, entries)
        scene.note(self.step, record, made=made)

    def known(self, run: Execution, key: Mapping[str, Json]) -> Record | None:
        """Return a record that has a key; None when there is none."""
        ids = self.key.holders(run, key)
        return run.store.held(self.resource.name, run.owner(self.resource), ids[0]) if ids else None

    def key_taken(self) -> Refused:
        """Return the refusal of a key that another record has."""
        return _key_taken(self.resource)


class Updating(_Writing[Update]):
    """The step `update`."""

    def __init__(self, step: Update) -> None:
        super().__init__(step)
        self.rules = [Duplicates(rule, self.maker) for rule in step.when_duplicate]

    def write(self, scene: Scene) -> None:
        """Write the step."""
        source, record, me = scene.source, scene.result(self.step), scene.source.bind("update", self)
        before, values, after = (source.variable(f"{record}_{part}") for part in ("before", "values", "after"))
        Locator(self.step).write(scene, before)
        variables = self.given.write(scene, record)
        source.line(f"{values} = {me}.taken({scene.run}, {before}, {scene.mapping(variables)})")
        source.line(f"{after} = {me}.after({scene.run}, {before}, {values})")
        for rule in self.rules:
            where = ", ".join(f"{field!r}: {scene.value(value)}" for field, value in rule.rule.where.items())
            record_text = f"{{**{after}, {where}}}" if where else after
            source.line(f"{source.bind('duplicates', rule)}.refuse({scene.run}, {record_text}, {before}[{self.resource.id!r}])")
        source.line(f"{record} = {source.bind('maker', self.maker)}.change({scene.run}, {before}, {values})")
        scene.note(self.step, record)

    def taken(self, run: Execution, record: Record | None, values: Mapping[str, Json]) -> dict[str, Json]:
        """Return the fields that a record takes from the request, which may send nulls that change nothing."""
        if record is None:
            raise LookupError(self.step.name)  # the document cannot let an update go on without its record
        return {
            field: value
            for field, value in values.items()
            if value is not None or record.get(field) is None or self._clears(run, field)
        }

    def after(self, run: Execution, record: Record, values: Mapping[str, Json]) -> Record:
        """Return a record as it will be; raise `Refused` where another one has its key and that is a conflict."""
        resource, after, id = self.resource, {**record, **values}, record[self.resource.id]
        if any(not same_value(record.get(field), after.get(field)) for field in resource.key):
            others = [other for other in self.key.holders(run, after) if other != id]
            if others and self.step.when_key_taken.settle(run.choices) == "conflict":
                raise Refused("conflict", f"Another {resource.name} has this {' and '.join(resource.key)}.")
        return after

    def _clears(self, run: Execution, field: str) -> bool:
        """Say whether a null that was sent changes its field."""
        decision: Decision[str] = self.step.when_key_null if field in self.resource.key else self.step.when_null
        outcome = decision.settle(run.choices)
        if outcome == "refuse":
            raise self.given.refusal(field, "null", f"{field!r} cannot be null")
        return outcome == "clear"


class Deleting:
    """The step `delete`."""

    def __init__(self, step: Delete, resources: Mapping[str, Resource]) -> None:
        self.step = step
        self.resources = resources

    def write(self, scene: Scene) -> None:
        """Write the step."""
        record = scene.result(self.step)
        Locator(self.step).write(scene, record)
        with scene.source.block(f"if {record} is not None:"):
            me, resource = scene.source.bind("delete", self), scene.source.bind("resource", self.step.resource)
            scene.source.line(f"{me}.remove({scene.run}, {resource}, {scene.owner(self.step.resource)}, {record})")
        scene.note(self.step, record, nullable="accept" in self.step.otherwise.possible())

    def remove(self, run: Execution, resource: Resource, owner: Owner, record: Record) -> None:
        """Remove a record, and those that refer to it; raise `Refused` where that is a conflict."""
        id = record[resource.id]
        for referring, field in referring_fields(resource, self.resources):
            # What all organizations share may be referred to by any of them.
            shared = referring.owned and not resource.owned
            for holder in run.store.owners(referring.name) if shared else [owner if referring.owned else None]:
                for other in list(run.store.find(referring.name, holder, (field,), {field: id})):
                    if self.step.when_referred.settle(run.choices) == "conflict":
                        raise Refused("conflict", f"At least one {referring.name} refers to this {resource.name}.")
                    self.remove(run, referring, holder, run.store.held(referring.name, holder, other))
        run.store.put(resource.name, owner, id, None)


class Listing:
    """The step `list`."""

    def __init__(self, step: List) -> None:
        self.step = step
        self.resource = step.resource

    def write(self, scene: Scene) -> None:
        """Write the step."""
        source, records, step = scene.source, scene.result(self.step), self.step
        asked, offset, limit = (source.variable(f"{records}_{part}") for part in ("asked", "offset", "limit"))
        source.line(f"{asked} = {scene.mapping({field: scene.value(value) for field, value in step.where.items()})}")
        source.line(f"{offset} = {scene.value(step.offset) if step.offset else None}")
        source.line(f"{limit} = {scene.value(step.limit) if step.limit else None}")
        source.line(f"{records} = {source.bind('listing', self)}.records({scene.run}, {asked}, {offset}, {limit})")
        scene.note(step, records)

    def records(self, run: Execution, asked: Mapping[str, Json], offset: Json, limit: Json) -> list[Record]:
        """Return the records with the values `asked` for, oldest first: `limit` of them, from `offset` on."""
        records = [record for record in run.store.all(self.resource.name, run.owner(self.resource)) if has(record, asked)]
        start, count = _whole(offset) or 0, _whole(limit)
        return records[start : None if count is None else start + count]


def referring_fields(resource: Resource, resources: Mapping[str, Resource]) -> list[tuple[Resource, str]]:
    """Return the fields, with their resources, that refer to `resource`."""
    return [
        (other, field.name)
        for other in resources.values()
        for field in other.fields.values()
        if field.refers_to == resource.name
    ]


def _whole(value: Json) -> int | None:
    return max(int(value), 0) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _key_taken(resource: Resource) -> Refused:
    return Refused("conflict", f"Another {resource.name} has this {' and '.join(resource.key)} already.")
