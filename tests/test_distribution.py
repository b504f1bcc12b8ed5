"""What a user has who installs the kit: from a clone with the scripts, or as a wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from places import ROOT

NORTHWIND = "/v2/partners/ptn_northwind/internal-contacts"


def answers(url: str) -> bool:
    headers = {"Authorization": "Bearer acme-token"}
    return httpx.post(url + NORTHWIND, json={"email": "a", "internal_role": "csm"}, headers=headers).status_code == 200


def served_url(process: subprocess.Popen[str]) -> str:
    """Return the URL that a starting server prints; installing may come first."""
    timer = threading.Timer(300, process.kill)
    timer.start()
    try:
        for line in process.stdout:  # type: ignore[union-attr]
            if found := re.search(r"on (http://\S+)", line):
                return found[1]
    finally:
        timer.cancel()
    raise AssertionError(process.stderr.read() if process.stderr else "")


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """A copy of what a clone of the repository holds: no virtual environment, no caches."""
    folder = tmp_path_factory.mktemp("clone")
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def wheel(clone, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(clone)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("understudy-*.whl"))


@pytest.fixture
def stop() -> Iterator[list[subprocess.Popen[str]]]:
    running: list[subprocess.Popen[str]] = []
    yield running
    for process in running:
        process.terminate()
        process.communicate(timeout=20)


def test_one_command_serves_from_a_fresh_clone(clone, stop):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COVERAGE", "VIRTUAL"))}
    environment["PYTHON"] = sys.executable
    command = [clone / "scripts" / "serve", "--port", "0"]
    process = subprocess.Popen(
        command, cwd=clone.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    stop.append(process)

    assert answers(served_url(process))


def test_a_wheel_serves_from_an_empty_folder(wheel, tmp_path, stop):
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    subprocess.run([tmp_path / "venv" / "bin" / "pip", "install", "--quiet", wheel], check=True, capture_output=True)
    empty = tmp_path / "empty"
    empty.mkdir()
    command = [tmp_path / "venv" / "bin" / "mock-server", "serve", "--port", "0"]
    process = subprocess.Popen(command, cwd=empty, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    stop.append(process)

    assert answers(served_url(process))
    assert list(empty.iterdir()) == []


def test_the_wheel_holds_the_document_the_fixtures_and_the_licence(wheel):
    names = zipfile.ZipFile(wheel).namelist()

    assert "mock_server/data/openapi.yaml" in names
    assert "mock_server/data/fixtures/default.yaml" in names
    assert "mock_server/contract/openapi-3.1.json" in names
    assert "mock_server/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    files = ("index.html", "console.css", "favicon.svg", "js/main.js", "vendor/lit-html/lit-html.js", "vendor/lit-html/LICENSE")
    vendored = ("swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt", "swagger-ui.css", "LICENSE", "NOTICE")
    assert {*files, *[f"vendor/swagger-ui-dist/{name}" for name in vendored]} <= {
        name.removeprefix("mock_server/server/console/") for name in names
    }
    assert not any(name.startswith(("tests", "benchmarks")) for name in names)
