"""What a codec is: how the bodies of some media types are read and written."""

from __future__ import annotations

from abc import ABC, abstractmethod

from mock_server.contract.files.source import Json
from mock_server.contract.messages.content_types import ContentType
from mock_server.contract.messages.media import Media
from mock_server.contract.schemas.schema import Schema

UTF_8 = ("utf-8", "utf8", "us-ascii", "ascii")


class Codec(ABC):
    """Reads and writes the bodies of some media types."""

    name: str
    """What such a body is called: JSON."""

    expected: str
    """What such a body has to be, with the standard that says so."""

    is_structured = True
    """Whether bodies have values of any type. Else they are texts, and schemas of other types say nothing of them."""

    @abstractmethod
    def takes(self, essence: str) -> bool:
        """Say whether bodies of a media type, in lower case and without parameters, are read and written here."""

    @abstractmethod
    def read(self, content: bytes, given: ContentType, media: Media | None = None) -> Json:
        """Return the value of a body that came as a content type, documented as `media`; raise `ValueError`, which says why,
        where it has none."""

    @abstractmethod
    def write(self, value: Json, media: Media | None = None) -> bytes:
        """Return a value as a body."""

    def unreadable(self, given: ContentType) -> str:
        """Return what is wrong with a content type, so that no body of it can be read; an empty text where nothing is."""
        charset = given.parameters.get("charset", "utf-8")
        return "" if charset.lower() in UTF_8 else f"the charset {charset!r:.40} is not read, send UTF-8"

    def holds(self, schema: Schema) -> bool:
        """Say whether the values that are read are held to a schema."""
        return self.is_structured or "string" in schema.types

    def elements(self, value: Json, schema: Schema) -> list[Json] | None:
        """Return the elements of a value that are held to a schema each; None where the value is, as a whole."""
        return None

    def sent_as(self, media_type: str) -> str:
        """Return the `Content-Type` of a body that was written."""
        return media_type
