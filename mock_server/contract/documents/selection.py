"""Reading a document under choices of its assumptions: what `x-when` asks for beside becomes part of the schema."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeAlias

from mock_server.contract.documents.vocabulary import NAMED, PLAIN_VALUES, SCHEMA_KEYWORDS
from mock_server.contract.files.source import Json

LEADS_ON = frozenset({"$ref", "$defs", "properties", "patternProperties", "items", "prefixItems", "allOf"})
LEADS_ON |= {"additionalProperties", "unevaluatedProperties", "unevaluatedItems"}
"""Keywords beneath which an `x-when` may stand."""

LOOKED_AT = frozenset({"properties", "patternProperties", "prefixItems", "minContains", "maxContains", "if"})
"""Keywords that change what others beside them refuse; asked for beside the schema, they can only add."""

Selection: TypeAlias = frozenset[tuple[str, str]]
"""The (assumption, choice) pairs whose keywords a schema is read with."""


def selected(value: Json, selection: Collection[tuple[str, str]], *, by_name: bool = False, alone: bool = False) -> Json:
    """Return a copy of `value` in which every `x-when` is replaced by the keywords of the selected choices.

    `by_name` tells that `value` is a mapping from names, whose keys mean nothing. `alone` leaves out all other keywords but
    those that lead to schemas within schemas.
    """
    if isinstance(value, list):
        return [selected(element, selection, alone=alone) for element in value]
    if not isinstance(value, dict):
        return value
    copy = {
        key: part
        if not isinstance(part, (dict, list)) or (key in PLAIN_VALUES and not by_name)
        else selected(part, selection, by_name=key in NAMED and not by_name, alone=alone)
        for key, part in value.items()
        if by_name or not (key == "x-when" or (alone and _refuses_itself(key, part)))
    }
    when = value.get("x-when")
    if isinstance(when, dict) and not by_name:
        for name, choices in when.items():
            for choice, keywords in choices.items():
                if (name, choice) in selection:
                    copy = _with_keywords(copy, keywords)
    return copy


def _with_keywords(schema: dict[str, Any], keywords: dict[str, Any]) -> dict[str, Any]:
    """Return `schema` asking for `keywords` as well; one that it has already, or that others look at, is asked for beside."""
    beside = {
        keyword: value for keyword, value in keywords.items() if keyword in LOOKED_AT or schema.get(keyword, value) != value
    }
    joined = {**schema, **{keyword: value for keyword, value in keywords.items() if keyword not in beside}}
    if beside:
        joined["allOf"] = [*joined.get("allOf", []), beside]
    return joined


def _refuses_itself(keyword: str, value: Json) -> bool:
    return keyword in SCHEMA_KEYWORDS and (keyword not in LEADS_ON or isinstance(value, bool))
