"""How fast the mock answers, beside a bare uvicorn application and Prism: same machine, same document, same load.

The server has one core, the load another. The servers take turns, each freshly started in each round and warmed up; the
table shows medians of the rounds.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from measuring import DOCUMENT, Load, bare, cores, first_answer, free_port, load, need_wrk, running, understudy

INVALID = {"email": "EMAIL@acme.example", "given_name": "Ada"}  # no internal_role, as in the published sample
THREE_VIOLATIONS = {"email": "", "given_name": 1}
PRISM = "@stoplight/prism-cli@5"


@dataclass(frozen=True)
class Part:
    """A server, the requests that it gets, and the name of both in the table."""

    title: str
    command: Callable[[int], list[str]]
    invalid: dict[str, Any] | None = None


def main() -> None:
    """Measure what is asked for and print a table."""
    options = read_options()
    need_wrk()
    server_core, load_core = cores()
    size = answer_size(options.port or free_port())
    parts = {
        "bare": Part("bare uvicorn application", lambda port: bare(port, size)),
        "bare-log": Part("bare uvicorn application, its access log on", lambda port: bare(port, size, "log")),
        "valid": Part("Understudy, valid POST", understudy),
        "quiet": Part("Understudy, valid POST, --log-level warning", lambda port: understudy(port, "--log-level", "warning")),
        "invalid": Part("Understudy, invalid POST", understudy, invalid=INVALID),
        "three": Part("Understudy, POST with three violations", understudy, invalid=THREE_VIOLATIONS),
        "prism": Part("Prism, valid POST", lambda port: prism(options, port)),
    }
    parts = {name: part for name, part in parts.items() if name in options.only}
    loads: dict[str, list[Load]] = {name: [] for name in parts}
    for number in range(options.rounds):
        for name, part in parts.items():
            port = options.port or free_port()
            how = {"connections": options.connections, "emails": options.emails}
            if part.invalid is not None:
                how |= {"body": part.invalid, "refused": True}
            with running(part.command(port), port, server_core) as process:
                load(process, port, load_core, seconds=options.warm_up, **how)
                loads[name].append(load(process, port, load_core, seconds=options.seconds, **how))
            print(f"\rround {number + 1} of {options.rounds}: {part.title:50}", end="", flush=True)
    print("\r" + " " * 80)
    medians = {name: Load(*map(statistics.median, zip(*map(astuple, several), strict=True))) for name, several in loads.items()}
    print_table(parts, loads, medians)
    print_targets(medians)


def read_options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    names = ["bare", "bare-log", "valid", "quiet", "invalid", "three", "prism"]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="PART", help=f"of {', '.join(names)}")
    parser.add_argument("--seconds", type=int, default=4, help="how long each server is measured in a round")
    parser.add_argument("--warm-up", type=int, default=5, help="how long each server is warmed up in a round; Prism takes long")
    parser.add_argument("--rounds", type=int, default=5, help="how often each server is measured")
    parser.add_argument("--connections", type=int, default=16, help="how many requests are under way at a time")
    parser.add_argument("--emails", type=int, default=1000, help="how many distinct emails the requests carry; 0: all are new")
    parser.add_argument("--port", type=int, default=0, help="the port to serve on; 0 takes any free one")
    parser.add_argument("--prism", type=Path, help="Prism's executable; without it, npm installs one into a temporary folder")
    return parser.parse_args()


def answer_size(port: int) -> int:
    """Return the size of the mock's answer to a valid request."""
    with running(understudy(port), port) as process:
        return len(first_answer(process, port))


def prism(options: argparse.Namespace, port: int) -> list[str]:
    """Return the command that serves the partner API with Prism, which is installed where that has not been done yet."""
    if options.prism is None:
        folder = Path(tempfile.gettempdir()) / "understudy-benchmarks"
        options.prism = folder / "node_modules" / ".bin" / "prism"
        if not options.prism.exists():
            if not shutil.which("npm"):
                raise SystemExit("there is no npm to install Prism with; leave it out with --only")
            folder.mkdir(exist_ok=True)
            command = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(folder), PRISM]
            subprocess.run(command, check=True, capture_output=True)
    # Started by node itself: the process that is measured is then the one that serves.
    return ["node", str(options.prism.resolve()), "mock", "--port", str(port), str(DOCUMENT)]


def print_table(parts: dict[str, Part], loads: dict[str, list[Load]], medians: dict[str, Load]) -> None:
    """Print a row for each part; `spread` is how far its rounds lie apart, and so how much its throughput can be trusted."""
    print(f"{'':45}{'req/s':>9}{'spread':>8}{'p50 ms':>8}{'p99 ms':>8}{'CPU us/req':>12}{'of bare':>14}{'of Prism':>14}")
    disturbed = False
    for name, row in medians.items():
        rates = [one.rate for one in loads[name]]
        spread = (max(rates) - min(rates)) / row.rate
        disturbed = disturbed or spread > 0.15
        of_bare, of_prism = (
            "{:.2f} ({:.2f})".format(*ratios(medians, name, other)) if other in medians else "" for other in ("bare", "prism")
        )
        print(
            f"{parts[name].title:45}{row.rate:9,.0f}{spread:8.0%}{row.p50:8.2f}{row.p99:8.2f}{row.cpu:12.1f}{of_bare:>14}{of_prism:>14}"
        )
    print("Ratios are of requests per second; in parentheses, of requests for as much of the server's CPU.")
    if disturbed:
        print("Rounds lie far apart: something else was running. What is in parentheses suffers less from that.")


def ratios(medians: dict[str, Load], name: str, other: str) -> tuple[float, float]:
    """Return how one part compares with another: by throughput, and by requests for as much CPU."""
    return medians[name].rate / medians[other].rate, medians[other].cpu / medians[name].cpu


def print_targets(medians: dict[str, Load]) -> None:
    """Print each target whose parts were measured: by throughput, which is what counts, and by CPU per request."""
    print(f"\n{'target':58}{'by req/s':>18}{'by CPU':>18}")
    targets = [
        ("valid", "bare", 0.6, "valid: at least 0.6 of bare (0.8 is the ambition)"),
        ("quiet", "bare", 0.6, "quiet: at least 0.6 of bare (0.8 is the ambition)"),
        ("valid", "bare-log", 0.6, "valid: the same, of bare that logs each request too"),
        ("valid", "prism", 4.5, "valid: at least 4.5 times Prism"),
        ("invalid", "valid", 0.8, "invalid: at least 0.8 of valid"),
        ("three", "valid", 0.8, "three violations: at least 0.8 of valid"),
    ]
    for name, other, least, told in targets:
        if name in medians and other in medians:
            shown = [f"{ratio:.2f} {'met' if ratio >= least else 'MISSED'}" for ratio in ratios(medians, name, other)]
            print(f"{told:58}{shown[0]:>18}{shown[1]:>18}")
    for name in ("valid", "quiet", "invalid", "three"):
        if name in medians:
            p99 = medians[name].p99
            print(f"{name + ': p99 under 10 ms':58}{f'{p99:.2f} ' + ('met' if p99 < 10 else 'MISSED'):>18}")


if __name__ == "__main__":
    main()
