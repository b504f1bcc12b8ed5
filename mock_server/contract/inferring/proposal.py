"""What is proposed: actions of an overlay, each with its why, and why other operations are left as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mock_server.contract.files.source import Json


class Unclear(Exception):  # noqa: N818 (it says what the document is)
    """Something cannot be told from the document with certainty; the text says what."""


@dataclass(frozen=True, slots=True, eq=False)
class Action:
    """One action of the overlay: what it adds where, of which kind of records, and why."""

    label: str
    """How it is named: a component, or a method with its path."""

    target: str
    update: Mapping[str, Json]
    kind: str
    why: str
    body: str = ""
    """The component that the request of the operation is, if it is one."""

    assumptions: Mapping[str, Json] = field(default_factory=dict)
    """The points that it leaves open, as `x-assumptions` has them."""

    @property
    def is_operation(self) -> bool:
        """Whether it says what an operation does."""
        return "x-behaviour" in self.update


@dataclass(frozen=True, slots=True)
class Proposal:
    """The actions of an overlay, and why operations without one are left as they are."""

    actions: tuple[Action, ...]
    left: Mapping[str, str]

    @property
    def assumptions(self) -> dict[str, Json]:
        """The points that the actions leave open."""
        return {name: entry for action in self.actions for name, entry in action.assumptions.items()}

    @property
    def stateful(self) -> int:
        """How many operations it gives a behaviour."""
        return sum(action.is_operation for action in self.actions)
