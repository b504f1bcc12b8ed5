"""Small files that are what their media type says, for bodies of which a document tells only that they are some text."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from html import escape

from mock_server.contract.messages.content_types import content_type

FILES: Mapping[str, bytes] = {
    # a media type: the smallest file of it, or nearly
    "image/png": b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="),
    "image/gif": b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"),
    "image/jpeg": b64decode(
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
        "AQEBAQH/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z"
    ),
    "image/svg+xml": b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>',
    "application/pdf": (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    ),
    "application/zip": b"PK\x05\x06" + bytes(18),
}

PLAYED = ("image", "audio", "video", "font")
"""Kinds of media types whose bodies are files that something shows or plays: no text will do."""


def has_file(media_type: str) -> bool:
    """Say whether something can be made that is of a media type: a file, or any text where that is one."""
    essence = content_type(media_type).essence
    return essence in FILES or essence.partition("/")[0] not in PLAYED


def as_file(text: str, media_type: str) -> str:
    """Return a file of a media type as a text with a character for each of its octets; `text` itself where that may be one."""
    essence = content_type(media_type).essence
    if essence in FILES:
        return FILES[essence].decode("latin-1")
    if essence.endswith(("/xml", "+xml")):
        return f"<text>{escape(text)}</text>"
    return f"data: {text}\n\n" if essence == "text/event-stream" else text
