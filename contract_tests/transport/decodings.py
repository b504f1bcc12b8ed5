"""Texts as they read once escapes are undone, and where in the original each piece of them stands."""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

DEPTH = 2
"""How often a text may be escaped: JSON within JSON, an address within JSON."""

Decoder: TypeAlias = tuple[re.Pattern[bytes], Callable[[re.Match[bytes]], bytes]]


def _of_json(found: re.Match[bytes]) -> bytes:
    """A pair of surrogates, one code unit, or a letter (RFC 8259, 7)."""
    if found[1]:
        units = bytes.fromhex(found[1].decode() + found[2].decode())
        return units.decode("utf-16-be").encode()
    if found[3]:
        return chr(int(found[3], 16)).encode("utf-8", "surrogatepass")
    return {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(found[4], found[4])


def _of_percent(found: re.Match[bytes]) -> bytes:
    return b" " if found[0] == b"+" else bytes.fromhex(found[1].decode())


def _of_html(found: re.Match[bytes]) -> bytes:
    return html.unescape(found[0].decode()).encode("utf-8", "surrogatepass")


DECODERS: tuple[Decoder, ...] = (
    (
        re.compile(
            rb'\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})|\\(["\\/bfnrt])', re.DOTALL
        ),
        _of_json,
    ),
    (re.compile(rb"%([0-9a-fA-F]{2})"), _of_percent),
    (re.compile(rb"%([0-9a-fA-F]{2})|\+"), _of_percent),  # as forms write spaces
    (re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});"), _of_html),
    (re.compile(rb"\0+"), lambda found: b""),  # UTF-16
)


@dataclass(slots=True)
class UnescapedText:
    """A text with the escapes of one kind undone; one without a parent is the original."""

    text: bytes
    parent: UnescapedText | None = None
    _starts: list[int] = field(default_factory=list)
    _units: list[tuple[int, int, int]] = field(default_factory=list)
    """For each escape that was undone: where what it stands for ends here, and where it began and ended in the parent."""

    def undone(self, decoder: Decoder) -> UnescapedText | None:
        """Return this view with the escapes of one more kind undone; None where there are none."""
        pattern, decode = decoder
        view, pieces, at, length = UnescapedText(b"", self), list[bytes](), 0, 0
        for found in pattern.finditer(self.text):
            value = decode(found)
            length += found.start() - at
            view._starts.append(length)
            pieces += (self.text[at : found.start()], value)
            length, at = length + len(value), found.end()
            view._units.append((length, found.start(), at))
        view.text = b"".join((*pieces, self.text[at:]))
        return view if view._starts else None

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return where a piece that is not empty stands in the original; an escape belongs to it as a whole."""
        if self.parent is None:
            return start, end
        index = bisect_right(self._starts, start) - 1
        if index >= 0:
            ends, first, last = self._units[index]
            start = first if start < ends else last + start - ends
        index = bisect_right(self._starts, end - 1) - 1
        if index >= 0:
            ends, first, last = self._units[index]
            end = last if end - 1 < ends else last + end - ends
        return self.parent.origin(start, end)


def views_of(text: bytes) -> Iterator[UnescapedText]:
    """Yield a text as it is, and as it reads with the escapes of each kind undone, one kind after the other."""
    views = [UnescapedText(text)]
    yield views[0]
    for _ in range(DEPTH):
        views = [undone for view in views for decoder in DECODERS if (undone := view.undone(decoder)) is not None]
        yield from views
