"""Which choice holds for each assumption, and which assumptions an answer rested on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from mock_server.contract.decisions import Decision

T = TypeVar("T")


class Undecided(Exception):  # noqa: N818 (it asks for a choice; nothing is wrong)
    """Raised when a request needs the choice of an assumption that is still open."""

    def __init__(self, assumption: str) -> None:
        super().__init__(assumption)
        self.assumption = assumption


class Made(dict[str, str]):
    """The choices that are made, by assumption; to ask for one that is open raises `Undecided`."""

    def __missing__(self, assumption: str) -> str:
        raise Undecided(assumption)


class Choices:
    """The choices of one request. `rested_on` fills with those that were consulted, in order."""

    __slots__ = ("made", "rested_on")

    def __init__(self, made: Mapping[str, str]) -> None:
        self.made = made if isinstance(made, Made) else Made(made)
        self.rested_on: dict[str, str] = {}

    def of(self, assumption: str) -> str:
        """Return the choice that holds for `assumption`; raise `Undecided` while it is open."""
        choice = self.rested_on[assumption] = self.made[assumption]
        return choice


def settler(decision: Decision[T]) -> Callable[[Choices], T]:
    """Return what `decision.settle` does, compiled: for decisions that nearly every request meets."""
    if decision.assumption is None:
        fixed: T = decision.fixed  # type: ignore[assignment]  # fixed is a T whenever there is no assumption
        return lambda choices: fixed
    assumption, outcomes = decision.assumption, decision.outcomes

    def settle(choices: Choices) -> T:
        choice = choices.made[assumption]
        choices.rested_on[assumption] = choice
        return outcomes[choice]

    return settle
