"""Which of the codes that a document lists is meant for a kind of problem."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from mock_server.contract.files.source import Json

ALSO_CALLED: Mapping[str, tuple[str, ...]] = {
    # the name of a kind of problem, or of one more closely: what documents call it, the likeliest first
    "malformed": ("malformed", "bad request", "invalid request", "invalid json", "parse error"),
    "unauthenticated": (
        "unauthenticated",
        "unauthorized",
        "authentication error",
        "invalid token",
        "invalid auth",
        "not authed",
    ),
    "forbidden": ("forbidden", "permission denied", "access denied", "insufficient permissions", "not allowed"),
    "unknown-path": ("not found", "unknown path", "resource not found"),
    "not-found": ("not found", "resource not found", "object not found", "resource missing", "does not exist"),
    "method-not-allowed": ("method not allowed", "not allowed", "unsupported method"),
    "conflict": ("conflict", "already exists", "duplicate"),
    "reused-key": ("idempotency error", "idempotency key reused", "idempotency key mismatch", "idempotency conflict"),
    "too-large": ("payload too large", "request too large", "too large"),
    "unsupported-media-type": ("unsupported media type", "invalid content type"),
    "invalid": ("invalid", "validation error", "validation failed", "unprocessable entity", "invalid request", "bad request"),
}
NEAR = 0.75
"""How alike a code and a name have to be."""


def nearest_code(codes: Sequence[Json], kind: str, status: int) -> str | None:
    """Return the code that is meant for a kind of problem; None where none is like it."""
    written = {_plain(code): code for code in reversed(codes) if isinstance(code, str)}
    names = [_plain(kind), *map(_plain, ALSO_CALLED.get(kind, ())), _plain(_phrase(status))]
    for name in filter(None, names):
        if name in written:
            return written[name]
    for name in filter(None, names):
        within = next((code for plain, code in written.items() if name in plain), None)
        if within is not None:
            return within
        near = difflib.get_close_matches(name, written, n=1, cutoff=NEAR)
        if near:
            return written[near[0]]
    return None


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
