"""Reading `progress` of `x-resource`: fields whose value goes by the time since the record was made, as a job's state does."""

from __future__ import annotations

from mock_server.contract.behaviours.durations import FORM, parse_duration
from mock_server.contract.behaviours.expressions import ByTime, Expression
from mock_server.contract.documents.document import Node
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.model import Resource
from mock_server.contract.schemas.checks import NoChoice, Schemas


def read_progress(resource: Resource, node: Node, schemas: Schemas) -> dict[str, Expression]:
    """Return the fields that `progress` at `node` names, with what they show; flaws are noted in the document."""
    found: dict[str, Expression] = {}
    if resource.created is None:
        node.flaw(f"nothing tells when a {resource.name} was made", "name the field that does under `created`")
        return found
    for name, place in node.items():
        if name not in resource.fields:
            place.flaw(f"{resource.name} has no field {piece(name)}", did_you_mean(name, resource.fields))
            continue
        if name in resource.server_made or name in resource.key:
            place.flaw(f"{piece(name)} has its value already", "it is an id, a key, a time, a type name or computed")
            continue
        check, steps = schemas.check(resource.fields[name].schema), list[tuple[float, str]]()
        for value, after in place.items():
            for violation in check.violations(value, NoChoice()):
                place.flaw(f"the field {piece(name)} is never {piece(value)}: {violation.message}", key=value)
            try:
                steps.append((parse_duration(after.value), value))
            except ValueError:
                after.flaw(f"{piece(after.value)} is not a span of time", FORM)
        steps.sort(key=lambda step: step[0])
        if steps and steps[0][0] != 0:
            place.flaw("nothing says what it is at first", "one begins at 0s, as in {queued: 0s, running: 1s, done: 5s}")
        if steps:
            found[name] = ByTime(resource.created, tuple(steps))
    return found
