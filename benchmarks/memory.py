"""What the mock's memory grows by as it stores, and whether answers stay quick when much is stored.

One server gets requests whose emails repeat, so that it stores assignments; another gets a new email each time, so that it
stores a contact and an assignment.
"""

from __future__ import annotations

import argparse

from measuring import Load, cores, free_port, load, need_wrk, resident, running, understudy

MIB = 1024 * 1024


def main() -> None:
    """Fill two servers and print what they hold."""
    options = read_options()
    need_wrk()
    server_core, load_core = cores()

    def fill(emails: int) -> float:
        """Fill a server and return the bytes that it holds for each request."""
        port = options.port or free_port()
        with running(understudy(port, "--log-level", options.log_level), port, server_core) as process:
            load(process, port, load_core, limit=2000, emails=10)  # what is made once for all is made now
            before = resident(process)
            filled = load(process, port, load_core, limit=options.requests, emails=emails)
            after = resident(process)
            print(f"{filled.requests:,} requests, {f'{emails:,} emails' if emails else 'a new email each'}")
            print(f"    {before / MIB:.1f} MiB before, {after / MIB:.1f} MiB after")
            print(f"    meanwhile  {told(filled)}")
            full = load(process, port, load_core, seconds=options.seconds, emails=options.emails)
            print(f"    then       {told(full)}  (target: p99 under 10 ms)")
            return (after - before) / filled.requests

    assignment = fill(options.emails)
    both = fill(0)
    print(f"\n{assignment:6,.0f} bytes for each stored assignment")
    print(f"{both - assignment:6,.0f} bytes for each stored contact (what a contact with an assignment takes, less the latter)")


def told(load: Load) -> str:
    """Return what came of a load, on one line."""
    return f"p50 {load.p50:.2f} ms, p99 {load.p99:.2f} ms, longest {load.longest:.1f} ms, {load.cpu:.1f} us CPU/request"


def read_options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--requests", type=int, default=200_000, help="how many requests fill each server")
    parser.add_argument("--emails", type=int, default=1000, help="how many distinct emails the repeating ones have")
    parser.add_argument("--seconds", type=int, default=5, help="how long a full server is measured")
    parser.add_argument("--log-level", default="info", help="of the mock; its log goes to /dev/null")
    parser.add_argument("--port", type=int, default=0, help="the port to serve on; 0 takes any free one")
    return parser.parse_args()


if __name__ == "__main__":
    main()
