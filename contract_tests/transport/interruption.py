"""Ending a run when its process is asked to: between two requests, so that what the last one made is known."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

PATIENCE = 2.0
"""Seconds that a request in flight is waited for."""

GLANCE = 0.1
"""Seconds between two looks, while a run only waits."""

SIGNALS = [number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None]
"""Those that this system has."""

HAS_TIMER = hasattr(signal, "setitimer")
"""Whether this system can be asked to call back; else the request in flight is waited for."""


class Interrupted(BaseException):
    """Raised where a run is to end; like KeyboardInterrupt, it is no error. `signal` is the number of what asked for it.

    `in_flight` tells that something was not waited for any longer.
    """

    def __init__(self, number: int, *, in_flight: bool = False) -> None:
        super().__init__(f"interrupted ({name_of(number)})")
        self.signal = number
        self.in_flight = in_flight


class Interruption:
    """Whether the process was asked to end. Nobody asks, unless `listening`."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self.signal = 0
        self._sleep = sleep
        self._is_over = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take SIGINT, SIGTERM and SIGHUP as requests to end, in the main thread alone. What was ignored stays so."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        taken = {number: handler for number in SIGNALS if (handler := signal.getsignal(number)) is not signal.SIG_IGN}
        before = {**taken, signal.SIGALRM: signal.getsignal(signal.SIGALRM)} if HAS_TIMER else taken
        if HAS_TIMER:
            signal.signal(signal.SIGALRM, self._lose_patience)
        for number in taken:
            signal.signal(number, self._note)
        try:
            yield
        finally:
            _call_back(0)
            for number, handler in before.items():
                signal.signal(number, handler)

    def end(self) -> None:
        """Take no more requests to end: what is left to do is short, and would be lost."""
        self._is_over = True
        _call_back(0)

    def check(self) -> None:
        """Raise `Interrupted` if the process was asked to end."""
        if self.signal:
            _call_back(0)
            raise Interrupted(self.signal)

    def sleep(self, seconds: float) -> None:
        """Wait; raise `Interrupted` soon after the process was asked to end."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            self.check()
            self._sleep(min(left, GLANCE))
        self.check()

    def _note(self, number: int, frame: FrameType | None) -> None:
        """Note who asked first; another signal changes nothing: many senders send it twice."""
        if not self.signal and not self._is_over:
            self.signal = number
            _call_back(PATIENCE)

    def _lose_patience(self, number: int, frame: FrameType | None) -> None:
        raise Interrupted(self.signal, in_flight=True)


def _call_back(seconds: float) -> None:
    """Have SIGALRM sent after so many seconds; 0: not at all."""
    if HAS_TIMER:
        signal.setitimer(signal.ITIMER_REAL, seconds)


def name_of(number: int) -> str:
    """Return what a signal is called: SIGTERM for 15."""
    return signal.Signals(number).name
