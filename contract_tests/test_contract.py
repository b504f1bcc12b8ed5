"""The suite that `pytest --pyargs contract_tests --contract-url URL --contract-token TOKEN` runs.

The target is checked against the contract once; each test reports what came of one promise of one operation.
"""

from __future__ import annotations

import os
import traceback
import warnings
from collections.abc import Iterable
from typing import Any

import pytest

from contract_tests.cli.option_texts import from_environment, from_text, reader
from contract_tests.cli.options import Options
from contract_tests.cli.outputs import check_outputs, write_outputs
from contract_tests.cli.plan import plan_text
from contract_tests.cli.starting import run_options
from contract_tests.plugin import EXIT_CODE, SUITE, given, option_name
from contract_tests.reports import writer_for
from contract_tests.reports.details import details
from contract_tests.runner.outcome import Finding, Outcome
from contract_tests.runner.promise_kinds import promises_of
from mock_server.contract.files.flaws import FlawedInput
from mock_server.engine.loading import load_contract

pytestmark = pytest.mark.contract


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Generate one test for each promise of each operation of the document."""
    if "promise" in metafunc.fixturenames:
        pairs = promises_in(metafunc.config)
        metafunc.parametrize("promise", pairs, ids=[" ".join(pair) for pair in pairs])


def promises_in(config: pytest.Config) -> list[tuple[str, str]]:
    """Return the promises that the document makes, each with its operation; raise `UsageError` where there is no document."""
    try:
        contract = load_contract(read_options(config).document_path)
    except (FlawedInput, OSError) as error:
        raise pytest.UsageError(str(error)) from None
    return [(str(operation), one.text) for operation in contract.operations for one in promises_of(operation)]


def read_options(config: pytest.Config) -> Options:
    """Return the options of the suite; raise `UsageError` with what is wrong."""
    values: dict[str, Any] = {}
    try:
        for field in SUITE:
            value = given(config, field)
            if isinstance(value, str):
                values[field.name] = from_text(field, value, option_name(field))
            elif isinstance(value, list):
                values[field.name] = tuple(map(reader(field), value))
            elif value is not None:
                values[field.name] = value
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
    """Check the target against the contract, once. Whatever prevents that ends the session with 2: 1 means broken."""
    options = read_options(pytestconfig)
    try:
        return held(options, pytestconfig)
    except pytest.exit.Exception:
        raise
    except (ValueError, FlawedInput, OSError) as error:
        pytest.exit(f"contract-tests: {error}", returncode=2)
    except Exception as error:  # what it says may contain a credential; where it was raised cannot
        where = "".join(traceback.format_tb(error.__traceback__))
        bug = f"this is a bug in contract-tests, not in the target: {type(error).__name__}"
        pytest.exit(f"{where}contract-tests: {bug}", returncode=2)


def held(options: Options, config: pytest.Config) -> Outcome:
    """Return what came of the run, with its files written."""
    if options.plan:
        contract = load_contract(options.document_path)
        pytest.exit(plan_text(contract, options.settings(contract), options.url), returncode=0)
    check_outputs(options)
    found = run_options(options, tell=told_as_warning)
    is_whole = write_outputs(options, found, told_as_warning)
    if found.verdict == "unjudged":
        pytest.exit(f"contract-tests: {found.reason}", returncode=2)
    config.stash[EXIT_CODE] = found.exit_code(strict=options.strict) if is_whole else 2
    return found


def told_as_warning(sentence: str) -> None:
    """Tell what could not be written, beside the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"contract-tests: {sentence}", pytest.PytestWarning, stacklevel=2)


def told(findings: Iterable[Finding], outcome: Outcome) -> str:
    """Return findings in full."""
    return "\n\n".join(details(finding, outcome) for finding in findings)


def test_promise(promise: tuple[str, str], outcome: Outcome) -> None:
    """The operation keeps the promise; skipped, with the reason, where the run could not test it."""
    result = next((one for one in outcome.promises if (one.operation, one.promise) == promise), None)
    broken = [finding for finding in outcome.findings if promise in finding.breaks]
    if broken:
        pytest.fail(told(broken, outcome), pytrace=False)
    if result is None or result.result == "not tested":
        pytest.skip(result.why if result else "no request of this run tests it")


def test_nothing_else_is_broken(outcome: Outcome, pytestconfig: pytest.Config) -> None:
    """Nothing was found that no other test reports."""
    reported = set(promises_in(pytestconfig))
    broken = [finding for finding in outcome.findings if not reported & set(finding.breaks)]
    if broken:
        pytest.fail(told(broken, outcome), pytrace=False)
