"""Which members of bodies are secrets: what resources never show, and what authenticates, under any name it is sent by."""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.contract.behaviours.expressions import FromBody, FromStep
from mock_server.contract.model import Behaviour, Contract


def secret_members(contract: Contract) -> frozenset[str]:
    """Return the names of the members whose values nobody may see in what is kept of requests; most documents have none."""
    secrets = {
        resource.name: resource.stored | ({resource.credential.secret} if resource.credential else set())
        for resource in contract.resources.values()
    }
    if not any(secrets.values()):
        return frozenset()
    found = {name for names in secrets.values() for name in names}
    for operation in contract.operations:
        if operation.behaviour is not None:
            found.update(_sent(operation.behaviour, secrets))
            found.update(_shown(operation.behaviour, secrets, operation.behaviour.answer.template))
    return frozenset(found)


def _sent(behaviour: Behaviour, secrets: dict[str, frozenset[str]]) -> Iterator[str]:
    """Yield the members of a body that are compared with, or written to, fields that are secrets."""
    for step in behaviour.steps:
        given = [*step.found_by.items(), *((write.field, write.value) for write in step.written)]
        for field, value in given:
            for expression in value.possible() if field in secrets[step.resource.name] else ():
                if isinstance(expression, FromBody) and expression.tokens:
                    yield expression.tokens[-1]


def _shown(behaviour: Behaviour, secrets: dict[str, frozenset[str]], template: object) -> Iterator[str]:
    """Yield the members of an answer that show fields which are secrets."""
    resources = {step.name: step.resource.name for step in behaviour.steps}
    for name, member in template.items() if isinstance(template, dict) else ():
        if isinstance(member, FromStep) and member.field in secrets[resources[member.name]]:
            yield name
        yield from _shown(behaviour, secrets, member)
