"""Slugs in answers: the one that is made of a field, or one with a number behind it where others may have those before it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection

from contract_tests.oracle.placeholders import Placeholder
from mock_server.contract.files.source import Json
from mock_server.engine.values import numbered


def wrong_slug(made: Placeholder, found: str, taken: Collection[Json]) -> str:
    """Return what a slug should be that is none of those that are taken; an empty text where it may be that."""
    behind = re.fullmatch(re.escape(made.base) + r"(?:-([1-9]\d*))?", found)
    number = int(behind[1] or 1) if behind else 0
    if number >= made.number and found not in taken:
        return ""
    return f"{json.dumps(numbered(made.base, made.number))}, or one with a larger number behind it"
