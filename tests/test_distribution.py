"""What a user has who installs the kit: from a clone with the scripts, or as a wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

NORTHWIND = "/v2/partners/ptn_northwind/internal-contacts"

CONSUMER = f"""
def test_it(mock_server):
    person = {{"email": "ada@acme.example", "internal_role": "csm"}}
    assert mock_server.client.post("{NORTHWIND}", json=person).status_code == 200
    mock_server.requests.assert_requested(times=1)
"""


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
def light(wheel, tmp_path_factory) -> Path:
    """The programs of a virtual environment that the wheel is installed in, and nothing else that is not needed for it."""
    folder = tmp_path_factory.mktemp("light") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    install(folder / "bin", wheel)
    return folder / "bin"


@pytest.fixture(scope="module")
def with_pytest(light) -> Path:
    """The same, where the user has pytest."""
    install(light, "pytest")
    return light


def install(programs: Path, *what: object) -> None:
    """Install into a virtual environment, without compiling what a test then never imports."""
    pip = [sys.executable, "-m", "pip", "--python", programs / "python", "install", "--quiet", "--no-compile"]
    subprocess.run([*map(str, pip), *map(str, what)], check=True, capture_output=True)


@pytest.fixture
def run(tmp_path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a program in an empty folder."""

    def run(*command: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*map(str, command)], cwd=tmp_path, env=outside(), capture_output=True, text=True)

    return run


def outside() -> dict[str, str]:
    """Return the variables of a user, who knows nothing of the environment and the measuring of these tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "COV", "VIRTUAL"))}


@pytest.fixture
def stop() -> Iterator[list[subprocess.Popen[str]]]:
    running: list[subprocess.Popen[str]] = []
    yield running
    for process in running:
        process.terminate()
        process.communicate(timeout=20)


def test_one_command_serves_from_a_fresh_clone(clone, stop):
    environment = {**outside(), "PYTHON": sys.executable, "PIP_NO_COMPILE": "1"}  # it is started once
    command = [clone / "scripts" / "serve", "--port", "0"]
    process = subprocess.Popen(
        command, cwd=clone.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    stop.append(process)

    assert answers(served_url(process))


def test_help_is_shown_before_anything_is_installed(clone):
    done = subprocess.run(
        [clone / "scripts" / "serve", "--port", "0", "--help"],
        env={**outside(), "PYTHON": getattr(sys, "_base_executable", sys.executable)},
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: mock-server serve")


def test_what_takes_its_time_says_so_first(clone, tmp_path):
    """The first thing that is done is to ask Python for a virtual environment; here, that Python makes none."""
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\n[ "$2" = venv ] && exit 7\nexit 0\n')
    python.chmod(0o755)
    for script in ("serve", "test"):
        folder = tmp_path / script
        (folder / "scripts").mkdir(parents=True)
        for name in ("scripts/environment", f"scripts/{script}", "pyproject.toml"):
            shutil.copy2(clone / name, folder / name)
        command = [folder / "scripts" / script]
        done = subprocess.run(command, env={**outside(), "PYTHON": str(python)}, capture_output=True, text=True)

        assert (done.returncode, done.stdout) == (7, "")
        assert done.stderr.startswith("Setting up .venv")


def test_a_wheel_serves_from_an_empty_folder(light, tmp_path, stop):
    command = [light / "mock-server", "serve", "--port", "0"]
    process = subprocess.Popen(command, cwd=tmp_path, env=outside(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    stop.append(process)

    assert answers(served_url(process))
    assert list(tmp_path.iterdir()) == []


def test_without_the_extra_the_contract_tests_say_what_to_install(with_pytest, run):
    line = "contract-tests: the contract tests are not installed: pip install 'understudy[contract-tests]'"
    url = ("--url", "http://127.0.0.1:1")
    for command in (
        ("contract-tests", "run", *url),
        ("contract-tests", "--help"),
        ("python", "-m", "contract_tests", "run", *url),
    ):
        done = run(with_pytest / command[0], *command[1:])
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{line}\n")
    for name in ("contract_tests", "contract_tests.test_contract"):
        done = run(with_pytest / "pytest", "-q", "--pyargs", name)
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"Exit: {line}\n")
    done = run(with_pytest / "python", "-c", "import contract_tests; contract_tests.run('http://127.0.0.1:1')")
    assert done.stderr.splitlines()[-1] == f"ModuleNotFoundError: {line.partition(': ')[2]}"


def test_without_the_extra_a_test_has_its_mock(with_pytest, run, tmp_path):
    (tmp_path / "test_it.py").write_text(CONSUMER)
    done = run(with_pytest / "pytest", "-q", "-W", "error", "-p", "no:cacheprovider")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_nothing_of_the_contract_tests_is_needed_without_the_extra(wheel):
    metadata = zipfile.ZipFile(wheel).read(f"{'-'.join(wheel.name.split('-')[:2])}.dist-info/METADATA").decode()
    needed = [line.partition(": ")[2] for line in metadata.splitlines() if line.startswith("Requires-Dist: ")]
    of_the_extra = {re.split("[^a-z-]", one)[0] for one in needed if "extra == 'contract-tests'" in one}
    always = {re.split("[^a-z-]", one)[0] for one in needed if "extra ==" not in one}

    assert of_the_extra == {"hypothesis", "pytest", "rich", "schemathesis"}
    assert not always & of_the_extra
    assert {"httpx", "starlette", "uvicorn"} <= always


def test_the_wheel_holds_the_document_the_fixtures_and_the_licence(wheel):
    names = zipfile.ZipFile(wheel).namelist()

    assert "mock_server/data/openapi.yaml" in names
    assert "mock_server/data/fixtures/default.yaml" in names
    assert "mock_server/contract/documents/openapi-3.1.json" in names
    assert "mock_server/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    files = ("index.html", "console.css", "favicon.svg", "js/main.js", "vendor/lit-html/lit-html.js", "vendor/lit-html/LICENSE")
    vendored = ("swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt", "swagger-ui.css", "LICENSE", "NOTICE")
    assert {*files, *[f"vendor/swagger-ui-dist/{name}" for name in vendored]} <= {
        name.removeprefix("mock_server/server/console/") for name in names
    }
    assert not any(name.startswith(("tests", "benchmarks")) for name in names)
