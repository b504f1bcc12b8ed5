"""The options of the suite that `pytest --pyargs contract_tests` runs. Nothing heavy is imported until the suite is."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.extra import INSTALL, is_installed

GROUP = "contract tests"
OPTIONS = {
    "url": "the base URL of the target",
    "token": "a credential for the target: a token, an API key, or user:password",
    "other-token": "a token of another organization",
    "login": "the body of a valid login, as JSON; without a token, its token is used",
    "other-login": "the same for the other organization",
    "user": "the id of the user whose token it is, where the document asks for it",
    "other-user": "the same for the other organization",
    "expired-token": "a token that the target must reject",
    "document": "the OpenAPI document (default: the bundled partner API)",
    "profile": "the profile to compare the target with",
    "budget": "how much to test: quick, standard or thorough",
    "random-seed": "select the random sequences; the same seed repeats them",
    "max-requests": "send at most this many requests",
    "max-seconds": "send nothing after this many seconds; 0 is no limit",
    "rate": "send at most this many requests per second",
}
REPEATABLE = {
    "known": "an existing record of a resource that no operation creates, as RESOURCE=ID; may be repeated",
    "other-known": "the same for the other organization; may be repeated",
    "report": "write a report: .html, .json or .xml; may be repeated",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; each can also be set as a `CONTRACT_TESTS_…` variable or an ini key."""
    group = parser.getgroup(GROUP, "options of `pytest --pyargs contract_tests`")
    for name, help in OPTIONS.items():
        group.addoption(f"--contract-{name}", default=None, help=help)
        parser.addini(f"contract_{name.replace('-', '_')}", help)
    for name, help in REPEATABLE.items():
        group.addoption(f"--contract-{name}", action="append", default=None, help=help)
        parser.addini(f"contract_{name.replace('-', '_')}", help, type="linelist")


@pytest.hookimpl(tryfirst=True)  # pytest tells it once as long as nothing else is set up
def pytest_configure(config: pytest.Config) -> None:
    """Register the marker. Say in one line what to install, rather than import the suite without it."""
    asked = config.getoption("pyargs") and any(name.startswith("contract_tests") for name in config.args)
    if asked and not is_installed():
        pytest.exit(f"contract-tests: {INSTALL}", returncode=2)
    config.addinivalue_line("markers", "contract: a test of the suite that checks a deployment against its contract")


def given(config: pytest.Config, name: str) -> Any:
    """Return what an option is set to: on the command line, else in the ini file; None when it is not."""
    value = config.getoption(f"--contract-{name}")
    return value if value is not None else config.getini(f"contract_{name.replace('-', '_')}") or None
