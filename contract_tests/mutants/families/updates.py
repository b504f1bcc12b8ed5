"""Updates: fields that were not sent change, fields that were sent do not, another record changes, times go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from contract_tests.mutants.facts import ById, Taken, by_id, is_readable, place_of, settled, spread, steps, takings
from contract_tests.mutants.families.alterations import at, copied, known_ids, only_for
from contract_tests.mutants.hooks import Mutant, MutantContext, PerformHook, PerformInput
from mock_server.contract.model import Contract, Create, FindOrCreate, Operation, Resource, Update
from mock_server.contract.problems import Refused
from mock_server.contract.source import Json
from mock_server.engine.engine import Performed
from mock_server.engine.generating import SECOND, Generator
from mock_server.engine.store import Record

FAMILY = "updates"
HOUR = 3600 * SECOND

Proceed = Callable[[PerformInput], Performed]


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    for one in by_id(contract):
        if isinstance(one.step, Update):
            taken = [each for each in takings(contract) if each.step is one.step]
            yield from _fields(contract, one, taken)
            yield from _whole(contract, one)
            yield from _key(contract, one, taken)
            yield from _times(one)
            yield from _shown(contract, one)
    yield from _clocks(contract)


def _named(one: ById, name: str, about: str, hook: PerformHook, part: str = "") -> Mutant:
    place = f"{one.operation.id}.{part}" if part else one.operation.id
    return Mutant(f"{FAMILY}.{name}.{place}", FAMILY, f"{one.operation.id} {about}.", perform=only_for(one.operation, hook))


def target(execution: PerformInput, one: ById) -> Record | None:
    """Return the record that a request is about, as it is before the request."""
    id = execution.parameters.get(("path", one.parameter))
    return execution.store.get(one.resource.name, execution.owner(one.resource), id) if isinstance(id, (str, int)) else None


def _about(one: ById, change: Callable[[MutantContext, PerformInput, Record, Proceed], Performed]) -> PerformHook:
    """Return a hook that does `change` where the request is about a known record and carries an object."""

    def hook(context: MutantContext, execution: PerformInput, proceed: Proceed) -> Performed:
        record = target(execution, one)
        return (
            proceed(execution)
            if record is None or not isinstance(execution.body, dict)
            else change(context, execution, record, proceed)
        )

    return hook


def _body(execution: PerformInput) -> dict[str, Any]:
    return execution.body if isinstance(execution.body, dict) else {}


def _sending(one: ById, change: Callable[[dict[str, Any], Record], Mapping[str, Json]]) -> PerformHook:
    """Return a hook that changes the body of an update."""

    def alter(context: MutantContext, execution: PerformInput, record: Record, proceed: Proceed) -> Performed:
        return proceed(replace(execution, body=dict(change(_body(execution), record))))

    return _about(one, alter)


# Single fields


def _fields(contract: Contract, one: ById, taken: list[Taken]) -> Iterator[Mutant]:
    free = [each for each in taken if not each.is_key]
    nullable = [each for each in free if each.nullable and each.field.nullable]
    for each in nullable:
        about = f"clears {each.token} when it is not sent"
        yield _named(one, "absent-cleared", about, _sending(one, _absent_as_null([each.token])), each.token)
    if len(nullable) > 1:
        tokens = [each.token for each in nullable]
        yield _named(one, "all-absent-cleared", "clears all that is not sent", _sending(one, _absent_as_null(tokens)))
        for each in nullable[:2]:
            about = f"does not clear {each.token}, though it clears other fields"
            yield _named(
                one, "null-ignored", about, _sending(one, _without(each.token, lambda sent, held: sent is None)), each.token
            )
    texts = [each for each in free if each.is_text]
    for (name, about, ignores), each in spread(IGNORED, texts):
        hook = _sending(one, _without(each.token, ignores))
        yield _named(one, name, f"leaves {each.token} as it is {about}", hook, each.token)
    for each in [each for each in free if is_readable(contract, one.resource, each.field.name)]:
        about = f"answers a new {each.token}, and does not store it"
        yield _named(one, "field-not-stored", about, _about(one, _unstored([each.field.name])), each.token)
    for each, other in list(pairwise(texts))[:2]:
        about = f"writes {each.token} into {other.token} as well"
        yield _named(one, "spills", about, _sending(one, _spilling(each.token, other.token)), each.token)
        about = f"takes {each.token} for {other.token}, and the other way round"
        yield _named(one, "swaps", about, _sending(one, _swapping(each.token, other.token)), each.token)


IGNORED: tuple[tuple[str, str, Callable[[Json, Json], bool]], ...] = (
    ("empty-ignored", "when empty text is sent", lambda sent, held: sent == ""),
    ("case-ignored", "when only case changes", lambda sent, held: str(sent).lower() == str(held).lower()),
    (
        "space-ignored",
        "when only white space changes",
        lambda sent, held: "".join(str(sent).split()) == "".join(str(held).split()),
    ),
    ("filled-kept", "once it has a value", lambda sent, held: held is not None and sent is not None),
    ("shorter-kept", "when the new text is shorter", lambda sent, held: len(str(sent or "")) < len(str(held or ""))),
)


def _absent_as_null(tokens: list[str]) -> Callable[[dict[str, Any], Record], Mapping[str, Json]]:
    return lambda body, record: {**dict.fromkeys(tokens), **body}


def _without(token: str, ignores: Callable[[Json, Json], bool]) -> Callable[[dict[str, Any], Record], Mapping[str, Json]]:
    def change(body: dict[str, Any], record: Record) -> Mapping[str, Json]:
        if token in body and ignores(body[token], record.get(token)):
            return {name: value for name, value in body.items() if name != token}
        return body

    return change


def _spilling(token: str, other: str) -> Callable[[dict[str, Any], Record], Mapping[str, Json]]:
    return lambda body, record: {other: body[token], **body} if isinstance(body.get(token), str) else body


def _swapping(token: str, other: str) -> Callable[[dict[str, Any], Record], Mapping[str, Json]]:
    names = {token: other, other: token}
    return lambda body, record: {names.get(name, name): value for name, value in body.items()}


def _unstored(fields: list[str]) -> Callable[[MutantContext, PerformInput, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: PerformInput, record: Record, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        for made in performed.changes:
            if made.id == _id_of(record, made.resource, context) and made.after is not None:
                resource = context.contract.resources[made.resource]
                context.amend(resource, made.organization, made.id, {field: record.get(field) for field in fields})
        return performed

    return change


def _id_of(record: Record, resource: str, context: MutantContext) -> Json:
    return record.get(context.contract.resources[resource].id)


# Whole records


def _whole(contract: Contract, one: ById) -> Iterator[Mutant]:
    name = one.resource.name
    fields = [field for field in one.resource.fields if field != one.resource.id]
    written = [taken.field.name for taken in takings(contract) if taken.step is one.step]
    if any(is_readable(contract, one.resource, field) for field in written):
        yield _named(one, "not-stored", f"answers the new {name}, and stores nothing", _about(one, _unstored(fields)))
        yield _named(one, "neighbour", f"changes another {name} as well", _about(one, _neighbour(one)))
        if len(written) > len(one.resource.key) + 1:
            alike = f"changes a field of every {name} that is alike in another one, where that field alone is sent"
            yield _named(
                one, "alike", alike, _about(one, _alike(one, [name for name in written if name not in one.resource.key]))
            )
    yield _named(
        one, "answers-old", f"stores the new {name}, and answers the old one", _about(one, _answering_old(contract, one))
    )
    yield _named(one, "latest", f"changes the {name} that was made last, whatever the id", _about(one, _latest(one)))
    yield _named(one, "second-ignored", f"changes a {name} once, and not again", _about(one, _once(one)))
    yield _named(one, "unknown-made", f"answers 200 for a {name} that is not there", _upsert(contract, one))
    for made in sorted((one.resource.server_made | set(one.resource.fields)) - set(written)):
        if made not in (one.resource.id, one.resource.modified) and one.resource.fields[made].refers_to is None:
            hook = _about(one, _assigning(one, made))
            yield _named(one, "assigns", f"takes {made} from the request, which nobody may set", hook, made)


def _answering_old(contract: Contract, one: ById) -> Callable[[MutantContext, PerformInput, Record, Proceed], Performed]:
    place = place_of(contract, one.operation, one.resource)

    def change(context: MutantContext, execution: PerformInput, record: Record, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        body = copied(performed.body)
        shown = at(body, place) if place is not None else None
        if shown is not None:
            shown.update({field: value for field, value in record.items() if not isinstance(shown.get(field), dict)})
        return performed._replace(body=body)

    return change


def _neighbour(one: ById) -> Callable[[MutantContext, PerformInput, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: PerformInput, record: Record, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        owner, resource = execution.owner(one.resource), one.resource
        after = execution.store.held(resource.name, owner, record[resource.id])
        changed = {field: value for field, value in after.items() if record.get(field) != value and field not in resource.key}
        others = [other for other in execution.store.scan(resource.name, owner) if other[resource.id] != record[resource.id]]
        if others and changed:
            context.amend(resource, owner, others[-1][resource.id], changed)
        return performed

    return change


def _alike(one: ById, written: list[str]) -> Callable[[MutantContext, PerformInput, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: PerformInput, record: Record, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        owner, resource, sent = execution.owner(one.resource), one.resource, list(_body(execution))
        if len(sent) == 1 and sent[0] in written[1:]:
            after = execution.store.held(resource.name, owner, record[resource.id])
            for other in list(execution.store.scan(resource.name, owner)):
                if record.get(written[0]) is not None and other.get(written[0]) == record[written[0]]:
                    context.amend(resource, owner, other[resource.id], {sent[0]: after.get(sent[0])})
        return performed

    return change


def _latest(one: ById) -> Callable[[MutantContext, PerformInput, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: PerformInput, record: Record, proceed: Proceed) -> Performed:
        latest = list(execution.store.scan(one.resource.name, execution.owner(one.resource)))[-1]
        parameters = {**execution.parameters, ("path", one.parameter): latest[one.resource.id]}
        return proceed(replace(execution, parameters=parameters))

    return change


def _once(one: ById) -> Callable[[MutantContext, PerformInput, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: PerformInput, record: Record, proceed: Proceed) -> Performed:
        if context.count(f"updated {record[one.resource.id]}") == 1:
            return proceed(execution)
        held = {name: record[name] for name in _body(execution) if name in record}
        return proceed(replace(execution, body=held or execution.body))

    return change


def _upsert(contract: Contract, one: ById) -> PerformHook:
    """Return a hook that answers an update of what is not there with what it would look like."""
    in_path = [
        parameter.name
        for parameter in one.operation.parameters
        if parameter.location == "path" and parameter.name in one.resource.fields and parameter.name != one.parameter
    ]

    def hook(context: MutantContext, execution: PerformInput, proceed: Proceed) -> Performed:
        try:
            return proceed(execution)
        except Refused as refused:
            others = [
                record
                for record in execution.store.scan(one.resource.name, execution.owner(one.resource))
                if all(record.get(name) is not None for name in in_path)
            ]
            if refused.kind != "not-found" or target(execution, one) is not None or not others:
                raise
            before = execution.store.snapshot()
            path = {("path", name): others[-1][name] for name in in_path}
            path["path", one.parameter] = others[-1][one.resource.id]
            performed = proceed(replace(execution, parameters={**execution.parameters, **path}))
            execution.store.restore(before)
            body = copied(performed.body)
            shown = at(body, place_of(contract, one.operation, one.resource) or "")
            if shown is not None:
                shown[one.resource.id] = execution.parameters["path", one.parameter]
            return performed._replace(body=body, changes=[])

    return hook


def _assigning(one: ById, field: str) -> Callable[[MutantContext, PerformInput, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: PerformInput, record: Record, proceed: Proceed) -> Performed:
        sent = _body(execution).get(field)
        if not isinstance(sent, str):
            return proceed(execution)
        context.amend(one.resource, execution.owner(one.resource), record[one.resource.id], {field: sent})
        return proceed(execution)

    return change


# Keys


def _key(contract: Contract, one: ById, taken: list[Taken]) -> Iterator[Mutant]:
    keys = [each for each in taken if each.is_key]
    if not keys or not isinstance(one.step, Update):
        return
    name, token = one.resource.name, keys[0].token
    yield _named(
        one, "own-key", f"takes the {token} that a {name} has already for one that is in use", _about(one, _own_key(one, token))
    )
    yield _named(one, "merges", f"answers the other {name} when its {token} is in use", _about(one, _merging(one, token)))
    yield _named(one, "foreign-key", f"refuses a {token} that another organization uses", _about(one, _foreign_key(one, token)))
    if settled(contract, one.step.when_key_taken) == "conflict":
        yield _named(
            one,
            "conflict-stored",
            f"refuses a {token} that is in use, and stores the other fields",
            _conflict_stored(one, token),
        )


def _own_key(one: ById, token: str) -> Callable[[MutantContext, PerformInput, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: PerformInput, record: Record, proceed: Proceed) -> Performed:
        if token in _body(execution) and _body(execution)[token] == record.get(token):
            raise Refused("conflict", f"This {token} is in use.")
        return proceed(execution)

    return change


def _holders(context: MutantContext, execution: PerformInput, one: ById, record: Record) -> list[Json]:
    """Return who else has the key that a record would have after an update."""
    asked = {field: _body(execution).get(field, record.get(field)) for field in one.resource.key}
    found = [] if None in asked.values() else known_ids(context, execution, one.resource, asked)
    return [id for id in found if id != record[one.resource.id]]


def _merging(one: ById, token: str) -> Callable[[MutantContext, PerformInput, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: PerformInput, record: Record, proceed: Proceed) -> Performed:
        others = _holders(context, execution, one, record) if token in _body(execution) else []
        if others:
            execution = replace(execution, parameters={**execution.parameters, ("path", one.parameter): others[0]})
        return proceed(execution)

    return change


def _foreign_key(one: ById, token: str) -> Callable[[MutantContext, PerformInput, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: PerformInput, record: Record, proceed: Proceed) -> Performed:
        for owner in context.setup.organizations:
            if owner != execution.organization and _body(execution).get(token) is not None:
                for other in execution.store.scan(one.resource.name, owner):
                    if other.get(token) == _body(execution)[token]:
                        raise Refused("conflict", f"This {token} is in use.")
        return proceed(execution)

    return change


def _conflict_stored(one: ById, token: str) -> PerformHook:
    def change(context: MutantContext, execution: PerformInput, record: Record, proceed: Proceed) -> Performed:
        try:
            return proceed(execution)
        except Refused as refused:
            rest = {name: value for name, value in _body(execution).items() if name != token}
            if refused.kind == "conflict" and rest:
                proceed(replace(execution, body=rest))
            raise

    return _about(one, change)


# Times


def _times(one: ById) -> Iterator[Mutant]:
    created, modified = one.resource.created, one.resource.modified
    if created is not None:
        hook = _about(one, _amending(one, lambda execution, record: {created: execution.generator.now()}))
        yield _named(one, "created-renewed", f"renews {created}", hook)
    if modified is not None:
        kept = _about(one, _amending(one, lambda execution, record: {modified: record.get(modified)}))
        yield _named(one, "modified-kept", f"changes a {one.resource.name} without changing {modified}", kept)
        once = _amending(
            one, lambda execution, record: {modified: record[modified]} if record.get(modified) is not None else {}
        )
        yield _named(one, "modified-once", f"changes {modified} the first time only", _about(one, once))
        if created is not None:
            back = _amending(one, lambda execution, record: {modified: _earlier(record[created])})
            yield _named(one, "modified-back", f"sets {modified} to a time before {created}", _about(one, back))
            little = _about(one, _amending(one, lambda execution, record: {modified: _second_earlier(record[created])}))
            yield _named(one, "modified-a-little-back", f"sets {modified} to a second before {created}", little)


def _second_earlier(text: Json) -> str:
    earlier = datetime.fromisoformat(str(text)) - timedelta(seconds=1)
    return earlier.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _earlier(text: Json) -> str:
    return f"{int(str(text)[:4]) - 1:04d}{str(text)[4:]}"


def _amending(
    one: ById, changes: Callable[[PerformInput, Record], Mapping[str, Json]]
) -> Callable[[MutantContext, PerformInput, Record, Proceed], Performed]:
    """Return what changes a record behind the update's back, and shows it in the answer."""

    def change(context: MutantContext, execution: PerformInput, record: Record, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        if not performed.changes:
            return performed
        changed = changes(execution, record)
        context.amend(one.resource, execution.owner(one.resource), record[one.resource.id], changed)
        body = copied(performed.body)
        shown = at(body, place_of(context.contract, one.operation, one.resource) or "")
        if shown is not None:
            shown.update(changed)
        return performed._replace(body=body)

    return change


class _OtherClock(Generator):
    """Makes ids as another generator does, and times by another clock."""

    def __init__(self, generator: Generator, clock: Callable[[], int]) -> None:
        super().__init__(clock=clock)
        self._other = generator

    def text(self) -> str:
        return self._other.text()

    def id(self, resource: Resource) -> Json:
        return self._other.id(resource)


CLOCKS: tuple[tuple[str, str, Callable[[int], int]], ...] = (
    ("local-time", "is the local time, called UTC", lambda now: now + 2 * HOUR),
    ("yesterday", "is a day old", lambda now: now - 24 * HOUR),
    ("epoch", "is always the first second of 1970", lambda now: 0),
    ("milliseconds", "takes seconds for milliseconds", lambda now: now // 1000),
)


def _clocks(contract: Contract) -> Iterator[Mutant]:
    making = [
        operation
        for operation in contract.operations
        if operation.behaviour
        and any(
            isinstance(step, (FindOrCreate, Create, Update)) and _timed(step.resource) for step in operation.behaviour.steps
        )
    ]
    for (name, about, change), operation in spread(CLOCKS, making):
        told = f"{operation.id}: the time of making or changing {about}."
        yield Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, told, perform=only_for(operation, _by_clock(change)))


def _timed(resource: Resource) -> bool:
    return resource.created is not None or resource.modified is not None


def _by_clock(change: Callable[[int], int]) -> PerformHook:
    def hook(context: MutantContext, execution: PerformInput, proceed: Proceed) -> Performed:
        clock = execution.generator.clock
        return proceed(replace(execution, generator=_OtherClock(execution.generator, lambda: change(clock()))))

    return hook


# What else an answer shows


def _shown(contract: Contract, one: ById) -> Iterator[Mutant]:
    for field in one.resource.fields.values():
        if field.refers_to is None:
            continue
        other = contract.resources[field.refers_to]
        hook = _about(one, _touching(one, field.name, other))
        if other.modified is not None:
            yield _named(one, "touches", f"changes {other.modified} of the {other.name} that it shows", hook, field.name)
        for text in [each for each in other.fields.values() if each.nullable and each.name not in other.server_made][:1]:
            hook = _about(one, _clearing(one, field.name, other, text.name))
            yield _named(one, "clears-other", f"clears {text.name} of the {other.name} that it shows", hook, field.name)
        place = place_of(contract, one.operation, other)
        if place is not None and _may_change(contract, other):
            about = f"{one.operation.id} shows a {other.name} as it was when it was first shown."
            hook = _first_shown(contract, one.operation, other)
            yield Mutant(f"{FAMILY}.stale.{one.operation.id}.{field.name}", FAMILY, about, perform=hook)
            for key in _keys_to_change(contract, other):
                about = f"{one.operation.id} shows {key} of a {other.name} in small letters."
                hook = _shown_small(one.operation, place, key)
                yield Mutant(f"{FAMILY}.shown-small.{one.operation.id}.{field.name}", FAMILY, about, perform=hook)


def _keys_to_change(contract: Contract, resource: Resource) -> list[str]:
    """Return the key fields that an update may give any text."""
    changed = {taken.field.name for taken in takings(contract) if taken.resource == resource and isinstance(taken.step, Update)}
    return [key for key in resource.key if key in changed and "string" in resource.fields[key].schema.types]


def _may_change(contract: Contract, resource: Resource) -> bool:
    """Say whether an operation changes stored records of a resource under the default choices."""
    for _, step in steps(contract):
        if step.resource == resource and (
            isinstance(step, Update)
            or (isinstance(step, FindOrCreate) and settled(contract, step.when_found) not in ("keep", "conflict"))
        ):
            return True
    return False


def _touching(one: ById, field: str, other: Resource) -> Callable[[MutantContext, PerformInput, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: PerformInput, record: Record, proceed: Proceed) -> Performed:
        if record.get(field) is not None and other.modified is not None:
            context.amend(other, execution.owner(other), record[field], {other.modified: execution.generator.now()})
        return proceed(execution)

    return change


def _clearing(
    one: ById, field: str, other: Resource, text: str
) -> Callable[[MutantContext, PerformInput, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: PerformInput, record: Record, proceed: Proceed) -> Performed:
        if record.get(field) is not None:
            context.amend(other, execution.owner(other), record[field], {text: None})
        return proceed(execution)

    return change


def _shown_small(operation: Operation, place: str, key: str) -> PerformHook:
    """Return a hook that shows a text in small letters, whatever is stored."""

    def hook(context: MutantContext, execution: PerformInput, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        body = copied(performed.body)
        shown = at(body, place)
        if shown is None or not isinstance(shown.get(key), str):
            return performed
        shown[key] = shown[key].lower()
        return performed._replace(body=body)

    return only_for(operation, hook)


def _first_shown(contract: Contract, operation: Operation, resource: Resource) -> PerformHook:
    """Return a hook that keeps what any operation first showed of a record, and shows it whenever `operation` does."""
    places = {each.id: place_of(contract, each, resource) for each in contract.operations}

    def hook(context: MutantContext, execution: PerformInput, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        place = places[execution.operation.id]
        body = copied(performed.body) if place is not None else None
        shown = at(body, place) if place is not None else None
        if shown is None:
            return performed
        first = context.memory.setdefault(f"shown {shown.get(resource.id)}", dict(shown))
        if execution.operation.id != operation.id:
            return performed
        shown.clear()
        shown.update(first)
        return performed._replace(body=body)

    return hook
