"""Serve an application on a free port of this machine, in a thread.

By hand: `python -m tests.independent.serving --variant NAME --fault NAME --port N`; `--list` names them all.
"""

from __future__ import annotations

import argparse
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from .faults import FAULTS
from .partner_api import create_app
from .variants import DEBATABLE, VARIANTS


@contextmanager
def serve(app: Any) -> Iterator[str]:
    """The base URL of a running server. Connections wait in the listening socket until it is up."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="critical", lifespan="off", ws="none", timeout_graceful_shutdown=1)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def main() -> None:
    variants = {**VARIANTS, **DEBATABLE}
    parser = argparse.ArgumentParser(prog="python -m tests.independent.serving", description="Serve the partner API.")
    parser.add_argument("--variant", choices=variants, metavar="NAME", help="default: that of the fault, or `default`")
    parser.add_argument("--fault", choices=FAULTS, metavar="NAME")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--list", action="store_true", help="name all variants and faults")
    options = parser.parse_args()
    if options.list:
        lines = [f"variant {name}" for name in variants]
        lines += [f"fault   {name} ({fault.family}): {fault.description}" for name, fault in FAULTS.items()]
        sys.stdout.write("\n".join(lines) + "\n")
        return
    variant = options.variant or (FAULTS[options.fault].base if options.fault else "default")
    uvicorn.run(create_app(variants[variant], options.fault), host="127.0.0.1", port=options.port, log_level="info")


if __name__ == "__main__":
    main()
