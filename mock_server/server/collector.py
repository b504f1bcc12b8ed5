"""What the server process does about Python's garbage collector."""

from __future__ import annotations

import gc

YOUNG = 5_000
"""How many objects may come before the youngest are looked at: hundreds of requests' worth, a millisecond's or two's work."""


def tune_collector() -> None:
    """Keep the collector from walking what stays for the life of the process, and from looking after every few requests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 1000)
