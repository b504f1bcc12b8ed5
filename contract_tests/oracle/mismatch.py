"""Where an answer is not as the contract has it."""

from __future__ import annotations

from dataclasses import dataclass

STATUS = "status"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One place where a response differs from the contract: a JSON Pointer, `status`, or `header NAME`.

    `kind` names what is wrong with a list or an id, where it is not merely another value: two with one kind are alike.
    """

    place: str
    expected: str
    received: str
    kind: str = ""
    of_clock: bool = False
    """Whether another clock would explain it."""

    @property
    def is_status(self) -> bool:
        """Whether it is the status that differs."""
        return self.place == STATUS

    @property
    def is_value(self) -> bool:
        """Whether it is a value within the body."""
        return self.place.startswith("/")
