"""Clocks by which an API of these tests may go. Each is given the true time; all are in seconds since 1970."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import TypeAlias

Clock: TypeAlias = Callable[[float], float]


def true_clock(at: float) -> float:
    return at


def ahead(seconds: float) -> Clock:
    """A clock that is so much ahead, or behind where that is negative."""
    return lambda at: at + seconds


def drifting(rate: float) -> Clock:
    """A clock that gains so many seconds in a second, from now on."""
    started = time.time()
    return lambda at: at + (at - started) * rate


def stepping(seconds: float, after: float) -> Clock:
    """A clock that is set once, so many seconds from now."""
    step = time.time() + after
    return lambda at: at + (seconds if at > step else 0.0)


def two_nodes(apart: float) -> Clock:
    """The clocks of two nodes, either of which answers about every other request."""
    return lambda at: at + (apart if hashlib.sha256(f"{at:.2f}".encode()).digest()[0] % 2 else 0.0)


def ticking(seconds: float) -> Clock:
    """A clock that stands still between its ticks."""
    return lambda at: at - at % seconds
