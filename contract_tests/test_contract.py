"""The suite that `pytest --pyargs contract_tests --contract-url URL --contract-token TOKEN` runs.

The target is checked against the contract once; each test reports one part of the outcome.
"""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

import pytest

from contract_tests.cli.main import from_environment, reader
from contract_tests.cli.options import Options
from contract_tests.cli.starting import run_options
from contract_tests.plugin import OPTIONS, REPEATABLE, given
from contract_tests.reports import write_report, writer_for
from contract_tests.reports.details import details
from contract_tests.runner.outcome import Finding, Outcome
from mock_server.contract.files.flaws import FlawedInput
from mock_server.engine.loading import load_contract

pytestmark = pytest.mark.contract


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Generate one test per operation of the document."""
    if "operation" in metafunc.fixturenames:
        options = read_options(metafunc.config)
        try:
            operations = load_contract(options.document_path).operations
        except (FlawedInput, OSError) as error:
            raise pytest.UsageError(str(error)) from None
        metafunc.parametrize("operation", [operation.id for operation in operations])


def read_options(config: pytest.Config) -> Options:
    """Return the options of the suite; raise `UsageError` with what is wrong."""
    fields = {field.name: field for field in dataclasses.fields(Options)}
    values: dict[str, Any] = {}
    try:
        for name in (*OPTIONS, *REPEATABLE):
            field, value = fields[name.replace("-", "_")], given(config, name)
            if isinstance(value, list):
                values[field.name] = tuple(map(Path, value)) if name == "report" else tuple(value)
            elif value is not None:
                choices = field.metadata.get("choices")
                if choices and value not in choices:
                    raise ValueError(f"--contract-{name} must be one of {', '.join(choices)}, not {value!r}")
                values[field.name] = reader(field)(value)
        options = Options(**{**from_environment(os.environ), **values})
        for path in options.report:
            writer_for(path)
    except (ValueError, TypeError) as error:
        raise pytest.UsageError(str(error)) from None
    if not options.url:
        raise pytest.UsageError("the contract tests need a target: --contract-url URL, or CONTRACT_TESTS_URL")
    return options


@pytest.fixture(scope="session")
def outcome(pytestconfig: pytest.Config) -> Outcome:
    """Check the target against the contract, once."""
    options = read_options(pytestconfig)
    try:
        found = run_options(options)
    except (ValueError, FlawedInput, OSError) as error:
        pytest.exit(f"contract-tests: {error}", returncode=2)
    for path in options.report:
        write_report(found, path)
    if found.verdict == "unjudged":
        pytest.exit(f"contract-tests: {found.reason}", returncode=2)
    return found


def told(findings: list[Finding], outcome: Outcome) -> str:
    """Return findings in full."""
    return "\n\n".join(details(finding, outcome) for finding in findings)


def test_the_operation_keeps_the_contract(operation: str, outcome: Outcome) -> None:
    """No response to a single request of the operation breaks the contract."""
    parts = ("lockstep", "refusals", "shape")
    broken = [one for one in outcome.findings if one.part in parts and one.steps[-1].call.operation == operation]
    if broken:
        pytest.fail(told(broken, outcome), pytrace=False)


def test_simultaneous_requests_keep_the_contract(outcome: Outcome) -> None:
    """Some order of the simultaneous requests explains their responses."""
    broken = [one for one in outcome.findings if one.part == "races"]
    if broken:
        pytest.fail(told(broken, outcome), pytrace=False)


def test_the_target_is_reliable(outcome: Outcome) -> None:
    """No request failed intermittently."""
    broken = [one for one in outcome.findings if one.part == "reliability"]
    if broken:
        pytest.fail(told(broken, outcome), pytrace=False)
