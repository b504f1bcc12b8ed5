"""What README and docs/pytest.md show is run."""

from __future__ import annotations

import re

import pytest
from places import ROOT

from mock_server.testing.options import FILES, LISTS
from mock_server.testing.requests import Asked, Requests
from mock_server.testing.server import App, Handle, Server

PAGE = (ROOT / "docs" / "pytest.md").read_text()
NAMES = {
    name for kind in (Server, Handle, App, Requests, Asked) for name in (*vars(kind), *getattr(kind, "__annotations__", ()))
}


def blocks(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


def test_the_readmes_test_passes(run):
    (test,) = [block for block in blocks((ROOT / "README.md").read_text()) if "mock_server" in block]

    run(test).assert_outcomes(passed=1)


def test_the_pages_first_test_passes(run):
    application = (
        (ROOT / "examples" / "onboarding" / "onboarding.py").read_text().replace("from __future__ import annotations", "")
    )
    test = blocks(PAGE)[0].replace('introduce("ada@acme.example"', 'introduce(Person("ada@acme.example", "csm")')

    run(application + "\n\n" + test + "    onboarding.close()\n").assert_outcomes(passed=1)


def test_the_pages_block_without_pytest_runs(capsys):
    (block,) = [block for block in blocks(PAGE) if "mock_server.running" in block]
    exec(block, {})

    assert capsys.readouterr().out.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("name", sorted(name for name in NAMES if not name.startswith("_")))
def test_every_name_that_tests_may_use_is_on_the_page(name):
    internal = {"begin", "answers", "masking", "close_clients", "stop", "clear", "number", "body", "problem", "detail"}

    assert name in internal or re.search(rf"\b{name}\b", PAGE)


@pytest.mark.parametrize("name", [*FILES, *LISTS])
def test_every_option_is_on_the_page(name):
    assert f"`--mock-{name} " in PAGE
    assert f"`MOCK_SERVER_{name.upper()}`" in PAGE
    assert f"`mock_server_{name}`" in PAGE
