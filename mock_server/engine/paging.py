"""Pages of lists: which records a request is answered, and what is told of the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from mock_server.contract.files.source import Json
from mock_server.contract.model import Resource
from mock_server.contract.problems import Refused
from mock_server.contract.schemas.checks import Violation
from mock_server.engine.execution import Execution, SentRequest
from mock_server.engine.generating import Cut, Position
from mock_server.engine.store import Record
from mock_server.engine.values import ABSENT, Absent


class Bound(NamedTuple):
    """The record that a page begins behind, or ends before: its id, and where in the request it stands."""

    id: Json
    place: tuple[str, str]


class Page(list[Record]):
    """The records of a page, in order, and what is told of the list that it is of, by name."""

    facts: Mapping[str, Json]

    def get(self, name: str, default: Json | Absent = None) -> Json | Absent:
        """Return what is told under `name`."""
        return self.facts.get(name, default)


class WholeList(NamedTuple):
    """The list of a step, from which a page is cut."""

    name: str
    """The name of the step."""

    records: Sequence[Record]
    """The records, in order: all of them, or those between two that a request names."""

    total: int
    """How many there are in all."""

    position: Callable[[Record], Position]
    id: str
    """The field that has the id of a record."""


def page_of(execution: Execution, listed: WholeList, cut: Cut) -> Page:
    """Return the page that a request asks for of a list."""
    records, total, position = listed.records, listed.total, listed.position
    end = len(records) if cut.limit is None else cut.start + cut.limit
    page = Page(execution.generator.cut(listed.name, records, cut, position))
    more = cut.start > 0 if cut.backwards else end < len(records)
    last = records[end - 1] if more and end > 0 else None
    size = cut.limit or max(len(records), 1)
    number = cut.start // size + 1
    pages = max(1, -(-total // size))
    following: Json = None
    previous: Json = None
    if cut.paging == "cursor":
        following = execution.generator.cursor(position(last)) if last is not None else None
    elif cut.paging == "page":
        following, previous = (number + 1 if more else None), (number - 1 if cut.start > 0 else None)
    else:
        following = end if more else None
        previous = max(0, cut.start - size) if cut.start > 0 else None
    facts = {
        "total": total,
        "count": len(page),
        "next": following,
        "previous": previous,
        "has-more": more,
        "page": number,
        "pages": pages,
        "limit": cut.limit,
        "offset": cut.start,
        "link": _link(execution.request, cut, following, previous, pages, size),
    }
    if cut.paging == "record":
        facts |= {"first": page[0][listed.id] if page else None, "last": page[-1][listed.id] if page else None}
    page.facts = execution.generator.told(listed.name, facts)
    return page


def _link(request: SentRequest | None, cut: Cut, following: Json, previous: Json, pages: int, size: int) -> str | None:
    """Return a `Link` header (RFC 8288) to the other pages; None where there are none, or no parameter asks for them."""
    if request is None or not cut.parameter:
        return None
    targets: list[tuple[str, Json]] = [("next", following), ("prev", previous)]
    if pages > 1 and cut.paging in ("page", "offset"):
        by_number = cut.paging == "page"
        targets += [("first", 1 if by_number else 0), ("last", pages if by_number else (pages - 1) * size)]
    links = [f'<{_with(request, cut.parameter, value)}>; rel="{rel}"' for rel, value in targets if value is not None]
    return ", ".join(links) or None


def _with(request: SentRequest, parameter: str, value: Json) -> str:
    """Return the address of a request with another value for a query parameter: in full, for many clients do not resolve it."""
    query = [(name, one) for name, one in parse_qsl(request.query, keep_blank_values=True) if name != parameter]
    host = request.headers.get(b"host", b"").decode("latin-1")
    server = f"http://{host}" if host else ""
    return f"{server}{request.path}?{urlencode([*query, (parameter, value)])}"


def whole_number(value: Json | Absent) -> int | None:
    """Return a number that is not below zero; None for anything else."""
    return max(int(value), 0) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def start_after(execution: Execution, records: Sequence[Record], text: Json, before: Callable[[Position, Record], bool]) -> int:
    """Return where the page of a cursor starts: behind all that stands before it or at it, be that there or not."""
    position = execution.generator.position(text) if isinstance(text, str) else None
    if position is None:
        raise no_cursor()
    if not position:
        return 0
    return next((index for index, record in enumerate(records) if before(position, record)), len(records))


def between(resource: Resource, records: list[Record], after: Bound | None, before: Bound | None) -> list[Record]:
    """Return those of some records that stand behind one and before another; raise `Refused` where there is no such record."""
    places = {record[resource.id]: place for place, record in enumerate(records)}
    bounds = []
    for bound in (after, before):
        if bound is not None and bound.id not in places:
            message = f"there is no {resource.name} with {resource.id} {bound.id!r:.80}"
            violation = Violation(*bound.place, "reference", message)
            raise Refused("invalid", f"The request does not fit: {message}.", (violation,))
        bounds.append(places[bound.id] if bound is not None else None)
    first, end = bounds
    return records[0 if first is None else first + 1 : end]


def no_cursor() -> Refused:
    """Return the refusal of a text that is no cursor of the list that is asked for."""
    message = "the cursor is none that this API gave"
    return Refused("invalid", f"The request does not fit: {message}.", (Violation("query", "", "cursor", message),))


def sent(value: Json | Absent) -> bool:
    """Say whether a request sends a value that asks for something."""
    return value is not ABSENT and value is not None and value != ""
