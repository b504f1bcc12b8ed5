"""Updates: fields that were not sent change, fields that were sent do not, another record changes, times go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from contract_tests.mutants.facts import (
    IdLookup,
    WrittenProperty,
    id_lookups,
    is_readable,
    place_of,
    spread,
    written_properties,
)
from contract_tests.mutants.families.alterations import at, copied
from contract_tests.mutants.families.update_answers import update_answers
from contract_tests.mutants.families.update_hooks import body_of, target, update_mutant, when_found
from contract_tests.mutants.families.update_keys import update_keys
from contract_tests.mutants.families.update_times import clocks, update_times
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract
from mock_server.contract.problems import Refused
from mock_server.engine.engine import Performed
from mock_server.engine.store import Record
from mock_server.engine.verbs import Update


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    for one in id_lookups(contract):
        if isinstance(one.step, Update):
            taken = [each for each in written_properties(contract) if each.step is one.step]
            yield from _fields(contract, one, taken)
            yield from _whole(contract, one)
            yield from update_keys(contract, one, taken)
            yield from update_times(one)
            yield from update_answers(contract, one)
    yield from clocks(contract)


def _sending(one: IdLookup, change: Callable[[dict[str, Any], Record], Mapping[str, Json]]) -> PerformHook:
    """Return a hook that changes the body of an update."""

    def alter(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        return proceed(execution.but(body=dict(change(body_of(execution), record))))

    return when_found(one, alter)


# Single fields


def _fields(contract: Contract, one: IdLookup, taken: list[WrittenProperty]) -> Iterator[Mutant]:
    free = [each for each in taken if not each.is_key]
    nullable = [each for each in free if each.nullable and each.field.nullable]
    for each in nullable:
        about = f"clears {each.token} when it is not sent"
        yield update_mutant(one, "absent-cleared", about, _sending(one, _absent_as_null([each.token])), each.token)
    if len(nullable) > 1:
        tokens = [each.token for each in nullable]
        yield update_mutant(one, "all-absent-cleared", "clears all that is not sent", _sending(one, _absent_as_null(tokens)))
        for each in nullable[:2]:
            about = f"does not clear {each.token}, though it clears other fields"
            yield update_mutant(
                one, "null-ignored", about, _sending(one, _without(each.token, lambda sent, held: sent is None)), each.token
            )
    texts = [each for each in free if each.is_text]
    for (name, about, ignores), each in spread(IGNORED, texts):
        hook = _sending(one, _without(each.token, ignores))
        yield update_mutant(one, name, f"leaves {each.token} as it is {about}", hook, each.token)
    for each in [each for each in free if is_readable(contract, one.resource, each.field.name)]:
        about = f"answers a new {each.token}, and does not store it"
        yield update_mutant(one, "field-not-stored", about, when_found(one, _unstored([each.field.name])), each.token)
    for each, other in list(pairwise(texts))[:2]:
        about = f"writes {each.token} into {other.token} as well"
        yield update_mutant(one, "spills", about, _sending(one, _spilling(each.token, other.token)), each.token)
        about = f"takes {each.token} for {other.token}, and the other way round"
        yield update_mutant(one, "swaps", about, _sending(one, _swapping(each.token, other.token)), each.token)


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


def _unstored(fields: list[str]) -> Callable[[MutantContext, MutantExecution, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
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


def _whole(contract: Contract, one: IdLookup) -> Iterator[Mutant]:
    name = one.resource.name
    fields = [field for field in one.resource.fields if field != one.resource.id]
    written = [taken.field.name for taken in written_properties(contract) if taken.step is one.step]
    if any(is_readable(contract, one.resource, field) for field in written):
        yield update_mutant(
            one, "not-stored", f"answers the new {name}, and stores nothing", when_found(one, _unstored(fields))
        )
        yield update_mutant(one, "neighbour", f"changes another {name} as well", when_found(one, _neighbour(one)))
        if len(written) > len(one.resource.key) + 1:
            alike = f"changes a field of every {name} that is alike in another one, where that field alone is sent"
            yield update_mutant(
                one, "alike", alike, when_found(one, _alike(one, [name for name in written if name not in one.resource.key]))
            )
    yield update_mutant(
        one, "answers-old", f"stores the new {name}, and answers the old one", when_found(one, _answering_old(contract, one))
    )
    yield update_mutant(one, "latest", f"changes the {name} that was made last, whatever the id", when_found(one, _latest(one)))
    yield update_mutant(one, "second-ignored", f"changes a {name} once, and not again", when_found(one, _once(one)))
    yield update_mutant(one, "unknown-made", f"answers 200 for a {name} that is not there", _upsert(contract, one))
    shown = {embedded.name for embedded in one.resource.embedded}
    for made in sorted((one.resource.server_made | set(one.resource.fields)) - set(written) - shown):
        if made not in (one.resource.id, one.resource.modified) and one.resource.fields[made].refers_to is None:
            hook = when_found(one, _assigning(one, made))
            yield update_mutant(one, "assigns", f"takes {made} from the request, which nobody may set", hook, made)


def _answering_old(contract: Contract, one: IdLookup) -> Callable[[MutantContext, MutantExecution, Record, Proceed], Performed]:
    place = place_of(contract, one.operation, one.resource)

    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        body = copied(performed.body)
        shown = at(body, place) if place is not None else None
        if shown is not None:
            shown.update({field: value for field, value in record.items() if not isinstance(shown.get(field), dict)})
        return performed._replace(body=body)

    return change


def _neighbour(one: IdLookup) -> Callable[[MutantContext, MutantExecution, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        owner, resource = execution.owner(one.resource), one.resource
        after = execution.store.held(resource.name, owner, record[resource.id])
        changed = {field: value for field, value in after.items() if record.get(field) != value and field not in resource.key}
        others = [other for other in execution.store.scan(resource.name, owner) if other[resource.id] != record[resource.id]]
        if others and changed:
            context.amend(resource, owner, others[-1][resource.id], changed)
        return performed

    return change


def _alike(one: IdLookup, written: list[str]) -> Callable[[MutantContext, MutantExecution, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        owner, resource, sent = execution.owner(one.resource), one.resource, list(body_of(execution))
        if len(sent) == 1 and sent[0] in written[1:]:
            after = execution.store.held(resource.name, owner, record[resource.id])
            for other in list(execution.store.scan(resource.name, owner)):
                if record.get(written[0]) is not None and other.get(written[0]) == record[written[0]]:
                    context.amend(resource, owner, other[resource.id], {sent[0]: after.get(sent[0])})
        return performed

    return change


def _latest(one: IdLookup) -> Callable[[MutantContext, MutantExecution, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        latest = list(execution.store.scan(one.resource.name, execution.owner(one.resource)))[-1]
        parameters = {**execution.parameters, ("path", one.parameter): latest[one.resource.id]}
        return proceed(execution.but(parameters=parameters))

    return change


def _once(one: IdLookup) -> Callable[[MutantContext, MutantExecution, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        if context.count(f"updated {record[one.resource.id]}") == 1:
            return proceed(execution)
        held = {name: record[name] for name in body_of(execution) if name in record}
        return proceed(execution.but(body=held or execution.body))

    return change


def _upsert(contract: Contract, one: IdLookup) -> PerformHook:
    """Return a hook that answers an update of what is not there with what it would look like."""
    in_path = [
        parameter.name
        for parameter in one.operation.parameters
        if parameter.location == "path" and parameter.name in one.resource.fields and parameter.name != one.parameter
    ]

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
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
            performed = proceed(execution.but(parameters={**execution.parameters, **path}))
            execution.store.restore(before)
            body = copied(performed.body)
            shown = at(body, place_of(contract, one.operation, one.resource) or "")
            if shown is not None:
                shown[one.resource.id] = execution.parameters["path", one.parameter]
            return performed._replace(body=body, changes=[])

    return hook


def _assigning(one: IdLookup, field: str) -> Callable[[MutantContext, MutantExecution, Record, Proceed], Performed]:
    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
        sent = body_of(execution).get(field)
        if not isinstance(sent, str):
            return proceed(execution)
        context.amend(one.resource, execution.owner(one.resource), record[one.resource.id], {field: sent})
        return proceed(execution)

    return change
