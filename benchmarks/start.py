"""How long it takes from the start of the process to its first answer: the mock, and a bare uvicorn application."""

from __future__ import annotations

import argparse
import statistics
import time

from measuring import bare, free_port, running, understudy


def main() -> None:
    """Start both servers in turns and print the medians."""
    options = read_options()
    seconds: dict[str, list[float]] = {"bare": [], "mock": []}
    for number in range(options.runs + 1):
        for name, took in seconds.items():
            port = options.port or free_port()
            begin = time.perf_counter()
            with running(bare(port, 500) if name == "bare" else understudy(port), port):
                if number:  # the first run compiles modules and fills the page cache
                    took.append(time.perf_counter() - begin)
    for name, took in seconds.items():
        print(f"{name}  {statistics.median(took):.3f} s  ({min(took):.3f} to {max(took):.3f} in {options.runs} runs)")
    ratio = statistics.median(seconds["mock"]) / statistics.median(seconds["bare"])
    print(f"ratio {ratio:.2f}  (target: at most 2: {'met' if ratio <= 2 else 'MISSED'})")


def read_options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--runs", type=int, default=11, help="how often each is started, after one that does not count")
    parser.add_argument("--port", type=int, default=0, help="the port to serve on; 0 takes any free one")
    return parser.parse_args()


if __name__ == "__main__":
    main()
