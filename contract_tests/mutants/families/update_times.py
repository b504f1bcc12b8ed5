"""Times of updates: when something was changed, and by which clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from contract_tests.mutants.facts import IdLookup, place_of, spread
from contract_tests.mutants.families.alterations import at, copied, only_for
from contract_tests.mutants.families.names import UPDATES
from contract_tests.mutants.families.update_hooks import update_mutant, when_found
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Resource
from mock_server.engine.engine import Performed
from mock_server.engine.generating import SECOND, Generator
from mock_server.engine.store import Record

HOUR = 3600 * SECOND


def update_times(one: IdLookup) -> Iterator[Mutant]:
    """Yield the mutants about the times that an update notes."""
    created, modified = (if_fine(one.resource, name) for name in (one.resource.created, one.resource.modified))
    if created is not None:
        form = one.resource.time_form(created)
        hook = when_found(one, _amending(one, lambda execution, record: {created: execution.generator.moment(form)}))
        yield update_mutant(one, "created-renewed", f"renews {created}", hook)
    if modified is not None:
        kept = when_found(one, _amending(one, lambda execution, record: {modified: record.get(modified)}))
        yield update_mutant(one, "modified-kept", f"changes a {one.resource.name} without changing {modified}", kept)
        once = _amending(
            one, lambda execution, record: {modified: record[modified]} if record.get(modified) is not None else {}
        )
        yield update_mutant(one, "modified-once", f"changes {modified} the first time only", when_found(one, once))
        if created is not None and {one.resource.time_form(name) for name in (created, modified)} == {"date-time"}:
            back = _amending(one, lambda execution, record: {modified: _earlier(record[created])})
            yield update_mutant(one, "modified-back", f"sets {modified} to a time before {created}", when_found(one, back))
            little = when_found(one, _amending(one, lambda execution, record: {modified: _second_earlier(record[created])}))
            yield update_mutant(one, "modified-a-little-back", f"sets {modified} to a second before {created}", little)


def if_fine(resource: Resource, name: str | None) -> str | None:
    """Return the name of a time that tells two requests apart; None where days or seconds are too coarse for that."""
    return name if name and resource.time_form(name) in ("date-time", "milliseconds") else None


def _second_earlier(text: Json) -> str:
    earlier = datetime.fromisoformat(str(text)) - timedelta(seconds=1)
    return earlier.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _earlier(text: Json) -> str:
    return f"{int(str(text)[:4]) - 1:04d}{str(text)[4:]}"


def _amending(
    one: IdLookup, changes: Callable[[MutantExecution, Record], Mapping[str, Json]]
) -> Callable[[MutantContext, MutantExecution, Record, Proceed], Performed]:
    """Return what changes a record behind the update's back, and shows it in the answer."""

    def change(context: MutantContext, execution: MutantExecution, record: Record, proceed: Proceed) -> Performed:
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


def clocks(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants whose clock goes wrong."""
    making = [
        operation
        for operation in contract.operations
        if operation.behaviour and any(step.written and _timed(step.resource) for step in operation.behaviour.steps)
    ]
    for (name, about, change), operation in spread(CLOCKS, making):
        told = f"{operation.id}: the time of making or changing {about}."
        yield Mutant(f"{UPDATES}.{name}.{operation.id}", UPDATES, told, perform=only_for(operation, _by_clock(change)))


def _timed(resource: Resource) -> bool:
    return resource.created is not None or resource.modified is not None


def _by_clock(change: Callable[[int], int]) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        clock = execution.generator.clock
        return proceed(execution.but(generator=_OtherClock(execution.generator, lambda: change(clock()))))

    return hook
