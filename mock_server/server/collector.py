"""What the server process does about Python's garbage collector."""

from __future__ import annotations

import gc

YOUNG = 10_000
"""How many objects may come before the youngest are looked at: some hundred requests' worth, one millisecond's work."""


def tune_collector() -> None:
    """Keep the collector from walking what stays for the life of the process, and from looking after every few requests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 50, 1000)
