"""Comparing what was predicted with what came back: value by value, stand-ins with what was found in their place.

Ids match one to one. Times have to be date-times with a zone (RFC 3339) and plausible; a stored one is the same instant
later, give or take the precision that an answer shows. Properties that nobody documented are nobody's business.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from contract_tests.oracle.composed_texts import is_composed, matches, told
from contract_tests.oracle.joined_fields import joins_blanks, joins_some, words
from contract_tests.oracle.memory import Memory
from contract_tests.oracle.mismatch import Mismatch
from contract_tests.oracle.pages import AskedPage, ShownPage, Walks, cursors_of, position_after, shown_page, walked, wrong_fact
from contract_tests.oracle.placeholders import Placeholder, PlaceholderKind, is_unknown
from contract_tests.oracle.plain_values import MISSING, Missing, same_json, shown_value
from contract_tests.oracle.progress import admissible_progress
from contract_tests.oracle.shapes import ListShape, ListsShape, ObjectShape, PlainShape, RecordShape, Shape, counts_strangers
from contract_tests.oracle.times import SLACK, Window, fraction_digits, not_at, precision, read_time
from mock_server.contract.behaviours.expressions import Expression, FromThis, Literal, Progress
from mock_server.contract.files.source import Json, pointer_to
from mock_server.contract.model import Resource, View
from mock_server.engine.generating import Cut, Position

FINE = 5
"""Digits of a fraction of a second that a time has to have for two requests not to share it."""

CLOCK_SLACK = 0.01
"""The same for a target on this machine, once earlier answers have shown how its clock goes."""

LINKS = frozenset({"location", "content-location"})
"""Headers that hold an address."""

SHORTEST_SENT = 8
"""How many characters an id has to have to stand in a request for no other reason than that it was asked for."""


@dataclass(slots=True)
class Comparison:
    """One comparison of a prediction with an answer: what differs, and what was learned on the way."""

    made: Mapping[Json, Placeholder]
    memory: Memory
    window: Window
    sent: bytes = b""
    """The body of the request."""
    strangers_allowed: bool = False
    previous: Mapping[tuple[Json, str], Json] = field(default_factory=dict)
    """What the fields of changed records were before this request, by id and field."""
    bindings: dict[Json, Json] = field(default_factory=dict)
    learned: list[tuple[Resource, Json, str, Json]] = field(default_factory=list)
    """Fields of stored records whose values only the answer tells: resource, id (or its stand-in), field, value."""
    type_names: dict[str, Json] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    pages: Mapping[str, AskedPage] = field(default_factory=dict)
    """Which part of each list was asked for, by the name of its step."""
    shown: dict[str, ShownPage] = field(default_factory=dict)
    cursors: dict[str, Position] = field(default_factory=dict)
    """Behind which known record each cursor of the answer leads."""
    walks: Walks = field(default_factory=Walks)
    address: str = ""
    """What was asked for, but for the page of it."""
    one_clock: bool = False
    """Whether the target runs on this machine, so that all its times come from one clock."""
    ahead: tuple[float, float] = (-math.inf, math.inf)
    differences: list[Mismatch] = field(default_factory=list)

    def compare(self, shape: Shape, predicted: Json, found: Json | Missing, pointer: str = "") -> None:
        """Compare two values, and note every difference."""
        if isinstance(shape, RecordShape):
            self._compare_record(shape, predicted, found, pointer)
        elif isinstance(shape, ListShape):
            self._compare_list(shape, predicted, found, pointer)
        elif isinstance(shape, ListsShape):
            self._compare_lists(shape, predicted, found, pointer)
        elif isinstance(shape, ObjectShape):
            if not isinstance(found, dict):
                self._differ(pointer, "an object", found)
                return
            # What is told of a list is compared after the list.
            for name, member in sorted(predicted.items(), key=lambda one: _is_told(shape.members.get(one[0]))):
                self.compare(
                    shape.members.get(name, PlainShape()), member, found.get(name, MISSING), pointer + pointer_to(name)
                )
        elif shape.field is not None:
            resource, name = shape.field
            self._compare_field(resource, name, predicted, found, pointer, None)
        else:
            self._compare_made(shape.made_of, predicted, found, pointer)

    def _compare_record(self, shape: RecordShape, predicted: Json, found: Json | Missing, pointer: str) -> None:
        if predicted is None or not isinstance(found, dict):
            if predicted is not None or found is not None:
                self._differ(pointer, "null" if predicted is None else f"an object, the {shape.resource.name}", found)
            return
        resource = shape.resource
        if shape.view is not None:
            self._compare_view(shape.view, predicted, found, pointer)
            return
        id = predicted[resource.id]
        derived = {one.field for one in resource.derived if joins_blanks(one, predicted)}
        partial = {one.field for one in resource.derived if joins_some(one, predicted)}
        for name in resource.fields:
            place = pointer + pointer_to(name)
            value = found.get(name, MISSING)
            if name in resource.computed and id in self.memory.known.get(resource.name, ()):
                continue  # of what was there before, nobody knows what goes into it
            if name not in predicted:
                if value is not MISSING and value is not None:
                    self._differ(place, "nothing: it was never set", value)
            elif name in derived and isinstance(value, (str, type(None))) and words(predicted[name]) == words(value):
                continue  # how blank parts are joined is nobody's business
            elif name in partial and value is None:
                self.learned.append((resource, id, name, None))  # nor whether one part is enough
            elif name in resource.computed:
                self._compare_made(resource.computed[name], predicted[name], value, place)
            elif name in shape.nested:
                self._compare_record(shape.nested[name], predicted[name], value, place)
            else:
                self._compare_field(resource, name, predicted[name], value, place, id)
        self._compare_times(resource, found, pointer)

    def _compare_view(self, view: View, predicted: Mapping[str, Json], found: Mapping[str, Json], pointer: str) -> None:
        """Compare a record that a view shows; what is computed of what was there before is nobody's business."""
        id = next((predicted.get(name) for name, one in view.members.items() if one == FromThis(view.resource.id)), None)
        for name, expression in view.members.items():
            place, value = pointer + pointer_to(name), found.get(name, MISSING)
            if id in self.memory.known.get(view.resource.name, ()) and not isinstance(expression, (FromThis, Literal)):
                continue
            if name not in predicted:
                if value is not MISSING and value is not None:
                    self._differ(place, "nothing: it was never set", value)
            elif isinstance(expression, FromThis):
                self._compare_field(view.resource, expression.field, predicted[name], value, place, id)
            else:
                self._compare_made(expression, predicted[name], value, place)

    def _compare_made(self, expression: Expression | None, predicted: Json, found: Json | Missing, pointer: str) -> None:
        """Compare a value that an expression made."""
        if isinstance(expression, Progress):
            ahead = self.memory.ahead if self.one_clock else None
            if found not in (right := admissible_progress(str(predicted), self.window, self.bindings, ahead)):
                self._differ(pointer, f"{' or '.join(right)}, by the time since it was made", found)
        elif not counts_strangers(expression) or type(predicted) is not int:
            self._compare_value(predicted, found, pointer)
        elif type(found) is not int or found < predicted:
            self._differ(pointer, f"at least {predicted}", found)

    def _compare_lists(self, shape: ListsShape, predicted: Json, found: Json | Missing, pointer: str) -> None:
        """Compare several lists that stand one after the other: each item is of the list whose records it may be one of."""
        if not isinstance(found, list):
            self._differ(pointer, "a list", found)
            return
        rest_predicted, rest_found = list(predicted), list(found)
        for one in shape.lists:
            if isinstance(one, ListShape):
                view = one.item.view
                fixed = {name: part.value for name, part in view.members.items() if isinstance(part, Literal)} if view else {}
                mine, rest_predicted = _parted(rest_predicted, fixed)
                theirs, rest_found = _parted(rest_found, fixed)
                self._compare_list(one, mine, theirs, pointer)

    def _compare_times(self, resource: Resource, found: Mapping[str, Json], pointer: str) -> None:
        """Note it where a record was changed before it was made, as far as its times are written."""
        created, modified = found.get(resource.created or ""), found.get(resource.modified or "")
        made_at, changed_at = read_time(created), read_time(modified)
        is_told = made_at is None or changed_at is None  # by the field itself
        if not is_told and changed_at < made_at - precision(created, modified) - CLOCK_SLACK:  # type: ignore[operator]
            self._differ(
                pointer + pointer_to(resource.modified or ""),
                f"no time before {resource.created}, {shown_value(created)}",
                modified,
            )

    def _compare_list(self, shape: ListShape, predicted: Json, found: Json | Missing, pointer: str) -> None:
        if not isinstance(found, list):
            self._differ(pointer, "a list", found)
            return
        resource, id = shape.item.resource, shape.item.id
        asked = self.pages.get(shape.step) or AskedPage(predicted, Cut(0, None, "none"), lambda record: ())
        if not id:
            self._compare_items(shape, predicted, found, pointer)
            return
        ids, known = [_key(_brief(item, resource, id)) for item in found], self.memory.known.get(resource.name, ())
        predicted = [record for record in predicted if not self.strangers_allowed or record[id] not in known]
        expected = [record[id] for record in predicted]
        made_here = [one for one in ids if one in self.memory.here.get(resource.name, ())]
        if foreign := [one for one in made_here if one not in expected]:
            self._differ(pointer, f"only {resource.name} that belong to the list", foreign)
            return
        page, wrong = shown_page(asked, expected, ids, is_exact=not self.strangers_allowed)
        wrong = wrong or walked(self.walks, self.address, asked, page)
        self.shown[shape.step] = page
        if wrong:
            self._differ(pointer, f"of the {len(expected)} {resource.name} that this run knows of, {wrong}", made_here)
            return
        mine = [item for item, one in zip(found, ids, strict=True) if one in set(expected)]
        self._compare_items(shape, predicted[page.first : page.first + len(mine)], mine, pointer)

    def _compare_items(self, shape: ListShape, predicted: Json, found: list[Json], pointer: str) -> None:
        """Compare lists that have to have the same records."""
        if len(found) != len(predicted):
            resource = shape.item.resource
            brief = [_brief(item, resource, shape.item.id) for item in found]
            self._differ(pointer, f"{len(predicted)} of {resource.name}", brief)
            return
        for position, (one, other) in enumerate(zip(predicted, found, strict=True)):
            self._compare_record(shape.item, one, other, pointer + pointer_to(position))

    def _compare_fact(self, made: Placeholder, found: Json | Missing, pointer: str) -> None:
        """Compare what is told of a list beside its records."""
        name, key, predicted = made.fact
        page, asked = self.shown.get(name), self.pages[name]
        if page is None:
            return  # the list itself is not as it should be, and that is told
        value = None if found is MISSING else found
        if wrong := wrong_fact(key, predicted, value, page):
            self._differ(pointer, wrong, found)
        elif key in ("next", "link") and asked.cut.paging == "cursor":
            self.cursors.update(dict.fromkeys(cursors_of(value), position_after(asked, page)))

    def _compare_field(
        self, resource: Resource, name: str, predicted: Json, found: Json | Missing, pointer: str, id: Json
    ) -> None:
        if name == resource.id:
            self._compare_id(resource, predicted, found, pointer)
        elif name in (resource.created, resource.modified):
            self._compare_time(resource, name, predicted, found, pointer, id)
        elif resource.type_name and name == resource.type_name[0]:
            self._compare_type_name(resource, found, pointer)
        elif is_unknown(predicted):
            if found is MISSING:
                if resource.fields[name].required:
                    self._differ(pointer, "a value", found)
            else:
                self.learned.append((resource, id, name, found))
        else:
            self._compare_value(predicted, found, pointer)

    def _compare_id(self, resource: Resource, predicted: Json, found: Json | Missing, pointer: str) -> None:
        if predicted not in self.made or predicted in self.bindings:
            expected = self.bindings.get(predicted, predicted)
            if not same_json(expected, found):
                what = self._described(expected) if expected in self.made else f"{shown_value(expected)}, the id of before"
                self._differ(pointer, what, found)
            return
        types = resource.fields[resource.id].schema.types
        usable = (isinstance(found, str) and found and "string" in types) or (
            isinstance(found, int) and not isinstance(found, bool) and "number" in types
        )
        if not usable:
            self._differ(pointer, f"a new id of {resource.name}", found)
        elif found in self.memory.ids.get(resource.name, {}) or self._is_bound(resource, found):
            expected, received = (
                f"a new id, since this {resource.name} is new",
                f"{shown_value(found)}, the id of an earlier record",
            )
            self.differences.append(Mismatch(pointer or "the body", expected, received))
        elif isinstance(found, str) and len(found) >= SHORTEST_SENT and found.encode() in self.sent:
            self._differ(pointer, f"an id of {resource.name} that the server makes, not what the request says", found)
        else:
            self.bindings[predicted] = found

    def _is_bound(self, resource: Resource, found: object) -> bool:
        """Say whether another new record of this answer has an id already; records of other resources may share it."""
        same_resource = [
            one for one, made in self.made.items() if made.kind is PlaceholderKind.ID and made.resource == resource.name
        ]
        return any(same_json(self.bindings.get(one), found) for one in same_resource)

    def _compare_time(
        self, resource: Resource, name: str, predicted: Json, found: Json | Missing, pointer: str, id: Json
    ) -> None:
        if predicted is None:
            if found is not None:
                self._differ(pointer, "null: nothing has changed it yet", found)
            return
        instant = read_time(found)
        if instant is None:
            self._differ(pointer, "a date-time with a zone (RFC 3339)", found)
        elif predicted in self.made or is_unknown(predicted):
            is_new = predicted in self.made
            if is_new and instant not in self.window:
                self._differ(pointer, f"the time of this request, {self.window}", found)
                return
            if is_new and (
                earlier := self._stale(instant, found, self.previous.get((id, name)), is_first=name == resource.created)
            ):
                self._differ(pointer, f"the time of this request, later than {earlier}", found)
                return
            self.bindings.setdefault(predicted, found)
            self.learned.append((resource, id, name, found))
            if is_new:
                self.times.append(instant)
        else:
            stored = read_time(predicted)
            if stored is None or abs(instant - stored) > precision(predicted, found):
                self._differ(pointer, f"{shown_value(predicted)}, as before", found)

    def _stale(self, instant: float, found: object, before: Json, *, is_first: bool) -> str:
        """Say which earlier time a time that should be new repeats, or goes back behind; an empty text when it does neither."""
        earlier = read_time(before)
        is_fine = fraction_digits(found) >= FINE  # milliseconds may well repeat
        if earlier is not None and (instant < earlier - precision(before, found) or (is_fine and instant == earlier)):
            return f"{shown_value(before)}, which it was before"
        least, most = self.window.ahead(instant, precision(found) + CLOCK_SLACK)
        least, most = max(least, self.memory.ahead[0]), min(most, self.memory.ahead[1])
        if self.one_clock and least > most:
            return "the request was sent, by the clock of the earlier answers"
        if is_first:
            self.ahead = (least, most)  # the time of making is surely of this request
        if instant < self.memory.latest - SLACK:
            latest = datetime.fromtimestamp(self.memory.latest).astimezone().isoformat("T", "milliseconds")
            return f"{latest}, which an earlier answer showed"
        return ""

    def _compare_type_name(self, resource: Resource, found: Json | Missing, pointer: str) -> None:
        known = self.memory.type_names.get(resource.name)
        if not isinstance(found, str) or not found:
            self._differ(pointer, f"a text that names the type {resource.name}", found)
        elif known is not None and found != known:
            self._differ(pointer, f"{shown_value(known)}, as of every other {resource.name}", found)
        else:
            self.type_names[resource.name] = found

    def _compare_value(self, predicted: Json, found: Json | Missing, pointer: str) -> None:
        made = self.made.get(predicted) if isinstance(predicted, (str, int)) and not isinstance(predicted, bool) else None
        if is_unknown(predicted):
            return
        if isinstance(predicted, dict) and isinstance(found, dict) and predicted.keys() == found.keys():
            for name, member in predicted.items():
                self._compare_value(member, found[name], pointer + pointer_to(name))
            return
        if isinstance(predicted, list) and isinstance(found, list) and len(predicted) == len(found):
            for position, (one, other) in enumerate(zip(predicted, found, strict=True)):
                self._compare_value(one, other, pointer + pointer_to(position))
            return
        if made is None and is_composed(predicted):
            if not matches(predicted, found, self.bindings):
                self._differ(pointer, shown_value(told(predicted, self.bindings)), found)
        elif made is None:
            if not same_json(predicted, found):
                self._differ(pointer, shown_value(predicted), found)
        elif predicted in self.bindings:
            if not same_json(self.bindings[predicted], found):
                self._differ(pointer, shown_value(self.bindings[predicted]), found)
        elif made.kind is PlaceholderKind.FACT:
            self._compare_fact(made, found, pointer)
        elif made.kind is PlaceholderKind.TIME:
            if wrong := not_at(self.window, made.form, made.later, found):
                self._differ(pointer, wrong, found)
            else:
                self.bindings[predicted] = found
        elif not isinstance(found, str) or not found:
            self._differ(pointer, self._described(predicted), found)
        else:
            self.bindings[predicted] = found

    def compare_header(self, name: str, expression: Expression, predicted: str, found: str) -> None:
        """Compare a header that the behaviour gives."""
        if counts_strangers(expression) and predicted.isdecimal() and found.isdecimal():
            self._compare_made(expression, int(predicted), int(found), f"header {name}")
            return
        if (made := self.made.get(predicted)) is not None and made.kind is PlaceholderKind.FACT:
            value: Json = int(found) if found.isdecimal() else {"true": True, "false": False, "": None}.get(found, found)
            self._compare_fact(made, value, f"header {name}")
            return
        is_link = name.lower() in LINKS and predicted.startswith("/")
        if not found or not matches(predicted, found, self.bindings, is_link=is_link):
            self.differences.append(
                Mismatch(f"header {name}", shown_value(told(predicted, self.bindings)), shown_value(found or "none"))
            )

    def _described(self, placeholder: Json) -> str:
        made = self.made[placeholder]
        return {PlaceholderKind.ID: f"the id of a new {made.resource}", PlaceholderKind.TIME: "the time of this request"}.get(
            made.kind, "a text that the server makes"
        )

    def _differ(self, pointer: str, expected: str, found: object) -> None:
        self.differences.append(Mismatch(pointer or "the body", expected, shown_value(found)))


def _is_told(shape: Shape | None) -> bool:
    return not isinstance(shape, (ListShape, ListsShape, RecordShape))


def _parted(items: list[Json], fixed: Mapping[str, Json]) -> tuple[list[Json], list[Json]]:
    """Return the items that have these values, and the others."""
    mine = [item for item in items if isinstance(item, dict) and all(item.get(name) == value for name, value in fixed.items())]
    return mine, [item for item in items if item not in mine]


def _key(value: object) -> Json:
    return value if isinstance(value, (str, int)) else None


def _brief(item: Json, resource: Resource, id: str = "") -> Json:
    return item.get(id or resource.id) if isinstance(item, dict) else item
