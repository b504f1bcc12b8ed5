"""What an API keeps, and what every store has to do: records by resource and owner, found by id or by the values of fields.

A record is a plain dict of JSON values in which another resource stands as its id. Records are never changed in place: an
update puts a new one. So snapshots share them, and a record handed out stays as it was.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from mock_server.contract.files.source import Json

Record: TypeAlias = dict[str, Json]
Owner: TypeAlias = str | None  # an organization; None for resources that belong to none
Fields: TypeAlias = tuple[str, ...]

MOST_DIGITS = 15
"""Of more digits, nobody counts on."""


class Change(NamedTuple):
    """What a request did to one record: made it (`before` is None), changed it, or removed it (`after` is None)."""

    resource: str
    organization: Owner
    id: Json
    before: Record | None
    after: Record | None


class Former(NamedTuple):
    """A record as it was before an update gave it another key."""

    owner: Owner
    id: Json
    record: Record


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole state at one time, in the order in which records were made and keys were lost.

    `shared` has the ids of records of one owner that have the same values in the fields of an index, wherever they came to
    share them in another order than that in which they were made. `numbers` has the largest number that an id had, by resource,
    where ids are counted or records are gone.
    """

    records: Mapping[str, Mapping[Owner, Mapping[Json, Record]]]
    former: Mapping[str, Sequence[Former]] = field(default_factory=dict)
    shared: Mapping[str, Mapping[Fields, Sequence[tuple[Owner, tuple[Json, ...]]]]] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)


class Mark(NamedTuple):
    """How much was changed since the last commit, at some time: changes of records, and keys that are remembered."""

    changes: int
    remembered: int


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """A group of fields by whose values records are found.

    As a `key` it takes texts that differ in case and surrounding space for the same. `texts` says that these fields always
    hold text or null, so that their values can be compared as they are.
    """

    resource: str
    fields: Fields
    key: bool = False
    texts: bool = False


def number_in(id: Json) -> int:
    """Return the number that an id is, or that stands at its end; 0 where there is none."""
    if isinstance(id, str):
        digits = id[len(id.rstrip("0123456789")) :]
        return int(digits) if 0 < len(digits) <= MOST_DIGITS else 0
    return int(id)


Layout: TypeAlias = Mapping[str, Mapping[Fields, Index]]
"""The resources that a store keeps, and for each the indexes by which its records are looked up."""


class Store(ABC):
    """Keeps records. Changes are kept by `commit` or taken back by `rollback`, all or nothing: a request is one transaction."""

    seed: Snapshot
    """What `reset` returns to."""

    @abstractmethod
    def get(self, resource: str, owner: Owner, id: Json) -> Record | None:
        """Return the record with `id`, or None when the owner has none."""

    @abstractmethod
    def find(self, index: Index, owner: Owner, values: tuple[Any, ...]) -> Sequence[Json]:
        """Return the ids of the records that have these values in the fields of an index, in the order in which they came to.

        An absent field counts as null. What is returned holds until the next change.
        """

    @abstractmethod
    def scan(self, resource: str, owner: Owner) -> Iterator[Record]:
        """Yield the records of an owner, oldest first."""

    @abstractmethod
    def is_taken(self, resource: str, id: Json) -> bool:
        """Say whether a record of any owner has this id."""

    @abstractmethod
    def oldest_first(self, resource: str, owner: Owner, ids: Sequence[Json]) -> list[Json]:
        """Return `ids` in the order in which their records were made."""

    @abstractmethod
    def owners(self, resource: str) -> Sequence[Owner]:
        """Return who has, or had, records of `resource`."""

    @abstractmethod
    def put(self, resource: str, owner: Owner, id: Json, record: Record) -> None:
        """Make or change the record with `id`. A changed one keeps its place in the order."""

    @abstractmethod
    def remove(self, resource: str, owner: Owner, id: Json) -> None:
        """Remove the record with `id`, which is there."""

    @abstractmethod
    def remember(self, index: Index, former: Former) -> None:
        """Remember that a record had the key that it is about to lose."""

    @abstractmethod
    def remembered(self, index: Index, owner: Owner, values: tuple[Any, ...]) -> Sequence[Former]:
        """Return who had this key, give or take case and space, before an update: oldest first."""

    @abstractmethod
    def next_number(self, resource: str) -> int:
        """Return a number that is larger than that in every id which a record of `resource` has, or had."""

    @abstractmethod
    def note_id(self, resource: str, id: Json) -> None:
        """Take note of an id that a record is given: later numbers are larger than that in it."""

    @abstractmethod
    def commit(self) -> list[Change]:
        """Keep the changes since the last commit and return them."""

    @abstractmethod
    def rollback(self) -> None:
        """Make everything as it was at the last commit, the order of records included."""

    @abstractmethod
    def mark(self) -> Mark:
        """Return a mark of what was changed so far since the last commit."""

    @abstractmethod
    def undo(self, mark: Mark) -> None:
        """Take back what was changed since `mark`, the numbers that ids were given excepted."""

    @abstractmethod
    def snapshot(self) -> Snapshot:
        """Return the whole state; later changes do not touch it."""

    @abstractmethod
    def restore(self, snapshot: Snapshot) -> None:
        """Make the state that of `snapshot`, dropping what is not committed."""

    @abstractmethod
    def copy(self) -> Store:
        """Return a store with the same state and seed that changes on its own."""

    def reset(self) -> None:
        """Make the state that of the seed."""
        self.restore(self.seed)

    def held(self, resource: str, owner: Owner, id: Json) -> Record:
        """Return the record with `id`, which is known to be there."""
        record = self.get(resource, owner, id)
        if record is None:
            raise LookupError(id)
        return record
