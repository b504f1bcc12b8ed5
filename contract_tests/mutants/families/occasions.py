"""Steps that are done for some requests only, got wrong: done always, never, or exactly where they should not be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from contract_tests.mutants.facts import steps
from contract_tests.mutants.families.declared_otherwise import declared_otherwise, step_with
from contract_tests.mutants.hooks import Mutant
from mock_server.contract.behaviours.expressions import Literal
from mock_server.contract.model import Contract, Operation, Step
from mock_server.contract.step_rules import Occasion
from mock_server.engine.verbs import Send

FAMILY = "occasions"

NEVER = Occasion(Literal(None), (None,), False, "null")


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    for operation, step in steps(contract):
        if not step.occasions or isinstance(step, Send):
            continue
        if not _is_removed_later(operation, step):
            yield _named(operation, step, "always", "whatever is asked for", ())
        yield _named(operation, step, "never", "for nobody", (NEVER,))
        if len(step.occasions) == 1:
            inverted = tuple(replace(one, is_among=not one.is_among) for one in step.occasions)
            yield _named(operation, step, "inverted", "exactly where it should not be", inverted)


def _is_removed_later(operation: Operation, step: Step) -> bool:
    """Say whether a later step removes what the step is about: then nobody sees that it was done."""
    later = operation.steps[operation.steps.index(step) + 1 :]
    return any(other.removes and other.resource is step.resource for other in later)


def _named(operation: Operation, step: Step, word: str, when: str, occasions: tuple[Occasion, ...]) -> Mutant:
    hook = declared_otherwise(operation, lambda one: step_with(one, occasions=occasions) if one is step else one)
    about = f"{operation.id} does this {when}: {step}."
    return Mutant(f"{FAMILY}.{word}.{operation.id}.{step.name}", FAMILY, about, perform=hook)
