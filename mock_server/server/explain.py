"""What `mock-server explain` prints: how a document is understood."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import fields

from mock_server.contract.behaviours.profile import Choice
from mock_server.contract.decisions import Decision
from mock_server.contract.model import Contract, Operation, Step

WIDTH = 100


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
    if operation.unsupported:
        yield from (f"is not supported: {reason}" for reason in operation.unsupported)
        return
    if operation.behaviour is None:
        yield "answers from its examples or its schema; it declares no behaviour"
        return
    for number, step in enumerate(operation.behaviour.steps, 1):
        only = [f"if {' and '.join(map(str, step.occasions))}"] if step.occasions else []
        yield "; ".join([f"{number}. {step}", *only, *_left_open(step, str(step))])
    yield f"then answers {operation.behaviour.answer.status}"
    for response in operation.behaviour.answer.unproven:
        obstacle = response.obstacle
        where = f"at {obstacle.pointer}, " if obstacle.pointer else ""
        yield f"{response.status} is checked when given: {where}`{obstacle.keyword}` may not hold ({obstacle.place[1]})"


def _left_open(step: Step, told: str) -> Iterator[str]:
    """Yield what an assumption decides and `told` does not tell."""
    for field in fields(step):
        decision = getattr(step, field.name)
        if isinstance(decision, Decision) and decision.assumption and str(decision) not in told:
            yield f"{field.name.replace('_', ' ')} {decision}"


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")
