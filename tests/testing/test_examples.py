"""The examples are run as their users run them: with the wheel, away from the source tree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from places import ROOT


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """A folder that the wheel is installed in; what it depends on is that of this environment."""
    folder = tmp_path_factory.mktemp("installed") / "site"
    pip = [sys.executable, "-m", "pip"]
    subprocess.run([*pip, "install", "-q", "--no-deps", "--target", folder, wheel], check=True, capture_output=True)
    return folder


@pytest.fixture
def run_example(installed, tmp_path) -> Callable[..., str]:
    """Run a module in a copy of an example and return what it tells."""
    folder = tmp_path / "onboarding"
    shutil.copytree(ROOT / "examples" / "onboarding", folder, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))

    def run(module: str, *arguments: str, expected: int = 0) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "MOCK_SERVER"))}
        environment |= {"PYTHONPATH": os.pathsep.join([str(installed), str(folder)])}
        told = subprocess.run(
            [sys.executable, "-m", module, *arguments], cwd=folder, env=environment, text=True, capture_output=True
        )
        assert told.returncode == expected, told.stdout + told.stderr
        return told.stdout + told.stderr

    return run


OTHERS = ("randomly", "asyncio", "cacheprovider", "schemathesis", "hypothesispytest")
PYTEST = [option for name in OTHERS for option in ("-p", f"no:{name}")]
"""A user of the mock has none of these plugins, and loading them takes long."""


def test_the_wheel_is_what_runs(run_example, installed):
    where = run_example("pytest", *PYTEST, "-q", "--trace-config", "--collect-only")

    assert str(installed / "mock_server" / "testing" / "plugin.py") in where


def test_the_examples_tests_pass(run_example):
    assert "7 passed" in run_example("pytest", *PYTEST)


def test_they_pass_on_two_workers(run_example):
    assert "7 passed" in run_example("pytest", *PYTEST, "-n2")


def test_they_pass_under_every_reading_but_those_that_one_of_them_excludes(run_example):
    told = run_example("pytest", *PYTEST, "--mock-profiles=all", expected=1)

    assert re.search(r"2 failed, \d\d passed", told)
    assert told.count("passes as assumed; fails if\n") == 1
    assert "test_somebody_elses_partner_is_not_there passes as assumed; fails if" in told


def test_the_unittest_passes(run_example):
    assert "OK" in run_example("unittest", "tests.test_unittest")
