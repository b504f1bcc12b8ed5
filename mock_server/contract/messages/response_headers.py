"""Reading the headers that a document declares for a response."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mock_server.contract.documents.document import Node
from mock_server.contract.files.source import Json
from mock_server.contract.schemas.schema import Schema

NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A name that HTTP takes (RFC 9110 section 5.1)."""


@dataclass(frozen=True, slots=True, eq=False)
class ResponseHeader:
    """A documented header of a response. `as_json` tells that its value is written as JSON, and not in the style `simple`."""

    name: str
    required: bool
    schema: Schema | None
    examples: tuple[Json, ...]
    explode: bool
    as_json: bool


def read_headers(response: Node) -> tuple[ResponseHeader, ...]:
    """Return the headers of a response, without `Content-Type`, which its content tells (OpenAPI 3.1 section 4.8.17)."""
    return tuple(_headers(response))


def _headers(response: Node) -> Iterator[ResponseHeader]:
    declared = response.get("headers")
    for name, entry in declared.items() if declared else ():
        if name.lower() == "content-type":
            continue
        header = entry.resolved()
        if not NAME.fullmatch(name) or not isinstance(header.value, dict):
            entry.warn("this is no header that can be sent")
            continue
        content = header.get("content")
        described = next((media for _, media in content.items()), header) if content else header
        schema = described.get("schema")
        yield ResponseHeader(
            name=name,
            required=header.value.get("required") is True,
            schema=Schema(schema) if schema and schema.is_sound else None,
            examples=tuple(_examples(described)),
            explode=header.value.get("explode") is True,
            as_json=described is not header,
        )


def _examples(described: Node) -> Iterator[Json]:
    if not isinstance(described.value, dict):
        return
    if "example" in described.value:
        yield described.value["example"]
    named = described.get("examples")
    for _, entry in named.items() if named else ():
        example = entry.resolved().value
        if isinstance(example, dict) and "value" in example:
            yield example["value"]
