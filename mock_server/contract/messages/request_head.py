"""What a request sends beside its body, as the styles of parameters look at it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import TypeAlias

from mock_server.contract.messages.percent import form_decoded
from mock_server.contract.messages.text_types import members_of

Fields: TypeAlias = list[tuple[str, str]]
"""Names, and the texts that were sent for them, still encoded."""

MOST_FIELDS = 1000
"""How many fields a query may have."""


class RequestHead:
    """What a request sends beside its body: texts by the names of the path's parameters, a query, headers."""

    def __init__(self, path: Mapping[str, str], query: str, headers: Mapping[bytes, bytes]) -> None:
        self.path = path
        self._query = query
        self._headers = headers

    @cached_property
    def query(self) -> Fields:
        """The fields of the query in order; raises `ValueError` where their names are not UTF-8, or where they are too many."""
        parts = self._query.split("&")
        if len(parts) > MOST_FIELDS:
            raise ValueError("too many fields")
        return [(form_decoded(name), text) for name, _, text in (part.partition("=") for part in parts if part)]

    @cached_property
    def query_by_name(self) -> dict[str, list[str]]:
        """The texts of the query by name."""
        return members_of(self.query)

    def header(self, name: str) -> str | None:
        """Return a header by its name in lower case; None where there is none."""
        value = self._headers.get(name.encode("latin-1", "replace"))
        return None if value is None else value.decode("latin-1")

    def cookies(self, separators: str = ";") -> Fields:
        """Return the cookies in order; separated by one of `separators`."""
        parts = re.split(f"[{separators}]", self.header("cookie") or "")
        return [(name.strip(), text.strip()) for name, _, text in (part.partition("=") for part in parts) if name.strip()]
