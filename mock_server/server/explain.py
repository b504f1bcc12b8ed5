"""What `mock-server explain` prints: how a document is understood."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from mock_server.contract.model import (
    ByOutcome,
    Contract,
    Create,
    Decision,
    Delete,
    DuplicateRule,
    Find,
    FindOrCreate,
    List,
    Operation,
    Step,
    Update,
)
from mock_server.contract.profile import Choice

WIDTH = 100

TOLD: Mapping[type[Step], tuple[str, ...]] = {
    Find: ("otherwise",),
    FindOrCreate: ("when_found",),
    Create: (),
    Update: (),
    Delete: ("when_referred",),
    List: (),
}
"""The decisions of a step that the sentence about it tells in any case."""


def explanation(contract: Contract, profile: Mapping[str, Choice]) -> str:
    """Return operations with their behaviours, resources, and assumptions with choice, source and why."""
    lines = [f"{contract.title} {contract.version}", ""]
    lines.append("Operations")
    for operation in contract.operations:
        lines.append(f"  {operation}  ({operation.id})")
        lines.extend(f"      {line}" for line in _told_behaviour(operation))
    if contract.resources:
        lines += ["", "Resources"]
        for resource in contract.resources.values():
            owner = "of each organization" if resource.owned else "shared by all organizations"
            key = f", found by {' and '.join(resource.key)}" if resource.key else ""
            lines.append(f"  {resource.name}  {owner}{key}")
    if contract.assumptions:
        lines += ["", "Assumptions (what the documents leave open; change one with --assume NAME=CHOICE or --profile FILE)"]
        for name, assumption in contract.assumptions.items():
            entry = profile[name]
            evidence = f", {entry.date}: {entry.evidence}" if entry.evidence else f", {entry.date}" if entry.date else ""
            lines.append(f"  {name} = {entry.choice}  ({entry.source}{evidence})")
            for choice, meaning in assumption.choices.items():
                lines += _wrapped(f"{'*' if choice == entry.choice else ' '} {choice}: {meaning}", "      ")
            lines += _wrapped(f"why: {assumption.why}", "      ")
    return "\n".join(lines)


def _told_behaviour(operation: Operation) -> Iterator[str]:
    if operation.behaviour is None:
        yield "answers from its examples or its schema; it declares no behaviour"
        return
    for number, step in enumerate(operation.behaviour.steps, 1):
        yield f"{number}. {_told_step(step)}" + "".join(f"; {decision}" for decision in _left_open(step))
    yield f"then answers {_told(operation.behaviour.answer.status)}"
    for response in operation.behaviour.answer.unproven:
        obstacle = response.obstacle
        where = f"at {obstacle.pointer}, " if obstacle.pointer else ""
        yield f"{response.status} is checked when given: {where}`{obstacle.keyword}` may not hold ({obstacle.place[1]})"


def _told_step(step: Step) -> str:
    match step:
        case Find():
            return f"find {step.resource.name} by {', '.join(step.where)}; otherwise {_told(step.otherwise)}"
        case FindOrCreate():
            return f"find or create {step.resource.name} by {', '.join(step.resource.key)}; when found {_told(step.when_found)}"
        case Create():
            return f"create {step.resource.name}{_told_rules(step.when_duplicate)}"
        case Update():
            written = ", ".join(write.field for write in step.writes)
            return f"update {step.resource.name} by {', '.join(step.where)}: {written}{_told_rules(step.when_duplicate)}"
        case Delete():
            return f"delete {step.resource.name} by {', '.join(step.where)}; when referred to {_told(step.when_referred)}"
        case List():
            return f"list {step.resource.name}" + (f" by {', '.join(step.where)}" if step.where else "")


def _told_rules(rules: Iterable[DuplicateRule]) -> str:
    return "".join(f"; when {', '.join(rule.same)} repeat {_told(rule.then)}" for rule in rules)


def _left_open(step: Step) -> Iterator[str]:
    """Yield what `_told_step` does not tell and an assumption decides."""
    for field in fields(step):
        decision = getattr(step, field.name)
        if field.name not in TOLD[type(step)] and isinstance(decision, Decision) and decision.assumption:
            yield f"{field.name.replace('_', ' ')} {_told(decision)}"


def _told(decision: Decision[Any]) -> str:
    if decision.assumption:
        return f"as {decision.assumption} says"
    if isinstance(decision.fixed, ByOutcome):
        return f"{decision.fixed.made} when made, {decision.fixed.found} when found"
    return str(decision.fixed)


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")
