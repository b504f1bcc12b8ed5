"""Lists that select wrongly: conditions, searches, orders and pages, each got wrong as a careless colleague would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from contract_tests.mutants.facts import steps
from contract_tests.mutants.families.alterations import only_for
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from mock_server.contract.behaviours.conditions import Condition
from mock_server.contract.behaviours.expressions import FromParameter
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Operation, Value
from mock_server.engine.engine import Performed
from mock_server.engine.generating import Cut, Position
from mock_server.engine.values import ABSENT
from mock_server.engine.verbs import List

FAMILY = "selections"

Parameters = dict[tuple[str, str], Json]


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    for operation, step in steps(contract):
        if isinstance(step, List):
            yield from _conditions(operation, step)
            yield from _orders(operation, step)
            yield from _pages(operation, step)


def _named(operation: Operation, name: str, about: str, hook: PerformHook) -> Mutant:
    return Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, f"{operation.id} {about}.", perform=only_for(operation, hook))


def _place(value: Value | None) -> tuple[str, str] | None:
    """Return the query parameter that a value is."""
    expression = value.possible()[0] if value else None
    is_query = isinstance(expression, FromParameter) and expression.location == "query"
    return (expression.location, expression.name) if isinstance(expression, FromParameter) and is_query else None


def _conditions(operation: Operation, step: List) -> Iterator[Mutant]:
    seen: set[tuple[str, str]] = set()
    for condition in (*step.conditions, *step.search):
        place = _place(condition.value)
        if place is None or place in seen:
            continue
        seen.add(place)
        yield _named(operation, f"ignored.{place[1]}", f"takes no notice of {place[1]}", _without(place))
        if condition.operator == "in":
            yield _named(operation, f"first-only.{place[1]}", f"takes the first {place[1]} only", _first_only(place))
        if _is_first_of_several(step, condition):
            about = f"takes no notice of the other filters where {place[1]} is sent"
            yield _named(operation, f"alone.{place[1]}", about, _alone(step, place))


def _is_first_of_several(step: List, condition: Condition) -> bool:
    places = {_place(one.value) for one in step.conditions} - {None}
    return len(places) > 1 and condition is step.conditions[0]


def _changing(change: Callable[[Parameters], Parameters]) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        return proceed(execution.but(parameters=change(dict(execution.parameters))))

    return hook


def _without(place: tuple[str, str]) -> PerformHook:
    return _changing(lambda given: {key: value for key, value in given.items() if key != place})


def _first_only(place: tuple[str, str]) -> PerformHook:
    def change(given: Parameters) -> Parameters:
        several = given.get(place)
        return {**given, place: several[:1]} if isinstance(several, list) else given

    return _changing(change)


def _alone(step: List, place: tuple[str, str]) -> PerformHook:
    others = {_place(one.value) for one in step.conditions} - {place}

    def change(given: Parameters) -> Parameters:
        return {key: value for key, value in given.items() if place not in given or key not in others}

    return _changing(change)


def _orders(operation: Operation, step: List) -> Iterator[Mutant]:
    if step.sort is not None and (place := _place(step.sort)) is not None:
        yield _named(operation, "order-ignored", f"takes no notice of {place[1]}", _without(place))
        yield _named(operation, "order-turned", f"turns the order that {place[1]} asks for", _with_cut(_turned_if(place)))
    if all(step.order.possible()):
        yield _named(operation, "order-by-age", "lists in no order but that of making", _with_cut(_by_age(step)))


def _pages(operation: Operation, step: List) -> Iterator[Mutant]:
    limit, start = _place(step.limit), _place(step.start)
    if limit is not None:
        yield _named(operation, "size-ignored", "answers everything, whatever size of page is asked for", _with_cut(_all))
        if _has_default(operation, limit):
            about = f"answers everything where {limit[1]} is not sent, whatever its default"
            yield _named(operation, "default-size-ignored", about, _with_cut(_all_unless(step)))
        yield _named(operation, "size-larger", "answers pages with one record too many", _with_cut(_sized(1)))
        yield _named(operation, "size-smaller", "answers pages with one record too few", _with_cut(_sized(-1)))
    if start is not None:
        yield _named(operation, "start-ignored", "answers the first page again and again", _with_cut(_from_the_start))
        yield _named(operation, "skips", "leaves out a record between two pages", _with_cut(_moved(1)))
        yield _named(operation, "repeats", "repeats the last record of the page before", _with_cut(_moved(-1)))
    for which, value in (("after", step.after), ("before", step.before)):
        if (place := _place(value)) is not None:
            yield _named(operation, f"{which}-ignored", f"takes no notice of {place[1]}", _without(place))
            about = f"leaves out the record that is next to that of {place[1]}"
            yield _named(operation, f"{which}-skips", about, _with_cut(_without_nearest(place, before=which == "before")))
    for fact, about, change in FACTS:
        is_known = limit is not None or fact != "total"  # without pages, the size of the page is the total
        if is_known and _tells(operation.behaviour.answer.template if operation.behaviour else None, step, fact):
            yield _named(operation, f"told-{fact}", about, _with_facts(fact, change))


FACTS: tuple[tuple[str, str, Callable[[Mapping[str, Json]], Json]], ...] = (
    ("total", "tells the size of the page as the total", lambda facts: facts["count"] if facts["has-more"] else facts["total"]),
    ("has-more", "says that there is no more", lambda facts: False),
    ("has-more", "says that there is more", lambda facts: True),
    ("next", "tells of no next page", lambda facts: None),
    ("last", "tells the first record of a page as its last", lambda facts: facts["first"]),
)


def _tells(template: object, step: List, fact: str) -> bool:
    if isinstance(template, dict):
        return any(_tells(member, step, fact) for member in template.values())
    return getattr(template, "name", None) == step.name and getattr(template, "field", None) == fact


CutChange = Callable[[MutantExecution, Sequence[Any], Cut], Sequence[Any]]


def _with_cut(change: CutChange) -> PerformHook:
    """Return a hook that cuts pages in another way."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        generator = execution.generator
        cut = generator.cut

        def other_cut(name: str, records: Sequence[Any], asked: Cut, position: Callable[[Any], Position]) -> Sequence[Any]:
            return change(execution, records, asked)

        generator.cut = other_cut  # type: ignore[method-assign, assignment]  # for this request
        try:
            return proceed(execution)
        finally:
            generator.cut = cut  # type: ignore[method-assign]

    return hook


def _with_facts(fact: str, change: Callable[[Mapping[str, Json]], Json]) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        generator = execution.generator
        told = generator.told

        def told_otherwise(name: str, facts: Mapping[str, Json]) -> Mapping[str, Json]:
            return {**facts, fact: change(facts)}

        generator.told = told_otherwise  # type: ignore[method-assign]  # for this request
        try:
            return proceed(execution)
        finally:
            generator.told = told  # type: ignore[method-assign]

    return hook


def _page(records: Sequence[Any], cut: Cut) -> Sequence[Any]:
    return records[max(0, cut.start) : None if cut.limit is None else max(0, cut.start + cut.limit)]


def _all(execution: MutantExecution, records: Sequence[Any], cut: Cut) -> Sequence[Any]:
    return _page(records, replace(cut, limit=None))


def _has_default(operation: Operation, place: tuple[str, str]) -> bool:
    return any(one.has_default for one in operation.parameters if (one.location, one.name) == place)


def _all_unless(step: List) -> CutChange:
    """Return a change that takes the size that is the default for none."""

    def change(execution: MutantExecution, records: Sequence[Any], cut: Cut) -> Sequence[Any]:
        place = _place(step.limit)
        defaults = [one.default for one in execution.operation.parameters if (one.location, one.name) == place]
        return _page(records, replace(cut, limit=None) if cut.limit in defaults else cut)

    return change


def _sized(more: int) -> CutChange:
    return lambda execution, records, cut: _page(records, replace(cut, limit=None if cut.limit is None else cut.limit + more))


def _from_the_start(execution: MutantExecution, records: Sequence[Any], cut: Cut) -> Sequence[Any]:
    return _page(records, replace(cut, start=0))


def _moved(by: int) -> CutChange:
    return lambda execution, records, cut: _page(records, replace(cut, start=cut.start + by) if cut.start else cut)


def _without_nearest(place: tuple[str, str], *, before: bool) -> CutChange:
    def change(execution: MutantExecution, records: Sequence[Any], cut: Cut) -> Sequence[Any]:
        if execution.parameters.get(place, ABSENT) is ABSENT:
            return _page(records, cut)
        return _page(records[:-1], replace(cut, start=max(0, cut.start - 1))) if before else _page(records[1:], cut)

    return change


def _turned_if(place: tuple[str, str]) -> CutChange:
    def change(execution: MutantExecution, records: Sequence[Any], cut: Cut) -> Sequence[Any]:
        is_asked = execution.parameters.get(place, ABSENT) is not ABSENT
        return _page(records[::-1] if is_asked else records, cut)

    return change


def _by_age(step: List) -> CutChange:
    def change(execution: MutantExecution, records: Sequence[Any], cut: Cut) -> Sequence[Any]:
        if (place := _place(step.sort)) is not None and place in execution.parameters:
            return _page(records, cut)
        ids = {record[step.resource.id] for record in records}
        scanned = execution.store.scan(step.resource.name, execution.owner(step.resource))
        return _page([record for record in scanned if record[step.resource.id] in ids], cut)

    return change
