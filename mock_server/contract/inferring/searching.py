"""Searches in several kinds of records: operations that answer one list of things, each of which shows a record of its kind."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from mock_server.contract.files.source import Json
from mock_server.contract.inferring import words
from mock_server.contract.inferring.answering import enveloped
from mock_server.contract.inferring.known import KnownWords
from mock_server.contract.inferring.listing import searched_fields
from mock_server.contract.inferring.proposal import Unclear
from mock_server.contract.inferring.resources import Described
from mock_server.contract.inferring.shapes import ShownThing, component_of, only_value, schema_of, success
from mock_server.contract.inferring.survey import RecordKind
from mock_server.contract.inferring.words import plain, singular
from mock_server.contract.messages.model import Parameter
from mock_server.contract.model import Contract, Operation
from mock_server.contract.schemas.schema import Schema


@dataclass(frozen=True, slots=True)
class Hit:
    """What a search finds of one kind: the component that shows it, with the members that it always has."""

    kind: RecordKind
    component: str
    fixed: Mapping[str, Json]

    @property
    def is_view(self) -> bool:
        """Whether it shows a record in another way than its kind does."""
        return self.component != self.kind.name


@dataclass(frozen=True, slots=True)
class SearchOfKinds:
    """A search that is proposed: its steps, what they find, and the parameters that have no use."""

    operation: Operation
    steps: list[dict[str, Json]]
    hits: tuple[Hit, ...]
    unused: tuple[str, ...]


def searches(
    contract: Contract, described: Mapping[str, Described], known: KnownWords, but: Collection[str]
) -> Iterator[SearchOfKinds]:
    """Yield what is proposed for the operations that search in several kinds, those of the labels `but` left out."""
    if not known.step("list", "match") or not known.step("list", "if"):
        return
    for operation in contract.operations:
        if operation.method == "GET" and not operation.behaviour and "{" not in operation.path and str(operation) not in but:
            found = _search(operation, [one.kind for one in described.values()])
            if found is not None:
                yield found


def _search(operation: Operation, kinds: list[RecordKind]) -> SearchOfKinds | None:
    schema = schema_of(success(operation, "200"))
    queries = [parameter for parameter in operation.parameters if parameter.location == "query"]
    text = next((one for one in queries if plain(one.name) in words.SEARCHES and "string" in one.check.schema.types), None)
    place = _list_in(schema) if schema else None
    if schema is None or text is None or place is None:
        return None
    hits = [_hit(variant, kinds) for variant in place[1].variants]
    found = tuple(hit for hit in hits if hit is not None and searched_fields(hit.kind.schema))
    if len(found) < max(2, len(hits)) or len({hit.kind.name for hit in found}) < len(found):
        return None
    decider = next((one for one in queries if one is not text and all(_value_of(one, hit) is not None for hit in found)), None)
    steps = [_step(hit, text, decider) for hit in found]
    lists: list[Json] = [_shown(hit) for hit in found]
    try:
        answer = enveloped(schema, ShownThing("", schema, several=True, around=place[0]), {"$all": lists}, {})
    except Unclear:
        return None
    unused = tuple(one.name for one in queries if one not in (text, decider))
    return SearchOfKinds(operation, [*steps, {"answer": answer}], found, unused)


def _list_in(schema: Schema) -> tuple[tuple[str, ...], Schema] | None:
    """Return where an answer has its only list of things of several kinds, and the schema of these; None where it has none."""
    if schema.types - {"null"} == {"array"}:
        return ((), schema.items) if schema.items and len(schema.items.variants) > 1 else None
    lists = [(name, part.items) for name, part in schema.properties.items() if part.types - {"null"} == {"array"}]
    if len(lists) != 1:
        return None
    name, items = lists[0]
    return ((name,), items) if items and len(items.variants) > 1 else None


def _hit(shown: Schema, kinds: list[RecordKind]) -> Hit | None:
    """Return of which kind a component shows a record; None where that is not clear."""
    component = component_of(shown)
    for kind in sorted(kinds, key=lambda kind: -len(kind.name)):
        if component == kind.name:
            return Hit(kind, component, {})
        if not plain(component).startswith(plain(kind.name)):
            continue
        fixed = {}
        for name, part in shown.properties.items():
            own, value = kind.schema.properties.get(name), only_value(part)
            if own is None and value is not None:
                fixed[name] = value
            elif own is None or not part.types & own.types:
                return None
        return Hit(kind, component, fixed)
    return None


def _value_of(parameter: Parameter, hit: Hit) -> Json | None:
    """Return the value by which a parameter asks for one kind alone; None where it has none."""
    own = {plain(hit.kind.name), singular(hit.kind.name), *(plain(str(value)) for value in hit.fixed.values())}
    values = (value for value in parameter.check.schema.values or () if isinstance(value, str))
    return next((value for value in values if plain(value) in own or singular(value) in own), None)


def _step(hit: Hit, text: Parameter, decider: Parameter | None) -> dict[str, Json]:
    only: Json = {}
    if decider is not None:
        value = _value_of(decider, hit)
        only = {"if": {f"$request.query.{decider.name}": value if decider.required or decider.has_default else [value, None]}}
    match = {"any": searched_fields(hit.kind.schema), "contains": f"$request.query.{text.name}"}
    return {"list": hit.kind.name, **only, "match": match, "as": _plural(hit)}


def _shown(hit: Hit) -> Json:
    return {"$view": {"as": hit.component, "of": f"${_plural(hit)}"}} if hit.is_view else f"${_plural(hit)}"


def _plural(hit: Hit) -> str:
    return f"{singular(hit.kind.name)}s"
