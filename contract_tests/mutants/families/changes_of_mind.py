"""Choices that change from one moment to the next within a request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contract_tests.mutants.facts import settled, steps
from contract_tests.mutants.families.names import CREATION
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from mock_server.contract.model import Contract, Operation, Step
from mock_server.engine.choices import Choices, Made
from mock_server.engine.engine import Performed
from mock_server.engine.verbs import Create, Delete, Find, FindOrCreate, Replace, Update


class _Fickle(Made):
    """Choices of which one is another one in every second request to which it matters."""

    def __init__(self, context: MutantContext, made: Mapping[str, str], assumption: str, other: str) -> None:
        super().__init__(made)
        self._context = context
        self._assumption = assumption
        self._other = other
        self._now = ""

    def __getitem__(self, assumption: str) -> str:
        if assumption != self._assumption:
            return super().__getitem__(assumption)
        if not self._now:
            self._now = super().__getitem__(assumption) if self._context.count(assumption) % 2 else self._other
        return self._now


def changes_of_mind(contract: Contract) -> Iterator[Mutant]:
    """Yield assumptions about what is stored whose choice changes from one request to the next."""
    for name in sorted(_about_what_is_stored(contract)):
        assumption = contract.assumptions[name]
        for other in [choice for choice in assumption.choices if choice != assumption.default][-1:]:
            about = f"{name} is {assumption.default!r} for one request, {other!r} for the next."
            hook = _changing_its_mind(name, other)
            yield Mutant(f"{CREATION}.fickle.{name}", CREATION, about, perform=hook)


def _changing_its_mind(name: str, other: str) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        return proceed(execution.but(choices=Choices(_Fickle(context, execution.choices.made, name, other))))

    return hook


def _looks_again(contract: Contract, operation: Operation, step: Step) -> bool:
    """Say whether a later step of the operation refuses what `step` may have accepted: it asks for the same value elsewhere."""
    if not isinstance(step, Find) or operation.behaviour is None:
        return False
    later = operation.behaviour.steps[operation.behaviour.steps.index(step) + 1 :]
    return any(
        settled(contract, other.otherwise) != "accept" and other.resource != step.resource and value in other.where.values()
        for other in later
        if isinstance(other, (Find, Update, Replace, Delete))
        for value in step.where.values()
    )


def _may_change(contract: Contract, step: Create | FindOrCreate | Update) -> bool:
    """Say whether a step changes what is there, under the default choices."""
    if isinstance(step, FindOrCreate):
        return settled(contract, step.when_found) not in ("keep", "conflict")
    return isinstance(step, Update) or any(settled(contract, rule.then) in ("reuse", "update") for rule in step.when_duplicate)


def _about_what_is_stored(contract: Contract) -> set[str]:
    """Return the assumptions that decide what is found and stored, where the default choices let them matter."""
    names: set[str | None] = set()
    for resource in contract.resources.values():
        names |= {resource.key_case.assumption, resource.key_space.assumption, resource.previous_key.assumption}
        names.add(resource.modified_when_new.assumption)
        names |= {derived.when.assumption for derived in resource.derived}
    for operation, step in steps(contract):
        if isinstance(step, (Find, Update, Replace, Delete)) and not _looks_again(contract, operation, step):
            names.add(step.otherwise.assumption)
        if isinstance(step, Delete):
            names.add(step.when_referred.assumption)
        if isinstance(step, FindOrCreate):
            names.add(step.when_found.assumption)
        elif isinstance(step, (Create, Update)):
            names |= {rule.then.assumption for rule in step.when_duplicate}
            names.add(step.when_key_taken.assumption)
        if isinstance(step, (Create, FindOrCreate)):
            names |= {write.value.assumption for write in step.writes}
        if isinstance(step, (Create, FindOrCreate, Update)) and _may_change(contract, step):
            names.add(step.when_unchanged.assumption)
        if isinstance(step, Replace):
            names |= {step.when_key_taken.assumption, step.when_unchanged.assumption}
        if isinstance(step, Update):
            names.add(step.when_null.assumption)
            if settled(contract, step.when_key_null) != "refuse":
                names.add(step.when_key_null.assumption)
    return {name for name in names if name is not None}
