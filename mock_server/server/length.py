"""The header that tells how long the body of an answer is."""

from __future__ import annotations

NO_CONTENT = 204


def length_header(status: int, length: int) -> tuple[tuple[bytes, bytes], ...]:
    """Return the header Content-Length; none where HTTP forbids one (RFC 9110 section 8.6)."""
    return () if status == NO_CONTENT else ((b"content-length", b"%d" % length),)
