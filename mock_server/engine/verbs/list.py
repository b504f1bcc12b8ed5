"""The verb `list`: the resources that fit some conditions, in an order, or a page of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, TypeAlias

from mock_server.contract.behaviours.conditions import EQUALS, OPERATORS, Condition, read_conditions, read_search
from mock_server.contract.behaviours.declarations import DeclarationKind
from mock_server.contract.behaviours.expressions import FromParameter
from mock_server.contract.behaviours.orders import OrderBy, declared_order, read_order, read_usual_order, turned
from mock_server.contract.behaviours.steps import EXPRESSIONS, StepReader, outcomes, step_kind
from mock_server.contract.decisions import Decision
from mock_server.contract.files.flaws import piece
from mock_server.contract.files.source import Json
from mock_server.contract.model import Value
from mock_server.contract.problems import Refused
from mock_server.contract.schemas.checks import Violation
from mock_server.engine.choices import settler
from mock_server.engine.conditions import comparable, compile_conditions
from mock_server.engine.execution import Execution
from mock_server.engine.generating import Cut, Paging, Position
from mock_server.engine.paging import Bound, Page, WholeList, between, no_cursor, page_of, sent, start_after, whole_number
from mock_server.engine.scope import Perform, Scope, place_of
from mock_server.engine.sorting import Order
from mock_server.engine.store import Record
from mock_server.engine.values import ABSENT
from mock_server.engine.verbs.verb import Verb

PAGED_BY: Mapping[str, Paging] = {"offset": "offset", "page": "page", "cursor": "cursor", "after": "record", "before": "record"}
"""The keys that say which page is asked for, and by what it then is."""

IsBehind: TypeAlias = Callable[[Position, Record], bool]
CutOf: TypeAlias = Callable[[Execution, list[Record], tuple[OrderBy, ...], IsBehind], Cut]

ORDER: Json = {"type": "array", "items": {"type": "string"}}

FACTS: Mapping[str, Json] = {
    **{name: {"type": "integer"} for name in ("total", "count", "page", "pages", "offset")},
    **{name: {"type": ["integer", "null"]} for name in ("next", "previous", "limit")},
    "has-more": {"type": "boolean"},
    "link": {"type": ["string", "null"]},
}
CURSOR_FACTS: Mapping[str, Json] = {**FACTS, "next": {"type": ["string", "null"]}, "previous": {"type": "null"}}


@dataclass(frozen=True, slots=True, eq=False)
class List(Verb):
    """The resources that fit some conditions, in an order, or a page of them. What a request does not send asks for nothing."""

    where: Mapping[str, Value]
    """The conditions that ask for a value of one of its own fields."""

    conditions: tuple[Condition, ...]
    """All conditions."""

    search: tuple[Condition, ...]
    """Conditions of which a record has to fit one."""

    sort: Value | None
    direction: Value | None
    sorts: Mapping[str, tuple[OrderBy, ...]]
    order: Decision[tuple[OrderBy, ...]]
    when_unsortable: Decision[str]
    limit: Value | None
    paged_by: Paging
    start: Value | None
    after: Value | None
    before: Value | None

    kind: ClassVar[DeclarationKind] = step_kind(
        "list",
        {
            "where": EXPRESSIONS,
            "match": {
                "type": "object",
                "required": ["any"],
                "additionalProperties": False,
                "properties": {"any": {**ORDER, "minItems": 1}, **{name: {} for name in OPERATORS}},
            },
            "sort": {},
            "direction": {},
            "sorts": {"type": "object", "additionalProperties": {**ORDER, "minItems": 1}, "default": {}},
            "order": {},
            "when-unsortable": outcomes("ignore", "invalid"),
            "limit": {},
            "offset": {},
            "page": {},
            "cursor": {},
            "after": {},
            "before": {},
        },
    )

    @property
    def found_by(self) -> Mapping[str, Value]:
        """The values by which it finds what it is about, by field."""
        return self.where

    @property
    def facts(self) -> Mapping[str, Json]:
        """What is known of the list beside its records."""
        if self.paged_by == "record":
            ids = self.resource.fields[self.resource.id].schema.types | {"null"}
            id = {"type": sorted("integer" if kind == "number" else kind for kind in ids)}
            return {**{name: FACTS[name] for name in ("total", "count", "limit", "has-more")}, "first": id, "last": id}
        return CURSOR_FACTS if self.paged_by == "cursor" else FACTS

    @property
    def offset(self) -> Value | None:
        """How many records are skipped, where that is what a page is asked for by."""
        return self.start if self.paged_by == "offset" else None

    def __str__(self) -> str:
        told = [f"list {self.resource.name}"]
        if self.conditions:
            told.append(f"by {', '.join(map(str, self.conditions))}")
        if self.search:
            told.append(f"searched in {', '.join('.'.join(one.path) for one in self.search)}")
        if self.order.assumption is not None:
            told.append(f"ordered as {self.order.assumption} says")
        elif self.order.fixed:
            told.append(f"ordered by {', '.join(map(str, self.order.fixed))}")
        if self.paged_by != "none":
            told.append(f"in pages by {self.paged_by}")
        return " ".join(told)

    @classmethod
    def read(cls, reader: StepReader) -> List:
        """Return the step that `reader` reads."""
        node, resource = reader.node, reader.resource
        conditions = read_conditions(reader, resource, node.get("where") if "where" in node.value else None)
        paging = {PAGED_BY[name]: name for name in PAGED_BY if name in node.value}
        if len(paging) > 1:
            other = list(paging.values())[1]
            node.flaw("a page is asked for in one way only", f"leave {other!r} out", other)
        paged_by: Paging = next(iter(paging), "none")
        for key in ("direction", "sorts", "when-unsortable"):
            if key in node.value and "sort" not in node.value:
                node[key].flaw(f"{key!r} has no effect without 'sort'")
        named = node["sorts"].items() if "sorts" in node.value else ()
        step = cls(
            resource,
            reader.name,
            where={one.path[0]: one.value for one in conditions if one.operator == EQUALS and len(one.path) == 1},
            conditions=conditions,
            search=read_search(reader, resource, node["match"]) if "match" in node.value else (),
            sort=reader.optional_value("sort"),
            direction=reader.optional_value("direction"),
            sorts={name: declared_order(reader, resource, entry) for name, entry in named},
            order=read_usual_order(reader, resource, node["order"]) if "order" in node.value else Decision(()),
            when_unsortable=reader.outcome("when-unsortable"),
            limit=reader.optional_value("limit"),
            paged_by=paged_by,
            start=reader.optional_value(paged_by) if paged_by in node.value else None,
            after=reader.optional_value("after"),
            before=reader.optional_value("before"),
        )
        step._check_sort_values(reader)
        return step

    def _check_sort_values(self, reader: StepReader) -> None:
        """Note a flaw for each value that a sort parameter documents and that names no order."""
        for expression in self.sort.possible() if self.sort else ():
            source = reader.source(expression) if isinstance(expression, FromParameter) else None
            values = (source.items.values if source.items else source.values) if source else None
            for value in values or ():
                if isinstance(value, str) and read_order(value, self.sorts, self.resource.fields) is None:
                    hint = f"say what it means under `sorts: {{{value}: [FIELD]}}`"
                    reader.node["sort"].flaw(f"{piece(value)} is documented, but names no field of {self.resource.name}", hint)

    @property
    def is_list(self) -> bool:
        """Whether it comes to a list of records, and not to one."""
        return True

    @property
    def nothing(self) -> Page:
        """What the step comes to where it is not done."""
        page = Page()
        page.facts = {
            **dict.fromkeys(self.facts),
            "total": 0,
            "count": 0,
            "page": 1,
            "pages": 1,
            "offset": 0,
            "has-more": False,
        }
        return page

    def compile(self, scope: Scope) -> Perform:
        """Return the function that lists the records."""
        name, resource = self.name, self.resource
        created = resource.created
        asked_for = compile_conditions(self.conditions, resource, scope)
        searched = compile_conditions(self.search, resource, scope)
        order_of, cut_of = self._compile_order(scope), self._compile_cut(scope)
        after_of, before_of = self._compile_bound(self.after, scope), self._compile_bound(self.before, scope)

        def perform(execution: Execution) -> Page:
            conditions, search = asked_for(execution), searched(execution)
            after, before = after_of(execution), before_of(execution)
            bounds = [bound.id for bound in (after, before) if bound is not None]
            total, records = 0, []
            for record in execution.store.scan(resource.name, execution.owner(resource)):
                fits = all(holds(execution, record) for holds in conditions) and (
                    not search or any(holds(execution, record) for holds in search)
                )
                total += fits
                if fits or record[resource.id] in bounds:  # where these stand is known, be they of the list or not
                    records.append(record)
            order = order_of(execution)
            records = order.sorted(execution, records)
            if bounds:
                records = between(resource, records, after, before)
            size = len(order.order) + 4
            ages: dict[Json, int] = {record[resource.id]: age for age, record in enumerate(records)}

            def position(record: Record) -> Position:
                age = ages[record[resource.id]]
                following = records[age + 1][resource.id] if age + 1 < len(records) else None
                made = record.get(created) if created else None
                return (*order.values(execution, record), record[resource.id], following, made, age)

            def is_behind(place: Position, record: Record) -> bool:
                before = place[-1]
                if len(place) != size or not isinstance(before, int):
                    raise no_cursor()  # it is one of a list in another order, or made up
                *values, id, following, made = place[:-1]
                compared = order.compare(values, order.values(execution, record))
                if compared != 0 or id in ages or following in ages:
                    last = ages[id] if id in ages else ages.get(following, before) - 1
                    return compared < 0 or (compared == 0 and ages[record[resource.id]] > last)
                # Of equals, those stand behind that were made later: than one that is gone, as is what followed it.
                mine, gone = comparable(record.get(created) if created else None), comparable(made)
                return ages[record[resource.id]] >= before if mine is None or gone is None else mine > gone

            cut = cut_of(execution, records, order.order, is_behind)
            if before is not None and after is None:
                cut = replace(cut, start=max(0, len(records) - cut.limit) if cut.limit is not None else 0, backwards=True)
            return page_of(execution, WholeList(name, records, total, position, resource.id), cut)

        return perform

    def _compile_bound(self, value: Value | None, scope: Scope) -> Callable[[Execution], Bound | None]:
        """Compile what says which record a page begins behind, or ends before; None where a request asks for none."""
        if value is None:
            return lambda execution: None
        evaluate, place = scope.value(value), place_of(value, self.resource.id)

        def bound(execution: Execution) -> Bound | None:
            id = evaluate(execution)
            return Bound(id, place) if sent(id) else None

        return bound

    def _compile_order(self, scope: Scope) -> Callable[[Execution], Order]:
        resource, named, fields = self.resource, self.sorts, self.resource.fields
        usual = settler(self.order.map(lambda order: Order(order, resource, scope)))
        if self.sort is None:
            return lambda execution: usual(execution.choices)
        sort, unsortable = scope.value(self.sort), self.when_unsortable
        direction = scope.value(self.direction) if self.direction else None
        place = place_of(self.sort, "sort")

        def order(execution: Execution) -> Order:
            asked = sort(execution)
            if not sent(asked):
                return usual(execution.choices)
            text = ",".join(map(str, asked)) if isinstance(asked, list) else str(asked)
            found = read_order(text, named, fields)
            if found is None:
                if unsortable.settle(execution.choices) == "invalid":
                    message = f"{text!r:.80} names no order of {resource.name}"
                    raise Refused("invalid", f"The request does not fit: {message}.", (Violation(*place, "sort", message),))
                return usual(execution.choices)
            way = direction(execution) if direction else ABSENT
            return Order(turned(found, way) if sent(way) else found, resource, scope)

        return order

    def _compile_cut(self, scope: Scope) -> CutOf:
        limit = scope.value(self.limit) if self.limit else None
        start = scope.value(self.start) if self.start else None
        paging = self.paged_by
        expression = self.start.possible()[0] if self.start else None
        parameter = expression.name if isinstance(expression, FromParameter) and expression.location == "query" else ""
        parents = [
            (referred, scope.value(value))
            for field, value in self.where.items()
            if (referred := self.resource.refers_to(field)) is not None
        ]

        def cut(execution: Execution, records: list[Record], order: tuple[OrderBy, ...], is_behind: IsBehind) -> Cut:
            size = whole_number(limit(execution)) if limit else None
            asked = start(execution) if start else ABSENT
            first = 0
            if sent(asked):
                if paging == "cursor":
                    first = start_after(execution, records, asked, is_behind)
                else:
                    number = whole_number(asked) or 0
                    first = number if paging == "offset" else max(number - 1, 0) * (size or 0)
            within = tuple([(referred, id) for referred, value in parents if sent(id := value(execution))])
            return Cut(first, size, paging, parameter, within, order)

        return cut
