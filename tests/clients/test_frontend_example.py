"""The frontend example is run as its users run it, from `npm ci` on, and docs/frontend.md shows its files."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from places import ROOT

EXAMPLE = ROOT / "examples" / "frontend"
PAGE = ROOT / "docs" / "frontend.md"
SHOWN = re.findall(r"^\[(\S+)\]\((\S+)\):\n\n```js\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
OLDEST_NODE = (20, 19)

Run = Callable[..., str]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example with what its package-lock.json lists."""
    missing = [name for name in ("node", "npm") if not shutil.which(name)]
    if missing:
        pytest.skip(f"NOT TESTED: the frontend example needs Node.js with npm; there is no {' and no '.join(missing)} here")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < OLDEST_NODE:
        pytest.skip(f"NOT TESTED: the frontend example needs Node.js 20.19 or newer; here is {version.strip()}")
    folder = tmp_path_factory.mktemp("frontend") / "project"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("node_modules", "test-results"))
    run_in(folder, {}, "npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
    return folder


@pytest.fixture
def run(project: Path) -> Run:
    """Run a command in the example's folder and return what it writes; `PAGE_PORT` and the like are its variables."""
    return lambda *command, **variables: run_in(project, variables, *command)


@pytest.fixture
def playwright(run: Run, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Run Playwright with this machine's Chromium and return its report."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("NOT TESTED: the frontend example needs Chromium; there is none here")
    command = ("npx", "playwright", "test", "--reporter", "json", "--output", tmp_path)

    def report(*options: str, **variables: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(run(*command, *options, CHROMIUM=chromium, PAGE_PORT=free_port(), **variables))
        return told

    return report


def run_in(folder: Path, variables: dict[str, str], *command: object) -> str:
    """Return what a command writes to its output, once it ends well; `mock-server` is that of this environment."""
    words = list(map(str, command))
    here = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    environment = {**os.environ, **here, **variables}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, f"{words} exited with {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1])


def passed(told: dict[str, Any]) -> int:
    """Return how many tests passed, when all did."""
    stats = told["stats"]
    assert stats["unexpected"] == stats["flaky"] == stats["skipped"] == 0, told
    return int(stats["expected"])


def workers(told: dict[str, Any]) -> set[int]:
    """Return the numbers of the workers that ran tests."""
    specs = [spec for suite in told["suites"] for spec in suite["specs"]]
    return {result["parallelIndex"] for spec in specs for test in spec["tests"] for result in test["results"]}


def test_the_page_shows_the_example_s_files_as_they_are():
    assert {name for name, _, _ in SHOWN} == {
        str(file.relative_to(EXAMPLE))
        for file in EXAMPLE.rglob("*.js")
        if "node_modules" not in file.parts and file.name != "main.js"
    }
    for name, link, text in SHOWN:
        assert (PAGE.parent / link).resolve() == (EXAMPLE / name).resolve()
        assert text == (EXAMPLE / name).read_text(), name


def test_workers_with_a_mock_each_run_at_the_same_time(playwright):
    told = playwright("--workers", "2", "--repeat-each", "3")

    assert passed(told) == 9
    assert workers(told) == {0, 1}


@pytest.mark.parametrize("way", ["the proxy", "CORS"])
def test_one_worker_and_one_mock(playwright, way):
    url = f"http://127.0.0.1:{free_port()}"
    directly = {"VITE_API_URL": url} if way == "CORS" else {}
    told = playwright("--config", "one-mock/playwright.config.js", MOCK_URL=url, **directly)

    assert passed(told) == 2


def test_msw_passes_requests_on_to_the_mock(run, serve):
    told = run("npm", "run", "test:msw", MOCK_URL=serve().url)

    assert "# pass 2" in told
    assert "# fail 0" in told
