"""Fields that are joined of others, where several ways of joining them are fair."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.contract.files.source import Json
from mock_server.contract.model import Derived
from mock_server.engine.records import join


def joins_blanks(derived: Derived, record: Mapping[str, Json]) -> bool:
    """Say whether a field may have been made of parts that are blank, or have space around them."""
    parts = [record.get(name) for name in derived.join]
    odd = any((isinstance(part, str) and " ".join(words(part)) != part) or part == "" for part in parts)
    return odd and record.get(derived.field) in (None, join(derived.join, dict(record)))


def joins_some(derived: Derived, record: Mapping[str, Json]) -> bool:
    """Say whether a field may have been made of some parts, while others are null or empty."""
    made = record.get(derived.field)
    return made is not None and not all(record.get(name) for name in derived.join) and made == join(derived.join, dict(record))


def words(text: object) -> list[str]:
    """Return the words of a text; none where it is no text."""
    return text.split() if isinstance(text, str) else []
