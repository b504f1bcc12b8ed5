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

from mock_server.contract.messages.codecs import JSON, is_json
from mock_server.contract.messages.content_types import ContentType, content_type
from mock_server.contract.messages.media import Media
from mock_server.exchange.sample_files import has_file

LONGEST_ACCEPT = 2000
"""How many characters of an `Accept` header are read."""

ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"|")+')
RANGE = re.compile(r"\*/\*|[^\s*/;,]+/(?:\*(?:\+[^\s*/;,]+)?|[^\s*/;,]+)")
WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")

TEXT, OCTETS = "text/plain", "application/octet-stream"


class Accepted(NamedTuple):
    """One of the ranges of an `Accept` header, and how much it is wanted."""

    range: ContentType
    weight: float

    def describes(self, offered: ContentType) -> bool:
        """Say whether a media type is one of the range: one with all parameters that the range has."""
        return self.range.covers(offered) and self.range.parameters.keys() <= offered.parameters.keys()

    def without_parameters(self) -> Accepted:
        """Return the range with all types that differ in their parameters."""
        return Accepted(ContentType(self.range.essence, {}), self.weight)


class Offer(NamedTuple):
    """A body that can be sent: what the document has for it, and the media type that it is sent as."""

    media: Media
    type: str


ANYTHING = (Accepted(content_type("*/*"), 1.0),)


@lru_cache(maxsize=256)
def read_accept(header: str) -> tuple[Accepted, ...]:
    """Return the ranges of an `Accept` header in their order; any, where it says nothing that can be read."""
    elements = (element[0].strip() for element in ELEMENT.finditer(header[:LONGEST_ACCEPT]))
    return tuple(_accepted(element) for element in elements if RANGE.match(element)) or ANYTHING


def best_offer(content: Iterable[Media], accept: str) -> Offer | None:
    """Return what is sent of some documented media types to a request with this `Accept`; None where it accepts none."""
    content, ranges = list(content), read_accept(accept)
    # Parameters have no meaning but for their media type: where none fits, `Accept: application/json;version=2` asks for JSON.
    return _best(content, ranges) or _best(content, tuple(one.without_parameters() for one in ranges))


def _best(content: Iterable[Media], ranges: tuple[Accepted, ...]) -> Offer | None:
    best: tuple[tuple[float, tuple[int, ...], int], Offer] | None = None
    for offer in _offers(content, ranges):
        rank = _rank(offer, ranges)
        if rank is not None and (best is None or rank > best[0]):
            best = rank, offer
    return best[1] if best else None


def types_on_offer(content: Iterable[Media]) -> tuple[str, ...]:
    """Return the media types that can be sent, those that are preferred first."""
    return tuple(offer.type for offer in _offers(content, ()))


def _accepted(element: str) -> Accepted:
    """Return one range of an `Accept` header. Its charset is left out: it says how a text is written, not what it is."""
    essence, parameters = content_type(element)
    weight = parameters.get("q", "1")
    others = {name: value for name, value in parameters.items() if name not in ("q", "charset")}
    return Accepted(ContentType(essence, others), float(weight) if WEIGHT.fullmatch(weight) else 1.0)


def _rank(offer: Offer, ranges: tuple[Accepted, ...]) -> tuple[float, tuple[int, ...], int] | None:
    """Return how much an offer is wanted: by weight, nearness and place of the range that describes it most closely."""
    offered = content_type(offer.type)
    matches = [(one.range.nearness(offered), -place, one.weight) for place, one in enumerate(ranges) if one.describes(offered)]
    if not matches:
        return None
    nearness, place, weight = max(matches)
    return (weight, nearness, place) if weight > 0 else None


def _offers(content: Iterable[Media], ranges: tuple[Accepted, ...]) -> list[Offer]:
    """Return what can be sent, in the order of preference."""
    offers = [offer for media in content for offer in _types_of(media, ranges)]
    return sorted(offers, key=lambda offer: not is_json(offer.type))


def _types_of(media: Media, ranges: tuple[Accepted, ...]) -> Iterator[Offer]:
    """Yield the types that a body is sent as: its own or, where that is a range, the accepted ones and the usual one."""
    if "*" not in media.type:
        yield Offer(media, media.type)
        return
    own, is_text = content_type(media.type), _is_text(media)
    for accepted in ranges:
        essence = accepted.range.essence
        can_be = is_json(essence) or (is_text and (bool(media.examples) or has_file(essence)))
        if can_be and "*" not in essence and own.covers(accepted.range):
            yield Offer(media, essence)
    if is_text:
        yield Offer(media, _usual_text_type(own, media))
    elif own.concrete == JSON:
        yield Offer(media, JSON)


def _usual_text_type(own: ContentType, media: Media) -> str:
    """Return the type that a text or a file is sent as, where the document leaves that open and nobody asks for one."""
    is_file = media.schema is not None and not media.schema.formats.isdisjoint(("binary", "byte"))
    if own.essence == "*/*" and not is_file:
        return TEXT
    return OCTETS if own.essence in ("*/*", "application/*") else own.concrete


def _is_text(media: Media) -> bool:
    """Say whether a body is a text or a file, as far as the document tells; anything else is sent as JSON."""
    if media.examples:
        return any(isinstance(example, str) for example in media.examples.values())
    return media.schema is None or "string" in media.schema.types
