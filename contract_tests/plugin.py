"""The options of the suite that `pytest --pyargs contract_tests` runs. Nothing heavy is imported before the suite is."""

from __future__ import annotations

from typing import Any

import pytest

GROUP = "contract tests"
OPTIONS = {
    "url": "the base URL of the target",
    "token": "a bearer token for the target",
    "other-token": "a token of another organization",
    "expired-token": "a token that the target has to refuse",
    "document": "the OpenAPI document; without it, the bundled partner API",
    "profile": "the profile to compare the target with",
    "budget": "how much to try: quick, standard or thorough",
    "random-seed": "make the same sequences in every run",
    "max-requests": "send no more requests than this",
    "rate": "send no more requests in a second than this",
}
REPEATABLE = {
    "known": "RESOURCE=ID that the token's organization has; may be repeated",
    "other-known": "RESOURCE=ID that the other organization has; may be repeated",
    "report": "write a report: .html, .json or .xml; may be repeated",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; `CONTRACT_TESTS_…` variables and ini keys of the same names do as well."""
    group = parser.getgroup(GROUP, "options of `pytest --pyargs contract_tests`")
    for name, help in OPTIONS.items():
        group.addoption(f"--contract-{name}", default=None, help=help)
        parser.addini(f"contract_{name.replace('-', '_')}", help)
    for name, help in REPEATABLE.items():
        group.addoption(f"--contract-{name}", action="append", default=None, help=help)
        parser.addini(f"contract_{name.replace('-', '_')}", help, type="linelist")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "contract: a test of the suite that holds a deployment to its contract")


def given(config: pytest.Config, name: str) -> Any:
    """Return what an option is set to: on the command line, else in the ini file; None when it is not."""
    value = config.getoption(f"--contract-{name}")
    return value if value is not None else config.getini(f"contract_{name.replace('-', '_')}") or None
