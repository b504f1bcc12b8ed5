"""What is sent to a target, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

MOST_CONNECTIONS = 16
"""Over how many connections a target is asked at most."""


class CutOff(str):
    """The trouble of a reply of which a part came; any other trouble means that none did."""


@dataclass(frozen=True, slots=True)
class WireRequest:
    """A request to a target. `path` is percent-encoded; `organization` names whose token it carries, None for no usable one."""

    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    operation: str | None = None
    organization: str | None = None


@dataclass(frozen=True, slots=True)
class WireResponse:
    """What came back. Times are seconds since 1970; `trouble` says why there is no whole answer (then `status` may be 0)."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    sent_at: float = 0.0
    received_at: float = 0.0
    trouble: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the status says that the request was accepted."""
        return 200 <= self.status < 300

    def header(self, name: str) -> str:
        """Return the value of a header, or an empty text."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


def is_lost(reply: WireResponse) -> bool:
    """Say whether nothing of an answer came."""
    return bool(reply.trouble) and reply.status == 0 and not isinstance(reply.trouble, CutOff)


@dataclass(frozen=True, slots=True)
class Interaction:
    """One exchange with the target; `note` tells in words what it is for."""

    call: WireRequest
    reply: WireResponse
    note: str = field(default="", compare=False)


class Target(Protocol):
    """Whatever answers calls: a deployment behind a URL, or an application in this process."""

    name: str
    local: bool
    connections: int
    """Over how many connections it is asked unless somebody says otherwise."""

    def send(self, call: WireRequest) -> WireResponse:
        """Send one call and return what came back; trouble is told in the reply, never raised."""

    def send_together(self, calls: list[WireRequest]) -> list[WireResponse]:
        """Send all calls at once, each on a connection of its own, and return the replies in the order of the calls."""

    def close(self) -> None:
        """Let go of connections."""
