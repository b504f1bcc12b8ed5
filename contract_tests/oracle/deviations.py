"""What is legal about an answer, and yet not as any choice of the contract has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class StatusDeviation:
    """Another status than the document has, yet a fair one. `problem` is the kind of refusal, None for a success."""

    problem: str | None
    status: int


@dataclass(frozen=True, slots=True)
class ErrorBodyDeviation:
    """A refusal that is told in another way than predicted: in this media type, `other` where only its shape is another."""

    media_type: str


@dataclass(frozen=True, slots=True)
class RefusalDeviation:
    """A valid request that is refused, as a deployment may do for this reason although no document says so."""

    why: str


Deviation: TypeAlias = StatusDeviation | ErrorBodyDeviation | RefusalDeviation
