"""What the benchmarks share: processes on a core of their own, what they use, and wrk as the load."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DOCUMENT = HERE.parent / "openapi.yaml"
PATH = "/v2/partners/ptn_northwind/internal-contacts"
HEADERS = {"Authorization": "Bearer acme-token", "Content-Type": "application/json"}


def person(email: str) -> dict[str, str]:
    """Return a body that the mock accepts, with all fields that a person may have."""
    return {
        "email": email,
        "internal_role": "csm",
        "given_name": "Ada",
        "family_name": "Byron",
        "phone": "+44 20 7946 0001",
        "job_title": "Customer Success Manager",
    }


def understudy(port: int, *options: str) -> list[str]:
    """Return the command that serves the partner API."""
    return [sys.executable, "-m", "mock_server", "serve", "--port", str(port), *options]


def bare(port: int, size: int, *more: str) -> list[str]:
    """Return the command that serves the bare application, with bodies of `size` bytes."""
    return [sys.executable, str(HERE / "bare.py"), str(port), str(size), *more]


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def cores() -> tuple[int, int]:
    """Return a core for the server and another one for the load; the same one twice where there is no other."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) == 1:
        print("There is only one core: server and load take it from each other, so no figure below means much.")
    return usable[0], usable[-1]


@contextlib.contextmanager
def running(command: Sequence[str], port: int, core: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server, on `core` alone if one is given, from its first answer until the end of the block."""
    pin = None if core is None else lambda: os.sched_setaffinity(0, {core})
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    # A user's Python keeps compiled modules; some build environments tell it not to.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(command, preexec_fn=pin, env=environment, **quiet)  # type: ignore[call-overload]
    try:
        first_answer(process, port)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def first_answer(process: subprocess.Popen[bytes], port: int) -> bytes:
    """Return the body of the first answer to a valid request, waiting for it as long as the process lives."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("POST", PATH, json.dumps(person("ada@acme.example")), HEADERS)
            return connection.getresponse().read()
        except ConnectionError:
            if process.poll() is not None:
                raise SystemExit(f"ended with {process.returncode}: {process.args}") from None
            time.sleep(0.001)
        finally:
            connection.close()
    raise SystemExit(f"no answer from {process.args}")


def cpu(process: subprocess.Popen[bytes]) -> int:
    """Return the microseconds of CPU that a process has used so far, all its threads together."""
    clock = ~process.pid << 3 | 2  # what clock_getcpuclockid(3) makes of a process; /proc counts in hundredths of a second
    return time.clock_gettime_ns(clock) // 1000


def resident(process: subprocess.Popen[bytes]) -> int:
    """Return the bytes of memory that a process holds."""
    return int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Load:
    """What came of a load: milliseconds of latency, microseconds of the server's CPU for each request."""

    requests: int
    rate: float
    p50: float
    p99: float
    longest: float
    cpu: float


LOAD = """
local emails, limit = {emails}, {limit}
local ready, sent, received = {{}}, 0, 0
wrk.method = "POST"
wrk.headers["Authorization"] = "{authorization}"
wrk.headers["Content-Type"] = "application/json"

local function made(number)
  return wrk.format(nil, nil, nil, (([[{template}]]):gsub("EMAIL", "contact" .. number)))
end

function init()
  for number = 1, emails do ready[number] = made(number) end
end

function request()
  sent = sent + 1
  return ready[sent % emails + 1] or made(sent)
end

if limit > 0 then -- wrk is much slower where this function is defined
  function response()
    received = received + 1
    if received == limit then
      io.stderr:write("limit\\n")
      wrk.thread:stop()
    end
  end
end

function done(summary, latency)
  io.stderr:write(string.format(
    '{{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "longest": %f, "refused": %d, "lost": %d}}',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
    summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
"""


def load(
    process: subprocess.Popen[bytes],
    port: int,
    core: int,
    *,
    seconds: float = 600,
    limit: int = 0,
    connections: int = 16,
    emails: int = 1000,
    body: dict[str, Any] | None = None,
    refused: bool = False,
) -> Load:
    """Send POST requests over and over, for so many seconds or up to a limit, and return what came of it.

    `emails` is how many distinct ones the requests carry; 0 makes each a new one. With `refused`, each answer has to be a
    refusal, else none may be: a server that does not do its work would be measured for nothing.
    """
    template = json.dumps(person("EMAIL@acme.example") if body is None else body)
    script = LOAD.format(emails=emails, limit=limit, template=template, authorization=HEADERS["Authorization"])
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{max(1, round(seconds))}s",
            "--timeout=30s",  # on a busy machine, an answer may take longer than the two seconds that wrk would wait
            "-s",
            file.name,
            f"http://127.0.0.1:{port}{PATH}",
        ]
        before = cpu(process)
        wrk = subprocess.Popen(
            command,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if limit and wrk.stderr.readline() == "limit\n":
            wrk.send_signal(signal.SIGINT)  # its thread has stopped, but wrk would sleep on until its time is up
        result = wrk.communicate()[1]
        used = cpu(process) - before
    if wrk.returncode:
        raise SystemExit(f"wrk failed: {result}")
    told = json.loads(result)
    if told["lost"] or told["refused"] != (told["requests"] if refused else 0):
        raise SystemExit(f"not the answers that were asked for: {told}")
    requests = told["requests"]
    return Load(requests, requests / told["seconds"], told["p50"], told["p99"], told["longest"], used / requests)


def need_wrk() -> None:
    """End the program unless wrk is there."""
    if not shutil.which("wrk"):
        raise SystemExit("wrk is needed; it is a package of Debian, Ubuntu and Homebrew")
