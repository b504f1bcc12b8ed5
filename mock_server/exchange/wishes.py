"""What a request wishes to be answered, whatever the state: `Prefer: code=404`, `example=NAME`, `dynamic=true`.

That is what users of other mock servers know, as are `__code`, `__example` and `__dynamic` in the query, for where no header
can be set. Nothing is stored, and what cannot be had is refused loudly. The header is that of RFC 7240; preferences of other
names are ignored, as it asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from mock_server.contract.model import Operation
from mock_server.exchange.messages import Request

LONGEST_PREFERENCE = 1000
"""How many characters of a `Prefer` header, or of a query, are read."""

TWIN = "__"
"""What the names of preferences begin with in a query."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request prefers to be answered."""

    code: str | None = None
    example: str | None = None
    dynamic: bool = False

    @classmethod
    def of(cls, request: Request, operation: Operation) -> Wish | None:
        """Return what a request wishes of a mock; None when it wishes nothing. The header goes before the query."""
        wish = cls.from_header(request.header(b"prefer"))
        return wish if wish is not None or TWIN not in request.query else cls._from_query(request.query, operation)

    @classmethod
    def from_header(cls, value: str) -> Wish | None:
        """Return what a `Prefer` header wishes of a mock; None when it wishes nothing of the kind."""
        found = {}
        for preference in value[:LONGEST_PREFERENCE].replace(";", ",").split(","):
            name, _, wished = preference.partition("=")
            found[name.strip().lower()] = wished.strip().strip('"')
        return cls._from_pairs(found)

    @classmethod
    def _from_query(cls, query: str, operation: Operation) -> Wish | None:
        documented = {parameter.name for parameter in operation.parameters if parameter.location == "query"}
        pairs = parse_qsl(query[:LONGEST_PREFERENCE], keep_blank_values=True, errors="replace")
        twins = {name.removeprefix(TWIN): value for name, value in pairs if name.startswith(TWIN) and name not in documented}
        return cls._from_pairs(twins)

    @classmethod
    def _from_pairs(cls, pairs: Mapping[str, str]) -> Wish | None:
        wish = cls(pairs.get("code"), pairs.get("example"), pairs.get("dynamic") == "true")
        return wish if wish != NO_WISH else None

    def __str__(self) -> str:
        told = [f"{name}={value}" for name, value in (("code", self.code), ("example", self.example)) if value is not None]
        return ", ".join([*told, "dynamic=true"] if self.dynamic else told)


NO_WISH = Wish()
