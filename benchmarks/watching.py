"""What watching costs: the journal, listeners that read or do not, a planned fault; and whether memory stays flat.

For memory, each answer is a success that finds what it would store: emails repeat, and an equal assignment is answered again.
So whatever memory grows by is what the server keeps of exchanges.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection

from measuring import HERE, Load, cores, free_port, load, need_wrk, resident, running, understudy

MIB = 1024 * 1024
BARE, NOBODY, READER, STUCK, FAULT = (
    "neither journal nor events",
    "nobody listens",
    "a listener that reads",
    "a listener that never reads",
    "a fault for other requests",
)
WAYS = (BARE, NOBODY, READER, STUCK, FAULT)
WARM = 10_000
"""Requests after which all is stored that will be, and the journal is full."""


def main() -> None:
    """Measure and print both tables."""
    options = read_options()
    need_wrk()
    measured: dict[str, list[Load]] = {way: [] for way in WAYS}
    for _ in range(options.rounds):
        for way in WAYS:
            measured[way].append(rate(way, options.seconds))
    print(f"{'valid POST':35}{'req/s':>10}{'CPU us/req':>12}")
    for way, several in measured.items():
        told = statistics.median(one.rate for one in several), statistics.median(one.cpu for one in several)
        print(f"{way:35}{told[0]:10,.0f}{told[1]:12.1f}")
    shares = [1 - bare.cpu / watched.cpu for bare, watched in zip(measured[BARE], measured[NOBODY], strict=True)]
    print(
        f"journal and events while nobody listens: {statistics.median(shares):.1%} of throughput by CPU"
        f" ({min(shares):.1%} to {max(shares):.1%} from round to round; target: under 10 %)"
    )
    for way in (NOBODY, READER, STUCK):
        held = [f"{size / MIB:.1f}" for size in memory(way, options.requests)]
        print(f"{way}: MiB at first and after each fifth of {options.requests:,} requests: {' '.join(held)}")


def rate(way: str, seconds: float) -> Load:
    """Return what comes of a load while the server is watched in one way."""
    port, (server_core, load_core) = free_port(), cores()
    command = understudy(port, "--log-level", "warning")
    if way == BARE:
        command = [sys.executable, str(HERE / "unwatched.py"), *command[3:]]
    with running(command, port, server_core) as process, watching(way, port):
        load(process, port, load_core, seconds=1)
        return load(process, port, load_core, seconds=seconds)


def memory(way: str, requests: int) -> list[int]:
    """Return what the server holds when all is stored that will be, and after each fifth of further requests."""
    port, (server_core, load_core) = free_port(), cores()
    command = understudy(port, "--log-level", "warning", "--assume", "duplicate-assignment=reuse")
    with running(command, port, server_core) as process, watching(way, port):
        load(process, port, load_core, limit=WARM)
        held = [resident(process)]
        for _ in range(5):
            load(process, port, load_core, limit=requests // 5)
            held.append(resident(process))
    return held


@contextlib.contextmanager
def watching(way: str, port: int) -> Iterator[None]:
    """Watch a server in one way for the length of the block."""
    if way == FAULT:
        connection = HTTPConnection("127.0.0.1", port)
        fault = {"match": {"header": {"X-Other": "1"}}, "status": 503}
        connection.request("POST", "/__admin/faults", json.dumps(fault), {"Content-Type": "application/json"})
        connection.getresponse().read()
        connection.close()
    if way == READER:
        reader = "import sys,urllib.request as u\nfor _ in u.urlopen(sys.argv[1]): pass"
        url = f"http://127.0.0.1:{port}/__admin/events"
        with subprocess.Popen([sys.executable, "-c", reader, url], stderr=subprocess.DEVNULL) as process:
            yield
            process.kill()
    elif way == STUCK:
        with socket.create_connection(("127.0.0.1", port)) as listening:
            listening.sendall(b"GET /__admin/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            listening.recv(10)
            yield
    else:
        yield


def read_options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--seconds", type=int, default=4, help="how long each way is measured in a round")
    parser.add_argument("--rounds", type=int, default=3, help="how often each way is measured")
    parser.add_argument("--requests", type=int, default=500_000, help="how many requests memory is watched for")
    return parser.parse_args()


if __name__ == "__main__":
    main()
