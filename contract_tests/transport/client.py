"""Sending calls with manners: not faster than allowed, not more than allowed, and waiting when a target asks for it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime

from contract_tests.transport.interruption import Interruption
from contract_tests.transport.wire import Target, WireRequest, WireResponse

LONGEST_WAIT = 120.0
MOST_PATIENCE = 8
"""How long, and how often in a row, a request waits because its target answers 429 or 503 with Retry-After."""


class Exhausted(Exception):  # noqa: N818 (a limit was kept)
    """Raised when a run has sent as many requests as it may."""


class Client:
    """Takes calls to one target and counts them. It raises `Interrupted` when its `interruption` has come."""

    def __init__(
        self,
        target: Target,
        *,
        rate: float | None = None,
        max_requests: int | None = None,
        interruption: Interruption | None = None,
        sleep: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        on_request: Callable[[int], None] = lambda count: None,
    ) -> None:
        self.target = target
        self.count = 0
        self.waited = 0
        self.statuses: dict[str, Counter[int]] = {}
        self._gap = 1 / rate if rate else 0.0
        self._most = max_requests
        self._interruption = interruption or Interruption()
        self._sleep = sleep or self._interruption.sleep
        self._clock = clock
        self._next = 0.0
        self._on_request = on_request

    def pause(self, seconds: float) -> None:
        """Let some time pass."""
        if seconds:
            self._sleep(seconds)

    def send(self, call: WireRequest) -> WireResponse:
        """Send one call and return what came back; raise `Exhausted` at the limit."""
        for _ in range(MOST_PATIENCE):
            self._take(1)
            reply = self.target.send(call)
            self._count(call, reply)
            wait = _asked_to_wait(reply)
            if wait is None:
                return reply
            self.waited += 1
            self._sleep(min(wait, LONGEST_WAIT))
        return reply

    def send_together(self, calls: Sequence[WireRequest]) -> list[WireResponse]:
        """Send calls at the same time and return what came back; raise `Exhausted` at the limit."""
        self._take(len(calls))
        replies = self.target.send_together(list(calls))
        for call, reply in zip(calls, replies, strict=True):
            self._count(call, reply)
        return replies

    def wait_after(self, replies: Sequence[WireResponse]) -> bool:
        """Wait if one of the replies asks for it, and say whether one did."""
        waits = [wait for reply in replies if (wait := _asked_to_wait(reply)) is not None]
        if waits:
            self.waited += 1
            self._sleep(min(max(waits), LONGEST_WAIT))
        return bool(waits)

    def _take(self, number: int) -> None:
        self._interruption.check()
        if self._most is not None and self.count + number > self._most:
            raise Exhausted(f"{self._most} requests")
        if self._gap:
            now = self._clock()
            if now < self._next:
                self._sleep(self._next - now)
            self._next = max(now, self._next) + self._gap * number

    def _count(self, call: WireRequest, reply: WireResponse) -> None:
        self.count += 1
        self.statuses.setdefault(call.operation or "", Counter())[reply.status] += 1
        self._on_request(self.count)


def _asked_to_wait(reply: WireResponse) -> float | None:
    """Return for how many seconds a reply asks to wait; None when it does not."""
    value = reply.header("retry-after").strip()
    if reply.status != 429 and not (reply.status == 503 and value):
        return None
    if value.isdecimal() and value.isascii():
        return float(value[:9])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, IndexError):
        return 1.0
