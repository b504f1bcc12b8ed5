"""Headers that a request needs to be done at all, where any other value than these would stand in its way."""

from __future__ import annotations

from collections.abc import Mapping

from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.templates import Template

IF_MATCH = "If-Match"


def usual_headers(signature: Signature) -> Mapping[str, Template]:
    """Return headers that let a request through which is not about them."""
    name = spelled(signature, IF_MATCH)
    asks = any(slot.required and slot.name == name for slot in signature.of("header"))
    return {name: "*"} if asks or _requires_tag(signature) else {}


def spelled(signature: Signature, name: str) -> str:
    """Return the name of a header as the operation spells it."""
    return next((slot.name for slot in signature.of("header") if slot.name.lower() == name.lower()), name)


def _requires_tag(signature: Signature) -> bool:
    behaviour = signature.operation.behaviour
    guards = (getattr(step, "guard", None) for step in behaviour.steps) if behaviour else ()
    return any(guard is not None and "required" in guard.if_match.possible() for guard in guards)
