"""What a document says, in its own words, that a response breaks."""

from __future__ import annotations

from collections.abc import Iterator

from contract_tests.runner.causes import main_differences
from contract_tests.runner.player import Failure
from mock_server.contract.documents.document import Node
from mock_server.contract.files.source import pointer_tokens
from mock_server.contract.model import Contract, Operation, Resource

LONGEST_SAID = 300
"""How many characters of one description are repeated at most."""


def promised(failure: Failure, contract: Contract) -> str:
    """Return what the document says, each text with the place where it stands; an empty text where it has no words for it."""
    said = dict.fromkeys(_said(failure, contract))
    return " ".join(f"{about}: “{text}”" for about, text in said if text)


def resource_of(failure: Failure, contract: Contract) -> Resource | None:
    """Return the resource whose field is wrong; None where none has such a field, or where something else is wrong."""
    name = _field_of(failure)
    own = [step.resource for step in failure.operation.steps]
    return next((one for one in own if name in one.fields), None) if name else None


def _said(failure: Failure, contract: Contract) -> Iterator[tuple[str, str]]:
    operation = failure.operation
    node = _node(contract, operation)
    yield str(operation), operation.summary or _text(node, "description")
    if node is None:
        return
    if failure.expected_problem == "unauthenticated":
        for scheme in operation.security.schemes:
            yield (
                f"security scheme {scheme.name}",
                _text(contract.document.root, "components", "securitySchemes", scheme.name, "description"),
            )
    elif failure.expected_problem or failure.kind == "shape":
        yield from _responses(failure, node)
    elif failure.kind == "answer":
        if operation.summary:
            yield "in full", _text(node, "description")
        yield from _parameters(failure, contract)
        yield from _fields(failure, contract)
    for name, choice in failure.rested_on.items():
        if failure.kind == "answer" and not failure.expected_problem and name in contract.assumptions:
            yield f"assumption {name}", contract.assumptions[name].choices.get(choice, "")


def _responses(failure: Failure, node: Node) -> Iterator[tuple[str, str]]:
    if failure.kind == "shape":
        statuses = [str(failure.received_status)]
    else:
        told = next((one.expected for one in failure.differences if one.is_status), "")
        statuses = [text for text in told.replace(",", " ").replace(":", " ").split() if text.isdecimal()][:1]
    for status in statuses:
        yield f"response {status}", _text(node, "responses", status, "description")


def _parameters(failure: Failure, contract: Contract) -> Iterator[tuple[str, str]]:
    """Yield what is said of the query parameters of the request; only what is wrong with a list has to do with them."""
    if not any(difference.kind for difference in failure.differences):
        return
    for parameter in failure.operation.parameters:
        if parameter.location == "query" and parameter.name in failure.planned.query:
            node = contract.document.root.get(*pointer_tokens(parameter.pointer)) if parameter.pointer else None
            yield f"parameter {parameter.name}", _text(node, "description")


def _fields(failure: Failure, contract: Contract) -> Iterator[tuple[str, str]]:
    resource, name = resource_of(failure, contract), _field_of(failure)
    if resource is not None:
        place = ("components", "schemas", resource.name, "properties", name, "description")
        yield f"{resource.name}.{name}", _text(contract.document.root, *place)


def _field_of(failure: Failure) -> str:
    """Return the name of the field that is wrong, or by whose value a wrong record was to be found."""
    differences = main_differences(failure.differences)
    if not differences or not differences[0].is_value:
        return ""
    names = [token for token in differences[0].place.split("/") if token and not token.isdecimal()]
    return names[-1] if names else ""


def _node(contract: Contract, operation: Operation) -> Node | None:
    return contract.document.root.get("paths", operation.path, operation.method.lower())


def _text(node: Node | None, *keys: str) -> str:
    found = node.get(*keys) if node else None
    value = found.resolved().value if found else ""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return text if len(text) <= LONGEST_SAID else text[: LONGEST_SAID - 1].rstrip() + "…"
