"""Headers that a request needs to be done at all, where any other value than these would stand in its way."""

from __future__ import annotations

from collections.abc import Mapping

from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.templates import TaggedUuid, Template
from mock_server.contract.messages.codecs import is_json

IF_MATCH = "If-Match"


def usual_headers(signature: Signature, label: int) -> Mapping[str, Template]:
    """Return headers that let a request through which is not about them; `label` tells it from others of its scenario."""
    key = key_header(signature)
    idempotency = signature.operation.idempotency
    needed = idempotency is not None and "invalid" in idempotency.when_missing.possible()
    keys = {key: _fresh(label)} if key and (needed or _is_required(signature, key)) else {}
    name = spelled(signature, IF_MATCH)
    return {
        **_accepted(signature),
        **keys,
        **({name: "*"} if _is_required(signature, name) or _requires_tag(signature) else {}),
    }


def key_header(signature: Signature) -> str:
    """Return the header that has the key of a request, as the operation spells it; an empty text where it has none."""
    idempotency = signature.operation.idempotency
    return spelled(signature, idempotency.header) if idempotency else ""


def spelled(signature: Signature, name: str) -> str:
    """Return the name of a header as the operation spells it."""
    return next((slot.name for slot in signature.of("header") if slot.name.lower() == name.lower()), name)


def _accepted(signature: Signature) -> Mapping[str, Template]:
    """Return the header that asks for what an operation returns, where none of it is JSON."""
    responses = signature.operation.responses.items()
    types = [media.type for status, one in responses if status.startswith("2") for media in one.content]
    return {"Accept": ", ".join(dict.fromkeys(types))} if types and not any(map(is_json, types)) else {}


def _is_required(signature: Signature, name: str) -> bool:
    return any(slot.required and slot.name == name for slot in signature.of("header"))


def _fresh(label: int) -> Template:
    """Return a key that no other request has."""
    return TaggedUuid(label)


def _requires_tag(signature: Signature) -> bool:
    guards = (getattr(step, "guard", None) for step in signature.operation.steps)
    return any(guard is not None and "required" in guard.if_match.possible() for guard in guards)
