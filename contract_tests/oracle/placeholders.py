"""Stand-ins for what a target makes itself: ids, times and texts that a prediction cannot know before the answer is seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from contract_tests.oracle.entity_tags import UNSEEN, KnownTags
from contract_tests.oracle.pages import AskedPage
from contract_tests.oracle.progress import progress_stand_in
from mock_server.contract.behaviours.expressions import TimeForm
from mock_server.contract.files.source import Json
from mock_server.contract.model import Resource
from mock_server.engine.generating import Cut, Generator, Position, T
from mock_server.engine.store import Store

FIRST_NUMBER = -(1 << 60)
"""Where the stand-ins for whole numbers begin; no API hands such ids out."""


class PlaceholderKind(Enum):
    """What a target makes itself."""

    ID = auto()
    TIME = auto()
    TEXT = auto()
    SLUG = auto()
    FACT = auto()


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What a stand-in stands for."""

    kind: PlaceholderKind
    resource: str | None = None
    form: TimeForm = "date-time"
    fact: tuple[str, str, Json] = ("", "", None)
    """What is told of a list: its name, under which name, and what it would be if the run had made all that is there."""

    later: float = 0
    """How many seconds after the time of the request a time is."""
    grows: bool = False
    """Whether an id is larger than every earlier one."""
    base: str = ""
    """What a slug begins with; behind it, it has a number that is not less than `number`, if that is not 1."""
    number: int = 1


class Placeholders(Generator):
    """Makes stand-ins, the same ones in the same order for every instance.

    `bindings` says what was found in place of the stand-ins of an earlier instance; these values are then made instead.
    `cursors` has the positions for which cursors of the target stand.
    """

    def __init__(
        self,
        bindings: Mapping[Json, Json] | None = None,
        cursors: Mapping[str, Position] | None = None,
        tags: KnownTags | None = None,
    ) -> None:
        super().__init__(clock=lambda: 0)
        self.pages: dict[str, AskedPage] = {}
        self._cursors = cursors or {}
        self.made: dict[Json, Placeholder] = {}
        self.tagged: Mapping[str, Json] = {}
        """What was shown last with an entity tag."""

        self._tags = tags
        self._bindings = bindings or {}

    def now(self) -> str:
        """Return the stand-in for the time of the request."""
        return str(self._next(f"\0time {len(self.made)}", Placeholder(PlaceholderKind.TIME)))

    def progress(self, created: Json, steps: Sequence[tuple[float, str]]) -> Json:
        """Return the stand-in for what goes by the time."""
        return progress_stand_in(created, tuple(steps))

    def moment(self, form: TimeForm, later: float = 0) -> Json:
        """Return the stand-in for the time of the request, or for one that is so many seconds later."""
        return self._next(f"\0time {len(self.made)}", Placeholder(PlaceholderKind.TIME, form=form, later=later))

    def cut(self, name: str, records: Sequence[T], cut: Cut, position: Callable[[T], Position]) -> Sequence[T]:
        """Return the whole list: which part of it a page has depends on what else a target holds."""
        self.pages[name] = AskedPage(records, cut, position)
        return records

    def told(self, name: str, facts: Mapping[str, Json]) -> Mapping[str, Json]:
        """Return stand-ins for what is told of a list."""
        return {
            key: self._next(f"\0fact {len(self.made)}", Placeholder(PlaceholderKind.FACT, fact=(name, key, value)))
            for key, value in facts.items()
        }

    def position(self, cursor: str) -> Position | None:
        """Return the position for which a cursor of the target stands; None for one that it never gave."""
        return self._cursors.get(cursor)

    def is_past(self, moment: Json) -> bool:
        """Say that nothing is over: no run lasts as long as what it was given."""
        return False

    def left_open(self, value: Json, wanted: Sequence[Json]) -> str:
        """Return the assumption that a field, of which nobody knows what it was before the run, has one of some values."""
        return about_unknown(value, wanted) if is_unknown(value) else ""

    def uuid(self) -> str:
        """Return the stand-in for a UUID that the server makes."""
        return self.text()

    def tag(self, resource: Resource, shown: Mapping[str, Json]) -> str:
        """Return the tag that the target was seen to give to just this; else a stand-in, which no request can name."""
        self.tagged = shown
        return (self._tags.of(resource, shown) if self._tags else "") or UNSEEN

    def text(self) -> str:
        """Return the stand-in for a text that the server makes."""
        return str(self._next(f"\0text {len(self.made)}", Placeholder(PlaceholderKind.TEXT)))

    def detail(self, text: str) -> str:
        """Return the stand-in for the words by which the target tells why something was refused."""
        return self.text()

    def id(self, resource: Resource) -> Json:
        """Return the stand-in for a new id of `resource`."""
        return self._id(resource, grows=False)

    def next_id(self, resource: Resource, store: Store) -> Json:
        """Return the stand-in for the next id of `resource`, which grows where the document says so."""
        return self._id(resource, grows=resource.counts)

    def _id(self, resource: Resource, *, grows: bool) -> Json:
        number = len(self.made)
        is_text = "string" in resource.fields[resource.id].schema.types
        placeholder: Json = f"\0id {number}" if is_text else FIRST_NUMBER - number
        return self._next(placeholder, Placeholder(PlaceholderKind.ID, resource.name, grows=grows))

    def slug(self, text: str, base: str, number: int) -> str:
        """Return the stand-in for a slug: others, whom nobody here knows, may have those before it."""
        made = (
            Placeholder(PlaceholderKind.TEXT) if "\0" in text else Placeholder(PlaceholderKind.SLUG, base=base, number=number)
        )
        return str(self._next(f"\0slug {len(self.made)}", made))

    def _next(self, placeholder: Json, made: Placeholder) -> Json:
        self.made[placeholder] = made
        return self._bindings.get(placeholder, placeholder)


def is_placeholder(value: Json) -> bool:
    """Say whether a predicted value stands for one that only the target knows."""
    return value.startswith("\0") if isinstance(value, str) else type(value) is int and value <= FIRST_NUMBER


UNKNOWN = "\0unknown "
"""How the stand-ins begin for what was there before the run; what the engine derives of them begins so as well."""


def unknown(resource: str, id: Json, field: str) -> str:
    """Return the stand-in for a field of a record that was there before the run."""
    return f"{UNKNOWN}{resource} {id} {field}"


def about_unknown(value: Json, wanted: Sequence[Json]) -> str:
    """Return the name of the assumption that what a stand-in stands for is one of some values."""
    return f"{value} is one of {sorted(map(repr, wanted))}"


UNKNOWN_ID = f"{UNKNOWN}id "


def unknown_id(resource: str, which: object) -> str:
    """Return the stand-in for the id of a record that no answer has told; it stays, so that what refers to it is found."""
    return f"{UNKNOWN_ID}{resource} {which}"


def is_unknown_id(value: Json) -> bool:
    """Say whether a predicted value is the id of a record that no answer has told."""
    return isinstance(value, str) and value.startswith(UNKNOWN_ID)


def is_unknown(value: Json) -> bool:
    """Say whether a predicted value is, or is made of, one that only an answer tells."""
    return isinstance(value, str) and UNKNOWN in value
