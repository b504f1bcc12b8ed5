"""What a run is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from contract_tests.transport.tenants import Tenant


@dataclass(frozen=True, slots=True)
class Budget:
    """How much is tried: playings of the random machine, rounds of simultaneous requests, generated cases per operation."""

    name: str
    sequences: int
    rounds: int
    generated_bodies: int
    thinning: int = 1
    """Of the prepared scenarios about texts, one in so many is played."""

    spread: bool = False
    """Whether what may be tried in each field, or in each order, is spread over the fields and operations."""

    seconds: float | None = None
    """How long a run may take at a local target; None is no limit."""

    remote_seconds: float | None = None
    """The same at any other target."""


BUDGETS: Mapping[str, Budget] = {
    "quick": Budget("quick", sequences=10, rounds=8, generated_bodies=10, spread=True, seconds=15, remote_seconds=15),
    "standard": Budget("standard", sequences=60, rounds=40, generated_bodies=40, seconds=60),
    "thorough": Budget("thorough", sequences=400, rounds=150, generated_bodies=200),
}


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What a run is asked to do.

    `tenants` are the organizations, the first one being asked most; `expired_token` is one that has to be refused;
    `profile` is what the target is compared with; for how many seconds anything is sent (`max_seconds`) is unlimited unless
    given. `races` and `undocumented_methods` default to whether the target is local; `concurrency`, the number of connections,
    to 4 for such a target, and to 1.
    """

    tenants: tuple[Tenant, ...]
    expired_token: str = field(default="", repr=False)
    budget: Budget = BUDGETS["standard"]
    profile: Mapping[str, str] = field(default_factory=dict)
    random_seed: int = 0
    max_requests: int | None = None
    max_seconds: float | None = None
    rate: float | None = None
    concurrency: int | None = None
    races: bool | None = None
    undocumented_methods: bool | None = None
    generated_bodies: bool = True
    only: Literal["everything", "assumptions"] = "everything"
    stop_at_first: bool = False
    operations: frozenset[str] = frozenset()
    """The ids of operations: only scenarios that are written for one of them, and in which all occur, are played."""

    @property
    def is_narrow(self) -> bool:
        """Whether only what is about some operations is tried."""
        return bool(self.operations)

    @property
    def observes(self) -> bool:
        """Whether only assumptions are settled."""
        return self.only == "assumptions"
