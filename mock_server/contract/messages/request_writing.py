"""What a request carries for the parameters of its operation, each written in its style."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mock_server.contract.files.source import Json
from mock_server.contract.messages.parameter_styles import STYLES, ParameterStyle, location_of, style_of
from mock_server.contract.messages.path_templates import path_template
from mock_server.contract.messages.text_types import TextType
from mock_server.contract.model import Operation


class WrittenParameters(NamedTuple):
    """The parts of a request that hold parameters."""

    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    cookies: str
    """What the header `Cookie` holds."""


def written_parameters(operation: Operation, values: Mapping[tuple[str, str], Json]) -> WrittenParameters:
    """Return how a request to an operation sends values, by location and name; what is not declared is sent as usual."""
    styles = {(parameter.location, parameter.name): parameter.style for parameter in operation.parameters}
    written: dict[str, list[tuple[str, str]]] = {"path": [], "query": [], "header": [], "cookie": []}
    for (location, name), value in values.items():
        style = styles.get((location, name.lower() if location == "header" else name)) or _usual_style(location, name)
        written[location].append((name, style.write(value)))
    template = path_template(operation.path)
    return WrittenParameters(
        path=template.filled(dict(written["path"])),
        query=joined("&", template.query, *(text for _, text in written["query"])),
        headers=tuple(written["header"]),
        cookies=joined("; ", *(text for _, text in written["cookie"])),
    )


def joined(separator: str, *parts: str) -> str:
    """Return the parts of a query, or of cookies, as one; those that are empty are left out."""
    return separator.join(part for part in parts if part)


def _usual_style(location: str, name: str) -> ParameterStyle:
    """Return the style of a parameter of which nothing is known."""
    return style_of(location_of(location, name), TextType(None), STYLES[location][0], explode=True)
