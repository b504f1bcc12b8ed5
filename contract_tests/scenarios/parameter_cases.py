"""Scenarios about parameters of a query that do not fit: they are refused where a document says so of an operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from contract_tests.scenarios.builder import ScenarioBuilder
from contract_tests.scenarios.signatures import Signature, Slot
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import OMITTED, Template
from mock_server.contract.files.source import Json
from mock_server.contract.schemas.schema import Schema

REFUSED_WITH = ("400", "422")
"""The statuses by which an operation says that it refuses what does not fit."""


@dataclass(frozen=True, slots=True)
class ParameterCases:
    """Writes the scenarios."""

    subject: Subject

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        for signature in self.subject.signatures:
            operation = signature.operation
            if operation.behaviour and signature.of("query") and any(status in operation.responses for status in REFUSED_WITH):
                yield partial(self.wrong, signature)

    def wrong(self, signature: Signature) -> ScenarioBuilder:
        """Values that a parameter may not have, and a request without one that it has to have."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: parameters that do not fit", "refusals")
        builder.prepare(signature)
        for slot in signature.of("query"):
            if slot.required:
                builder.call(signature, f"without {slot.name}", query={slot.name: OMITTED})
            for note, value in _wrong_values(slot):
                if not slot.accepts(value):
                    builder.call(signature, f"{note} for {slot.name}", query={slot.name: value})
        return builder


def _wrong_values(slot: Slot) -> Iterator[tuple[str, Template]]:
    """Yield values that no reader takes for one that a parameter may have."""
    schema = slot.schema
    of_one = schema.items if "array" in slot.types and schema.items else schema
    for note, value in _wrong_for(of_one):
        yield note, [value] if "array" in slot.types else value
    if schema.min_length == 1 and slot.is_text:
        yield "an empty text", ""


def _wrong_for(schema: Schema) -> Iterator[tuple[str, Json]]:
    texts = [value for value in schema.values or () if isinstance(value, str)]
    if texts:
        yield "an unknown one", f"{texts[0]}x"
    elif schema.types and not schema.types & {"string", "array", "object"}:
        yield "a word", "many"
    elif schema.formats:
        yield "a text of another form", "~ no ~"
    if schema.minimum is not None:
        yield "a number too small", int(schema.minimum) - 1
    if schema.maximum is not None:
        yield "a number too large", int(schema.maximum) + 1
