"""When a step is done, and how often: for some requests only, and for each element of a list."""

from __future__ import annotations

import json
from dataclasses import dataclass

from mock_server.contract.behaviours.expressions import Expression, FromBody
from mock_server.contract.decisions import Decision
from mock_server.contract.files.source import Json


@dataclass(frozen=True, slots=True, eq=False)
class Each:
    """The list in the body for each of whose elements a step is done, and what follows where it is refused for one of them."""

    of: FromBody
    when_one_fails: Decision[str]


@dataclass(frozen=True, slots=True, eq=False)
class Occasion:
    """A value that has to be one of some for a step to be done, or (not `is_among`) none of them; null: it is not given."""

    value: Expression
    among: tuple[Json, ...]
    is_among: bool
    text: str
    """The value as the document writes it."""

    def __str__(self) -> str:
        told = " or ".join(one if isinstance(one, str) else json.dumps(one) for one in self.among)
        return f"{self.text} is {'' if self.is_among else 'not '}{told}"
