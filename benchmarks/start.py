"""What it takes from the start of the process to its first answer: the mock, and a bare uvicorn application.

Milliseconds on the clock are what a person waits for; those of CPU hold on a busy machine too.
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import dataclass, field

from measuring import bare, cores, cpu, free_port, running, understudy


@dataclass
class Starts:
    """Milliseconds that starts took: on the clock, and of CPU."""

    clock: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def main() -> None:
    """Start both servers in turns and print the medians."""
    options = read_options()
    starts = {"bare": Starts(), "mock": Starts()}
    server_core, _ = cores()
    for number in range(options.runs + 1):
        for name, took in starts.items():
            port = options.port or free_port()
            begin = time.perf_counter()
            with running(bare(port, 500) if name == "bare" else understudy(port), port, server_core) as process:
                if number:  # the first run compiles modules and fills the page cache
                    took.clock.append((time.perf_counter() - begin) * 1000)
                    took.cpu.append(cpu(process) / 1000)
    for measured, told in (("clock", "on the clock"), ("cpu", "of CPU")):
        medians = {}
        for name, took in starts.items():
            several = getattr(took, measured)
            medians[name] = statistics.median(several)
            print(
                f"{name}  {medians[name]:6.1f} ms {told:12}  ({min(several):.1f} to {max(several):.1f} in {options.runs} runs)"
            )
        ratio = medians["mock"] / medians["bare"]
        print(f"ratio {ratio:.2f}  (target: at most 2: {'met' if ratio <= 2 else 'MISSED'})")


def read_options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--runs", type=int, default=11, help="how often each is started, after one that does not count")
    parser.add_argument("--port", type=int, default=0, help="the port to serve on; 0 takes any free one")
    return parser.parse_args()


if __name__ == "__main__":
    main()
