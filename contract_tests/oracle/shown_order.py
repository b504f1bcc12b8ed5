"""The order of a page, told by what its own items show: so the records of others are held to it as well.

Texts are compared by the rules of a language that nobody names, so nothing is said of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.contract.behaviours.orders import OrderBy
from mock_server.contract.files.source import Json
from mock_server.engine.conditions import comparable


def is_before(one: Mapping[str, Any], other: Mapping[str, Any], order: Sequence[OrderBy]) -> bool | None:
    """Say whether a record stands before another one in an order; None where they are equal, or where nobody can say."""
    for by in order:
        mine, theirs = comparable(one.get(by.field)), comparable(other.get(by.field))
        if mine is None or theirs is None or mine[0] != theirs[0] or isinstance(mine[1], str):
            return None
        if mine != theirs:
            return (mine[1] < theirs[1]) is not by.descending
    return None


def out_of_order(items: Sequence[Json], order: Sequence[OrderBy]) -> int | None:
    """Return the place of the first item that should stand before the one before it; None where there is none."""
    records = [item if isinstance(item, dict) else {} for item in items]
    pairs = itertools.pairwise(records)
    return next((place for place, (one, other) in enumerate(pairs, 1) if is_before(other, one, order)), None)


def left_out(known: Sequence[Mapping[str, Any]], last: Json, order: Sequence[OrderBy]) -> Mapping[str, Any] | None:
    """Return the first of some records that should stand before the last item of a first page, and is not there."""
    if not isinstance(last, dict):
        return None
    return next((record for record in known if is_before(record, last, order)), None)
