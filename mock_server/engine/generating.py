"""What the server makes itself: times, ids, texts. All of it comes from a clock and a seeded source of randomness."""

from __future__ import annotations

import base64
import json
import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Literal, TypeAlias, TypeVar

import orjson

from mock_server.contract.behaviours.expressions import TimeForm
from mock_server.contract.behaviours.ids import id_length
from mock_server.contract.behaviours.orders import OrderBy
from mock_server.contract.files.source import Json
from mock_server.contract.model import Resource
from mock_server.engine.instants import instant_of, microseconds
from mock_server.engine.store import Store
from mock_server.engine.values import numbered

T = TypeVar("T")

Position: TypeAlias = tuple[Json, ...]
"""Where a record stands in an order: the values that it is ordered by, its id, that of the one that follows it, when it was
made, and how many stand before it; nothing stands for the start of a list."""

SECOND = 1_000_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


Paging: TypeAlias = Literal["offset", "page", "cursor", "record", "none"]
"""By what a page is asked for."""

FITS, DIFFERS = "fits", "differs"
"""The choices of an assumption about a value that nobody knows: it is one of those that are wanted, or it is none."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The page that a request asks for: where it starts, and how many records it has at most (None: all)."""

    start: int
    limit: int | None
    paging: Paging
    parameter: str = ""
    """The query parameter that asks for another page."""

    within: tuple[tuple[str, Json], ...] = ()
    """The records to which all that is listed refers, by resource and id."""

    order: tuple[OrderBy, ...] = ()
    """The order that is asked for, if one is."""

    backwards: bool = False
    """Whether it ends where the list does, and what is behind it is before it: the page before a record."""


class Generator:
    """Makes times and ids. The same `random_seed` and the same requests give the same ids.

    `clock` returns nanoseconds since 1970 in UTC.
    """

    def __init__(self, *, clock: Callable[[], int] = time.time_ns, random_seed: int | None = None) -> None:
        self.clock = clock
        self._random_seed = random_seed
        self._id_makers: dict[str, Callable[[], Json]] = {}
        self._second: int | None = None
        self._written_second = ""

    @property
    def seed(self) -> int:
        """The random seed; 0 where there is none, for what has to be the same in every run."""
        return self._random_seed or 0

    @cached_property
    def _random(self) -> random.Random:
        return random.Random(self._random_seed)  # seeding takes long, and the contract tests' own generators never need it

    def restart(self) -> None:
        """Make the same ids again, where there is a random seed."""
        if self._random_seed is not None:
            self._random.seed(self._random_seed)

    def now(self) -> str:
        """Return the time as RFC 3339 writes it, in UTC: 2026-01-15T09:30:00.000000Z."""
        second, rest = divmod(self.clock(), SECOND)
        if second != self._second:
            self._second = second
            self._written_second = (EPOCH + timedelta(seconds=second)).isoformat()[:19]
        return "%s.%06dZ" % (self._written_second, rest // 1000)  # noqa: UP031 (the fastest way, as in `text`)

    def moment(self, form: TimeForm, later: float = 0) -> Json:
        """Return the time, or one that is so many seconds later, in a form."""
        nanoseconds = self.clock() + round(later * SECOND)
        if form == "seconds":
            return nanoseconds // SECOND
        if form == "milliseconds":
            return nanoseconds * 1000 // SECOND
        text = (EPOCH + timedelta(microseconds=nanoseconds // 1000)).isoformat("T", "microseconds")
        return text[:10] if form == "date" else text[:26] + "Z"

    def cut(self, name: str, records: Sequence[T], cut: Cut, position: Callable[[T], Position]) -> Sequence[T]:
        """Return the part of the list `name` that a page has."""
        return records[cut.start : None if cut.limit is None else cut.start + cut.limit]

    def told(self, name: str, facts: Mapping[str, Json]) -> Mapping[str, Json]:
        """Return what is told of the list `name` beside its records."""
        return facts

    def cursor(self, position: Position) -> Json:
        """Return the text by which a client asks for what comes behind a position."""
        return base64.urlsafe_b64encode(orjson.dumps(list(position))).decode().rstrip("=")

    def position(self, cursor: str) -> Position | None:
        """Return the position that a cursor stands for; None where it is none."""
        try:
            read = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        except ValueError:
            return None
        is_plain = isinstance(read, list) and not any(isinstance(value, (list, dict)) for value in read)
        return tuple(read) if is_plain and read else None

    def is_past(self, moment: Json) -> bool:
        """Say whether a time is over that is written in any form; null, and what is no time, never is."""
        at = instant_of(moment)
        return at is not None and microseconds(at) <= self.clock() // 1000

    def progress(self, created: Json, steps: Sequence[tuple[float, str]]) -> Json:
        """Return which of some values it is time for: each from so many seconds on after `created`."""
        passed = (self.clock() // 1000 - microseconds(instant_of(created) or 0)) / 1_000_000
        return next((value for after, value in reversed(steps) if after <= passed), steps[0][1])

    def left_open(self, value: Json, wanted: Sequence[Json]) -> str:
        """Return the assumption by which a value is one of those that are wanted; an empty text where it plainly is not."""
        return ""

    def uuid(self) -> str:
        """Return a UUID that no earlier call returned, for all practical purposes."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def tag(self, resource: Resource, shown: Mapping[str, Json]) -> str:
        """Return the entity tag of a record as it is shown, without its quotes: another one for whatever else is shown."""
        from hashlib import blake2b  # it takes time to import, and few documents have tags

        return blake2b(json.dumps(shown, sort_keys=True).encode(), digest_size=10).hexdigest()

    def text(self) -> str:
        """Return a text that no earlier call returned, for all practical purposes."""
        return "%020x" % self._random.getrandbits(80)  # noqa: UP031 (the fastest way, once or twice a request)

    def detail(self, text: str) -> str:
        """Return how it is told why something was refused, which `text` says."""
        return text

    def id(self, resource: Resource) -> Json:
        """Return a fresh id of `resource`: a whole number, a UUID, or its prefix and a text, as its schema asks."""
        make = self._id_makers.get(resource.name)
        if make is None:
            make = self._id_makers[resource.name] = self._id_maker(resource)
        return make()

    def next_id(self, resource: Resource, store: Store) -> Json:
        """Return the next id of `resource` where they are counted: a whole number, or its prefix and one."""
        number = store.next_number(resource.name)
        is_text = "string" in resource.fields[resource.id].schema.types
        return f"{resource.id_prefix}{number}" if is_text else number

    def slug(self, text: str, base: str, number: int) -> str:
        """Return the slug of a record: `base`, which is made of `text`, as the record has it that is so many-th to have it."""
        return numbered(base, number)

    def _id_maker(self, resource: Resource) -> Callable[[], Json]:
        schema = resource.fields[resource.id].schema
        if "string" not in schema.types:
            return lambda: self._random.getrandbits(31)
        if "uuid" in schema.formats:
            return self.uuid
        random_bits, prefix, size = self._random.getrandbits, resource.id_prefix, id_length(schema, resource.id_prefix)
        form, bits = f"%0{size}x", 4 * size
        return lambda: prefix + form % random_bits(bits)
