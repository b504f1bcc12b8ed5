from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest

PREAMBLE = """
import pytest

PATH = "/v2/partners/ptn_northwind/internal-contacts"
PERSON = {"email": "ada@acme.example", "internal_role": "csm"}


def add(server, **fields):
    return server.client.post(PATH, json={**PERSON, **fields})

"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Run pytest on the text of a test module, as a user with the kit installed does."""
    for name in (
        "MOCK_SERVER_DOCUMENT",
        "MOCK_SERVER_SEED",
        "MOCK_SERVER_PROFILE",
        "MOCK_SERVER_ASSUME",
        "MOCK_SERVER_PROFILES",
    ):
        monkeypatch.delenv(name, raising=False)
    # The plugins that the contract tests bring, which a user of the mock does not have, would take most of the time.
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:schemathesis -p no:hypothesispytest")
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n")

    def run(test: str, *options: str, apart: bool = False) -> pytest.RunResult:
        pytester.makepyfile(test_it=PREAMBLE + dedent(test))
        start = pytester.runpytest_subprocess if apart else pytester.runpytest_inprocess
        return start("-p", "no:randomly", "-p", "no:cacheprovider", *options)

    return run
