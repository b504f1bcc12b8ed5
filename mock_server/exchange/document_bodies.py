"""The bodies of answers that are not performed: an example of the document, else a value made from the schema.

A made answer says so: `X-Mock-Made: schema`, `X-Mock-Made: example=NAME`, or `X-Mock-Made: example` for the nameless one.
"""

from __future__ import annotations

from typing import NamedTuple

from mock_server.contract.bodies import violations_of
from mock_server.contract.codecs import codec_of
from mock_server.contract.flaws import did_you_mean
from mock_server.contract.media import Media
from mock_server.contract.model import Contract, Operation
from mock_server.contract.problems import Refused
from mock_server.contract.samples import sample
from mock_server.contract.schemas import NoChoice
from mock_server.contract.source import Json
from mock_server.engine.execution import Execution

MADE_HEADER = "X-Mock-Made"
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
        self._schemas = contract.schemas

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
            return MadeBody({}, "schema")
        body = sample(media.schema)
        codec = codec_of(media.type)
        if codec.holds(media.schema) and violations_of(body, self._schemas.check(media.schema), codec, NoChoice()):
            detail = f"No valid sample can be generated from the response schema of {operation}; add an example."
            raise Refused("not-implemented", detail)
        return MadeBody(body, "schema")


def _example(operation: Operation, media: Media, name: str) -> Json:
    if name not in media.examples:
        hint = did_you_mean(name, media.examples) or "it has no examples"
        told = f"this response of {operation} has no example {name!r:.40}; {hint}"
        raise Refused("impossible-preference", told if told.endswith("?") else f"{told}.")
    return media.examples[name]
