"""Reading bodies in bounded memory: neither what comes nor what it is unpacked to is longer than a body may be."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence

LARGEST_BODY = 10_000_000
"""How many bytes a body has at most, as it comes and unpacked."""

TOO_LARGE = f"a body of more than {LARGEST_BODY // 1_000_000} MB"

PIECE = 64 * 1024

GZIP, ZLIB, RAW = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS

ENCODINGS = {"gzip": (GZIP,), "x-gzip": (GZIP,), "deflate": (ZLIB, RAW)}
"""The codings that are asked for (RFC 9110, 8.4.1), and what they may mean: some servers send `deflate` without its frame."""


class TooLarge(Exception):  # noqa: N818 (it says what a body is)
    """Raised where a body is longer than any may be."""


class Undecodable(Exception):  # noqa: N818
    """Raised where a body is not encoded as its headers say."""


def body_of(parts: Iterable[bytes], encodings: Sequence[str] = ()) -> bytes:
    """Return a body as it is without its encodings, which are named in the order in which they were applied.

    Other encodings than those that are asked for are left as they are. Raises `TooLarge` or `Undecodable`.
    """
    known = [ENCODINGS[name] for name in encodings if name in ENCODINGS]
    parts = bounded(parts)
    for meanings in reversed(known):
        parts = _unpacked(parts, meanings)
    body = bytearray()  # not a list of parts: there may be millions of them
    for part in bounded(parts) if known else parts:
        body += part
    return bytes(body)


def encodings_of(header: str) -> list[str]:
    """Return the codings that a `Content-Encoding` header names."""
    return [name.strip().lower() for name in header.split(",")]


def bounded(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the parts; raise `TooLarge` where they are too many."""
    length = 0
    for part in parts:
        length += len(part)
        if length > LARGEST_BODY:
            raise TooLarge(TOO_LARGE)
        yield part


def _unpacked(parts: Iterable[bytes], meanings: Sequence[int]) -> Iterator[bytes]:
    """Yield what parts are unpacked to, in pieces: a few bytes may stand for gigabytes."""
    decoder = zlib.decompressobj(meanings[0])
    is_first = True
    for part in parts:
        while part and not decoder.eof:
            try:
                piece = decoder.decompress(part, PIECE)
            except zlib.error as error:
                if not is_first or len(meanings) == 1:
                    raise Undecodable(str(error)) from None
                meanings = meanings[1:]
                decoder = zlib.decompressobj(meanings[0])
                continue
            is_first = False
            yield piece
            part = decoder.unconsumed_tail
    yield decoder.flush()
