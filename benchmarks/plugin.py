"""What the pytest plugin costs: installed, imported, at its first mock, between tests, and for a test with one request."""

from __future__ import annotations

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TARGETS = {"installed": 150.0, "unused": 30.0, "first mock": 300.0, "reset": 1.0, "test with a request": 5.0, "stop": 100.0}
"""Milliseconds; those of the first are of CPU."""

ROOT = Path(__file__).parent.parent

FIRST = """
import time
import pytest

@pytest.fixture(scope="session", autouse=True)
def begin():
    return time.perf_counter()

def test_first(begin, mock_server):
    print("first:", (time.perf_counter() - begin) * 1000)

def test_client(mock_server):
    mock_server.client.post("/v2/internal-contacts", json={})

def test_reset(mock_server):
    took = []
    for _ in range(200):
        begin = time.perf_counter()
        mock_server.reset()
        took.append(time.perf_counter() - begin)
    print("reset:", sorted(took)[100] * 1000)
"""

MANY = """
import pytest

@pytest.mark.parametrize("number", range(COUNT))
def test_it(FIXTURE, number):
    REQUEST
"""

REQUEST = (
    'assert mock_server.client.post("/v2/internal-contacts", json={"email": "a", "internal_role": "csm"}).status_code == 200'
)


def main() -> None:
    """Measure each part a few times and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="how often each part is measured")
    runs = parser.parse_args().runs
    took: dict[str, list[float]] = {name: [] for name in TARGETS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        alone, beside = fresh(folder / "alone", "pytest"), fresh(folder / "beside", "pytest", str(ROOT))
        for number in range(runs + 1):
            measured = {"installed": empty(folder, beside) - empty(folder, alone), **measure(folder)}
            if number:  # the first run compiles modules and fills the page cache
                for name, milliseconds in measured.items():
                    took[name].append(milliseconds)
    for name, target in TARGETS.items():
        median = statistics.median(took[name])
        verdict = "met" if median <= target else "MISSED"
        print(f"{name:20} {median:8.2f} ms  ({min(took[name]):.2f} to {max(took[name]):.2f})  target {target:g}: {verdict}")


def fresh(folder: Path, *packages: str) -> Path:
    """Make a virtual environment with these packages, and return its pytest."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", *packages], check=True)
    return folder / "bin" / "pytest"


def empty(folder: Path, pytest: Path) -> float:
    """Return the milliseconds of CPU that pytest takes for a test that asks for nothing."""
    (folder / "test_it.py").write_text("def test_it():\n    pass\n")
    begin = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([pytest, "-q", "-p", "no:cacheprovider", "test_it.py"], cwd=folder, capture_output=True, check=True)
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (end.ru_utime + end.ru_stime - begin.ru_utime - begin.ru_stime) * 1000


def measure(folder: Path) -> dict[str, float]:
    """Return the milliseconds of each part."""
    first = run_pytest(folder, FIRST)
    plain, count = seconds(run_pytest(folder, many("tmp_path_factory", "pass"))), 300
    asked = seconds(run_pytest(folder, many("mock_server", REQUEST)))
    started = number_after("first", first) / 1000 + 0.1  # and the client's modules, once
    return {
        "unused": unused(),
        "first mock": number_after("first", first),
        "reset": number_after("reset", first),
        "test with a request": max(0.0, asked - started) / count * 1000 if asked > plain else 0.0,
        "stop": stop(),
    }


def many(fixture: str, request: str) -> str:
    """Return a module of many tests."""
    return MANY.replace("COUNT", "300").replace("FIXTURE", fixture).replace("REQUEST", request)


def run_pytest(folder: Path, text: str) -> str:
    """Run pytest on a module and return what it prints."""
    (folder / "test_it.py").write_text(text)
    # Schemathesis has a plugin that loads much of what the mock needs; without it, all is counted here.
    options = [
        "-q",
        "-s",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:asyncio",
        "-p",
        "no:schemathesis",
        "-W",
        "ignore",
    ]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "pytest", *options]
    told = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return told.stdout


def seconds(told: str) -> float:
    """Return how long pytest says that it took."""
    return float(re.findall(r"passed in ([\d.]+)s", told)[0])


def number_after(word: str, told: str) -> float:
    """Return the number that a test printed."""
    return float(re.findall(rf"{word}: ([\d.]+)", told)[0])


def unused() -> float:
    """Return how long importing the plugin takes, pytest being there."""
    code = "import pytest, time; t = time.perf_counter(); import mock_server.testing.plugin; print(time.perf_counter() - t)"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout) * 1000


def stop() -> float:
    """Return how long a server with a connection takes to stop."""
    import mock_server

    with mock_server.running() as server:
        server.client.post("/v2/internal-contacts", json={})
        begin = time.perf_counter()
    return (time.perf_counter() - begin) * 1000


if __name__ == "__main__":
    main()
