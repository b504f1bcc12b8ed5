"""What is wrong with a list, in the words of the API: which record is missing, which is too many, which stands elsewhere."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from contract_tests.oracle.mismatch import Mismatch
from contract_tests.oracle.pages import AskedPage, WrongPage
from contract_tests.oracle.plain_values import key_of, shown_value
from contract_tests.oracle.shown_order import left_out, out_of_order
from mock_server.contract.files.source import Json
from mock_server.engine.generating import Cut


def wrong_list(
    wrong: WrongPage, pointer: str, name: str, asked: AskedPage, expected: Sequence[Json], found: Sequence[Json]
) -> Mismatch:
    """Return the difference of a page of records called `name`: of `expected`, all that are known of, and `found`, its ids."""
    mine = [id for id in found if id in expected]
    place, received, shown = pointer or "the body", shown_value(list(found)), f"the {name} records"
    if wrong == "size":
        return Mismatch(place, f"at most {asked.cut.limit} items", f"{len(found)} items: {received}", wrong)
    if wrong == "repeats":
        twice = next(id for at, id in enumerate(found) if id in found[:at])
        return Mismatch(place, f"each {name} once", f"{shown_value(twice)} twice: {received}", wrong)
    if wrong == "extra":
        extra = [shown_value(id) for id in found if id not in expected]
        only = f"only {shown} that the request asks for, {shown_value(list(expected))}" if expected else f"no {name}"
        return Mismatch(place, only, f"also {', '.join(extra)}", wrong)
    if wrong == "order":
        one, other = next(pair for pair in itertools.pairwise(mine) if expected.index(pair[0]) > expected.index(pair[1]))
        return Mismatch(
            place, _in_order(other, one, asked.cut), f"{shown_value(one)} before {shown_value(other)}: {received}", wrong
        )
    if wrong == "gap":
        lacking = next(id for id in expected[expected.index(mine[0]) : expected.index(mine[-1])] if id not in mine)
        return Mismatch(place, f"{shown_value(lacking)} among them", f"{shown_value(lacking)} is missing: {received}", wrong)
    if wrong == "end":
        last = expected[0] if asked.cut.backwards else expected[-1]
        why = "" if asked.cut.limit is None else ", since the page has room for more"
        return Mismatch(place, f"{shown_value(last)} too{why}", f"{shown_value(last)} is missing: {received}", wrong)
    if wrong == "start":
        there = expected[::-1] if asked.cut.backwards else expected
        first = shown_value(there[asked.cut.start]) if asked.cut.start < len(there) else f"no {name}"
        return Mismatch(place, f"a page that begins with {first}", received, wrong)
    return Mismatch(place, f"{shown} that follow the previous page: none left out, none again", received, wrong)


def wrong_order(cut: Cut, predicted: Sequence[Mapping[str, Json]], found: Sequence[Json], id: str) -> str:
    """Return what is wrong with the order that a page shows; an empty text where nothing is."""
    if not cut.order:
        return ""
    place = out_of_order(found, cut.order)
    if place is not None:
        one, other = (item.get(id) if isinstance(item, dict) else item for item in found[place - 1 : place + 1])
        return _in_order(other, one, cut)
    if cut.start > 0 or cut.backwards or cut.limit is None or len(found) < cut.limit or not found:
        return ""
    there = {key_of(item.get(id)) for item in found if isinstance(item, dict)}
    lacking = left_out([record for record in predicted if record[id] not in there], found[-1], cut.order)
    return f"the records in order{_by(cut)}: {shown_value(lacking[id])} comes before the last of these" if lacking else ""


def _in_order(first: Json, second: Json, cut: Cut) -> str:
    return f"the records in order{_by(cut)}: {shown_value(first)} before {shown_value(second)}"


def _by(cut: Cut) -> str:
    return f" ({', '.join(map(str, cut.order))})" if cut.order else ""
