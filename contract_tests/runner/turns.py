"""Several scenarios at once: while some wait for their answers, one goes on.

Only the waiting is shared. All that is judged is judged by one scenario at a time, so that nothing else has to know of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from contract_tests.oracle.memory import Memory

T = TypeVar("T")
R = TypeVar("R")

IN_ONE = 8
"""How many scenarios for each connection are begun together; what they find is looked into before the next ones."""


class Over(Exception):  # noqa: N818 (it ends what nobody waits for any longer)
    """Raised in what still goes on when all are to stop."""


@dataclass(slots=True)
class Turns:
    """Whose turn it is."""

    memory: Memory
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_shared: bool = False
    _is_over: bool = False

    def take(self, work: Callable[[T], R], on: Iterator[T], connections: int, *, in_one: int = IN_ONE) -> Iterator[R]:
        """Do `work` on everything, on so many connections at once, and yield what comes of it, in order.

        An error of one is raised when those that were begun with it are done.
        """
        if connections == 1:
            yield from map(work, on)
            return
        with ThreadPoolExecutor(connections, thread_name_prefix="contract-tests") as threads:
            while some := list(islice(on, connections * in_one)):
                done = self._together(threads, work, some)
                yield from (one.result() for one in done if one.exception() is None)
                for error in (one.exception() for one in done):
                    if error is not None and not isinstance(error, Over):
                        raise error

    def _together(self, threads: ThreadPoolExecutor, work: Callable[[T], R], some: Sequence[T]) -> Sequence[Future[R]]:
        def in_turn(one: T) -> R:
            with self._lock:
                if self._is_over:
                    raise Over
                return work(one)

        self._is_shared = True
        begun = [threads.submit(in_turn, one) for one in some]
        try:
            wait(begun, return_when=FIRST_EXCEPTION)
        finally:
            self._is_over = True  # where one has failed, or somebody interrupts, the others stop at their next request
            wait(begun)
            self._is_over = self._is_shared = False
        return begun

    @contextmanager
    def away(self) -> Iterator[None]:
        """Let others go on while this one waits; raise `Over` where all are to stop."""
        if not self._is_shared:
            yield
            return
        if self._is_over:
            raise Over
        kept = self.memory.suspend()
        self._lock.release()
        try:
            yield
        finally:
            self._lock.acquire()
            self.memory.resume(kept)
