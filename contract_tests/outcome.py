"""What a run came to: a verdict, findings, what became of each assumption. Plain values; nothing in them is secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from contract_tests.messages import Step


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where an answer is not what the contract promises: a JSON Pointer, or `status`, or `header NAME`."""

    place: str
    expected: str
    received: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken promise. There is one for each `cause`, a short text that stays the same between runs.

    `clause` is a pointer into the document (openapi.yaml#/paths/…); `source` tells whether the documents say it or it is
    assumed. `steps` is the shortest sequence that shows it, the last one being the answer that is wrong. It was seen `times`
    times in `out_of` tries.
    """

    cause: str
    title: str
    part: Literal["lockstep", "refusals", "shape", "races", "reliability"]
    clause: str
    source: Literal["documented", "assumed"]
    detail: str
    differences: tuple[Difference, ...]
    steps: tuple[Step, ...]
    times: int = 1
    out_of: int = 1


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of an assumption. `choices` are those that no answer contradicts: one when it is settled.

    `in_use` is the choice of the profile that the run was compared with. `evidence` is the exchange that settled it; `why`
    says why it is not reachable, or in what way the answers are of two minds.
    """

    assumption: str
    state: Literal["settled", "open", "unreachable", "inconsistent"]
    choices: tuple[str, ...]
    in_use: str
    evidence: Step | None = None
    why: str = ""

    @property
    def differs(self) -> bool:
        """Whether the target is known to do otherwise than the profile in use."""
        return self.state in ("settled", "open", "inconsistent") and self.in_use not in self.choices


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. `reason` tells in one line why no verdict could be given."""

    verdict: Literal["conforms", "broken", "unjudged"]
    target: str
    document: str
    title: str
    started: str
    seconds: float
    random_seed: int
    budget: str
    findings: tuple[Finding, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    differences: tuple[str, ...] = ()
    """Sentences about what is legal, yet not as the mock does it."""
    limits: tuple[str, ...] = ()
    """Sentences about what could not be looked at, and why."""
    requests: int = 0
    by_operation: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    """How many answers of each status each operation gave (0: no answer)."""
    created: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The ledger: by resource, the ids of everything that the run made."""
    tag: str = ""
    """What stands in every key value that the run made."""
    reason: str = ""

    def exit_code(self, *, strict: bool = False) -> int:
        """Return 0 conforms, 1 broken, 2 could not judge; when `strict`, 3 for what conforms but differs from the profile."""
        if self.verdict == "broken":
            return 1
        if self.verdict == "unjudged":
            return 2
        return 3 if strict and any(settlement.differs for settlement in self.settlements) else 0
