"""What the verbs of a behaviour do. Each step is compiled once to a function that performs it for one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from mock_server.contract.model import (
    Create,
    Decision,
    Delete,
    DuplicateRule,
    Find,
    FindOrCreate,
    List,
    Resource,
    Step,
    Update,
)
from mock_server.contract.problems import Refused
from mock_server.contract.schemas import Violation
from mock_server.contract.source import Json
from mock_server.engine.keys import Key
from mock_server.engine.records import Given, Maker
from mock_server.engine.run import ABSENT, Evaluate, Run, compile_value, place_of, same_value
from mock_server.engine.store import Owner, Record

Perform: TypeAlias = Callable[[Run], None]


class Verbs:
    """Compiles the steps of one behaviour. `ids` names the id field of each result, for expressions that refer to it."""

    def __init__(self, resources: Mapping[str, Resource], steps: tuple[Step, ...]) -> None:
        self.resources = resources
        self.ids = {step.name: step.resource.id for step in steps}

    def compile(self, step: Step) -> Perform:
        """Return the function that performs `step` and notes its result in the run."""
        match step:
            case Find():
                return self._find(step)
            case FindOrCreate():
                return self._find_or_create(step)
            case Create():
                return self._create(step)
            case Update():
                return self._update(step)
            case Delete():
                return self._delete(step)
            case List():
                return self._list(step)

    def _locate(self, step: Find | Update | Delete) -> Callable[[Run], Record | None]:
        """Return what finds the one record that a step is about; None where its absence is accepted."""
        resource = step.resource
        conditions = [(field, compile_value(value, self.ids)) for field, value in step.where.items()]
        places = [place_of(value, field) for field, value in step.where.items()]
        key = Key(resource)
        by_key = bool(resource.key) and set(step.where) == set(resource.key)
        index = indexed_fields(step.where)
        by_id = resource.id in step.where

        def found(run: Run, owner: Owner, values: Mapping[str, Json]) -> Record | None:
            store = run.store
            if by_id:
                id = values[resource.id]
                record = store.get(resource.name, owner, id) if type(id) is str or type(id) is int else None
                return record if record is not None and _has(record, values) else None
            if by_key:
                ids = key.find(run, {field: key.stored(value, run.choices) for field, value in values.items()})
            else:
                ids = store.find(resource.name, owner, index, values)
                ids = store.oldest_first(resource.name, owner, ids) if len(ids) > 1 else ids
            return store.get(resource.name, owner, ids[0]) if ids else None

        def locate(run: Run) -> Record | None:
            values = {field: evaluate(run) for field, evaluate in conditions}
            owner = run.organization if resource.owned else None
            record = found(run, owner, values)
            if record is not None:
                return record
            if by_id and resource.owned:
                others = (other for other in run.store.owners(resource.name) if other != owner)
                if any(found(run, other, values) for other in others) and step.foreign.settle(run.choices) == "forbidden":
                    raise Refused("forbidden", f"This {resource.name} belongs to another organization.")
            outcome = step.otherwise.settle(run.choices)
            if outcome == "accept":
                return None
            described = ", ".join(f"{field} {value!r:.80}" for field, value in values.items() if value is not ABSENT)
            detail = f"There is no {resource.name} with {described}."
            if outcome == "invalid":
                violations = tuple(Violation(location, pointer, "exists", detail) for location, pointer in places)
                raise Refused("invalid", detail, violations)
            raise Refused("not-found", detail)

        return locate

    def _find(self, step: Find) -> Perform:
        locate = self._locate(step)

        def find(run: Run) -> None:
            run.results[step.name] = locate(run)

        return find

    def _find_or_create(self, step: FindOrCreate) -> Perform:
        resource = step.resource
        given = Given(resource, step.writes, self.ids)
        maker, key = Maker(resource, given), Key(resource)
        outcomes = step.when_found.possible()
        other_fields = [(field, absent) for field, absent in given.when_absent.items() if field not in resource.key]

        def updates(outcome: str, record: Record, values: Mapping[str, Json]) -> dict[str, Json]:
            """Return the fields that a known record takes from the request."""
            taken = {}
            for field, absent in other_fields:
                value, stored = values.get(field, absent if outcome == "replace" else ABSENT), record.get(field)
                if value is ABSENT or outcome == "keep" or same_value(stored, value):
                    continue
                if outcome == "fill" and stored is not None or outcome in ("fill", "merge") and value is None:
                    continue
                taken[field] = value
            return taken

        def settle(run: Run, record: Record, values: Mapping[str, Json]) -> str:
            """Return what becomes of the known record; consult the assumption only when its choices differ for this request."""
            if "conflict" in outcomes:
                return step.when_found.settle(run.choices)
            for field, absent in other_fields:
                stored, value = record.get(field), values.get(field, absent)
                if stored is not value and not same_value(stored, value):
                    break
            else:  # nothing to take from the request; yet a deployment may note that it was there
                return "keep" if outcomes == ("keep",) or not maker.touches(run) else step.when_found.settle(run.choices)
            first, *others = [updates(outcome, record, values) for outcome in outcomes]
            return outcomes[0] if others and all(other == first for other in others) else step.when_found.settle(run.choices)

        def find_or_create(run: Run) -> None:
            values = given.values(run)
            ids = key.find(run, values)
            if not ids:
                run.results[step.name] = maker.make(run, maker.draft(values))
                run.made.append(step.name)
                return
            id = ids[0] if len(ids) == 1 else _one_of(ids, step.when_several, run)
            record = run.store.held(resource.name, run.organization if resource.owned else None, id)
            outcome = settle(run, record, values)
            if outcome == "conflict":
                raise _key_taken(resource)
            if outcome != "keep":
                record = maker.change(run, record, updates(outcome, record, values))
            run.results[step.name] = record

        return find_or_create

    def _create(self, step: Create) -> Perform:
        resource = step.resource
        given = Given(resource, step.writes, self.ids)
        maker, key = Maker(resource, given), Key(resource)
        rules = [_DuplicateRule(rule, resource, self.ids) for rule in step.when_duplicate]

        def existing(run: Run, draft: Record, values: Mapping[str, Json]) -> Record | None:
            """Return the stored record that takes the place of a new one; the first rule that objects decides."""
            for rule in rules:
                ids = rule.duplicates(run, draft)
                outcome = rule.then.settle(run.choices) if ids else "create"
                if outcome == "create":
                    continue
                if outcome == "conflict":
                    raise rule.refusal()
                owner = run.owner(resource)
                ids = run.store.oldest_first(resource.name, owner, ids) if len(ids) > 1 else ids
                id = ids[0] if len(ids) == 1 else _one_of(ids, rule.when_several, run)
                record = run.store.held(resource.name, owner, id)
                return record if outcome == "reuse" else maker.change(run, record, values)
            return None

        def create(run: Run) -> None:
            values = given.values(run)
            if resource.key and key.find(run, values) and step.when_key_taken.settle(run.choices) == "conflict":
                raise _key_taken(resource)
            draft = maker.draft(values)
            record = existing(run, draft, values)
            if record is None:
                record = maker.make(run, draft)
                run.made.append(step.name)
            run.results[step.name] = record

        return create

    def _update(self, step: Update) -> Perform:
        resource = step.resource
        locate = self._locate(step)
        given = Given(resource, step.writes, self.ids)
        maker, key = Maker(resource, given), Key(resource)
        rules = [_DuplicateRule(rule, resource, self.ids) for rule in step.when_duplicate]

        def clears(run: Run, field: str) -> bool:
            """Say whether a null that was sent changes its field."""
            decision = step.when_key_null if field in resource.key else step.when_null
            outcome = decision.settle(run.choices)
            if outcome == "refuse":
                raise given.refusal(field, "null", f"{field!r} cannot be null")
            return outcome == "clear"

        def update(run: Run) -> None:
            record = locate(run)
            if record is None:
                raise LookupError(step.name)  # the document cannot let an update go on without its record
            values = {
                field: value
                for field, value in given.values(run).items()
                if value is not None or record.get(field) is None or clears(run, field)
            }
            after, id = {**record, **values}, record[resource.id]
            if any(not same_value(record.get(field), after.get(field)) for field in resource.key):
                others = [other for other in key.find(run, after) if other != id]
                if others and step.when_key_taken.settle(run.choices) == "conflict":
                    raise Refused("conflict", f"Another {resource.name} has this {' and '.join(resource.key)}.")
            for rule in rules:
                others = [other for other in rule.duplicates(run, after) if other != id]
                if others and rule.then.settle(run.choices) == "conflict":
                    raise rule.refusal()
            run.results[step.name] = maker.change(run, record, values)

        return update

    def _delete(self, step: Delete) -> Perform:
        locate = self._locate(step)

        def remove(run: Run, resource: Resource, record: Record) -> None:
            id = record[resource.id]
            for referring, field in referring_fields(resource, self.resources):
                owner = run.owner(referring)
                for other in list(run.store.find(referring.name, owner, (field,), {field: id})):
                    if step.when_referred.settle(run.choices) == "conflict":
                        raise Refused("conflict", f"A {referring.name} refers to this {resource.name}.")
                    remove(run, referring, run.store.held(referring.name, owner, other))
            run.store.put(resource.name, run.owner(resource), id, None)

        def delete(run: Run) -> None:
            record = locate(run)
            if record is not None:
                remove(run, step.resource, record)
            run.results[step.name] = record

        return delete

    def _list(self, step: List) -> Perform:
        resource = step.resource
        conditions = [(field, compile_value(value, self.ids)) for field, value in step.where.items()]
        offset = compile_value(step.offset, self.ids) if step.offset else None
        limit = compile_value(step.limit, self.ids) if step.limit else None

        def whole(evaluate: Evaluate | None, run: Run) -> int | None:
            value = evaluate(run) if evaluate else None
            return max(int(value), 0) if isinstance(value, (int, float)) else None

        def list_(run: Run) -> None:
            asked = {field: value for field, evaluate in conditions if (value := evaluate(run)) is not ABSENT}
            records = [record for record in run.store.all(resource.name, run.owner(resource)) if _has(record, asked)]
            start, count = whole(offset, run) or 0, whole(limit, run)
            run.results[step.name] = records[start : None if count is None else start + count]

        return list_


class _DuplicateRule:
    """A rule about stored records that equal the one that a request is about to make."""

    def __init__(self, rule: DuplicateRule, resource: Resource, ids: Mapping[str, str]) -> None:
        self.resource = resource
        self.then = rule.then
        self.when_several = rule.when_several
        self._described = ", ".join(rule.same)
        self._index = indexed_fields({**dict.fromkeys(rule.same), **rule.where})
        self._where = [(field, compile_value(value, ids)) for field, value in rule.where.items()]

    def duplicates(self, run: Run, record: Record) -> list[Json]:
        """Return the ids of the stored records that equal `record` as far as the rule says."""
        if self._where:
            record = {**record, **{field: evaluate(run) for field, evaluate in self._where}}
        owner = run.organization if self.resource.owned else None
        return run.store.find(self.resource.name, owner, self._index, record)

    def refusal(self) -> Refused:
        return Refused("conflict", f"There is a {self.resource.name} with the same {self._described} already.")


def indexed_fields(conditions: Mapping[str, object]) -> tuple[str, ...]:
    """Return the name of the index that finds records by these fields."""
    return tuple(sorted(conditions))


def referring_fields(resource: Resource, resources: Mapping[str, Resource]) -> list[tuple[Resource, str]]:
    """Return the fields, with their resources, that refer to `resource`."""
    return [
        (other, field.name)
        for other in resources.values()
        for field in other.fields.values()
        if field.refers_to == resource.name
    ]


def _has(record: Record, values: Mapping[str, Json]) -> bool:
    for field, value in values.items():
        if not same_value(record.get(field), value):
            return False
    return True


def _one_of(ids: list[Json], when_several: Decision[str], run: Run) -> Json:
    return ids[0] if when_several.settle(run.choices) == "oldest" else ids[-1]


def _key_taken(resource: Resource) -> Refused:
    return Refused("conflict", f"There is a {resource.name} with this {' and '.join(resource.key)} already.")
