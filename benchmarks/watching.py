"""What watching costs: the journal, listeners that read or do not, a planned fault; and whether memory stays flat.

Refused requests store nothing, so whatever memory grows by is what the server keeps of exchanges.
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

from measuring import cores, free_port, load, need_wrk, resident, running, understudy

MIB = 1024 * 1024
INVALID = {"email": "", "given_name": 1}
NOBODY, READER, STUCK, FAULT = (
    "nobody listens",
    "a listener that reads",
    "a listener that never reads",
    "a fault for other requests",
)


def main() -> None:
    """Measure and print both tables."""
    options = read_options()
    need_wrk()
    server_core, load_core = cores()
    ways = [("no journal", NOBODY, 0), *((way, way, 1000) for way in (NOBODY, READER, STUCK, FAULT))]
    rates: dict[str, list[tuple[float, float]]] = {title: [] for title, _, _ in ways}
    for _ in range(options.rounds):
        for title, way, journal in ways:
            port = free_port()
            command = understudy(port, "--log-level", "warning", "--journal-size", str(journal))
            with running(command, port, server_core) as process, watching(way, port):
                load(process, port, load_core, seconds=1)
                measured = load(process, port, load_core, seconds=options.seconds)
            rates[title].append((measured.rate, measured.cpu))
    print(f"{'valid POST':35}{'req/s':>10}{'CPU us/req':>12}")
    for title, several in rates.items():
        rate, cpu = (statistics.median(column) for column in zip(*several, strict=True))
        print(f"{title:35}{rate:10,.0f}{cpu:12.1f}")
    for way in (NOBODY, READER, STUCK):
        port = free_port()
        with running(understudy(port, "--log-level", "warning"), port, server_core) as process, watching(way, port):
            load(process, port, load_core, limit=5000, body=INVALID, refused=True)
            held = [resident(process)]
            for _ in range(5):
                load(process, port, load_core, limit=options.requests // 5, body=INVALID, refused=True)
                held.append(resident(process))
        print(f"{way}: MiB after each fifth of {options.requests:,} requests: {' '.join(f'{size / MIB:.1f}' for size in held)}")


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
