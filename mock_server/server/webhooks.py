"""Webhooks and callbacks on their way: sent once the answer is, signed, tried again, and remembered."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mock_server.contract.behaviours.webhooks import DeliveryRules
from mock_server.contract.messages.codecs import JSON, write_json
from mock_server.engine.outgoing import Outgoing
from mock_server.exchange.signing import signed_headers
from mock_server.server.posting import Forbidden, NotSent, post

PATIENCE = 5.0
"""Seconds that a receiver may take to answer."""

EVENT_HEADER = "X-Mock-Event"
DELIVERY_HEADER = "X-Mock-Delivery"

MOST_AT_ONCE = 4
"""Messages that may be handed to one receiver at a time: one that is slow keeps no other waiting."""

MOST_WAITING = 1000
"""Messages that may be on their way; more are not sent, and told so."""


@dataclass(frozen=True, slots=True)
class DeliveryAttempt:
    """One try to hand a message over: when, in nanoseconds since 1970, and the status, or why there was none."""

    time: int
    status: int | None
    problem: str
    seconds: float


@dataclass(slots=True, eq=False)
class Delivery:
    """A message and what became of it: `pending`, `delivered`, `failed`, or `refused` where it was never sent."""

    id: str
    number: int
    message: Outgoing
    content: bytes
    time: int
    state: str = "pending"
    headers: dict[str, str] = field(default_factory=dict)
    attempts: list[DeliveryAttempt] = field(default_factory=list)
    problem: str = ""
    size: int = 0


class Webhooks:
    """Sends messages from a thread of its own, which begins with the first one, and remembers the latest of them.

    Nobody waits for a receiver, and what goes wrong with one is noted and no more. `told` is called with each delivery that
    waits or has changed, from that thread or from the one that sends; it may be set anew.
    """

    def __init__(
        self, rules: DeliveryRules, allowed: Collection[str], most_kept: int, largest_kept: int, clock: Callable[[], int]
    ) -> None:
        self.rules = rules
        self._allowed = frozenset(host.lower() for host in allowed)
        self._kept: deque[Delivery] = deque(maxlen=min(most_kept, MOST_WAITING * 100))
        self._largest_kept = largest_kept
        self._clock = clock
        self._numbers = itertools.count(1)
        self._courier: _Courier | None = None
        self.told: Callable[[Delivery], None] = lambda delivery: None

    def deliveries(self) -> list[Delivery]:
        """Return the latest deliveries, oldest first."""
        return list(self._kept)

    def find(self, id: str) -> Delivery | None:
        """Return the delivery with an id; None where there is none, or no longer."""
        return next((one for one in self._kept if one.id == id), None)

    def send(self, messages: Iterable[Outgoing]) -> None:
        """Have messages sent; this returns at once and never fails."""
        for message in messages:
            content = write_json(message.body)
            delivery = Delivery(
                f"msg_{uuid.uuid4().hex}", next(self._numbers), message, content, self._clock(), size=len(content)
            )
            self._kept.append(delivery)
            if message.problem:
                self._give_up(delivery, "refused", message.problem)
            else:
                self._start(delivery)

    def again(self, delivery: Delivery) -> bool:
        """Have a message sent once more, under its id; return false for one that was not kept, or may not be sent."""
        if delivery.message.problem or delivery.state == "pending" or len(delivery.content) < delivery.size:
            return False
        delivery.state, delivery.problem = "pending", ""
        self._start(delivery)
        return True

    def clear(self) -> None:
        """Forget everything, and send nothing more of it."""
        self._kept.clear()
        if self._courier is not None:
            self._courier.drop()

    def close(self) -> None:
        """Send nothing more, and let the thread go."""
        if self._courier is not None:
            self._courier.close()
            self._courier = None

    def _start(self, delivery: Delivery) -> None:
        if self._courier is None:
            self._courier = _Courier(self._deliver)
        self.told(delivery)
        if not self._courier.take(delivery):
            self._give_up(delivery, "refused", f"more than {MOST_WAITING:,} messages are on their way")

    def _give_up(self, delivery: Delivery, state: str, problem: str) -> None:
        delivery.state, delivery.problem = state, problem
        self._keep(delivery)

    def _keep(self, delivery: Delivery) -> None:
        if delivery.size > self._largest_kept:
            delivery.content, delivery.message = b"", delivery.message._replace(body=None)
        self.told(delivery)

    async def _deliver(self, delivery: Delivery, turn: asyncio.Semaphore) -> None:
        """Hand a message over, trying as often as the rules say."""
        for pause in (0.0, *self.rules.retries):
            await asyncio.sleep(pause)
            async with turn:
                attempt, is_final = await self._try(delivery)
            delivery.attempts.append(attempt)
            delivered = attempt.status is not None and 200 <= attempt.status <= 299
            delivery.problem = attempt.problem
            if delivered or is_final:
                delivery.state = "delivered" if delivered else "refused"
                break
            self.told(delivery)
        else:
            delivery.state = "failed"
        self._keep(delivery)

    async def _try(self, delivery: Delivery) -> tuple[DeliveryAttempt, bool]:
        message, began = delivery.message, time.monotonic()
        # A receiver holds the time of a signature to its own clock, whatever time it is for the mock.
        headers = {"Content-Type": JSON, "User-Agent": "mock-server"}
        headers |= {EVENT_HEADER: header_text(message.event), DELIVERY_HEADER: delivery.id}
        signature = self.rules.signature
        if signature is not None and message.secret is not None:
            headers |= signed_headers(signature, message.secret, delivery.id, int(time.time()), delivery.content)
        delivery.headers = headers
        status, problem, is_final = None, "", False
        try:
            status = await post(message.method, message.url, headers, delivery.content, allowed=self._allowed, seconds=PATIENCE)
        except NotSent as error:
            problem, is_final = str(error), isinstance(error, Forbidden)
        return DeliveryAttempt(self._clock(), status, problem, time.monotonic() - began), is_final


class _Courier:
    """A thread with a loop in which deliveries are made."""

    def __init__(self, deliver: Callable[[Delivery, asyncio.Semaphore], object]) -> None:
        self._deliver = deliver
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._waiting = 0
        self._count = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="mock-server webhooks", daemon=True)
        self._thread.start()

    def take(self, delivery: Delivery) -> bool:
        """Make a delivery; say whether there is room for it."""
        with self._count:
            if self._waiting >= MOST_WAITING:
                return False
            self._waiting += 1
        self._loop.call_soon_threadsafe(self._begin, delivery)
        return True

    def drop(self) -> None:
        """Make no delivery that was taken."""
        self._loop.call_soon_threadsafe(self._cancel)

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join(1)

    def _begin(self, delivery: Delivery) -> None:
        task = self._loop.create_task(self._make(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def _make(self, delivery: Delivery) -> None:
        place = urlsplit(delivery.message.url).netloc
        await self._deliver(delivery, self._turns.setdefault(place, asyncio.Semaphore(MOST_AT_ONCE)))  # type: ignore[misc]  # it is a coroutine function

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not self._tasks:
            self._turns.clear()
        with self._count:
            self._waiting -= 1

    def _cancel(self) -> None:
        for task in list(self._tasks):
            task.cancel()

    def _end(self) -> None:
        self._cancel()
        self._loop.call_soon(self._loop.stop)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        with contextlib.suppress(RuntimeError):
            self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.close()


def header_text(text: str) -> str:
    """Return a text as it may stand in a header."""
    return text.encode("ascii", "replace").decode() if text.isprintable() else "event"
