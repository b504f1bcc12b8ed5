"""Where an answer is not as the contract has it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One place where a response differs from the contract: a JSON Pointer, `status`, or `header NAME`."""

    place: str
    expected: str
    received: str
