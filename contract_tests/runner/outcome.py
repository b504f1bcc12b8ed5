"""The outcome of a run: a verdict, findings, the state of each assumption. Plain values that contain no secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from contract_tests.oracle.mismatch import Mismatch
from contract_tests.scenarios.templates import Part
from contract_tests.transport.wire import Interaction


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken promise. There is one for each `cause`, a short text that stays the same between runs.

    `clause` is a pointer into the document (openapi.yaml#/paths/…); `source` tells whether the promise is documented or
    assumed. `steps` is the shortest sequence that shows it, ending with the wrong response. It was seen in `times` of `out_of`
    attempts.

    `promised` is what the document says that the response breaks, in the document's own words where it has any; `look_at` is
    where a developer of the API would look first. `also_seen_in` are the titles of other findings that most likely have the
    same cause: they share one of its `traits`, or there are several in which the operation is wrong in one `way`. An empty
    text says that there is nothing to say.
    """

    cause: str
    title: str
    part: Part
    clause: str
    source: Literal["documented", "assumed"]
    detail: str
    differences: tuple[Mismatch, ...]
    steps: tuple[Interaction, ...]
    times: int = 1
    out_of: int = 1
    breaks: tuple[tuple[str, str], ...] = ()
    """The promises that it breaks: for each the operation and the promise, as `PromiseResult` has them."""
    promised: str = ""
    look_at: str = ""
    also_seen_in: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    way: str = ""


@dataclass(frozen=True, slots=True)
class PromiseResult:
    """What came of one promise of one operation; silence is never a pass.

    `operation` is written as in POST /v2/contacts, and empty for what concerns the whole API; `promise` is a sentence in the
    present tense without its subject. `tested` is how many responses were held to the promise. `why` says, for "not tested",
    why not and what the user can do about it; else it is empty.
    """

    operation: str
    promise: str
    tested: int
    result: Literal["kept", "broken", "not tested"]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Settlement:
    """The state of an assumption. `choices` are those that no response contradicts: one if it is settled.

    `in_use` is the choice of the profile that the target is compared with. `evidence` is the exchange that settled it; `why`
    says why it is not reachable, or how the responses are inconsistent.
    """

    assumption: str
    state: Literal["settled", "open", "unreachable", "inconsistent"]
    choices: tuple[str, ...]
    in_use: str
    evidence: Interaction | None = None
    why: str = ""

    @property
    def differs(self) -> bool:
        """Whether the target is known to differ from the profile in use."""
        return self.state in ("settled", "open", "inconsistent") and self.in_use not in self.choices


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a run. `reason` says in one line why there is no verdict."""

    verdict: Literal["conforms", "broken", "unjudged"]
    target: str
    document: str
    title: str
    started: str
    seconds: float
    random_seed: int
    budget: str
    findings: tuple[Finding, ...] = ()
    """Documented ones first, then those with the fewest steps."""
    promises: tuple[PromiseResult, ...] = ()
    """The table of promises: the operations in the order of the document, each with every promise that applies to it."""
    settlements: tuple[Settlement, ...] = ()
    differences: tuple[str, ...] = ()
    """Sentences about what is allowed, but different from the mock."""
    limits: tuple[str, ...] = ()
    """Sentences about what was not tested, and why."""
    requests: int = 0
    by_operation: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    """How many responses of each status each operation gave (0: no response)."""
    created: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The ledger: by resource, the ids of everything that the run created."""
    tag: str = ""
    """A text that is part of every key value that the run created."""
    stopped: str = ""
    """Why the run ended before everything was tested, if it did."""
    reason: str = ""
    interrupted_by: int = 0
    """The number of the signal that ended the run early; 0 if none did."""
    ledger_is_whole: bool = True
    """Whether everything that was created is in the ledger, if one was asked for."""

    def exit_code(self, *, strict: bool = False) -> int:
        """Return 0 (conforms), 1 (broken), 2 (no verdict) or, if `strict`, 3 (conforms but differs from the profile).

        For a run that was interrupted, return 128 and the number of the signal, as a shell does.
        """
        if self.interrupted_by:
            return 128 + self.interrupted_by
        if self.verdict == "broken":
            return 1
        if self.verdict == "unjudged":
            return 2
        return 3 if strict and any(settlement.differs for settlement in self.settlements) else 0
