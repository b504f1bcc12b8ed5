"""The journal: the latest exchanges, in a ring of bounded size.

Noting an exchange is part of answering it, so request and answer are packed and nothing else is done: what shows an exchange
is made when somebody looks. What is kept are tuples of their parts, not the objects that carried them, and bodies as the bytes
that were sent: whatever lives longer than its request is far from the processor when its turn comes to go, so the fewer
objects the better.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from mock_server.contract.files.source import Json
from mock_server.contract.messages.codecs import value_of
from mock_server.contract.model import Operation
from mock_server.contract.schemas.checks import Violation
from mock_server.engine.store import Change
from mock_server.engine.values import ABSENT
from mock_server.exchange.messages import Answer, Request
from mock_server.server.stubs import HEADER as STUB_HEADER

MOST_SHARED = 1024

OrganizationOf: TypeAlias = Callable[[Request], str | None]

Kept: TypeAlias = bytes | int
"""A body as the bytes that were sent or, where these are too many to be kept, their number."""

PackedRequest: TypeAlias = tuple[str, str, str, bytes, Kept | None]
"""The fields of a `Request`, its headers joined to one text."""

PackedAnswer: TypeAlias = tuple[
    int,
    Kept,
    str,
    list[tuple[str, str]],
    Mapping[str, str],
    Operation | None,
    list[Change],
    str | None,
    str,
    tuple[Violation, ...],
]
"""The fields of an `Answer`."""

Noted: TypeAlias = tuple[int, OrganizationOf | None, str | None, PackedRequest, PackedAnswer]
"""An exchange: when it was, who tells on whose behalf, the fault that it met, and what was asked and answered."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One exchange. `number` counts from 1 over the life of the server, `time` is in nanoseconds since 1970.

    The body of `request` is None, and that of `answer` absent, when it was too large to be kept; `sizes` tells what they were.
    """

    number: int
    time: int
    request: Request
    answer: Answer
    organization: str | None
    fault: str | None
    sizes: tuple[int, int]

    @property
    def method(self) -> str:
        """The method of the request."""
        return self.request.method

    @property
    def path(self) -> str:
        """The path of the request, percent-encoded as it came."""
        return self.request.path

    @property
    def query(self) -> str:
        """The query of the request, without its question mark."""
        return self.request.query

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the request by their names in lower case."""
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self.request.headers.items()}

    @property
    def operation(self) -> str | None:
        """The id of the operation that was meant; None when there is none."""
        return self.answer.operation.id if self.answer.operation else None

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.answer.status

    @property
    def rested_on(self) -> Mapping[str, str]:
        """The choice of each assumption that the answer rested on."""
        return self.answer.rested_on

    @property
    def stub(self) -> str | None:
        """The id of the stub that answered; None when there was none."""
        return next((value for name, value in self.answer.headers if name == STUB_HEADER), None)

    @property
    def violations(self) -> tuple[Violation, ...]:
        """What the request broke."""
        return self.answer.violations

    @property
    def changes(self) -> Sequence[Change]:
        """What the request did to the state."""
        return self.answer.changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which entries are wanted; what is None is left open. `status` is a number or a range, as `422` or `4XX`.

    `since` and `until` are in nanoseconds since 1970, both included; `after` and `before` are numbers of
    entries, which they leave out.
    """

    operation: str | None = None
    organization: str | None = None
    status: str | None = None
    method: str | None = None
    path: str | None = None
    since: int | None = None
    until: int | None = None
    after: int | None = None
    before: int | None = None
    fault: str | None = None

    def takes(self, entry: Entry) -> bool:
        """Say whether an entry is wanted."""
        exact = (
            (self.operation, entry.operation),
            (self.organization, entry.organization),
            (self.method, entry.method),
            (self.path, entry.path),
            (self.fault, entry.fault),
        )
        return (
            all(wanted is None or wanted == found for wanted, found in exact)
            and (self.status is None or self.status.upper() in (str(entry.status), f"{entry.status // 100}XX"))
            and (self.since is None or self.since <= entry.time)
            and (self.until is None or entry.time <= self.until)
            and (self.after is None or self.after < entry.number)
            and (self.before is None or entry.number < self.before)
        )


EVERYTHING = Filter()


class Journal:
    """Remembers the latest exchanges; the oldest make room for new ones. `noted` counts all over the life of the server.

    Of a body with more bytes than `longest_body` only the size is kept, so that a full journal stays small.
    """

    def __init__(self, size: int, longest_body: int) -> None:
        self._longest_body = longest_body
        self._entries: deque[Noted] = deque(maxlen=size)
        self._rested_on: dict[tuple[str, ...], Mapping[str, str]] = {}
        self.noted = 0

    def note(
        self,
        request: Request,
        answer: Answer,
        content: bytes,
        organization_of: OrganizationOf | None = None,
        fault: str | None = None,
    ) -> Noted:
        """Add an exchange and return it for `entry`; `content` is the body of the answer as JSON, empty where there is none.

        `organization_of` tells, when somebody looks, on whose behalf a request was made.
        """
        self.noted += 1
        headers, rested_on, longest = request.headers, answer.rested_on, self._longest_body
        asked, answered = request.body, content if len(content) <= longest else len(content)
        shared = self._rested_on.get(tuple(rested_on))
        if shared is None or shared != rested_on:
            shared = self._share(rested_on)
        noted = (
            time.time_ns(),
            organization_of,
            fault,
            (
                request.method,
                request.path,
                request.query,
                b"\n".join((*headers, *headers.values())),
                asked if asked is None or len(asked) <= longest else len(asked),
            ),
            (
                answer.status,
                answered,
                answer.media_type,
                answer.headers,
                shared,
                answer.operation,
                answer.changes,
                answer.problem,
                answer.detail,
                answer.violations,
            ),
        )
        self._entries.append(noted)
        return noted

    def entries(self, wanted: Filter = EVERYTHING, most: int | None = None) -> list[Entry]:
        """Return the entries that are wanted, oldest first; only the latest where they are more than `most`."""
        newest_first = (_entry(number, noted) for number, noted in self._within(wanted))
        return list(itertools.islice(filter(wanted.takes, newest_first), most))[::-1]

    def count(self, wanted: Filter = EVERYTHING) -> int:
        """Return how many entries are wanted."""
        within = self._within(wanted)
        if replace(wanted, after=None, before=None) == EVERYTHING:
            return len(within)
        return sum(wanted.takes(_entry(number, parts)) for number, parts in within)

    def latest(self, noted: Noted) -> Entry:
        """Return the entry of what was noted last, whether or not it is remembered."""
        return _entry(self.noted, noted)

    def clear(self) -> None:
        """Forget all entries; numbers go on from where they were."""
        self._entries.clear()

    def __iter__(self) -> Iterator[Entry]:
        return (_entry(number, noted) for number, noted in reversed(self._within(EVERYTHING)))

    def __len__(self) -> int:
        return len(self._entries)

    def _within(self, wanted: Filter) -> list[tuple[int, Noted]]:
        """Return the parts of the entries between the numbers that are wanted, with their numbers, the latest first.

        Putting an entry together takes longer than finding it: of a long journal, a page is quick.
        """
        first = max(self.noted - len(self._entries), wanted.after or 0) + 1
        last = self.noted if wanted.before is None else min(self.noted, wanted.before - 1)
        newest_first = itertools.islice(reversed(self._entries), self.noted - last, None)
        return list(zip(range(last, first - 1, -1), newest_first, strict=False))

    def _share(self, rested_on: Mapping[str, str]) -> Mapping[str, str]:
        """Return one mapping for all answers that rest on the same choices."""
        if len(self._rested_on) >= MOST_SHARED:
            self._rested_on.clear()
        self._rested_on[tuple(rested_on)] = rested_on
        return rested_on


def _entry(number: int, noted: Noted) -> Entry:
    at, organization_of, fault, (method, path, query, headers, asked), packed = noted
    status, answered, media_type, *_ = packed
    request = Request(method, path, query, _unpacked(headers), None if isinstance(asked, int) else asked)
    value = _value(answered, media_type) if isinstance(answered, bytes) and answered else ABSENT
    organization = organization_of(request) if organization_of else None
    answer = Answer(status, value, *packed[2:])
    return Entry(number, at, request, answer, organization, fault, (_size(asked), _size(answered)))


def _value(content: bytes, media_type: str) -> Json:
    """Return the value of an answer; the text of one that is not what its media type says, as an example may have it."""
    try:
        return value_of(content, media_type)
    except ValueError:
        return content.decode("utf-8", "replace")


def _size(body: Kept | None) -> int:
    return body if isinstance(body, int) else len(body or b"")


def _unpacked(headers: bytes) -> dict[bytes, bytes]:
    """Return headers that were joined: their names, then their values. HTTP lets no line break into either."""
    parts = headers.split(b"\n") if headers else []
    half = len(parts) // 2
    return dict(zip(parts[:half], parts[half:], strict=True))
