"""What a document says, in its own words, that a response breaks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from contract_tests.runner.causes import WRONG_RECORDS, main_differences, name_in
from contract_tests.runner.failures import Failure
from mock_server.contract.documents.texts import text_at
from mock_server.contract.files.source import pointer_to
from mock_server.contract.model import Contract, Resource
from mock_server.engine.verbs.verb import Verb

MOST_PARAMETERS = 40
"""How many parameters of an operation are looked through."""

SHORTEST_WORD = 2
"""Words of more than so many characters tell that an assumption is about a field."""

LONGEST_SAID = 300
"""How many characters of one description are repeated at most."""


def promised(failure: Failure, contract: Contract) -> str:
    """Return what the document says, each text with the place where it stands; an empty text where it has no words for it."""
    said = {about: text for about, text in _said(failure, contract) if text}
    if said:
        return "; ".join(f"{about}: “{text}”" for about, text in said.items())
    declared = ", then ".join(
        f"{step.kind.name} {step.resource.name}" for step in failure.operation.steps if isinstance(step, Verb)
    )
    return f"{failure.operation} is declared as: {declared}" if declared else ""


def resource_of(failure: Failure, contract: Contract) -> Resource | None:
    """Return the resource whose field is wrong; None where none has such a field, or where something else is wrong."""
    name = _field_of(failure)
    own = [step.resource for step in failure.operation.steps]
    return next((one for one in own if name in one.fields), None) if name else None


def _said(failure: Failure, contract: Contract) -> Iterator[tuple[str, str]]:
    operation, text = failure.operation, partial(_text, contract)
    own = operation.pointer
    yield str(operation), operation.summary or text(own, "description")
    if failure.expected_problem == "unauthenticated":
        for scheme in operation.security.schemes:
            yield f"security scheme {scheme.name}", text("/components/securitySchemes", scheme.name, "description")
    elif failure.expected_problem or failure.kind == "shape":
        status = _status_of(failure)
        yield f"response {status}", text(own, "responses", status, "description")
    elif failure.kind == "answer":
        if operation.summary:
            yield "its description", text(own, "description")
        yield from _parameters(failure, contract)
        if (resource := resource_of(failure, contract)) is not None:
            name = _field_of(failure)
            yield f"{resource.name}.{name}", text("/components/schemas", resource.name, "properties", name, "description")
        yield from _assumptions(failure, contract)
    elif failure.kind == "error":
        yield "its documented responses", ", ".join(operation.responses)


def _assumptions(failure: Failure, contract: Contract) -> Iterator[tuple[str, str]]:
    """Yield what the choices mean that the expectation rests on, as far as they are about what is wrong."""
    keys = {name for step in failure.operation.steps for name in step.resource.key}
    fields = keys if main_differences(failure.differences)[0].kind in WRONG_RECORDS else {_field_of(failure)}
    words = {word for name in fields for word in name.split("_") if len(word) > SHORTEST_WORD}
    for name, choice in failure.rested_on.items():
        if name in contract.assumptions and words & set(name.split("-")):
            yield f"assumption {name}", contract.assumptions[name].choices.get(choice, "")


def _status_of(failure: Failure) -> str:
    """Return the status of the response that is documented for what was asked."""
    if failure.kind == "shape":
        return str(failure.received_status)
    told = next((one.expected for one in failure.differences if one.is_status), "")
    return next((text for text in told.replace(",", " ").replace(":", " ").split() if text.isdecimal()), "")


def _parameters(failure: Failure, contract: Contract) -> Iterator[tuple[str, str]]:
    """Yield what is said of the query parameters of the request; only what is wrong with a list has to do with them."""
    if not any(difference.kind for difference in failure.differences):
        return
    own = failure.operation.pointer
    for place in (own, own.rpartition("/")[0]):
        for number in range(MOST_PARAMETERS):
            name = text_at(contract.document, f"{place}/parameters/{number}/name")
            if name in failure.planned.query:
                yield f"parameter {name}", _text(contract, f"{place}/parameters/{number}", "description")


def _field_of(failure: Failure) -> str:
    """Return the name of the field that is wrong; an empty text where something else is."""
    differences = main_differences(failure.differences)
    if not differences or not differences[0].is_value:
        return ""
    return name_in(differences[0].place)


def _text(contract: Contract, pointer: str, *keys: str) -> str:
    text = text_at(contract.document, pointer + pointer_to(*keys))
    return text if len(text) <= LONGEST_SAID else text[: LONGEST_SAID - 1].rstrip() + "…"
