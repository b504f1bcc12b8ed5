"""Lists in a body, got wrong: an element is left out, the answer has another order, or half of a refused list is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from contract_tests.mutants.facts import settled, steps
from contract_tests.mutants.families.alterations import only_for
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from mock_server.contract.model import Contract, Operation, Step
from mock_server.contract.problems import Refused
from mock_server.contract.step_rules import Each
from mock_server.engine.engine import Performed
from mock_server.engine.values import part

FAMILY = "bulk"


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    for operation, step in steps(contract):
        if step.each is None or len(step.each.of.tokens) > 1:
            continue
        name, each, make = step.resource.name, step.each, _named(operation, step)
        yield make("last-dropped", f"leaves the last {name} of a list out", _sending(each, lambda many: many[:-1]))
        yield make("first-only", f"does no more than the first {name} of a list", _sending(each, lambda many: many[:1]))
        yield make("reversed", f"begins with the last {name} of a list", _sending(each, lambda many: many[::-1]))
        if step.makes:
            yield make("forgets-last", f"answers the last {name} of a list, and stores it not", _forgetting(step))
            written = {write.field for write in step.written}
            shared = [group for group in (*step.resource.unique, step.resource.key) if group and written.issuperset(group)]
            if not shared or settled(contract, step.resource.when_taken) == "allow":
                continue  # nothing but its schema refuses an element, and that is held to beforehand
            yield make("half-kept", f"keeps what comes before the {name} for which a list is refused", _keeping_half(each))


def _named(operation: Operation, step: Step) -> Callable[[str, str, PerformHook], Mutant]:
    """Return what makes a mutant of a step; its name tells which list is meant, where there are several."""
    behaviour = operation.behaviour
    several = behaviour is not None and sum(one.each is not None for one in behaviour.steps) > 1
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
