"""Which choice holds for each assumption, and which assumptions an answer rested on."""

from __future__ import annotations

from collections.abc import Mapping


class Undecided(Exception):  # noqa: N818 (it asks for a choice; nothing is wrong)
    """Raised when a request needs the choice of an assumption that is still open."""

    def __init__(self, assumption: str) -> None:
        super().__init__(assumption)
        self.assumption = assumption


class Choices:
    """The choices of one request. `rested_on` fills with those that were consulted, in order."""

    __slots__ = ("made", "rested_on")

    def __init__(self, made: Mapping[str, str]) -> None:
        self.made = made
        self.rested_on: dict[str, str] = {}

    def of(self, assumption: str) -> str:
        """Return the choice that holds for `assumption`; raise `Undecided` while it is open."""
        choice = self.made.get(assumption)
        if choice is None:
            raise Undecided(assumption)
        self.rested_on[assumption] = choice
        return choice
