"""Decisions: outcomes that the document fixes, or that depend on the choice of an assumption."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True, slots=True, eq=False)
class Assumption:
    """A silent point of the documents: the admissible choices with their meanings, the default, and why it is open."""

    name: str
    choices: Mapping[str, str]
    default: str
    why: str


class Chooser(Protocol):
    """Whoever says which choice holds; see `mock_server.engine.choices`."""

    def of(self, assumption: str) -> str:
        """Return the choice that holds for `assumption`."""


@dataclass(frozen=True, slots=True)
class Decision(Generic[T]):
    """An outcome that is either fixed by the document or depends on the choice of one assumption."""

    fixed: T | None
    assumption: str | None = None
    outcomes: Mapping[str, T] = field(default_factory=dict)

    def settle(self, chooser: Chooser) -> T:
        """Return the outcome; consult the assumption only when the document does not fix it."""
        if self.assumption is None:
            return self.fixed  # type: ignore[return-value]  # fixed is a T whenever there is no assumption
        return self.outcomes[chooser.of(self.assumption)]

    def __str__(self) -> str:
        return f"as {self.assumption} says" if self.assumption else str(self.fixed)

    def map(self, change: Callable[[T], S]) -> Decision[S]:
        """Return the decision between what `change` makes of each outcome."""
        if self.assumption is None:
            return Decision(change(self.fixed))  # type: ignore[arg-type]  # fixed is a T whenever there is no assumption
        return Decision(None, self.assumption, {choice: change(outcome) for choice, outcome in self.outcomes.items()})

    def possible(self) -> tuple[T, ...]:
        """Return every outcome that some choice leads to."""
        return tuple(self.outcomes.values()) if self.assumption else (self.fixed,)  # type: ignore[return-value]
