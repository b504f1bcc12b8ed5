"""The paths of a document: templates with parameters, which may stand within a segment too.

A fragment of a path (`/cookies#second`) never reaches a server, so that no request is routed by it. Pairs behind `?`, and those
of a fragment, tell operations of one path apart by the query of a request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

from mock_server.contract.messages.percent import decoded, encoded

PARAMETER = re.compile(r"\{([^{}/]+)\}")
UNENCODED = "!$&'()*+,;=:@"
"""What may stand unencoded in a segment (RFC 3986 section 3.3), besides letters, digits and `-._~`."""


@dataclass(frozen=True, slots=True)
class Segment:
    """What stands between two slashes: texts, between which there are parameters."""

    texts: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def is_literal(self) -> bool:
        """Whether it has no parameters."""
        return not self.names

    @property
    def is_parameter(self) -> bool:
        """Whether it is nothing but one parameter."""
        return self.texts == ("", "")

    @property
    def weight(self) -> int:
        """How many characters are fixed: the more, the earlier it is looked at."""
        return sum(map(len, self.texts))

    def match(self, given: str) -> list[str] | None:
        """Return what a segment of a request has for the parameters; None where it is another one.

        No parameter is empty. Each is as short as what follows lets it be, but for the last one.
        """
        first, *between, last = self.texts
        start, end = len(first), len(given) - len(last)
        if not (given.startswith(first) and given.endswith(last)):
            return None
        values = []
        for text in between:
            found = given.find(text, start + 1, end)
            if found < 0:
                return None
            values.append(given[start:found])
            start = found + len(text)
        return [*values, given[start:end]] if start < end else None


@dataclass(frozen=True, slots=True)
class PathTemplate:
    """A path as a document writes it. `pairs` are those of its query, or of its fragment; no request is sent to a fragment."""

    segments: tuple[Segment, ...]
    pairs: tuple[tuple[str, str], ...]
    is_query: bool
    """Whether the pairs are to be sent, as they stand in a query."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its parameters, in order."""
        return tuple(name for segment in self.segments for name in segment.names)

    @property
    def shape(self) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, str], ...]]:
        """What is the same for paths that differ in the names of parameters only."""
        return tuple(segment.texts for segment in self.segments), self.pairs

    def filled(self, values: Mapping[str, str]) -> str:
        """Return a path with encoded values in place of the parameters; those without one stay."""
        written = []
        for segment in self.segments:
            texts = [encoded(text, keep=UNENCODED) for text in segment.texts]
            for index, name in enumerate(segment.names):
                texts[index] += values.get(name, f"{{{name}}}")
            written.append("".join(texts))
        return "/" + "/".join(written)

    @property
    def query(self) -> str:
        """The query that its requests have in any case."""
        return urlencode(self.pairs) if self.is_query else ""


@lru_cache(maxsize=8192)
def path_template(path: str) -> PathTemplate:
    """Return a path of a document, read."""
    way, _, fragment = path.partition("#")
    way, mark, query = way.partition("?")
    pairs = parse_qsl(query or (fragment if "=" in fragment else ""), keep_blank_values=True)
    return PathTemplate(tuple(map(_segment, way.removeprefix("/").split("/"))), tuple(pairs), bool(mark))


def _segment(text: str) -> Segment:
    parts = PARAMETER.split(text)
    return Segment(tuple(map(_plain, parts[::2])), tuple(parts[1::2]))


def _plain(text: str) -> str:
    try:
        return decoded(text)
    except ValueError:
        return text
