"""What the server process does about Python's garbage collector."""

from __future__ import annotations

import gc

YOUNG = 5_000
"""How many objects may come before the youngest are looked at: hundreds of requests' worth, a millisecond's or two's work."""


def hold_collector() -> None:
    """Keep the collector out of the start, which makes little garbage and a great many objects that stay."""
    gc.disable()


def tune_collector() -> None:
    """Keep the collector from walking what stays for the life of the process, and from looking after every few requests."""
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 1000)
    gc.enable()
