"""What tells records apart, got wrong: ids that clients choose or that are counted, unique fields, slugs, times as numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from contract_tests.mutants.facts import place_of, settled, steps
from contract_tests.mutants.families.alterations import answered, at, copied, only_for
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from mock_server.contract.behaviours.expressions import FromBody
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Operation, Resource, Step
from mock_server.contract.problems import Refused
from mock_server.engine.engine import Performed
from mock_server.engine.generating import Generator
from mock_server.engine.store import Fields, Index, Store
from mock_server.engine.values import numbered

FAMILY = "identity"


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    for operation, step in steps(contract):
        resource = step.resource
        sent = _sent(step)
        if settled(contract, resource.when_taken) != "allow":
            for group in resource.unique:
                if any(field in sent for field in group):
                    yield from _unique(operation, resource, group)
        if step.makes:
            if resource.id in sent and settled(contract, resource.ids) == "client":
                yield from _chosen(operation, resource, sent[resource.id])
            elif resource.counts and settled(contract, resource.ids) == "sequential":
                yield from _counted(operation, resource)
            for slug in resource.slugs:
                yield from _slugs(operation, resource, slug, sent.get(slug, ""))
        yield from _times(contract, operation, resource)


def _named(operation: Operation, name: str, about: str, hook: PerformHook, part: str = "") -> Mutant:
    place = f"{operation.id}.{part}" if part else operation.id
    return Mutant(f"{FAMILY}.{name}.{place}", FAMILY, f"{operation.id} {about}.", perform=only_for(operation, hook))


def _sent(step: Step) -> dict[str, str]:
    """Return the fields that a step takes from properties of the body, with the names of these."""
    found = {write.field: write.value.possible()[0] for write in step.written}
    return {field: one.tokens[0] for field, one in found.items() if isinstance(one, FromBody) and len(one.tokens) == 1}


# What no two records share


def _unique(operation: Operation, resource: Resource, group: Fields) -> Iterator[Mutant]:
    told = " and ".join(group)
    hook = _unseen(resource, group)
    yield _named(operation, "not-unique", f"lets two of {resource.name} have the same {told}", hook, group[0])

    def refusing_own(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        for change in performed.changes:
            if change.before is not None and change.after is not None and change.resource == resource.name:
                values = [change.after.get(field) for field in group]
                if None not in values and values == [change.before.get(field) for field in group]:
                    execution.store.put(resource.name, change.organization, change.id, change.before)
                    execution.store.commit()
                    raise Refused("conflict", f"Another {resource.name} has this {told} already.")
        return performed

    if operation.method != "POST":
        yield _named(operation, "own-is-taken", f"refuses the {told} that a {resource.name} has itself", refusing_own, group[0])


def _unseen(resource: Resource, group: Fields) -> PerformHook:
    """Return a hook that performs a request as if nobody had any values in a group of fields."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        with _hidden(execution.store, context.layout[resource.name][group]):
            return proceed(execution)

    return hook


@contextmanager
def _hidden(store: Store, hidden: Index) -> Iterator[None]:
    """Let no lookup by one index find anything for a while."""
    find = store.find

    def find_nothing(index: Index, owner: str | None, values: tuple[Any, ...]) -> Sequence[Json]:
        return [] if index == hidden or index.fields == hidden.fields else find(index, owner, values)

    store.find = find_nothing  # type: ignore[method-assign]  # for this store, and not for long
    try:
        yield
    finally:
        del store.find


# Ids


def _chosen(operation: Operation, resource: Resource, token: str) -> Iterator[Mutant]:
    def without(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        if not isinstance(execution.body, dict):
            return proceed(execution)
        return proceed(execution.but(body={name: value for name, value in execution.body.items() if name != token}))

    yield _named(operation, "id-ignored", f"makes a {resource.name} under an id of its own, whatever the body says", without)

    def over(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        store, owner = execution.store, execution.owner(resource)
        id = execution.body.get(token) if isinstance(execution.body, dict) else None
        if isinstance(id, (str, int)) and store.get(resource.name, owner, id) is not None:
            store.remove(resource.name, owner, id)
            store.commit()
        return proceed(execution)

    yield _named(operation, "id-overwrites", f"puts a new {resource.name} in the place of one with the same id", over)


class _OtherMaker(Generator):
    """Makes ids and slugs in another way than the generator of a request."""

    def __init__(self, generator: Generator, *, id: Callable[[Json], Json], slug: Callable[[str], str]) -> None:
        super().__init__(clock=generator.clock, random_seed=generator.seed)
        self._other, self._id, self._slug = generator, id, slug

    def text(self) -> str:
        return self._other.text()

    def uuid(self) -> str:
        return self._other.uuid()

    def id(self, resource: Resource) -> Json:
        return self._other.id(resource)

    def next_id(self, resource: Resource, store: Store) -> Json:
        return self._id(self._other.next_id(resource, store))

    def slug(self, text: str, base: str, number: int) -> str:
        return numbered(self._slug(base), number)


def _counted(operation: Operation, resource: Resource) -> Iterator[Mutant]:
    if "string" in resource.fields[resource.id].schema.types:
        return
    backwards = _making(id=lambda id: 2**31 - int(str(id)))
    yield _named(operation, "counts-down", f"counts the ids of {resource.name} down, and not up", backwards)

    def reusing(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        def after_present(id: Json) -> Json:
            """Return the next id after those that are there by now: one request may make several records."""
            owners = execution.store.owners(resource.name)
            present = [record[resource.id] for owner in owners for record in execution.store.scan(resource.name, owner)]
            return max(present, default=0) + 1

        return _making(id=after_present)(context, execution, proceed)

    yield _named(operation, "id-reused", f"gives the id of the last {resource.name} that went to the next one", reusing)


def _making(*, id: Callable[[Json], Json] = lambda id: id, slug: Callable[[str], str] = lambda base: base) -> PerformHook:
    return lambda context, execution, proceed: proceed(
        execution.but(generator=_OtherMaker(execution.generator, id=id, slug=slug))
    )


# Slugs


def _slugs(operation: Operation, resource: Resource, slug: str, token: str) -> Iterator[Mutant]:
    yield _named(operation, "slug-twice", f"gives two of {resource.name} one {slug}", _unseen(resource, (slug,)), slug)
    underscores = _making(slug=lambda base: base.replace("-", "_"))
    yield _named(operation, "slug-underscores", f"puts underscores into {slug}", underscores, slug)
    short = _making(slug=lambda base: base.partition("-")[0])
    yield _named(operation, "slug-cut", f"makes {slug} of the first word alone", short, slug)
    if token:

        def without(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
            if not isinstance(execution.body, dict):
                return proceed(execution)
            return proceed(execution.but(body={name: value for name, value in execution.body.items() if name != token}))

        yield _named(operation, "slug-ignored", f"makes {slug} itself where one is given", without, slug)


# Times


def _times(contract: Contract, operation: Operation, resource: Resource) -> Iterator[Mutant]:
    place = place_of(contract, operation, resource)
    for name in filter(None, (resource.created, resource.modified)) if place is not None else ():
        form = resource.time_form(str(name))
        if form in ("seconds", "milliseconds"):
            factor = 1000 if form == "seconds" else 0.001
            told = "milliseconds for seconds" if form == "seconds" else "seconds for milliseconds"
            hook = answered(operation, _altered(place or "", str(name), _times_by(factor)))
            about = f"{operation.id} shows {told} as {name}."
            yield Mutant(f"{FAMILY}.time-unit.{operation.id}.{name}", FAMILY, about, exchange=hook)
        if form == "date":
            hook = answered(operation, _altered(place or "", str(name), lambda value: f"{value}T00:00:00Z"))
            about = f"{operation.id} shows a time of the day in {name}, which is a date."
            yield Mutant(f"{FAMILY}.time-of-day.{operation.id}.{name}", FAMILY, about, exchange=hook)


def _times_by(factor: float) -> Callable[[Any], Json]:
    return lambda value: int(value * factor)


def _altered(place: str, name: str, alter: Callable[[Any], Json]) -> Callable[[MutantContext, Any], Json]:
    def change(context: MutantContext, body: Any) -> Json:
        body = copied(body)
        shown = at(body, place)
        if shown is not None and shown.get(name) is not None:
            shown[name] = alter(shown[name])
        return body

    return change
