"""Comparing what was predicted with what came back: value by value, stand-ins with what was found in their place.

Ids match one to one. Times have to be date-times with a zone (RFC 3339) and plausible; a stored one is the same instant
later, give or take the precision that an answer shows. Properties that nobody documented are nobody's business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contract_tests.oracle.composed_texts import is_composed, matches, told
from contract_tests.oracle.joined_fields import joins_blanks, joins_some, words
from contract_tests.oracle.mismatch import Mismatch
from contract_tests.oracle.pages import AskedPage, cursors_of, position_after, shown_page, walked, wrong_fact
from contract_tests.oracle.placeholders import Placeholder, PlaceholderKind, is_unknown, is_unknown_id
from contract_tests.oracle.plain_values import MISSING, Look, Missing, key_of, parted, same_ids, same_json, shown_value
from contract_tests.oracle.progress import admissible_progress
from contract_tests.oracle.shapes import (
    ListShape,
    ListsShape,
    ObjectShape,
    OutcomesShape,
    PlainShape,
    RecordShape,
    SeveralShape,
    Shape,
    counts_strangers,
    is_told,
)
from contract_tests.oracle.shown_order import left_out, out_of_order
from contract_tests.oracle.slugs import wrong_slug
from contract_tests.oracle.time_matching import TimeMatching
from contract_tests.oracle.times import not_at
from contract_tests.oracle.untold_records import told_by_list
from mock_server.contract.behaviours.expressions import ByTime, Expression, FromThis, Literal
from mock_server.contract.files.source import Json, pointer_to
from mock_server.contract.model import Resource, View
from mock_server.engine.generating import Cut
from mock_server.engine.store import number_in

LINKS = frozenset({"location", "content-location"})
"""Headers that hold an address."""

SHORTEST_SENT = 8
"""How many characters an id has to have to stand in a request for no other reason than that it was asked for."""


@dataclass(slots=True)
class Comparison(TimeMatching):
    """One comparison of a prediction with an answer: what differs, and what was learned on the way."""

    def compare(self, shape: Shape, predicted: Json, found: Json | Missing, pointer: str = "") -> None:
        """Compare two values, and note every difference."""
        if isinstance(shape, RecordShape):
            self._compare_record(shape, predicted, found, pointer)
        elif isinstance(shape, ListShape):
            self._compare_list(shape, predicted, found, pointer)
        elif isinstance(shape, ListsShape):
            self._compare_lists(shape, predicted, found, pointer)
        elif isinstance(shape, OutcomesShape):
            self._compare_outcomes(shape, predicted, found, pointer)
        elif isinstance(shape, ObjectShape):
            if not isinstance(found, dict):
                self._differ(pointer, "an object", found)
                return
            # What is told of a list is compared after the list.
            for name, member in sorted(predicted.items(), key=lambda one: is_told(shape.members.get(one[0]))):
                self.compare(
                    shape.members.get(name, PlainShape()), member, found.get(name, MISSING), pointer + pointer_to(name)
                )
        elif isinstance(shape, SeveralShape):
            if not isinstance(found, list) or len(found) != len(predicted):
                self._differ(pointer, f"a list of {len(predicted)}", found)
                return
            for position, (one, other) in enumerate(zip(predicted, found, strict=True)):
                self.compare(shape.of, one, other, pointer + pointer_to(position))
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
        for name in sorted(resource.fields, key=lambda name: name in resource.computed):  # which are made of the others
            place = pointer + pointer_to(name)
            value = found.get(name, MISSING)
            if name in resource.computed and name not in shape.embedded and id in self.memory.known.get(resource.name, ()):
                continue  # of what was there before, nobody knows what goes into it
            if name not in predicted:
                if value is not MISSING and value is not None:
                    self._differ(place, "nothing: it was never set", value)
            elif predicted[name] is None and value is MISSING and not resource.fields[name].required:
                continue  # what need not be there is null, or is not there
            elif name in derived and isinstance(value, (str, type(None))) and words(predicted[name]) == words(value):
                continue  # how blank parts are joined is nobody's business
            elif name in partial and value is None:
                self.learned.append((resource, id, name, None))  # nor whether one part is enough
            elif name in shape.embedded and not isinstance(predicted[name], str | int):
                self._compare_embedded(shape.embedded[name], predicted[name], value, place)
            elif name in resource.computed:
                self._compare_made(resource.computed[name], predicted[name], value, place)
            elif name in shape.nested:
                self._compare_record(shape.nested[name], predicted[name], value, place)
            else:
                self._compare_field(resource, name, predicted[name], value, place, id)
        self._compare_times(resource, found, pointer)

    def _compare_embedded(self, shape: RecordShape, predicted: Json, found: Json | Missing, pointer: str) -> None:
        """Compare what a record refers to, in full: one record, or a list of them in the order of their ids."""
        if not isinstance(predicted, list):
            self._compare_record(shape, predicted, found, pointer)
        elif isinstance(found, list):
            self._compare_items(ListShape(shape, ""), predicted, found, pointer)
        else:
            self._differ(pointer, "a list", found)

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
        if isinstance(expression, ByTime):
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
        lists = [one for one in shape.lists if isinstance(one, ListShape)]
        looks = [_look_of(one.item) for one in lists]
        parts = parted(found, looks)
        for one, mine, theirs in zip(lists, parted(predicted, looks), parts, strict=True):
            self._compare_list(one, mine, theirs, pointer)
        if [item for part in parts for item in part] != found:
            self._differ(pointer, "one list after the other, in the order of the contract", found)

    def _compare_outcomes(self, shape: OutcomesShape, predicted: Json, found: Json | Missing, pointer: str) -> None:
        """Compare what is told of each of several, one by one."""
        if not isinstance(found, list) or len(found) != len(predicted):
            self._differ(pointer, f"a list of {len(predicted)}, one for each that was asked for", found)
            return
        looks = [_look_of(shape.done), _look_of(shape.refused)]
        for number, (one, other) in enumerate(zip(predicted, found, strict=True)):
            likeness = [look.likeness(one) for look in looks]
            outcome = shape.refused if likeness[1] > likeness[0] else shape.done
            self.compare(outcome, one, other, pointer + pointer_to(number))

    def _compare_list(self, shape: ListShape, predicted: Json, found: Json | Missing, pointer: str) -> None:
        if not isinstance(found, list):
            self._differ(pointer, "a list", found)
            return
        resource, id = shape.item.resource, shape.item.id
        asked = self.pages.get(shape.step) or AskedPage(predicted, Cut(0, None, "none"), lambda record: ())
        if not id or shape.is_whole:
            self._compare_items(shape, predicted, found, pointer)
            return
        known, here = self.memory.known.get(resource.name, ()), self.memory.here.get(resource.name, ())
        if any(is_unknown_id(record[id]) for record in predicted):
            if asked.cut.limit is not None:  # which these are, and whether the page has them, nobody can say
                for place, one, other in same_ids(predicted, found, id):
                    self._compare_record(shape.item, one, other, pointer + place)
                return
            predicted, missing = told_by_list(predicted, found, id, {*known, *here})
            if missing:
                what = f"each {resource.name} that this run made, so {len(missing)} more"
                self._differ(pointer, what, [_brief(item, resource, id) for item in found])
                return
        ids = [key_of(_brief(item, resource, id)) for item in found]
        strangers_allowed = self.strangers_allowed and (self.memory.has_strays or not self._is_within(asked.cut.within))
        predicted = [record for record in predicted if not strangers_allowed or record[id] not in known]
        expected = [record[id] for record in predicted]
        made_here = [one for one in ids if one in here]
        if foreign := [one for one in made_here if one not in expected]:
            self._differ(pointer, f"only {resource.name} that belong to the list", foreign)
            return
        page, wrong = shown_page(asked, expected, ids, is_exact=not strangers_allowed)
        wrong = wrong or walked(self.walks, self.address, asked, page)
        self.shown[shape.step] = page
        if wrong:
            self._differ(pointer, f"of the {len(expected)} {resource.name} that this run knows of, {wrong}", made_here)
            return
        if shape.item.view is None and (wrong := self._wrong_order(asked.cut, predicted, found, id)):
            self._differ(pointer, wrong, [_brief(item, resource, id) for item in found])
            return
        mine = [item for item, one in zip(found, ids, strict=True) if one in set(expected)]
        self._compare_items(shape, predicted[page.first : page.first + len(mine)], mine, pointer)

    def _wrong_order(self, cut: Cut, predicted: Sequence[Mapping[str, Json]], found: Sequence[Json], id: str) -> str:
        """Return what is wrong with the order that a page shows; an empty text where nothing is."""
        if not cut.order:
            return ""
        place = out_of_order(found, cut.order)
        order = ", ".join(map(str, cut.order))
        if place is not None:
            return f"them in the order of {order}; the {place + 1}. belongs before the one before it"
        if cut.start > 0 or cut.backwards or cut.limit is None or len(found) < cut.limit or not found:
            return ""
        there = {key_of(item.get(id)) for item in found if isinstance(item, dict)}
        lacking = left_out([record for record in predicted if record[id] not in there], found[-1], cut.order)
        return f"{lacking[id]} among them, which belongs before the last of these in the order of {order}" if lacking else ""

    def _is_within(self, parents: Sequence[tuple[str, Json]]) -> bool:
        """Say whether one of these records was made by this scenario: then nobody else has made what refers to it."""
        return any(key_of(id) in self.memory.here.get(resource, ()) for resource, id in parents)

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
            elif not is_unknown_id(predicted):
                self.learned.append((resource, id, name, found))
        else:
            self._compare_value(predicted, found, pointer)

    def _compare_id(self, resource: Resource, predicted: Json, found: Json | Missing, pointer: str) -> None:
        if is_unknown_id(predicted) and found is not MISSING and found is not None:
            return
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
        self._bind_id(resource.name, predicted, found, pointer, usable=bool(usable))

    def _bind_id(self, name: str, predicted: Json, found: Json | Missing, pointer: str, *, usable: bool) -> None:
        """Take what was found for the id of a new record of a resource; note a difference where it cannot be one."""
        made = self.made[predicted]
        if not usable or isinstance(found, Missing):
            self._differ(pointer, f"a new id of {name}", found)
        elif found in self.memory.ids.get(name, {}) or self._is_bound(name, found):
            expected, received = f"a new id, since this {name} is new", f"{shown_value(found)}, the id of an earlier record"
            self.differences.append(Mismatch(pointer or "the body", expected, received))
        elif made.grows and number_in(found) <= (latest := self.memory.largest_before(name)):
            self._differ(pointer, f"an id after {latest}, the largest so far", found)
        elif isinstance(found, str) and len(found) >= SHORTEST_SENT and found.encode() in self.sent:
            self._differ(pointer, f"an id of {name} that the server makes, not what the request says", found)
        else:
            self.bindings[predicted] = found

    def _is_bound(self, name: str, found: object) -> bool:
        """Say whether another new record of this answer has an id already; records of other resources may share it."""
        same_resource = [one for one, made in self.made.items() if made.kind is PlaceholderKind.ID and made.resource == name]
        return any(same_json(self.bindings.get(one), found) for one in same_resource)

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
            if wrong := not_at(self.window, made.form, made.later, found) or self._off_clock(made, found):
                self._differ(pointer, wrong, found)
            else:
                self.bindings[predicted] = found
        elif made.kind is PlaceholderKind.ID and made.resource is not None:
            self._bind_id(made.resource, predicted, found, pointer, usable=bool(found) and type(found) is type(predicted))
        elif not isinstance(found, str) or not found:
            self._differ(pointer, self._described(predicted), found)
        elif made.kind is PlaceholderKind.SLUG and (wrong := wrong_slug(made, found, self._slugs())):
            self._differ(pointer, wrong, found)
        else:
            self.bindings[predicted] = found

    def _slugs(self) -> list[Json]:
        """Return the slugs that other new records of this answer have."""
        return [
            found for one, found in self.bindings.items() if one in self.made and self.made[one].kind is PlaceholderKind.SLUG
        ]

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


def _look_of(shape: Shape) -> Look:
    """Return by what something in a list can be told from others."""
    if isinstance(shape, ObjectShape):
        made = {name: one.made_of for name, one in shape.members.items() if isinstance(one, PlainShape)}
        return Look({name: one.value for name, one in made.items() if isinstance(one, Literal)}, frozenset(shape.members))
    if not isinstance(shape, RecordShape):
        return Look({}, frozenset())
    if shape.view is None:
        return Look({}, frozenset(shape.resource.fields))
    fixed = {name: part.value for name, part in shape.view.members.items() if isinstance(part, Literal)}
    return Look(fixed, frozenset(shape.view.members))


def _brief(item: Json, resource: Resource, id: str = "") -> Json:
    return item.get(id or resource.id) if isinstance(item, dict) else item
