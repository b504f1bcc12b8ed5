"""Records that were made and that no answer has shown: which items of a list they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contract_tests.oracle.placeholders import is_placeholder, is_unknown, is_unknown_id
from contract_tests.oracle.plain_values import key_of, same_json
from mock_server.contract.files.source import Json


def told_by_list(
    predicted: Sequence[Mapping[str, Json]], found: Sequence[Json], id: str, held: set[Json]
) -> tuple[list[dict[str, Json]], list[Mapping[str, Json]]]:
    """Return the predicted records, those of unknown ids with the ids of the items that they can be, and those that no item is.

    Such items have other ids than the records that are known of, which are `held`, and agree in all that was stored.
    """
    known = {*held, *(record[id] for record in predicted), None}
    left = [item for item in found if isinstance(item, dict) and key_of(item.get(id)) not in known]
    told, missing = [], []
    for record in predicted:
        if not is_unknown_id(record[id]):
            told.append(dict(record))
            continue
        match = next((item for item in left if _agrees(record, item, id)), None)
        if match is None:
            missing.append(record)
        else:
            left.remove(match)
            told.append({**record, id: match[id]})
    return told, missing


def _agrees(record: Mapping[str, Json], item: Mapping[str, Any], id: str) -> bool:
    """Say whether an item has what was stored of a record, as far as that is known."""
    plain = {
        name: value
        for name, value in record.items()
        if name != id and isinstance(value, (str, int, float, bool)) and not is_placeholder(value) and not is_unknown(value)
    }
    return all(same_json(item.get(name), value) for name, value in plain.items())
