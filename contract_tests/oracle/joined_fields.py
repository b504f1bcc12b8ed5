"""Fields that are joined of others, where several ways of joining them are fair."""

from __future__ import annotations

from collections.abc import Mapping

from contract_tests.oracle.regions import Region
from mock_server.contract.files.source import Json
from mock_server.contract.model import Derived, Resource
from mock_server.engine.records import join


def joins_blanks(derived: Derived, record: Mapping[str, Json]) -> bool:
    """Say whether a field may have been made of parts that are blank, or have space around them."""
    parts = [record.get(name) for name in derived.join]
    odd = any((isinstance(part, str) and " ".join(words(part)) != part) or part == "" for part in parts)
    return odd and record.get(derived.field) in (None, join(derived.join, dict(record)))


def joined_otherwise(resource: Resource, name: str, record: Mapping[str, Json], shown: object, region: Region) -> bool:
    """Say whether a field is shown as it may have been made of others: how blank parts are joined is nobody's business.

    Nor is it whether an empty text that was sent counts as none, where a choice of `region` makes the field of others at all.
    """
    for derived in resource.derived:
        if derived.field == name and isinstance(shown, (str, type(None))):
            told = join(derived.join, dict(record)) if record[name] == "" else record[name]
            if (record[name] == "" or joins_blanks(derived, record)) and words(told) == words(shown):
                when = derived.when
                return any(when.outcomes[choice] != "never" for choice in region[when.assumption]) if when.assumption else True
    return False


def joins_some(derived: Derived, record: Mapping[str, Json]) -> bool:
    """Say whether a field may have been made of some parts, while others are null or empty."""
    made = record.get(derived.field)
    return made is not None and not all(record.get(name) for name in derived.join) and made == join(derived.join, dict(record))


def words(text: object) -> list[str]:
    """Return the words of a text; none where it is no text."""
    return text.split() if isinstance(text, str) else []
