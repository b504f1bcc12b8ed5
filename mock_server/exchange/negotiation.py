"""Content negotiation (RFC 9110 section 12.5.1): which of the documented media types a request accepts best.

Weights go first, then the more specific range, then the order of the ranges in `Accept`, then the preference of the server:
JSON, then the order of the document. A media type of a document may itself be a range (`image/*`): then one type of that
range is sent, the accepted one if it can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from mock_server.contract.codecs import JSON, JsonCodec
from mock_server.contract.schemas import Media

LONGEST_ACCEPT = 2000
"""How many characters of an `Accept` header are read."""

ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"|")+')
PARAMETER = re.compile(r';\s*([^\s;="]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;"]*)')
RANGE = re.compile(r"([^\s/;,]+)/([^\s/;,]+)")
WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")

OCTETS = "application/octet-stream"
TYPE_OF_RANGE = {
    # a range that a document has: the type that is sent where a request accepts any
    "text/*": "text/plain",
    "image/*": "image/png",
    "audio/*": "audio/mpeg",
    "video/*": "video/mp4",
    "font/*": "font/woff2",
}


class MediaRange(NamedTuple):
    """One of the ranges of an `Accept` header, or a media type; `*` stands for any, `*+json` for any with that suffix."""

    type: str
    subtype: str
    parameters: frozenset[tuple[str, str]]
    weight: float

    def specificity(self, other: MediaRange) -> int | None:
        """Return how closely it describes the media type `other`: the more the closer; None where it does not."""
        if self.type == "*" == self.subtype:
            return 0
        if self.type != other.type or not self.parameters <= other.parameters:
            return None
        if self.subtype == other.subtype:
            return 3 + len(self.parameters)
        if self.subtype == "*":
            return 1
        return 2 if self.subtype[:2] == "*+" and other.subtype.endswith(self.subtype[1:]) else None

    @property
    def is_one_type(self) -> bool:
        """Whether it stands for one media type only."""
        return "*" not in self.type and "*" not in self.subtype

    def __str__(self) -> str:
        return ";".join([f"{self.type}/{self.subtype}", *(f"{name}={value}" for name, value in sorted(self.parameters))])


class Offer(NamedTuple):
    """A body that can be sent: what the document has for it, and the media type that it is sent as."""

    media: Media
    type: str


@lru_cache(maxsize=256)
def read_accept(header: str) -> tuple[MediaRange, ...]:
    """Return the ranges of an `Accept` header in their order; none where it says nothing that can be read."""
    return tuple(filter(None, (read_range(element[0]) for element in ELEMENT.finditer(header[:LONGEST_ACCEPT]))))


def read_range(text: str) -> MediaRange | None:
    """Return the media range or media type that `text` is, in lower case; None where it is none.

    Its charset is left out: whatever is sent as text is UTF-8.
    """
    found = RANGE.match(text.strip().lower())
    if found is None or (found[1] == "*" != found[2]):
        return None
    parameters = {match[1].lower(): match[2].strip('"').lower() for match in PARAMETER.finditer(text)}
    weight = parameters.pop("q", "1")
    parameters.pop("charset", None)
    return MediaRange(found[1], found[2], frozenset(parameters.items()), float(weight) if WEIGHT.fullmatch(weight) else 1.0)


def best_offer(content: Iterable[Media], accept: str) -> Offer | None:
    """Return what is sent of some documented media types to a request with this `Accept`; None where it accepts none."""
    ranges = read_accept(accept) or (MediaRange("*", "*", frozenset(), 1.0),)
    best: tuple[tuple[float, int, int], Offer] | None = None
    for offer in _offers(content, ranges):
        rank = _rank(offer, ranges)
        if rank is not None and (best is None or rank > best[0]):
            best = rank, offer
    return best[1] if best else None


def types_on_offer(content: Iterable[Media]) -> tuple[str, ...]:
    """Return the media types that can be sent, those that are preferred first."""
    return tuple(offer.type for offer in _offers(content, ()))


def is_json(media_type: str) -> bool:
    """Say whether bodies of a media type, with or without parameters, are JSON."""
    return JsonCodec().takes(media_type.partition(";")[0].strip())


def _rank(offer: Offer, ranges: tuple[MediaRange, ...]) -> tuple[float, int, int] | None:
    """Return how much an offer is wanted: by weight, specificity and place of the range that describes it most closely."""
    offered = read_range(offer.type)
    if offered is None:
        return None
    matches = [(close, -place) for place, one in enumerate(ranges) if (close := one.specificity(offered)) is not None]
    if not matches:
        return None
    close, place = max(matches)
    weight = ranges[-place].weight
    return (weight, close, place) if weight > 0 else None


def _offers(content: Iterable[Media], ranges: tuple[MediaRange, ...]) -> Iterator[Offer]:
    """Yield what can be sent, in the order of preference."""
    offers = [offer for media in content for offer in _types_of(media, ranges)]
    yield from sorted(offers, key=lambda offer: not is_json(offer.type))


def _types_of(media: Media, ranges: tuple[MediaRange, ...]) -> Iterator[Offer]:
    """Yield the types that a body is sent as: its own or, where that is a range, the accepted ones and the usual one."""
    own = read_range(media.type)
    if own is None:
        return
    if own.is_one_type:
        yield Offer(media, media.type)
        return
    structured = is_structured(media)
    for accepted in ranges:
        if accepted.is_one_type and own.specificity(accepted) is not None and (is_json(str(accepted)) or not structured):
            yield Offer(media, str(accepted))
    if structured or own.subtype == "*+json":
        if own.type in ("*", "application"):
            yield Offer(media, JSON)
    else:
        yield Offer(media, TYPE_OF_RANGE.get(str(own), OCTETS) if own.subtype == "*" else f"{own.type}/{own.subtype[2:]}")


def is_structured(media: Media) -> bool:
    """Say whether a body can only be written as JSON: it is neither a text nor a file, as far as the document tells."""
    if media.examples:
        return not any(isinstance(example, str | bytes) for example in media.examples.values())
    return media.schema is not None and "string" not in media.schema.types
