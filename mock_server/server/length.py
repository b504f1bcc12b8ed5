"""The header that tells how long the body of an answer is."""

from __future__ import annotations

WITHOUT_LENGTH = frozenset({204, 304})
"""The statuses of answers that do not tell the length of their body: they have none, and 304 would tell that of another one."""


def length_header(status: int, length: int) -> tuple[tuple[bytes, bytes], ...]:
    """Return the header Content-Length; none where HTTP forbids one (RFC 9110 section 8.6)."""
    return () if status in WITHOUT_LENGTH else ((b"content-length", b"%d" % length),)
