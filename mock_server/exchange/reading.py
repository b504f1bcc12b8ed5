"""Reading what a request carries: its body and its parameters, each held to its schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from mock_server.contract.files.source import Json
from mock_server.contract.messages.model import Parameter
from mock_server.contract.messages.path_templates import path_template
from mock_server.contract.messages.request_head import Fields, RequestHead
from mock_server.contract.messages.text_types import NotInStyle
from mock_server.contract.model import Operation
from mock_server.contract.problems import Refused
from mock_server.contract.schemas.checks import Violation
from mock_server.engine.choices import Choices
from mock_server.engine.values import Absent
from mock_server.exchange.body_reading import LONGEST_BODY, RequestBodyReader
from mock_server.exchange.messages import Request

Parameters: TypeAlias = dict[tuple[str, str], Json]
"""Values by location and name."""


class PathValues:
    """What the path of a request says: the texts of its parameters by name, still encoded, and the parameters.

    Those are None where their schemas do not accept them under every choice: then each request has to see.
    """

    __slots__ = ("parameters", "texts")

    def __init__(self, texts: Mapping[str, str], parameters: Parameters | None) -> None:
        self.texts = texts
        self.parameters = parameters


class Reader:
    """Reads the requests of one operation."""

    def __init__(self, operation: Operation, longest_body: int = LONGEST_BODY) -> None:
        self._bodies = RequestBodyReader(operation, longest_body)
        self._parameters = operation.parameters
        self._names = path_template(operation.path).names
        self._beside_path = tuple(parameter for parameter in operation.parameters if parameter.location != "path")

    def read_path(self, texts: list[str]) -> PathValues:
        """Return what a path says, read as far as that depends on nothing else. Raise `Refused` where it is not UTF-8."""
        by_name = dict(zip(reversed(self._names), reversed(texts), strict=True))
        head = RequestHead(by_name, "", {})
        values = {}
        for parameter in self._parameters:
            if parameter.location == "path":
                try:
                    value, is_valid = _read_value(parameter, parameter.style.find(head))
                except NotInStyle:
                    return PathValues(by_name, None)
                except ValueError:
                    raise Refused("malformed", f"{by_name[parameter.name]:.80} is not percent-encoded UTF-8.") from None
                if not is_valid:
                    return PathValues(by_name, None)
                values[parameter.location, parameter.name] = value
        return PathValues(by_name, values)

    def read(self, request: Request, path_values: PathValues, choices: Choices) -> tuple[Parameters, Json | Absent]:
        """Return parameters and body of a request; raise `Refused` with everything that the contract refuses in them."""
        violations: list[Violation] = []
        parameters = path_values.parameters
        if parameters is None:
            head = RequestHead(path_values.texts, request.query, request.headers)
            parameters = _read_parameters(self._parameters, head, choices, violations)
        elif self._beside_path:
            head = RequestHead(path_values.texts, request.query, request.headers)
            parameters = {**parameters, **_read_parameters(self._beside_path, head, choices, violations)}
        body = self._bodies.read(request, choices, violations)
        if violations:
            raise Refused("invalid", _told(violations), tuple(violations))
        return parameters, body


def _read_parameters(
    parameters: Iterable[Parameter], head: RequestHead, choices: Choices, violations: list[Violation]
) -> Parameters:
    values: Parameters = {}
    for parameter in parameters:
        try:
            found = parameter.style.find(head)
            if not found or (parameter.may_be_empty and _is_left_empty(parameter, found)):
                if parameter.has_default:
                    values[parameter.location, parameter.name] = parameter.default
                elif parameter.required and not found:
                    message = f"{parameter.name!r} is required"
                    violations.append(Violation(parameter.location, parameter.pointer, "required", message))
                continue
            value, is_valid = _read_value(parameter, found)
        except NotInStyle as error:
            message = f"{parameter.name!r} {error}"
            violations.append(Violation(parameter.location, parameter.pointer, error.rule, message))
        except ValueError:
            raise Refused("malformed", _told_encoding(parameter)) from None
        else:
            values[parameter.location, parameter.name] = value
            if not is_valid:
                where = parameter.location, parameter.pointer
                violations.extend(parameter.check.violations_of_misfit(value, choices, *where))
    return values


def _read_value(parameter: Parameter, found: Fields) -> tuple[Json, bool]:
    """Return the value of a parameter, and whether it is valid under every choice.

    One that is not, as it is written, is taken as clients may mean it.
    """
    is_valid = parameter.check.strictest.is_valid
    value = parameter.style.read(found)
    if is_valid(value):
        return value, True
    meant = parameter.style.read(found, leniently=True)
    return (meant, True) if is_valid(meant) else (value, False)


def _is_left_empty(parameter: Parameter, found: Fields) -> bool:
    """Say whether nothing is sent but an empty text, and that is no value of the parameter."""
    return len(found) == 1 and not found[0][1] and not parameter.check.strictest.is_valid(parameter.style.read(found))


def _told_encoding(parameter: Parameter) -> str:
    if parameter.location == "query":
        return "The query is not percent-encoded UTF-8, or has too many fields."
    return f"The {parameter.location} parameter {parameter.name!r} is not percent-encoded UTF-8."


def _told(violations: list[Violation]) -> str:
    first = violations[0]
    more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
    return f"{first.location} {first.pointer}: {first.message}{more}".replace(" :", ":")
