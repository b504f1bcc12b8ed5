"""What the server process does about Python's garbage collector."""

from __future__ import annotations

import gc


def tune_collector() -> None:
    """Keep the collector from walking what stays for the life of the process."""
    gc.collect()
    gc.freeze()
