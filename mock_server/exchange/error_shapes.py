"""The shapes that a document has for refusals, for those statuses of which it says nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mock_server.contract.documents.document import Place
from mock_server.contract.messages.codecs import is_json
from mock_server.contract.messages.media import Media
from mock_server.contract.model import Operation
from mock_server.contract.sampling.naming import snake_case
from mock_server.contract.schemas.schema import Schema
from mock_server.exchange.error_bodies import CODES, NUMBERS
from mock_server.exchange.error_codes import nearest_code

DEEPEST = 3


@dataclass(slots=True)
class ErrorShape:
    """A body that tells refusals, how often it does, and of which statuses."""

    media: Media
    uses: int = 0
    statuses: set[str] = field(default_factory=set)


class ErrorShapes:
    """The shapes of a document's refusals. Those that depend on choices are for nothing but what the document says."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._shapes: dict[Place, ErrorShape] = {}
        for operation in operations:
            for status, media in _refusing(operation):
                shape = self._shapes.setdefault(_place(media), ErrorShape(media))
                shape.uses += 1
                shape.statuses.add(status)
        self._by_use = sorted(self._shapes.values(), key=lambda shape: -shape.uses)

    def likely(self, operation: Operation | None) -> Iterator[ErrorShape]:
        """Yield the shapes that a refusal without one may have: those of the operation, then the others by how often they are
        used."""
        own = {_place(media): None for _, media in _refusing(operation)} if operation else {}
        yield from (self._shapes[place] for place in own)
        yield from (shape for shape in self._by_use if _place(shape.media) not in own)


def contradicts(shape: ErrorShape, kind: str, status: int) -> bool:
    """Say whether a shape is meant for other problems: by a status or codes that are not those of this one."""
    return shape.media.schema is not None and _contradicts(shape.media.schema, shape, kind, status, DEEPEST)


def _contradicts(schema: Schema, shape: ErrorShape, kind: str, status: int, depth: int) -> bool:
    for name, member in schema.properties.items():
        known = snake_case(name)
        values = member.values
        if known in NUMBERS and "number" in member.types:
            told = values if values is not None else member.examples if len(shape.statuses) == 1 else ()
            if told and status not in told:
                return True
        elif known in CODES and values is not None and "string" in member.types:
            if nearest_code(values, kind, status) is None:
                return True
        elif "object" in member.types and depth and _contradicts(member, shape, kind, status, depth - 1):
            return True
    return False


def _refusing(operation: Operation) -> Iterator[tuple[str, Media]]:
    """Yield the bodies in JSON of an operation's refusals, by their statuses in order, and of its default answer."""
    for status, response in sorted(operation.responses.items()):
        if status.startswith("4") or status == "default":
            yield from (
                (status, media)
                for media in response.content
                if is_json(media.type) and media.schema is not None and media.only_when is None
            )


def _place(media: Media) -> Place:
    return media.schema.target.place if media.schema is not None else ("", "")
