"""Proposals of lists: filters, search, order and pages, by the names of query parameters."""

from __future__ import annotations

from mock_server.contract.files.source import Json
from mock_server.contract.inferring import words
from mock_server.contract.inferring.known import KnownWords
from mock_server.contract.inferring.shapes import names_of
from mock_server.contract.inferring.survey import RecordKind
from mock_server.contract.inferring.words import named, plain, singular
from mock_server.contract.messages.model import Parameter
from mock_server.contract.model import Operation
from mock_server.contract.schemas.schema import Schema

SEARCHED = ("name", "title", "description", "email", "label", "subject", "summary", "username", "firstname", "lastname")
PAGING = frozenset({"offset", "page", "cursor"})
"""The keys of a list by one of which a page is asked for."""

SCALAR = frozenset({"string", "number", "boolean"})


class Listing:
    """The step of one list; `filters` is how many parameters select records, `unused` are those that have no use."""

    def __init__(self, operation: Operation, kind: RecordKind, known: KnownWords, *, tells_next: bool) -> None:
        self.kind = kind
        self.parameters = {parameter.name: parameter for parameter in operation.parameters if parameter.location == "query"}
        self.is_rich = known.step("list", "sort")
        self.tells_next = tells_next
        self.filters = 0
        self.unused: list[str] = []
        self._fields = names_of(kind.schema)

    def step(self, links: dict[str, Json]) -> dict[str, Json]:
        """Return the step, which lists those records only whose fields have the values of `links`."""
        where: dict[str, Json] = dict(links)
        paging: dict[str, Json] = {}
        for name, parameter in self.parameters.items():
            condition = self._condition(name, parameter)
            part = None if condition else self._part(name, parameter, paging)
            if condition and condition[0] not in where:
                where[condition[0]] = condition[1]
                self.filters += 1
            elif condition and isinstance(where[condition[0]], dict) and isinstance(condition[1], dict):
                where[condition[0]] |= condition[1]
            elif part:
                paging |= part
            else:
                self.unused.append(name)
        if "direction" in paging and "sort" not in paging:
            self.unused.append(str(paging.pop("direction")).removeprefix("$request.query."))
        order = ("match", "sort", "sorts", "direction", "limit", "offset", "page", "cursor", "after", "before")
        return {
            "list": self.kind.name,
            **({"where": where} if where else {}),
            **{key: paging[key] for key in order if key in paging},
        }

    def _condition(self, name: str, parameter: Parameter) -> tuple[str, Json] | None:
        """Return the condition that a parameter is: a field and what it has to be."""
        schema, value = parameter.check.schema, f"$request.query.{name}"
        own = (plain(name), singular(name), singular(name) + "id")
        field = next((self._fields[word] for word in own if word in self._fields), None)
        if field is not None and plain(name) not in words.CURSORS - {"after"}:
            return self._equal(field, schema, value)
        if not self.is_rich:
            return None
        stem = plain(name).removesuffix("prefix")
        if stem != plain(name) and stem in self._fields and "string" in schema.types:
            return self._fields[stem], {"prefix": value}
        for ends, operator in ((words.EARLIER, "less"), (words.LATER, "more")):
            for end in ends:
                stem = plain(name).removesuffix(end) if plain(name).endswith(end) else plain(name).removeprefix(end)
                field = self._timed(stem) if stem != plain(name) else None
                if field is not None and schema.types & self.kind.schema.properties[field].types:
                    inclusive = end in ("gte", "lte", "min", "max", "from", "to", "since", "until", "start", "end")
                    least = {"less": "at-most", "more": "at-least"}[operator] if inclusive else operator
                    return field, {least: value}
        return None

    def _timed(self, stem: str) -> str | None:
        """Return the field that is meant by the first part of `created_after` or `min_price`."""
        known = [self._fields[word] for word in (stem, stem + "at", stem + "on", stem + "date") if word in self._fields]
        return next((name for name in known if self._is_ordered(self.kind.schema.properties[name])), None)

    def _is_ordered(self, schema: Schema) -> bool:
        return "number" in schema.types or bool(schema.formats & {"date", "date-time"})

    def _equal(self, field: str, schema: Schema, value: Json) -> tuple[str, Json] | None:
        target = self.kind.schema.properties[field]
        if schema.types - {"null"} == {"array"} and schema.items is not None and self.is_rich:
            is_list = "array" in target.types
            return None if is_list or not schema.items.types & target.types & SCALAR else (field, {"in": value})
        if "array" in target.types and self.is_rich and schema.types & SCALAR:
            return (field, {"contains": value}) if target.items and target.items.types & schema.types else None
        same = schema.types & target.types & SCALAR
        return (field, value) if same and not schema.types & {"array", "object"} else None

    def _part(self, name: str, parameter: Parameter, found: dict[str, Json]) -> dict[str, Json] | None:
        """Return what a parameter says of the list as a whole."""
        word, value = plain(name), f"$request.query.{name}"
        schema = parameter.check.schema
        is_number, is_text = "number" in schema.types, "string" in schema.types
        if word in words.LIMITS and is_number and "limit" not in found:
            return {"limit": value}
        if word in words.OFFSETS and is_number and not found.keys() & PAGING:
            return {"offset": value}
        if not self.is_rich:
            return None
        if word in words.PAGES and is_number and not found.keys() & PAGING:
            return {"page": value}
        if word in words.CURSORS and is_text and (self.tells_next or word == "cursor") and not found.keys() & PAGING:
            return {"cursor": value}
        if (
            word in words.AFTER | words.BEFORE
            and not found.keys() & PAGING
            and schema.types & self.kind.schema.properties[self.kind.id].types
        ):
            return {"after" if word in words.AFTER else "before": value}
        if word in words.SEARCHES and is_text and (fields := searched_fields(self.kind.schema)):
            return {"match": {"any": fields, "contains": value}}
        if word in words.SORTS and is_text and "sort" not in found and (sorts := self._sorts(schema)) is not None:
            return {"sort": value, **({"sorts": sorts} if sorts else {})}
        is_way = word in words.DIRECTIONS | words.SORTS  # `sort` beside `order_by` is one
        if is_way and is_text and {str(one).lower() for one in schema.values or ()} == {"asc", "desc"}:
            return {"direction": value}
        return None

    def _sorts(self, schema: Schema) -> dict[str, Json] | None:
        """Return the orders that go by another name than that of their field; None where a value names no field."""
        orders: dict[str, Json] = {}
        for value in schema.values or ():
            word = str(value).lstrip("+-").partition(":")[0]
            if word in self.kind.schema.properties:
                continue
            field = self._ordered_by(plain(word))
            if field is None or word != str(value):
                return None
            orders[word] = [field]
        return orders if schema.values else None

    def _ordered_by(self, word: str) -> str | None:
        """Return the field that an order by another name is by: a time, that of making, or what things are called."""
        wanted = [word, *(word + end for end in ("at", "on", "date"))]
        wanted += words.CREATED if word in words.MADE_WHEN else words.NAMES if word in words.NAMES else ()
        return named(self.kind.schema.properties, wanted)


def searched_fields(schema: Schema) -> list[str]:
    """Return the fields of a thing in which a search most likely looks."""
    fields = names_of(schema)
    texts = [fields[word] for word in SEARCHED if word in fields]
    return [name for name in texts if "string" in schema.properties[name].types]
