"""Reading for which requests a step is done (`if`): the values that the request, the caller or an earlier step has to have."""

from __future__ import annotations

from mock_server.contract.behaviours.expressions import (
    Expression,
    FromBody,
    FromCaller,
    FromItem,
    FromParameter,
    FromStep,
)
from mock_server.contract.behaviours.surroundings import ExpressionReader
from mock_server.contract.documents.document import Node
from mock_server.contract.files.flaws import piece
from mock_server.contract.files.source import Json
from mock_server.contract.schemas.checks import NoChoice
from mock_server.contract.step_rules import Occasion

IF: Json = {"type": "object", "additionalProperties": {}, "minProperties": 1}
"""The shape of `if`: an expression under each key, and behind it a value, several of which one will do, or `{not: …}`."""

LOOKED_AT = (FromParameter, FromBody, FromItem, FromCaller, FromStep)
"""The expressions that may decide whether a step is done."""

NEGATED = "not"


def read_occasions(reader: ExpressionReader, node: Node) -> tuple[Occasion, ...]:
    """Return what the `if` of a step asks for; what is wrong with it is noted."""
    found = []
    for text, place in node.items():
        value = reader.expression(place, text)
        if value is None:
            continue
        if not isinstance(value, LOOKED_AT):
            place.flaw(f"{piece(text)} is not looked at by `if`", "it looks at $request…, $caller.FIELD, $item or $NAME.FIELD")
            continue
        if isinstance(value, FromStep) and value.field is None and reader.around.results[value.name].is_list:
            place.flaw(f"{piece(text)} is a list", f"one of what is known of it, as in {text}.total")
            continue
        is_negated = isinstance(place.value, dict) and set(place.value) == {NEGATED}
        wanted = place[NEGATED] if is_negated else place
        among = [one for one in _values(wanted) if _is_possible(reader, value, one)]
        if among:
            found.append(Occasion(value, tuple(one.value for one in among), not is_negated, text))
    return tuple(found)


def _values(place: Node) -> list[Node]:
    """Return the places of the values of which one will do; none, with a flaw noted, where there are none."""
    several = list(place.elements()) if isinstance(place.value, list) else [place]
    plain = [one for one in several if not isinstance(one.value, (dict, list)) and not str(one.value).startswith("$")]
    if not plain or len(plain) < len(several):
        place.flaw(f"{piece(place.value)} is no value to compare with", "VALUE, [VALUE, …] or {not: VALUE}; null: not given")
        return []
    return plain


def _is_possible(reader: ExpressionReader, value: Expression, wanted: Node) -> bool:
    """Say whether an expression may have a value; else note a flaw. Null stands for what is not given, too."""
    if wanted.value is None:
        return True
    check = reader.around.schemas.check
    for source in reader.sources(value):
        if source is None or not list(check(source).violations(wanted.value, NoChoice())):
            return True
    wanted.flaw("this is never so", f"its schema does not allow {piece(wanted.value)}")
    return False
