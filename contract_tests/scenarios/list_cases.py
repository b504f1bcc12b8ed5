"""Scenarios about lists: what they are filtered by, their order, and their pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, permutations

from contract_tests.scenarios.builder import ScenarioBuilder
from contract_tests.scenarios.issuers import written_from_body
from contract_tests.scenarios.signatures import Signature, Slot
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import TAG, FromResponse, IdVariant, Tagged, Template
from mock_server.contract.behaviours.conditions import Condition
from mock_server.contract.behaviours.expressions import FromParameter, FromStep, Split
from mock_server.contract.behaviours.orders import read_order
from mock_server.contract.files.source import pointer_to
from mock_server.contract.model import Operation, Value
from mock_server.engine.verbs import List

ODD = " 5%_é+&#'"
"""What queries, patterns and statements have a use of their own for: one of the records has it in its texts."""

TELLING_NUMBERS = {0: 9, 2: 10}
"""What some of the records have: as texts, the larger one comes first."""

WILD = ("%", ".")
"""What patterns of SQL and regular expressions take for something else: nothing has it before the tag."""

RECORDS = 5
"""How many records a list is looked at with."""

TAG_LENGTHS = (6, 20)
"""How many characters the tag of a scenario may have, at least and at most."""
IS_NULL = "is-null"
"""The operator of a condition that asks whether there is a value, and for none."""

MOST_WALKED = 20
"""How many records are made at most to see that a page has as many as are documented where nobody says how many."""


@dataclass(frozen=True, slots=True)
class ListCases:
    """Writes the scenarios."""

    subject: Subject

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        for signature in self.subject.signatures:
            for step in steps_of(signature.operation):
                makers = self.subject.makers_of(step.resource.name)
                if makers:
                    yield partial(self.filtered, signature, step, makers[0])
                    yield partial(self.ordered, signature, step, makers[0])
                    yield partial(self.paged, signature, step, makers[0])
            for name in dict.fromkeys(_name(one.value) for step in steps_of(signature.operation) for one in step.search):
                steps = [one for one in steps_of(signature.operation) if name in {_name(by.value) for by in one.search}]
                if name and len(steps) > 1 and all(self.subject.makers_of(step.resource.name) for step in steps):
                    yield partial(self.together, signature, name, steps)

    def filtered(self, signature: Signature, step: List, maker: Signature) -> ScenarioBuilder:
        """Each filter alone and in pairs, by values that some of the records have."""
        builder, made = self._with_records(f"{signature.operation}: filters", step, maker, RECORDS)
        builder.call(maker, "create a record, required fields only", values=maker.with_key(RECORDS + 2), variant=2)
        others: dict[str, Template] = {}
        for slot in maker.of("body"):
            if slot.role == "id":
                id = builder.provide(maker, slot, 0, 2)
                others[slot.name] = [id] if slot.is_several else id
        if others:
            values = {**maker.with_key(RECORDS + 3), **others}
            builder.call(maker, "create a record that refers to others", values=values, variant=3, fill="full")
        if len(self.subject.tenants) > 1:
            builder.call(maker, "create a record in another organization", tenant=1, variant=1, fill="full")
        filters = list(filters_of(signature, (*step.conditions, *step.search)))
        wide = all_at_once(signature, step)
        for slot, condition in filters:
            self._by_one(builder, signature, maker, step, (slot, condition), made)
        for decider in filter(None, map(signature.deciding, step.occasions)):
            for slot, condition in filters[:1]:
                asked = value_of(maker, step, slot, condition, made[0])
                for choice in decider.choices:
                    query = {**wide, slot.name: asked, decider.name: choice}
                    builder.call(signature, f"filter by {slot.name}, with {decider.name} {choice}", query=query)
        for (slot, condition), (other, with_condition) in combinations(filters, 2):
            if slot is not other and IS_NULL not in (condition.operator, with_condition.operator):
                query = {
                    **wide,
                    slot.name: value_of(maker, step, slot, condition, made[1]),
                    other.name: value_of(maker, step, other, with_condition, made[2]),
                }
                builder.call(signature, f"filter by {slot.name} and {other.name}", query=query)
        if filters or signature.ids:
            builder.call(signature, "list all records")
            builder.call(signature, "list the records of another parent", key=2)
            more = {**maker.with_key(RECORDS + 1), **_own_texts(maker, 1)}
            builder.call(maker, "create one more record", variant=1, values=more, fill="full")
            builder.call(signature, "list all records, with the new one")
            for slot, condition in filters[:1]:
                asked = value_of(maker, step, slot, condition, made[0])
                builder.call(signature, "filter as before, with the new record", query={**wide, slot.name: asked})
        return builder

    def _by_one(
        self,
        builder: ScenarioBuilder,
        signature: Signature,
        maker: Signature,
        step: List,
        by: tuple[Slot, Condition],
        made: Sequence[int],
    ) -> None:
        """Ask for what one filter lets through: what some of the records have, what lies near it, and every choice."""
        (slot, condition), wide = by, all_at_once(signature, step)
        if condition.operator == IS_NULL:
            for choice in (True, False):
                builder.call(signature, f"{slot.name} {choice}", query={**wide, slot.name: choice})
            return
        for label in (made[0], made[2]):
            asked = value_of(maker, step, slot, condition, label)
            builder.call(signature, f"filter by {slot.name}", query={**wide, slot.name: asked})
        is_words = slot.is_text and slot.role == "free"
        if is_words and condition.operator in ("equals", "prefix", "contains"):
            asked = value_of(maker, step, slot, condition, made[0], change="tail")
            builder.call(signature, f"filter by {slot.name}: the end of a value", query={**wide, slot.name: asked})
        if is_words and condition.operator in ("contains", "prefix"):
            asked = value_of(maker, step, slot, condition, made[0], change="upper")
            builder.call(signature, f"filter by {slot.name}: in the other case", query={**wide, slot.name: asked})
            for wild in WILD:
                asked = Tagged(f"{wild}{TAG}")
                builder.call(signature, f"filter by {slot.name}: a text with {wild}", query={**wide, slot.name: asked})
        if "number" in slot.types and slot.role == "free" and condition.operator != "equals" and slot.accepts(0):
            builder.call(signature, f"{slot.name} 0", query={**wide, slot.name: 0})
        for choice in _asked_choices(slot)[:4]:
            builder.call(signature, f"{slot.name} {choice}", query={**wide, slot.name: choice})

    def together(self, signature: Signature, name: str, steps: list[List]) -> ScenarioBuilder:
        """What is searched for is found in several lists at once, each in its place."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: found in several lists")
        for step in reversed(steps):
            maker = self.subject.makers_of(step.resource.name)[0]
            sent = written_from_body(maker, step.resource.name)
            searched = next((one.path[0] for one in step.search if one.path[0] in sent), None)
            for number in (1, 2) if searched else ():
                values = {sent[searched]: Tagged(f"{number} of both {TAG}")} if searched else {}
                builder.call(
                    maker,
                    f"create a {step.resource.name} that fits the search",
                    key=number,
                    variant=number,
                    fill="full",
                    values=values,
                )
        builder.call(signature, "search", query={name: Tagged(f"both {TAG}")})
        builder.call(signature, "search for some of them", query={name: Tagged(f"1 of both {TAG}")})
        return builder

    def ordered(self, signature: Signature, step: List, maker: Signature) -> ScenarioBuilder:
        """Each order that is documented, and the usual one."""
        builder, made = self._with_records(f"{signature.operation}: orders", step, maker, RECORDS)
        narrow = {**_widest(signature, step), **self._narrowed(signature, step, maker, made[0])}
        directions = _choices(signature, step.direction) or [None]
        for order in _choices(signature, step.sort):
            for direction in directions:
                query = {**narrow, _name(step.sort): order}
                if direction is not None:
                    query[_name(step.direction)] = direction
                builder.call(signature, f"sorted by {order} {direction or ''}".strip(), query=query)
        builder.call(signature, "in the default order", query=narrow)
        return builder

    def paged(self, signature: Signature, step: List, maker: Signature) -> ScenarioBuilder:
        """A list is walked page by page, forwards; and a page has as many records as are documented."""
        default = _default_of(signature, step.limit)
        wanted = default + 1 if default is not None and default <= MOST_WALKED else RECORDS
        builder, made = self._with_records(f"{signature.operation}: pages", step, maker, wanted)
        narrow = self._narrowed(signature, step, maker, made[0])
        if step.limit is None:
            return builder
        builder.call(signature, "list with the default page size", query=narrow)
        limit = _name(step.limit)
        third = wanted // 3 + 1  # the third page is the last one of what belongs to one record, and not full
        if step.paged_by == "cursor" and (pointer := _next_pointer(signature.operation, step)):
            for query in (narrow, {}, _newest_first(signature, step)):
                size = third if query is narrow else 2
                label = builder.call(signature, "the first page", query={**query, limit: size})
                for number in (2, 3, 4):
                    cursor = FromResponse(label, pointer)
                    label = builder.call(signature, f"page {number}", query={**query, limit: size, _name(step.start): cursor})
        elif step.paged_by == "record":
            ids = [builder.id_of(maker, label, step.resource.name) for label in made[:RECORDS]]
            for query in (narrow, {}, _newest_first(signature, step)):
                self._beside_records(builder, signature, step, ids, {**query, limit: 2})
        elif step.paged_by in ("offset", "page"):
            for query in (narrow, {}, _newest_first(signature, step)):
                size = third if query is narrow else 2
                for number in (1, 2, 3, 4):
                    start = number if step.paged_by == "page" else (number - 1) * size
                    builder.call(signature, f"page {number}", query={**query, limit: size, _name(step.start): start})
        for size in (1, 3, wanted):
            builder.call(signature, f"list with a page size of {size}", query={**narrow, limit: size})
        return builder

    def _beside_records(
        self, builder: ScenarioBuilder, signature: Signature, step: List, ids: Sequence[Template], query: Mapping[str, Template]
    ) -> None:
        """Ask for pages of two beside records of this run's own: of others, nobody knows where they stand."""
        names = [name for name in (_name(step.after), _name(step.before)) if name]
        builder.call(signature, "the first page", query=query)
        for name in names:
            for number, id in enumerate(ids):
                builder.call(signature, f"{name} record {number + 1}", query={**query, name: id})
        if len(names) > 1:
            for pair in permutations(ids[1:4:2]):
                builder.call(signature, "between two records", query={**query, **dict(zip(names, pair, strict=True))})

    def _with_records(self, title: str, step: List, maker: Signature, count: int) -> tuple[ScenarioBuilder, list[int]]:
        """Return a scenario that begins with making records, all beneath one parent but one."""
        builder = ScenarioBuilder(self.subject, title)
        made = []
        for number in range(count):
            keys = maker.with_key(number + 1) if maker.keys else {}
            variant = (number * 3) % 7 + 1
            values = {name: key for name, key in keys.items() if name in {slot.name for slot in maker.of("body")}}
            values.update(_own_texts(maker, variant, ODD if number == 2 else ""))
            values.update(_telling_numbers(maker, number))
            made.append(builder.call(maker, f"create record {number + 1}", variant=variant, values=values, fill="full"))
        builder.call(maker, "create a record of another parent", key=2, variant=1, fill="full")
        for number, changer in enumerate(self.subject.updating):
            if changer.updates == step.resource.name and changer.ids_of(changer.updates):
                slot = changer.ids_of(changer.updates)[-1]
                if slot.location == "path":
                    path = {slot.name: builder.id_of(maker, made[1], changer.updates)}
                    builder.call(changer, "update one of the records", path=path, variant=number + 5, fill="full")
        return builder, made

    def _narrowed(self, signature: Signature, step: List, maker: Signature, label: int) -> dict[str, Template]:
        """Return a query that asks for the records of one parent, where there is one: then there are no others."""
        for slot, condition in filters_of(signature, step.conditions):
            if slot.role == "id":
                return {slot.name: value_of(maker, step, slot, condition, label)}
        return {}


def _own_texts(maker: Signature, variant: int, more: str = "") -> dict[str, Template]:
    """Return texts for a record that no other run has written, for the properties that may hold any: then a list that is asked
    for them has nothing of others."""
    texts = {}
    for slot in maker.free:
        text = slot.value(variant)
        fitting = [one for one in (f"{text}{more}", text) if all(slot.fits(f"{one} {'x' * length}") for length in TAG_LENGTHS)]
        if slot.is_text and isinstance(text, str) and fitting:
            texts[slot.name] = Tagged(f"{fitting[0]} {TAG}")
    return texts


def _telling_numbers(maker: Signature, number: int) -> dict[str, Template]:
    """Return numbers for a record, by which numbers that are taken for texts show."""
    telling = TELLING_NUMBERS.get(number)
    return {slot.name: telling for slot in maker.free if "number" in slot.types and telling is not None and slot.fits(telling)}


def steps_of(operation: Operation) -> Iterator[List]:
    """Yield the steps of an operation that list something."""
    for step in operation.steps:
        if isinstance(step, List):
            yield step


def filters_of(signature: Signature, conditions: tuple[Condition, ...]) -> Iterator[tuple[Slot, Condition]]:
    """Yield the query parameters by which a list is filtered, with the condition that each is for."""
    slots: Mapping[str, Slot] = {slot.name: slot for slot in signature.of("query")}
    for condition in conditions:
        name = _name(condition.value)
        if name in slots and len(condition.path) == 1:
            yield slots[name], condition


def _asked_choices(slot: Slot) -> list[Template]:
    """Return the values that a filter documents, as its parameter holds them: of a list, each alone and all together."""
    if "array" not in slot.types:
        return list(slot.choices)
    listed = list((slot.schema.items.values if slot.schema.items else None) or ())
    return [listed[:], *([one] for one in listed)] if listed else []


def all_at_once(signature: Signature, step: List) -> dict[str, Template]:
    """Return what asks for as many records at once as may be, the newest first where that can be asked for: those of this run
    are then on the first page, whatever else the target holds."""
    return {**_widest(signature, step), **_newest_first(signature, step)}


def _widest(signature: Signature, step: List) -> dict[str, Template]:
    name = _name(step.limit)
    most = next((slot.schema.maximum for slot in signature.of("query") if slot.name == name), None) if name else None
    return {name: int(most)} if most is not None else {}


def _newest_first(signature: Signature, step: List) -> dict[str, Template]:
    """Return what asks for the newest records first; nothing where no documented order is that."""
    if step.direction is not None:
        return {}
    ages = {
        step.resource.created,
        step.resource.id if step.resource.fields[step.resource.id].schema.whole else "",
    }
    for choice in _choices(signature, step.sort):
        order = read_order(str(choice), step.sorts, step.resource.fields)
        if order and order[0].descending and order[0].field in ages:
            return {_name(step.sort): choice}
    return {}


def value_of(maker: Signature, step: List, slot: Slot, condition: Condition, label: int, *, change: IdVariant = "") -> Template:
    """Return the value that the record of a request has in the field of a condition, as its parameter holds it."""
    name = condition.path[0]
    holds_list, asks_for_list = "array" in step.resource.fields[name].schema.types, "array" in slot.types
    pointer = pointer_to(name, "0") if holds_list and not asks_for_list else pointer_to(name)
    value = FromResponse(label, maker.gives[step.resource.name] + pointer, change)
    return [value] if asks_for_list and not holds_list else value


def _name(value: Value | None) -> str:
    """Return the query parameter that a value is; an empty text where it is something else."""
    expression = value.possible()[0] if value else None
    expression = expression.value if isinstance(expression, Split) else expression
    is_query = isinstance(expression, FromParameter) and expression.location == "query"
    return expression.name if isinstance(expression, FromParameter) and is_query else ""


def _choices(signature: Signature, value: Value | None) -> list[Template]:
    name = _name(value)
    return [choice for slot in signature.of("query") if slot.name == name for choice in slot.choices] if name else []


def _default_of(signature: Signature, value: Value | None) -> int | None:
    name = _name(value)
    for parameter in signature.operation.parameters:
        if parameter.location == "query" and parameter.name == name and isinstance(parameter.default, int):
            return parameter.default
    return None


def _next_pointer(operation: Operation, step: List) -> str:
    """Return where an answer has the cursor of the next page; an empty text where it has none."""

    def found(template: object, pointer: str) -> str:
        if template == FromStep(step.name, "next"):
            return pointer
        if isinstance(template, dict):
            return next(filter(None, (found(member, pointer + pointer_to(name)) for name, member in template.items())), "")
        return ""

    return found(operation.behaviour.answer.template, "") if operation.behaviour else ""
