"""The answer of a behaviour, in the shape that the document gives it: envelopes, totals, parts of a record."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.contract.files.source import Json
from mock_server.contract.inferring import words
from mock_server.contract.inferring.proposal import Unclear
from mock_server.contract.inferring.shapes import ShownThing, holds_id, only_value
from mock_server.contract.inferring.words import plain
from mock_server.contract.schemas.schema import Schema

YES = frozenset({"success", "ok", "deleted", "succeeded", "isdeleted", "removed"})
ADDRESSES = frozenset({"url", "href", "self", "uri", "path"})
TEXTS = frozenset({"message", "msg", "detail"})


def enveloped(schema: Schema, shown: ShownThing, inner: Json, beside: Mapping[str, Json]) -> Json:
    """Return the template of an answer that shows `inner` where `shown` says; `beside` are what may stand beside it."""
    template = inner
    levels = [schema]
    for name in shown.around[:-1]:
        levels.append(levels[-1].properties[name])
    for level, name in zip(levels[::-1], shown.around[::-1], strict=False):  # none, where nothing is around
        template = {name: template, **_others(level, name, beside)}
    return template


def tells_next(schema: Schema | None) -> bool:
    """Say whether an answer has a text by which the next page is asked for."""
    parts = {} if schema is None else schema.properties
    if any(plain(name) in words.NEXT and "string" in part.types for name, part in parts.items()):
        return True
    return any(part.types - {"null"} == {"object"} and tells_next(part) for part in parts.values())


def page_values(result: str, paging: str | None) -> dict[str, Json]:
    """Return what members beside a list may show of it, by their names without case and separators."""
    values: dict[str, Json] = {}
    is_beside = paging in ("after", "before")
    for names, value in (
        (words.TOTALS, "total"),
        (words.COUNTS, "count"),
        (words.MORE, "has-more"),
        (words.PAGE_COUNTS if not is_beside else (), "pages"),
        (words.PAGE_NUMBERS if paging == "page" else (), "page"),
        (words.NEXT if paging == "cursor" else (), "next"),
        (words.PREVIOUS if paging == "cursor" else (), "previous"),
        (words.FIRST if is_beside else (), "first"),
        (words.LAST if is_beside else (), "last"),
    ):
        values.update(dict.fromkeys(names, f"${result}.{value}"))
    return values


def _others(schema: Schema, but: str, beside: Mapping[str, Json]) -> dict[str, Json]:
    """Return members beside the one that holds what is shown: those that are known, and those that have to be there."""
    members: dict[str, Json] = {}
    for name, part in schema.properties.items():
        if name == but:
            continue
        required, known = name in schema.required_in("response"), beside.get(plain(name))
        is_text = isinstance(known, str) and known.endswith((".next", ".previous", ".first", ".last"))
        fits = known is not None and part.types & ({"string", "null"} if is_text else {"number", "boolean"})
        if fits and ("boolean" in part.types) == str(known).endswith(".has-more"):
            members[name] = known
        elif plain(name) in ADDRESSES and "string" in part.types and required and "address" in beside:
            members[name] = beside["address"]
        elif part.types - {"null"} == {"object"} and (inner := _inner(part, beside, required)):
            members[name] = inner
        elif required:
            members[name] = _certain(name, part)
    return members


def _inner(schema: Schema, beside: Mapping[str, Json], required: bool) -> dict[str, Json]:
    try:
        return _others(schema, "", beside)
    except Unclear:
        if required:
            raise
        return {}


def _certain(name: str, schema: Schema) -> Json:
    """Return the value of a member that has to be there, where only one comes into question."""
    value = only_value(schema)
    if value is not None:
        return value
    if "boolean" in schema.types and plain(name) in YES:
        return True
    if schema.nullable:
        return None
    raise Unclear(f"it is not clear what {name} of its answer is")


def parts_of(schema: Schema, thing: Schema, result: str) -> dict[str, Json]:
    """Return the template of an answer that shows some fields of a record; raise `Unclear` where it shows anything else."""
    members: dict[str, Json] = {}
    for name, part in schema.properties.items():
        own = thing.properties.get(name)
        if own is not None and (holds_id(part) or name in schema.required) and part.types & own.types:
            members[name] = f"${result}.{name}"
        elif name in schema.required_in("response"):
            members[name] = "Done." if plain(name) in TEXTS and part.types == {"string"} else _certain(name, part)
        elif "boolean" in part.types and plain(name) in YES:
            members[name] = True
    return members
