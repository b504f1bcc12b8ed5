"""Codecs: how a body is read and written, chosen by its media type.

Whoever turns bytes into values or values into bytes asks `codec_of` or `value_of`. Every media type has a codec: what no other
one takes is octets. Another codec is another class in `CODECS`.
"""

from __future__ import annotations

from functools import lru_cache

from mock_server.contract.files.json_values import read_json, write_json
from mock_server.contract.files.source import Json
from mock_server.contract.messages.codecs.codec import Codec
from mock_server.contract.messages.codecs.forms import FormCodec
from mock_server.contract.messages.codecs.json import JsonCodec, JsonLinesCodec
from mock_server.contract.messages.codecs.multipart import MultipartCodec
from mock_server.contract.messages.codecs.text import EventStreamCodec, OpaqueCodec, TableCodec, TextCodec
from mock_server.contract.messages.codecs.xml import XmlCodec
from mock_server.contract.messages.content_types import JSON, content_type
from mock_server.contract.messages.media import Media

__all__ = ["CODECS", "JSON", "JSON_CODEC", "Codec", "codec_of", "is_json", "read_json", "value_of", "write_json"]

JSON_CODEC = JsonCodec()

CODECS: tuple[Codec, ...] = (
    # the first that takes a media type
    JSON_CODEC,
    FormCodec(),
    MultipartCodec(JSON_CODEC),
    JsonLinesCodec(),
    XmlCodec(),
    EventStreamCodec(),
    TableCodec(),
    TextCodec(),
    OpaqueCodec(),
)


@lru_cache(maxsize=256)
def codec_of(media_type: str) -> Codec:
    """Return the codec of a media type or a range, with or without parameters."""
    essence = content_type(media_type).concrete
    return next(codec for codec in CODECS if codec.takes(essence))


def is_json(media_type: str) -> bool:
    """Say whether bodies of a media type are JSON."""
    return codec_of(media_type) is JSON_CODEC


def value_of(content: bytes, media_type: str, media: Media | None = None) -> Json:
    """Return the value of a body, documented as `media`; raise `ValueError` where it has none. Without a type, it is JSON."""
    return codec_of(media_type or JSON).read(content, content_type(media_type or JSON), media)
