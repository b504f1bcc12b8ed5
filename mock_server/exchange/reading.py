"""Reading what a request carries: its body and its parameters, each held to its schema."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias
from urllib.parse import parse_qsl

from mock_server.contract.model import Operation, Parameter
from mock_server.contract.problems import Refused
from mock_server.contract.schemas import Violation
from mock_server.contract.source import Json
from mock_server.contract.texts import from_text
from mock_server.engine.choices import Choices
from mock_server.engine.values import Absent
from mock_server.exchange.body_reading import LONGEST_BODY, RequestBodyReader
from mock_server.exchange.messages import Request

Parameters: TypeAlias = dict[tuple[str, str], Json]
"""Values by location and name."""


class PathValues:
    """What the path of a request says: the texts of its parameters in order, and the parameters.

    Those are None where their schemas do not accept them under every choice: then each request has to see.
    """

    __slots__ = ("parameters", "texts")

    def __init__(self, texts: list[str], parameters: Parameters | None) -> None:
        self.texts = texts
        self.parameters = parameters


class Reader:
    """Reads the requests of one operation."""

    def __init__(self, operation: Operation, longest_body: int = LONGEST_BODY) -> None:
        self._bodies = RequestBodyReader(operation, longest_body)
        self._parameters = operation.parameters
        self._beside_path = tuple(parameter for parameter in operation.parameters if parameter.location != "path")

    def read_path(self, texts: list[str]) -> PathValues:
        """Return what a path says, read as far as that depends on nothing else."""
        values = {}
        for parameter in self._parameters:
            if parameter.location == "path":
                value = _read_value(parameter, [texts[parameter.position]])
                if not parameter.check.strictest.is_valid(value):
                    return PathValues(texts, None)
                values[parameter.location, parameter.name] = value
        return PathValues(texts, values)

    def read(self, request: Request, path_values: PathValues, choices: Choices) -> tuple[Parameters, Json | Absent]:
        """Return parameters and body of a request; raise `Refused` with everything that the contract refuses in them."""
        violations: list[Violation] = []
        parameters = path_values.parameters
        if parameters is None:
            parameters = _read_parameters(self._parameters, request, path_values.texts, choices, violations)
        elif self._beside_path:
            others = _read_parameters(self._beside_path, request, path_values.texts, choices, violations)
            parameters = {**parameters, **others}
        body = self._bodies.read(request, choices, violations)
        if violations:
            raise Refused("invalid", _told(violations), tuple(violations))
        return parameters, body


def _read_parameters(
    parameters: Iterable[Parameter],
    request: Request,
    path_values: list[str],
    choices: Choices,
    violations: list[Violation],
) -> Parameters:
    values: Parameters = {}
    query: dict[str, list[str]] | None = None
    for parameter in parameters:
        if parameter.location == "path":
            texts = [path_values[parameter.position]]
        elif parameter.location == "query":
            query = _read_query(request) if query is None else query
            texts = query.get(parameter.name, [])
        else:
            header = request.headers.get(parameter.name.encode("latin-1", "replace"))
            texts = [] if header is None else [header.decode("latin-1")]
        if not texts:
            if parameter.required:
                message = f"{parameter.name!r} is required"
                violations.append(Violation(parameter.location, parameter.pointer, "required", message))
            continue
        if len(texts) > 1 and parameter.kind != "array":
            message = f"{parameter.name!r} is given {len(texts)} times; it has one value"
            violations.append(Violation(parameter.location, parameter.pointer, "repeated", message))
            continue
        value = texts[0] if parameter.kind == "string" else _read_value(parameter, texts)
        values[(parameter.location, parameter.name)] = value
        violations.extend(parameter.check.violations(value, choices, parameter.location, parameter.pointer))
    return values


def _read_query(request: Request) -> dict[str, list[str]]:
    try:
        pairs = parse_qsl(request.query, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError:
        raise Refused("malformed", "The query is not percent-encoded UTF-8, or has too many fields.") from None
    query: dict[str, list[str]] = {}
    for name, value in pairs:
        query.setdefault(name, []).append(value)
    return query


def _read_value(parameter: Parameter, texts: list[str]) -> Json:
    """Return the JSON value that the texts of a parameter stand for; one that stands for none stays a text."""
    if parameter.kind != "array":
        return from_text(texts[0], parameter.kind)
    if parameter.location != "query":
        texts = [text.strip() for text in texts[0].split(",")]
    return [from_text(text, parameter.item_kind or "string") for text in texts]


def _told(violations: list[Violation]) -> str:
    first = violations[0]
    more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
    return f"{first.location} {first.pointer}: {first.message}{more}".replace(" :", ":")
