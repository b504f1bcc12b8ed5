"""Bodies that came compressed (RFC 9110 section 8.4)."""

from __future__ import annotations

import zlib

GZIP, ZLIB, RAW = 31, 15, -15
"""What zlib is to expect."""

ENCODINGS = {"gzip": (GZIP,), "x-gzip": (GZIP,), "deflate": (ZLIB, RAW), "identity": (), "": ()}
"""What each content encoding may come as; some clients send `deflate` without the frame of zlib."""


MOST_MEMBERS = 100


class TooLargeError(ValueError):
    """Raised for a body that is too large once it is decompressed."""


def decompressed(content: bytes, encoding: str, most: int) -> bytes:
    """Return a body as it was before it was encoded, of at most `most` bytes.

    Raise `ValueError` where it was not encoded so, `LookupError` for an encoding that is not known.
    """
    frames = ENCODINGS[encoding.strip().lower()]
    for frame in frames:
        try:
            return _inflated(content, frame, most)
        except zlib.error as error:
            if frame == frames[-1]:
                raise ValueError(str(error)) from None
    return content


def _inflated(content: bytes, frame: int, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while content:
        if len(parts) == MOST_MEMBERS:
            raise ValueError(f"it has more than {MOST_MEMBERS} members")
        stream = zlib.decompressobj(frame)
        part = stream.decompress(content, most - size + 1)
        size += len(part)
        if size > most:
            raise TooLargeError("it is too large once it is decompressed")
        if not stream.eof:
            raise ValueError("it ends too early")
        parts.append(part)
        content = stream.unused_data if frame == GZIP else b""  # several members make one body
    return b"".join(parts)
