"""Which answers carry an entity tag (`etag` of `x-resource`), and which steps look at `If-Match`."""

from __future__ import annotations

from dataclasses import replace

from mock_server.contract.behaviours.expressions import FromStep
from mock_server.contract.behaviours.steps import StepReader, outcomes
from mock_server.contract.decisions import Decision
from mock_server.contract.files.source import Json
from mock_server.contract.messages.model import Parameter
from mock_server.contract.model import Behaviour, Operation, Resource

IF_MATCH: Json = outcomes("optional", "required", "ignored")
"""The shape of `if-match`."""

SAFE = frozenset({"GET", "HEAD"})
"""The methods of requests that may be answered 304 (Not Modified)."""

IGNORED = Decision("ignored")


def read_if_match(reader: StepReader) -> Decision[str]:
    """Return what a step does with `If-Match`; by default, the first step that writes a record with a tag looks at it."""
    tag, node = reader.resource.etag, reader.node
    if "if-match" in node.value:
        decision = reader.outcome("if-match")
        if tag is None:
            node.flaw(f"a {reader.resource.name} has no tag that could match", "etag: strong in its x-resource", "if-match")
        elif tag == "weak" and "required" in decision.possible():
            hint = "etag: strong in its x-resource; weak tags are for If-None-Match"
            node.flaw("a weak tag never matches (RFC 9110 section 13.1.1)", hint, "if-match")
        return decision
    is_taken = any(takes_if_match(getattr(step, "guard", None)) for step in reader.around.results.values())
    writes = reader.verb.kind.name != "find"
    return Decision("optional") if tag and writes and not is_taken else IGNORED


def takes_if_match(guard: object) -> bool:
    """Say whether what a step asks of its record may rest on `If-Match`."""
    decision: Decision[str] = getattr(guard, "if_match", IGNORED)
    return decision.possible() != ("ignored",)


def parameters_left(parameters: tuple[Parameter, ...], behaviour: Behaviour | None) -> tuple[Parameter, ...]:
    """Return the parameters, `If-Match` no longer required where a step asks for it: what lacks it is then refused as such."""
    guards = (getattr(step, "guard", None) for step in behaviour.steps) if behaviour else ()
    if not any("required" in getattr(guard, "if_match", IGNORED).possible() for guard in guards):
        return parameters
    return tuple(
        replace(one, required=False) if (one.location, one.name.lower()) == ("header", "if-match") else one
        for one in parameters
    )


def tagged_resource(behaviour: Behaviour | None) -> Resource | None:
    """Return the resource of which an operation answers one record in full, with its entity tag; None where it does not."""
    template = behaviour.answer.template if behaviour else None
    if behaviour is None or not isinstance(template, FromStep) or template.field is not None:
        return None
    step = next(step for step in behaviour.steps if step.name == template.name)
    return step.resource if step.resource.etag and not step.is_list and not step.removes else None


def is_conditional(operation: Operation) -> bool:
    """Say whether an operation may answer 304 (Not Modified)."""
    return operation.method in SAFE and tagged_resource(operation.behaviour) is not None
