"""The options of the suite that `pytest --pyargs contract_tests` runs. Nothing heavy is imported until the suite is."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

import pytest

from contract_tests.cli.option_texts import is_switch
from contract_tests.cli.options import Options
from contract_tests.extra import INSTALL, is_installed

GROUP = "contract tests"
SUITE = tuple(field for field in dataclasses.fields(Options) if "run" in field.metadata["commands"])
"""The options of the suite: those of `contract-tests run`."""

EXIT_CODE = pytest.StashKey[int]()
"""The exit code of a session in which every test passes, where it is not 0."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; each can also be set as a `CONTRACT_TESTS_…` variable or an ini key."""
    group = parser.getgroup(GROUP, "options of `pytest --pyargs contract_tests`")
    for field in SUITE:
        name, ini, help = option_name(field), f"contract_{field.name}", field.metadata["help"]
        if isinstance(field.default, tuple):
            group.addoption(name, action="append", default=None, help=help)
            parser.addini(ini, help, type="linelist")
        elif is_switch(field) and field.default is None:
            group.addoption(name, action=argparse.BooleanOptionalAction, default=None, help=help)
            parser.addini(ini, help)
        elif is_switch(field):
            group.addoption(name, action="store_true", default=None, help=help)
            parser.addini(ini, help)
        else:
            group.addoption(name, default=None, help=help)
            parser.addini(ini, help)


def option_name(field: dataclasses.Field[Any]) -> str:
    """Return what an option is called on the command line of pytest."""
    return f"--contract-{field.name.replace('_', '-')}"


@pytest.hookimpl(tryfirst=True)  # pytest tells it once as long as nothing else is set up
def pytest_configure(config: pytest.Config) -> None:
    """Register the marker. Say in one line what to install, rather than import the suite without it."""
    asked = config.getoption("pyargs") and any(name.startswith("contract_tests") for name in config.args)
    if asked and not is_installed():
        pytest.exit(f"contract-tests: {INSTALL}", returncode=2)
    config.addinivalue_line("markers", "contract: a test of the suite that checks a deployment against its contract")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """End with the exit code of the run, where every test passed and yet it is not 0."""
    if exitstatus == pytest.ExitCode.OK:
        session.exitstatus = session.config.stash.get(EXIT_CODE, pytest.ExitCode.OK)


def given(config: pytest.Config, field: dataclasses.Field[Any]) -> Any:
    """Return what an option is set to: on the command line, else in the ini file; None when it is not."""
    value = config.getoption(option_name(field))
    return value if value is not None else config.getini(f"contract_{field.name}") or None
