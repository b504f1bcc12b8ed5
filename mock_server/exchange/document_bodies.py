"""The bodies of answers that are not performed: an example of the document, else a value made from the schema.

A made answer says so: `X-Mock-Made: schema`, `X-Mock-Made: example=NAME`, or `X-Mock-Made: example` for the nameless one.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from mock_server.contract.files.flaws import did_you_mean
from mock_server.contract.files.source import Json
from mock_server.contract.messages.media import Media
from mock_server.contract.model import Contract, Operation
from mock_server.contract.problems import Refused
from mock_server.contract.schemas.schema import Schema
from mock_server.engine.execution import Execution

if TYPE_CHECKING:
    from mock_server.exchange.made_values import MadeValues

MADE_HEADER = "X-Mock-Made"
MADE_OF_SCHEMA = "schema"
NAMELESS = "example"
"""What the example of a media type is called that has no name."""


class MadeBody(NamedTuple):
    """A body, and what it was made from: an example, or the schema."""

    value: Json
    source: str

    @property
    def header(self) -> tuple[str, str]:
        """The header that says what the body was made from."""
        return MADE_HEADER, self.source


class DocumentBodies:
    """Makes the bodies of answers from what the document says of them."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def make(
        self, operation: Operation, media: Media, execution: Execution, *, example: str | None = None, dynamic: bool = False
    ) -> MadeBody:
        """Return the body of an answer: the example that is wished for, else the first one unless `dynamic`, else one that is
        made from the schema. Raise `Refused` where there is none."""
        if example is not None:
            return MadeBody(_example(operation, media, example), f"example={example}")
        if media.examples and not dynamic:
            name, value = next(iter(media.examples.items()))
            return MadeBody(value, NAMELESS if name == NAMELESS else f"example={name}")
        if media.schema is None:
            return MadeBody({}, MADE_OF_SCHEMA)
        return MadeBody(self.value(media.schema, operation, execution), MADE_OF_SCHEMA)

    def value(self, schema: Schema, operation: Operation, execution: Execution, name: str = "") -> Json:
        """Return a value that is made for a part of an answer, such as the header `name`; raise `Refused` if there is none."""
        return self._values.make(schema, operation, execution, name)

    @cached_property
    def _values(self) -> MadeValues:
        from mock_server.exchange.made_values import MadeValues  # a mock whose operations all have behaviours needs none

        return MadeValues(self._contract)


def _example(operation: Operation, media: Media, name: str) -> Json:
    if name not in media.examples:
        hint = did_you_mean(name, media.examples) or "it has no examples"
        told = f"this response of {operation} has no example {name!r:.40}; {hint}"
        raise Refused("impossible-preference", told if told.endswith("?") else f"{told}.")
    return media.examples[name]
