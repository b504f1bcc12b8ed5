"""The extra `contract-tests`: the package is installed with it to check a target; without it, it is the mock server alone."""

from __future__ import annotations

from importlib.util import find_spec

PACKAGES = ("hypothesis", "rich", "schemathesis")
INSTALL = "the contract tests are not installed: pip install 'understudy[contract-tests]'"


def is_installed() -> bool:
    """Say whether the packages of the extra are there. None of them is imported."""
    return all(find_spec(name) is not None for name in PACKAGES)
