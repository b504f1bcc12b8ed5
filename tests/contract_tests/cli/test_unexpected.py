"""What nobody expects ends with 2: Python's own exit code for an exception means that a target is broken."""

from __future__ import annotations

import pytest

from contract_tests.__main__ import main


@pytest.mark.parametrize("error", [MemoryError("acme-token"), RecursionError("acme-token"), AssertionError("acme-token")])
def test_an_exception_that_nobody_expects_is_no_broken_contract_and_tells_no_secret(monkeypatch, capsys, error):
    def fails():
        raise error

    monkeypatch.setattr("contract_tests.cli.main.main", fails)

    assert main() == 2
    told = capsys.readouterr().err
    assert f"this is a bug in contract-tests, not in the target: {type(error).__name__}" in told
    assert "acme-token" not in told
