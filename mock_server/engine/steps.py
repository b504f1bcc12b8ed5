"""What the verbs of a behaviour do. Each step is compiled once to a function that runs it for one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, TypeAlias

from mock_server.contract.expressions import Expression, FromBody, FromParameter, FromStep, Generated, Literal
from mock_server.contract.model import (
    Behaviour,
    ByOutcome,
    Create,
    Decision,
    Delete,
    Derived,
    DuplicateRule,
    Find,
    FindOrCreate,
    List,
    Resource,
    Step,
    Update,
    Value,
    Write,
)
from mock_server.contract.problems import Refused
from mock_server.contract.schemas import Violation
from mock_server.contract.source import Json, pointer_to
from mock_server.engine.choices import Choices
from mock_server.engine.making import Making
from mock_server.engine.store import Owner, Record, Store


class Absent(Enum):
    """The value of what a request does not send; null is something else."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


class Result:
    """What a step came to: a record, made by this request or not; a list; or nothing, where that was accepted."""

    __slots__ = ("id", "made", "record", "records", "resource")

    def __init__(
        self, resource: Resource, record: Record | None, *, made: bool = False, records: list[Record] | None = None
    ) -> None:
        self.resource = resource
        self.record = record
        self.id: Json = record[resource.id] if record is not None else None
        self.made = made
        self.records = records


class Run:
    """One request on its way through the steps."""

    __slots__ = ("_now", "body", "choices", "making", "organization", "parameters", "results", "store")

    def __init__(
        self,
        store: Store,
        choices: Choices,
        making: Making,
        organization: str | None,
        parameters: Mapping[tuple[str, str], Json],
        body: Json | Absent,
    ) -> None:
        self.store = store
        self.choices = choices
        self.making = making
        self.organization = organization
        self.parameters = parameters
        self.body = body
        self.results: dict[str, Result] = {}
        self._now: str | None = None

    def owner(self, resource: Resource) -> Owner:
        """Return whose records of `resource` this request sees."""
        return self.organization if resource.owned else None

    def now(self) -> str:
        """Return the time of the request: one and the same for all its steps."""
        if self._now is None:
            self._now = self.making.now()
        return self._now


Perform: TypeAlias = Callable[[Run], None]
Evaluate: TypeAlias = Callable[[Run], Any]  # a JSON value, or ABSENT


def compile_behaviour(
    behaviour: Behaviour, resources: Mapping[str, Resource]
) -> Callable[[Run], tuple[int, Json | Absent]]:
    """Return the function that performs `behaviour` and returns status and body (`ABSENT`: no body)."""
    steps = [_compile_step(step, resources) for step in behaviour.steps]
    body = _compile_template(behaviour.answer.template, resources)
    status = _compile_status(behaviour)

    def perform(run: Run) -> tuple[int, Json | Absent]:
        for step in steps:
            step(run)
        return status(run), body(run)

    return perform


def _compile_step(step: Step, resources: Mapping[str, Resource]) -> Perform:
    match step:
        case Find():
            return _compile_find(step)
        case FindOrCreate():
            return _compile_find_or_create(step)
        case Create():
            return _compile_create(step)
        case Update():
            return _compile_update(step)
        case Delete():
            return _compile_delete(step, resources)
        case List():
            return _compile_list(step)


# Values


def _compile_value(value: Value) -> Evaluate:
    if value.assumption is None:
        return _compile_expression(value.fixed)  # type: ignore[arg-type]  # fixed, as there is no assumption
    assumption, by_choice = value.assumption, {choice: _compile_expression(e) for choice, e in value.outcomes.items()}
    return lambda run: by_choice[run.choices.of(assumption)](run)


def _compile_expression(expression: Expression) -> Evaluate:
    match expression:
        case Literal(value):
            return lambda run: value
        case FromParameter(location, name):
            place = (location, name)
            return lambda run: run.parameters.get(place, ABSENT)
        case FromBody((token,)):
            return lambda run: run.body.get(token, ABSENT) if type(run.body) is dict else ABSENT
        case FromBody(tokens):
            return lambda run: _part(run.body, tokens)
        case FromStep(name, None):
            return lambda run: run.results[name].id
        case FromStep(name, field):
            return lambda run: _field_of(run.results[name], field)
        case Generated():
            return lambda run: run.making.text()


def _part(value: Json | Absent, tokens: tuple[str, ...]) -> Json | Absent:
    for token in tokens:
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            return ABSENT
    return value


def _field_of(result: Result, field: str) -> Json | Absent:
    return result.record.get(field, ABSENT) if result.record is not None else ABSENT


class _Setting:
    """A field that a step sets, its value evaluated and, where the document does not vouch for it, checked."""

    def __init__(self, write: Write, resource: Resource) -> None:
        self.field = write.field
        self.place = _place_of(write.value, write.field)
        self._evaluate = _compile_value(write.value)
        self._check = write.check
        target = resource.fields[write.field]
        self.needed = target.required and not target.nullable and not target.has_default
        self.when_absent: Json | Absent = ABSENT
        if target.has_default:
            self.when_absent = target.default
        elif target.nullable:
            self.when_absent = None

    def value(self, run: Run) -> Json | Absent:
        value = self._evaluate(run)
        if self._check is not None and value is not ABSENT:
            location, pointer = self.place
            violations = self._check.violations(value, run.choices, location, pointer)
            if violations:
                raise Refused("invalid", "The request does not fit what is stored.", violations)
        return value

    def missing(self) -> Refused:
        location, pointer = self.place
        violation = Violation(location, pointer, "required", f"{self.field!r} is required")
        return Refused("invalid", "The request lacks what has to be stored.", (violation,))


def _place_of(value: Value, field: str) -> tuple[str, str]:
    """Return the part of a request, and the pointer within it, that a value comes from."""
    expression = value.possible()[0]
    if isinstance(expression, FromBody):
        return "body", pointer_to(*expression.tokens)
    if isinstance(expression, FromParameter):
        return expression.location, pointer_to(expression.name)
    return "body", pointer_to(field)


# Keys


class _Key:
    """The natural key of a resource: how its values are stored, and which stored values they match."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.fields = resource.key

    def stored(self, value: Json, choices: Choices) -> Json:
        """Return a key value as it is stored."""
        if type(value) is not str:
            return value
        stripped = value.strip()
        if stripped != value and self.resource.key_space.settle(choices) == "trim":
            value = stripped
        if value.lower() != value:
            case = self.resource.key_case.settle(choices)
            if case == "lower":
                return value.lower()
            if case == "lower-domain":
                return _lower_domain(value)
        return value

    def find(self, run: Run, values: list[Json]) -> list[Json]:
        """Return the ids of the records with this key, oldest first: one, unless an update let records share it."""
        if None in values or ABSENT in values:
            return []
        store, name, owner = run.store, self.resource.name, run.owner(self.resource)
        near = store.find(name, owner, self.fields, values)
        found = [id for id in near if self._same(store.get(name, owner, id), values, run.choices)]
        if found:
            return found if len(found) == 1 else store.oldest_first(name, owner, found)
        previous = store.previous_holder(name, owner, self.fields, values)
        if previous is None:
            return []
        id, record = previous
        if store.get(name, owner, id) is None or not self._same(record, values, run.choices):
            return []
        return [id] if self.resource.previous_key.settle(run.choices) == "remembered" else []

    def _same(self, record: Record | None, values: list[Json], choices: Choices) -> bool:
        return record is not None and all(
            record[field] == value or self._equal(record[field], value, choices) for field, value in zip(self.fields, values)
        )

    def _equal(self, stored: Json, sought: Json, choices: Choices) -> bool:
        """Compare two key values that differ at most in case and surrounding space."""
        if type(stored) is not str or type(sought) is not str:
            return False
        if stored.strip() != stored or sought.strip() != sought:
            if self.resource.key_space.settle(choices) != "exact":
                stored, sought = stored.strip(), sought.strip()
            elif stored.casefold() != sought.casefold():
                return False
        if stored == sought:
            return True
        case = self.resource.key_case.settle(choices)
        if case == "lower-domain":
            return _lower_domain(stored) == _lower_domain(sought)
        return case != "exact" and stored.casefold() == sought.casefold()


def _lower_domain(value: str) -> str:
    local, at, domain = value.rpartition("@")
    return local + at + domain.lower()


# Making and changing records


class _Maker:
    """Makes and changes the records of one resource."""

    def __init__(self, resource: Resource, settings: list[_Setting]) -> None:
        self.resource = resource
        self.key = _Key(resource)
        self.settings = {setting.field: setting for setting in settings}
        self.defaults = {
            field.name: field.default if field.has_default else None
            for field in resource.fields.values()
            if field.name not in resource.server_made and (field.has_default or field.nullable)
        }
        self.created_derivations = [d for d in resource.derived if "when-created" in d.when.possible()]

    def values(self, run: Run) -> dict[str, Json]:
        """Return what the request gives for the fields, key values as they are stored; what is absent is left out."""
        values = {}
        for field, setting in self.settings.items():
            value = setting.value(run)
            if value is not ABSENT:
                values[field] = value
        for field in self.key.fields:
            if field in values:
                values[field] = self.key.stored(values[field], run.choices)
        return values

    def key_values(self, values: Mapping[str, Json]) -> list[Json]:
        return [values.get(field, ABSENT) for field in self.key.fields]

    def make(self, run: Run, values: Mapping[str, Json]) -> Result:
        resource, now = self.resource, run.now()
        record: Record = {}
        for name in resource.fields:
            if name in values:
                record[name] = values[name]
            elif name == resource.id:
                record[name] = self._new_id(run)
            elif name == resource.created:
                record[name] = now
            elif name == resource.modified:
                record[name] = now if resource.modified_when_new.settle(run.choices) == "created" else None
            elif resource.type_name and name == resource.type_name[0]:
                record[name] = resource.type_name[1]
            elif name in self.defaults:
                record[name] = self.defaults[name]
            elif name in self.settings and self.settings[name].needed:
                raise self.settings[name].missing()
        for derived in self.created_derivations:
            if record[derived.field] is None and (joined := _joined(derived, record)) is not None:
                record[derived.field] = joined if derived.when.settle(run.choices) == "when-created" else None
        run.store.put(resource.name, run.owner(resource), record[resource.id], record)
        return Result(resource, record, made=True)

    def change(self, run: Run, record: Record, values: Mapping[str, Json]) -> Result:
        """Return the record with `values`; one that they leave as it was is stored only to note the time, if at all."""
        resource, owner = self.resource, run.owner(self.resource)
        changes = {name: value for name, value in values.items() if not _same_value(record.get(name, ABSENT), value)}
        if not changes and not self.touches(run):
            return Result(resource, record)
        if resource.modified:
            changes[resource.modified] = run.now()
        if any(field in changes for field in resource.key):
            run.store.remember_key(resource.name, owner, resource.key, record[resource.id], record)
        changed = {**record, **changes}
        run.store.put(resource.name, owner, record[resource.id], changed)
        return Result(resource, changed)

    def touches(self, run: Run) -> bool:
        """Say whether an update that changes nothing counts as a modification."""
        return self.resource.modified is not None and self.resource.modified_when_unchanged.settle(run.choices) == "now"

    def _new_id(self, run: Run) -> Json:
        id = run.making.id(self.resource)
        while any(run.store.get(self.resource.name, owner, id) for owner in run.store.owners(self.resource.name)):
            id = run.making.id(self.resource)
        return id


def _same_value(stored: Json | Absent, given: Json) -> bool:
    return type(stored) is type(given) and stored == given  # in Python, 1 == True


def _joined(derived: Derived, record: Record) -> str | None:
    parts = [record[name] for name in derived.join if isinstance(record.get(name), str)]
    return " ".join(parts) if parts else None


# The verbs


def _compile_locate(step: Find | Update | Delete) -> Callable[[Run], Record | None]:
    """Return what finds the one record that a step is about; None where its absence is accepted."""
    resource = step.resource
    conditions = {field: _compile_value(value) for field, value in step.where.items()}
    places = {field: _place_of(value, field) for field, value in step.where.items()}
    by_key = _Key(resource) if resource.key and set(step.where) == set(resource.key) else None
    index = indexed_fields(step.where)
    by_id = resource.id in step.where

    def found(run: Run, owner: Owner, values: Mapping[str, Json]) -> Record | None:
        store = run.store
        if by_id:
            record = store.get(resource.name, owner, values[resource.id])
            return record if record is not None and _has(record, values) else None
        if by_key is not None:
            ids = by_key.find(run, [by_key.stored(values[field], run.choices) for field in resource.key])
        else:
            ids = store.find(resource.name, owner, index, [values[field] for field in index])
            ids = store.oldest_first(resource.name, owner, ids) if len(ids) > 1 else ids
        return store.get(resource.name, owner, ids[0]) if ids else None

    def locate(run: Run) -> Record | None:
        values = {field: evaluate(run) for field, evaluate in conditions.items()}
        owner = run.owner(resource)
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
        detail = f"There is no {resource.name} with {described}." if described else f"There is no such {resource.name}."
        if outcome == "invalid":
            violations = tuple(Violation(*place, "exists", detail) for place in places.values())
            raise Refused("invalid", detail, violations)
        raise Refused("not-found", detail)

    return locate


def _has(record: Record, values: Mapping[str, Json]) -> bool:
    return all(value is not ABSENT and _same_value(record.get(field, ABSENT), value) for field, value in values.items())


def _compile_find(step: Find) -> Perform:
    locate = _compile_locate(step)

    def find(run: Run) -> None:
        run.results[step.name] = Result(step.resource, locate(run))

    return find


def _compile_find_or_create(step: FindOrCreate) -> Perform:
    resource = step.resource
    maker = _Maker(resource, [_Setting(write, resource) for write in step.writes])
    possible = step.when_found.possible()
    other_fields = [setting for field, setting in maker.settings.items() if field not in resource.key]

    def updates(outcome: str, record: Record, values: Mapping[str, Json]) -> dict[str, Json]:
        """Return the fields that a known record takes from the request."""
        taken = {}
        for setting in other_fields:
            value, stored = values.get(setting.field, ABSENT), record.get(setting.field)
            if outcome == "replace" and value is ABSENT:
                value = setting.when_absent
            if value is ABSENT or outcome == "keep":
                continue
            if outcome in ("fill", "merge") and value is None or outcome == "fill" and stored is not None:
                continue
            if not _same_value(stored, value):
                taken[setting.field] = value
        return taken

    def settle(run: Run, record: Record, values: Mapping[str, Json]) -> str:
        """Return what becomes of the known record; consult the assumption only when its choices differ for this request."""
        if "conflict" in possible:
            return step.when_found.settle(run.choices)
        if all(_same_value(record.get(s.field), values.get(s.field, s.when_absent)) for s in other_fields):
            return step.when_found.settle(run.choices) if set(possible) != {"keep"} and maker.touches(run) else "keep"
        first, *others = [updates(outcome, record, values) for outcome in possible]
        if all(other == first for other in others):
            return possible[0]
        return step.when_found.settle(run.choices)

    def find_or_create(run: Run) -> None:
        values = maker.values(run)
        ids = maker.key.find(run, maker.key_values(values))
        if not ids:
            run.results[step.name] = maker.make(run, values)
            return
        id = ids[0] if len(ids) == 1 else _one_of(ids, step.when_several, run)
        record = run.store.get(resource.name, run.owner(resource), id)
        if record is None:
            raise LookupError(id)  # an index led to a record that is not there
        outcome = settle(run, record, values)
        if outcome == "conflict":
            raise Refused("conflict", f"There is a {resource.name} with this {' and '.join(resource.key)} already.")
        if outcome == "keep":
            run.results[step.name] = Result(resource, record)
        else:
            run.results[step.name] = maker.change(run, record, updates(outcome, record, values))

    return find_or_create


def _one_of(ids: list[Json], when_several: Decision[str], run: Run) -> Json:
    return ids[0] if when_several.settle(run.choices) == "oldest" else ids[-1]


class _DuplicateRule:
    """A rule about stored records that equal the one that a request is about to make."""

    def __init__(self, rule: DuplicateRule, resource: Resource) -> None:
        self.resource = resource
        self.then = rule.then
        self.when_several = rule.when_several
        self.described = ", ".join(rule.same)
        self._where = {field: _compile_value(value) for field, value in rule.where.items()}
        self._index = indexed_fields({**dict.fromkeys(rule.same), **rule.where})

    def duplicates(self, run: Run, record: Mapping[str, Json], *, but: Json = None) -> list[Json]:
        values = []
        for field in self._index:
            value = self._where[field](run) if field in self._where else record.get(field)
            values.append(None if value is ABSENT else value)
        ids = run.store.find(self.resource.name, run.owner(self.resource), self._index, values)
        return ids if but is None else [id for id in ids if id != but]

    def refusal(self) -> Refused:
        return Refused("conflict", f"There is a {self.resource.name} with the same {self.described} already.")


def _compile_create(step: Create) -> Perform:
    resource = step.resource
    maker = _Maker(resource, [_Setting(write, resource) for write in step.writes])
    rules = [_DuplicateRule(rule, resource) for rule in step.when_duplicate]

    def existing(run: Run, values: Mapping[str, Json]) -> Result | None:
        """Return the stored record that takes the place of a new one, if a rule says so."""
        for rule in rules:
            ids = rule.duplicates(run, values)
            outcome = rule.then.settle(run.choices) if ids else "create"
            if outcome == "create":
                continue
            if outcome == "conflict":
                raise rule.refusal()
            owner = run.owner(resource)
            ordered = run.store.oldest_first(resource.name, owner, ids) if len(ids) > 1 else ids
            id = ordered[0] if len(ordered) == 1 else _one_of(ordered, rule.when_several, run)
            record = run.store.get(resource.name, owner, id)
            if record is None:
                raise LookupError(id)  # an index led to a record that is not there
            return Result(resource, record) if outcome == "reuse" else maker.change(run, record, values)
        return None

    def create(run: Run) -> None:
        values = maker.values(run)
        if resource.key and maker.key.find(run, maker.key_values(values)):
            if step.when_key_taken.settle(run.choices) == "conflict":
                raise Refused("conflict", f"There is a {resource.name} with this {' and '.join(resource.key)} already.")
        run.results[step.name] = existing(run, values) or maker.make(run, values)

    return create


def _compile_update(step: Update) -> Perform:
    resource = step.resource
    locate = _compile_locate(step)
    maker = _Maker(resource, [_Setting(write, resource) for write in step.writes])
    rules = [_DuplicateRule(rule, resource) for rule in step.when_duplicate]

    def settled_null(run: Run, field: str) -> bool:
        """Say whether a null that was sent changes its field."""
        decision = step.when_key_null if field in resource.key else step.when_null
        outcome = decision.settle(run.choices)
        if outcome == "refuse":
            location, pointer = maker.settings[field].place
            violation = Violation(location, pointer, "null", f"{field!r} cannot be null")
            raise Refused("invalid", "The request clears what has to stay.", (violation,))
        return outcome == "clear"

    def update(run: Run) -> None:
        record = locate(run)
        if record is None:
            raise LookupError(step.name)  # the document cannot let an update go on without its record
        values = {
            field: value
            for field, value in maker.values(run).items()
            if value is not None or record.get(field) is None or settled_null(run, field)
        }
        after = {**record, **values}
        if any(not _same_value(record[field], after[field]) for field in resource.key):
            others = [id for id in maker.key.find(run, maker.key_values(after)) if id != record[resource.id]]
            if others and step.when_key_taken.settle(run.choices) == "conflict":
                raise Refused("conflict", f"Another {resource.name} has this {' and '.join(resource.key)}.")
        for rule in rules:
            if rule.duplicates(run, after, but=record[resource.id]) and rule.then.settle(run.choices) == "conflict":
                raise rule.refusal()
        run.results[step.name] = maker.change(run, record, values)

    return update


def _compile_delete(step: Delete, resources: Mapping[str, Resource]) -> Perform:
    locate = _compile_locate(step)

    def remove(run: Run, resource: Resource, record: Record) -> None:
        id = record[resource.id]
        for referring, field in referring_fields(resource, resources):
            owner = run.owner(referring)
            for other in list(run.store.find(referring.name, owner, (field,), [id])):
                if step.when_referred.settle(run.choices) == "conflict":
                    raise Refused("conflict", f"A {referring.name} refers to this {resource.name}.")
                referred = run.store.get(referring.name, owner, other)
                if referred is not None:
                    remove(run, referring, referred)
        run.store.put(resource.name, run.owner(resource), id, None)

    def delete(run: Run) -> None:
        record = locate(run)
        if record is not None:
            remove(run, step.resource, record)
        run.results[step.name] = Result(step.resource, record)

    return delete


def _compile_list(step: List) -> Perform:
    resource = step.resource
    conditions = {field: _compile_value(value) for field, value in step.where.items()}
    offset = _compile_value(step.offset) if step.offset else None
    limit = _compile_value(step.limit) if step.limit else None

    def whole(evaluate: Evaluate | None, run: Run) -> int | None:
        value = evaluate(run) if evaluate else None
        return max(int(value), 0) if isinstance(value, (int, float)) else None

    def list_(run: Run) -> None:
        asked = {field: value for field, evaluate in conditions.items() if (value := evaluate(run)) is not ABSENT}
        records = [record for record in run.store.all(resource.name, run.owner(resource)) if _has(record, asked)]
        start, count = whole(offset, run) or 0, whole(limit, run)
        run.results[step.name] = Result(
            resource, None, records=records[start:] if count is None else records[start : start + count]
        )

    return list_


# Answers


def _compile_template(template: object, resources: Mapping[str, Resource]) -> Callable[[Run], Any]:
    if template is None:
        return lambda run: ABSENT
    if isinstance(template, dict):
        members = {key: _compile_template(member, resources) for key, member in template.items()}
        return lambda run: {key: value for key, member in members.items() if (value := member(run)) is not ABSENT}
    if isinstance(template, FromStep) and template.field is None:
        name = template.name
        return lambda run: _shown_result(run, run.results[name], resources)
    return _compile_expression(template)  # type: ignore[arg-type]  # nothing else is in a template


def _shown_result(run: Run, result: Result, resources: Mapping[str, Resource]) -> Json:
    if result.records is not None:
        return [shown(run, result.resource, record, resources) for record in result.records]
    current = run.store.get(result.resource.name, run.owner(result.resource), result.id)
    record = current if current is not None else result.record
    return shown(run, result.resource, record, resources) if record is not None else None


def shown(run: Run, resource: Resource, record: Record, resources: Mapping[str, Resource]) -> Record:
    """Return `record` as answers show it: what it refers to in full, derived fields filled in."""
    changes: Record = {}
    for field in resource.fields.values():
        if field.refers_to is not None and record.get(field.name) is not None:
            other = resources[field.refers_to]
            referred = run.store.get(other.name, run.owner(other), record[field.name])
            changes[field.name] = shown(run, other, referred, resources) if referred is not None else None
    for derived in resource.derived:
        if record.get(derived.field) is None and "when-shown" in derived.when.possible():
            joined = _joined(derived, record)
            if joined is not None and derived.when.settle(run.choices) == "when-shown":
                changes[derived.field] = joined
    return {**record, **changes} if changes else record


def _compile_status(behaviour: Behaviour) -> Callable[[Run], int]:
    decision = behaviour.answer.status
    template = behaviour.answer.template
    shown_name = template.name if isinstance(template, FromStep) else None

    def status(run: Run) -> int:
        outcome = decision.settle(run.choices)
        if not isinstance(outcome, ByOutcome):
            return outcome
        results = [run.results[shown_name]] if shown_name else run.results.values()
        return outcome.made if any(result.made for result in results) else outcome.found

    return status


# What the store has to find quickly


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
