"""What an answer is made for: whatever of a request decides which values are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_server.contract.files.source import Json
from mock_server.contract.sampling.dice import seed_of
from mock_server.contract.sampling.naming import kind_of, singular, snake_case
from mock_server.contract.schemas.keywords import canonical

LIMITS = frozenset(
    """
    limit per_page page_size perpage pagesize page_limit max_results results_per_page items_per_page take top first max count
    size rows
    """.split()  # noqa: SIM905 (reads better)
)
"""Query parameters that bound how many elements a list has, as snake_case writes them."""

PAGING = frozenset(
    """
    page offset cursor after before skip start starting_after page_token page_number
    """.split()  # noqa: SIM905 (reads better)
)
"""Query parameters that tell which elements a list has."""


@dataclass(frozen=True, slots=True)
class About:
    """A request, as far as made values depend on it."""

    seed: int = 0
    path: Mapping[str, Any] = field(default_factory=dict)
    """The values of the parameters of the path, in their order."""

    template: str = ""
    """The path as the document has it: /pets/{petId}."""

    query: Mapping[str, Any] = field(default_factory=dict)
    body: Json = None
    creates: bool = False
    """Whether another body is for another thing."""

    @property
    def limit(self) -> int | None:
        """How many elements a list has at most; None where the request does not say."""
        found = (value for name, value in self.query.items() if snake_case(name.strip("$")) in LIMITS)
        limit = next((value for value in found if isinstance(value, int) and not isinstance(value, bool)), None)
        return None if limit is None or limit < 0 else limit

    @property
    def kind(self) -> str:
        """What the path is about: /pets/{petId} is about a pet."""
        literal = [segment for segment in self.template.split("/") if segment and "{" not in segment]
        return singular(kind_of(literal[-1])) if literal else ""

    def seed_for(self, place: object) -> int:
        """Return the seed of values for a schema at `place`; it is another one for another id, page or created thing."""
        pages = {name: value for name, value in self.query.items() if snake_case(name.strip("$")) in PAGING}
        body = canonical(self.body) if self.creates and self.body is not None else ""
        return seed_of(0, f"{self.seed} {place} {list(self.path.values())} {pages} {body}")
