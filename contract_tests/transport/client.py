"""Sending calls with manners: not faster than allowed, not more than allowed, and waiting when a target asks for it."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime

from contract_tests.transport.interruption import Interruption
from contract_tests.transport.wire import Target, WireRequest, WireResponse

LONGEST_WAIT = 30.0
MOST_PATIENCE = 8
"""How long, and how often in a row, a request waits because its target answers 429 or 503 with Retry-After."""


class Exhausted(Exception):  # noqa: N818 (a limit was kept)
    """Raised when a run has sent as many requests as it may, or for as long as it may."""


class Client:
    """Takes calls to one target and counts them, from several threads at once if need be.

    `max_seconds` are counted from its beginning, waits included; None is no limit. It raises `Interrupted` when its
    `interruption` has come.
    """

    def __init__(
        self,
        target: Target,
        *,
        rate: float | None = None,
        max_requests: int | None = None,
        max_seconds: float | None = None,
        interruption: Interruption | None = None,
        sleep: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        on_request: Callable[[int], None] = lambda count: None,
    ) -> None:
        self.target = target
        self.count = 0
        self.waited = 0
        self.seconds_waited = 0.0
        self.is_put_off = False
        """Whether the target, asked after the longest wait, asks for a longer one still: then it is not waited for any more."""
        self.statuses: dict[str, Counter[int]] = {}
        self._gap = 1 / rate if rate else 0.0
        self._most = max_requests
        self._interruption = interruption or Interruption()
        self._sleep = sleep or self._interruption.sleep
        self._clock = clock
        self._next = 0.0
        self._max_seconds = max_seconds
        self._until = clock() + max_seconds if max_seconds else math.inf
        self._taken = 0
        self._longest = (0.0, 0.0)
        self._refused = 0
        self._lock = threading.Lock()
        self._on_request = on_request

    def pause(self, seconds: float) -> None:
        """Let some time pass, but not more than is left."""
        if seconds:
            self._sleep(min(seconds, self._left()))

    def send(self, call: WireRequest) -> WireResponse:
        """Send one call and return what came back; raise `Exhausted` at the limit."""
        for _ in range(MOST_PATIENCE):
            self._take(1)
            reply = self.target.send(call)
            self._count(call, reply)
            wait = _asked_to_wait(reply)
            if wait is None:
                self.is_put_off = False
                return reply
            if not self._wait(wait):
                return reply
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
            self._wait(max(waits))
        return bool(waits)

    def has_succeeded(self, operation: str) -> bool:
        """Say whether a call of an operation was answered with success."""
        return any(200 <= status < 300 for status in self.statuses.get(operation, ()))

    def told(self) -> list[str]:
        """Return sentences about how long the target was waited for."""
        said = []
        asked, waited = self._longest
        if asked > waited:
            said.append(f"The target asked to wait {asked:.0f} seconds; waited {waited:.0f}.")
        if self.waited:
            times = "once" if self.waited == 1 else f"{self.waited:,} times"
            said.append(f"The target asked to wait {times}; the run waited {self.seconds_waited:.0f} seconds for it in all.")
        if self._refused:
            said.append(f"After the longest wait, the target still asked for one {self._refused:,} times; that is not judged.")
        return said

    def _wait(self, asked: float) -> bool:
        """Wait as long as a target asks, within reason, and say whether that was done."""
        with self._lock:
            if asked > LONGEST_WAIT and self.is_put_off:
                self._refused += 1
                return False
            self.is_put_off = asked > LONGEST_WAIT
            wait = min(asked, LONGEST_WAIT, self._left())
            self.waited += 1
            self.seconds_waited += wait
            self._longest = max(self._longest, (asked, wait))
        self._sleep(wait)
        return True

    def _take(self, number: int) -> None:
        self._interruption.check()
        with self._lock:
            self._check_time()
            if self._most is not None and self._taken + number > self._most:
                raise Exhausted(f"{self._most} requests")
            self._taken += number
            now = self._clock() if self._gap else 0.0
            wait = max(0.0, self._next - now) if self._gap else 0.0
            self._next = max(now, self._next) + self._gap * number
        if wait:
            self._sleep(min(wait, self._left()))
            self._check_time()

    def _left(self) -> float:
        """Return for how many seconds the run may still send."""
        return max(0.0, self._until - self._clock()) if self._max_seconds else math.inf

    def _check_time(self) -> None:
        if not self._left():
            raise Exhausted(f"{self._max_seconds:g} seconds")

    def _count(self, call: WireRequest, reply: WireResponse) -> None:
        with self._lock:
            self.count += 1
            self.statuses.setdefault(call.operation or "", Counter())[reply.status] += 1
            self._on_request(self.count)


def _asked_to_wait(reply: WireResponse) -> float | None:
    """Return for how many seconds a reply asks to wait; None when it does not."""
    value = reply.header("retry-after").strip()
    if reply.status != 429 and not (reply.status == 503 and value):
        return None
    if value.isdecimal() and value.isascii():
        return float(value[:15])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, IndexError):
        return 1.0
