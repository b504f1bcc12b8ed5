"""Media types: what a `Content-Type` says, and which of the documented types it is (RFC 9110 section 8.3, RFC 6838)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

PARAMETER = re.compile(r""";\s*([^\s;="]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))""")
ESCAPED = re.compile(r"\\(.)")

TYPICAL = {"text": "text/plain", "image": "image/png", "audio": "audio/mpeg", "video": "video/mp4", "font": "font/woff2"}
"""A type of those that a range has."""


class ContentType(NamedTuple):
    """A media type without its parameters, and these; in lower case but for the values of parameters."""

    essence: str
    parameters: Mapping[str, str]

    @property
    def concrete(self) -> str:
        """The type, or one of its types where it is a range: what a body of it is sent as."""
        if "*" not in self.essence:
            return self.essence
        kind, _, subtype = self.essence.partition("/")
        if subtype == "*":
            return TYPICAL.get(kind, JSON if kind in ("*", "application") else "application/octet-stream")
        return JSON if subtype == "*+json" else f"{kind}/{subtype.removeprefix('*').removeprefix('+')}"

    def covers(self, other: ContentType) -> bool:
        """Say whether a body of another type is one of this: of the range, and with no other value for a parameter."""
        kind, _, subtype = self.essence.partition("/")
        other_kind, _, other_subtype = other.essence.partition("/")
        is_within = kind in ("*", other_kind) and (
            subtype in ("*", other_subtype) or (subtype[:1] == "*" and other_subtype.endswith(subtype[1:]))
        )
        return is_within and all(
            other.parameters.get(name, value).lower() == value.lower() for name, value in self.parameters.items()
        )

    def nearness(self, other: ContentType) -> tuple[int, int, int]:
        """Return how closely it describes another type that it covers: exact types before ranges, then by the parameters that
        they share, and by those that the other lacks."""
        stars = self.essence.count("*") + (self.essence.endswith("/*"))
        shared = len(self.parameters.keys() & other.parameters.keys())
        return -stars, shared, shared - len(self.parameters)


@lru_cache(maxsize=512)
def content_type(header: str) -> ContentType:
    """Return what a `Content-Type`, or a media type of a document, says."""
    essence = header.partition(";")[0].strip().lower()
    return ContentType(essence, parameters_of(header))


def parameters_of(header: str) -> dict[str, str]:
    """Return the parameters behind the value of a header; the first of a name counts."""
    found: dict[str, str] = {}
    for name, quoted, plain in PARAMETER.findall(header):
        found.setdefault(name.lower(), ESCAPED.sub(r"\1", quoted) or plain.strip())
    return found


def nearest(header: str, documented: Iterable[str]) -> str | None:
    """Return which of the documented types a `Content-Type` is: the most specific one; None where it is none of them."""
    given = content_type(header)
    covering = [name for name in documented if content_type(name).covers(given)]
    return max(covering, key=lambda name: content_type(name).nearness(given), default=None)
