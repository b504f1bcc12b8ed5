"""Lists in a body, got wrong: an element is left out, the answer has another order, or half of a refused list is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias

from contract_tests.mutants.facts import settled, steps
from contract_tests.mutants.families.alterations import copied, only_for
from contract_tests.mutants.families.declared_otherwise import declared_otherwise, step_with
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from mock_server.contract.behaviours.expressions import ObjectOf, Outcomes
from mock_server.contract.decisions import Decision
from mock_server.contract.model import Contract, Operation, Step
from mock_server.contract.problems import Refused
from mock_server.contract.step_rules import Each
from mock_server.engine.engine import Performed
from mock_server.engine.values import part

FAMILY = "bulk"

Make: TypeAlias = Callable[[str, str, PerformHook], Mutant]


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    for operation, step in steps(contract):
        if step.each is None or len(step.each.of.tokens) > 1:
            continue
        name, each, make = step.resource.name, step.each, _named(operation, step)
        yield make("last-dropped", f"leaves the last {name} of a list out", _sending(each, lambda many: many[:-1]))
        yield make("first-only", f"does no more than the first {name} of a list", _sending(each, lambda many: many[:1]))
        yield make("reversed", f"begins with the last {name} of a list", _sending(each, lambda many: many[::-1]))
        reports = settled(contract, each.when_one_fails) == "report"
        if reports:
            yield from _reported(operation, step, each, make)
        if step.makes:
            yield make("forgets-last", f"answers the last {name} of a list, and stores it not", _forgetting(step))
            written = {write.field for write in step.written}
            shared = [group for group in (*step.resource.unique, step.resource.key) if group and written.issuperset(group)]
            if reports or not shared or settled(contract, step.resource.when_taken) == "allow":
                continue  # nothing but its schema refuses an element, and that is held to beforehand
            yield make("half-kept", f"keeps what comes before the {name} for which a list is refused", _keeping_half(each))


def _reported(operation: Operation, step: Step, each: Each, make: Make) -> Iterator[Mutant]:
    """Yield those of a step that is refused for one of several alone."""
    name, whole = step.resource.name, replace(each, when_one_fails=Decision("refuse-all"))
    hook = declared_otherwise(operation, lambda one: step_with(one, each=whole) if one is step else one)
    yield make("one-takes-all", f"refuses a whole list for one {name}", hook)
    if step.makes and (step.resource.unique or step.resource.references):
        lax = replace(step.resource, unique=(), references={})
        hook = declared_otherwise(operation, lambda one: step_with(one, resource=lax) if one is step else one)
        yield make("refused-made", f"makes each {name} that it should refuse", hook)
    place = _outcomes_in(operation.behaviour.answer.template if operation.behaviour else None)
    if place is not None and isinstance(place[1].refused, ObjectOf):
        hook = _silent(place[0], frozenset(place[1].refused.members))
        yield make("refused-untold", f"does not tell of each {name} that it refused", hook)


def _outcomes_in(template: Any) -> tuple[tuple[str, ...], Outcomes] | None:
    """Return where in an answer outcomes are told, and how; None where none are."""
    if isinstance(template, Outcomes):
        return (), template
    for name, member in template.items() if isinstance(template, dict) else ():
        if found := _outcomes_in(member):
            return (name, *found[0]), found[1]
    return None


def _silent(place: tuple[str, ...], refused: frozenset[str]) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        body: Any = copied(performed.body)
        told = part(body, place)
        if isinstance(told, list):
            told[:] = [one for one in told if not refused <= one.keys()]
        return performed._replace(body=body)

    return hook


def _named(operation: Operation, step: Step) -> Make:
    """Return what makes a mutant of a step; its name tells which list is meant, where there are several."""
    several = sum(one.each is not None for one in operation.steps) > 1
    which = f".{step.resource.name}" if several else ""

    def make(name: str, about: str, hook: PerformHook) -> Mutant:
        told = f"{operation.id} {about}."
        return Mutant(f"{FAMILY}.{name}.{operation.id}{which}", FAMILY, told, perform=only_for(operation, hook))

    return make


def _with(each: Each, execution: MutantExecution, many: list[Any]) -> MutantExecution:
    """Return the request with another list in its body."""
    body: Any = many
    if each.of.tokens and isinstance(execution.body, dict):
        body = {**execution.body, each.of.tokens[0]: many}
    return execution.but(body=body)


def _listed(each: Each, execution: MutantExecution) -> list[Any]:
    found = part(execution.body, each.of.tokens)
    return found if isinstance(found, list) else []


def _sending(each: Each, change: Callable[[list[Any]], list[Any]]) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        many = _listed(each, execution)
        return proceed(_with(each, execution, change(many)) if len(many) > 1 else execution)

    return hook


def _forgetting(step: Step) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        made = [one for one in performed.changes if one.before is None and one.resource == step.resource.name]
        if len(made) > 1:
            execution.store.remove(made[-1].resource, made[-1].organization, made[-1].id)
            execution.store.commit()
        return performed

    return hook


def _keeping_half(each: Each) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        try:
            return proceed(execution)
        except Refused:
            many = _listed(each, execution)
            for length in range(len(many) - 1, 0, -1):
                try:
                    proceed(_with(each, execution, many[:length]))
                    break
                except Refused:
                    continue
            raise

    return hook
