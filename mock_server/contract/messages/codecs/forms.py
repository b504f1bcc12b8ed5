"""Forms: the fields of a body in the manner of a query."""

from __future__ import annotations

from urllib.parse import parse_qsl

from mock_server.contract.files.source import Json
from mock_server.contract.messages.codecs.codec import Codec
from mock_server.contract.messages.codecs.fields import query_of, value_of_fields
from mock_server.contract.messages.content_types import FORM, ContentType
from mock_server.contract.messages.media import Media
from mock_server.contract.messages.request_head import MOST_FIELDS


class FormCodec(Codec):
    """Forms (https://url.spec.whatwg.org/#application/x-www-form-urlencoded), whose values are typed by the schema."""

    name = "a form"
    expected = f"percent-encoded UTF-8 of at most {MOST_FIELDS} fields ({FORM})"

    def takes(self, essence: str) -> bool:
        """Say whether bodies of a media type are forms."""
        return essence == FORM

    def read(self, content: bytes, given: ContentType, media: Media | None = None) -> Json:
        """Return the object that the fields make."""
        if content.count(b"&") >= MOST_FIELDS:
            raise ValueError(f"it has more than {MOST_FIELDS} fields")
        query = content.decode()
        return value_of_fields(parse_qsl(query, keep_blank_values=True, errors="strict"), query, media)

    def write(self, value: Json, media: Media | None = None) -> bytes:
        """Return the fields of an object."""
        return query_of(value, media).encode()
