"""Running a test again under other readings of the contract, as `--mock-profiles` asks.

Which readings matter to a test is known once it has run, so tests are not multiplied when they are collected: the first run is
the test itself, and each further one is a copy of it with an id of its own. Its teardown leaves what is shared with the next.
"""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from _pytest.runner import call_and_report  # the way that plugins go which run a test more than once
from _pytest.unittest import TestCaseFunction

from mock_server.contract.bundled import bundled
from mock_server.contract.files.flaws import FlawedInput
from mock_server.contract.model import Contract
from mock_server.engine.loading import load_contract
from mock_server.testing.marking import HANDLES, READING, REPEATER, pinned_by
from mock_server.testing.options import given_file, given_list
from mock_server.testing.readings import Reading, Readings, asked_by, read_wanted, told

NONE, ALL = "default", "all"
FIXTURES = frozenset({"mock_server", "mock_server_app", "mock_server_factory"})


def set_up(config: pytest.Config) -> None:
    """Have tests repeated under the readings that are asked for: with `--mock-profiles`, or by an id that names one."""
    if any("=" in argument.partition("[")[2] for argument in config.args):
        _read_ids(config)
    wanted = given_list(config, "profiles")
    if wanted not in ([], [NONE]) and not config.getoption("setuponly", False):
        config.pluginmanager.register(Repeater(None if wanted == [ALL] else wanted), REPEATER)


class Repeater:
    """Runs each test that uses a mock under the readings that matter to it; `wanted` are those of a list, None for all."""

    def __init__(self, wanted: list[str] | None) -> None:
        self._wanted = wanted

    def check(self, contract: Contract) -> None:
        """Raise `ValueError` or `FlawedInput` when the list wants what a contract does not have."""
        read_wanted(self._wanted or (), contract)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Run a test, and run it again while there is a reading that matters; other tests are left to pytest."""
        if not isinstance(item, pytest.Function) or FIXTURES.isdisjoint(item.fixturenames):
            return None
        place = item.session.items.index(item)
        run: _Run | None = _Run(item, self._wanted)
        while run is not None:
            item.session.items[place] = run.item  # xdist looks there for what is reported
            run = run.run(nextitem)
        item.session.items[place] = item
        return True


class _Run:
    """One run of a test."""

    def __init__(self, item: pytest.Function, wanted: list[str] | None) -> None:
        self.item = item
        self._original = item
        self._wanted = wanted
        self._reading: Reading | None = None
        self._readings: Readings | None = None

    def run(self, nextitem: pytest.Item | None) -> _Run | None:
        """Run the test and return what to run next, if there is anything."""
        item, hook = self.item, self.item.ihook
        if not item._request:  # pytest takes it away when a test has run
            item._initrequest()
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        report = call_and_report(item, "setup")
        if report.passed:
            report = call_and_report(item, "call")
        stops = bool(item.session.shouldfail or item.session.shouldstop)
        following = None if stops else self._following(passed=report.passed and report.when == "call")
        call_and_report(item, "teardown", nextitem=None if stops else following.item if following else nextitem)
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        item._request = False  # type: ignore[assignment]  # as pytest itself does
        item.funcargs = {}
        return following

    def _following(self, *, passed: bool) -> _Run | None:
        handles = self.item.stash.get(HANDLES, [])
        if not handles:
            return None
        asked = asked_by([answer for handle in handles for answer in handle.answers()])
        if self._readings is None:
            if not passed:
                return None
            contract = handles[0].contract
            wanted = None if self._wanted is None else read_wanted(self._wanted, contract)
            self._readings = Readings(contract, handles[0].profile, pinned_by(self.item), wanted)
            self._readings.begin(asked)
        elif self._reading is not None:
            self._readings.follow(self._reading, asked, passed=passed)
        reading = self._readings.next()
        return None if reading is None else self._under(reading, self._readings)

    def _under(self, reading: Reading, readings: Readings) -> _Run:
        """Return a run of the test under a reading."""
        following = _Run(self._original, self._wanted)
        following.item = _copied(self._original, reading, told(reading, readings.contract))
        following._reading, following._readings = reading, readings
        following.item.session.testscollected += 1
        return following


def _copied(original: pytest.Function, reading: Reading, text: str) -> pytest.Function:
    """Return a test that is the same, with an id that names a reading, and nothing of an earlier run."""
    item = copy.copy(original)
    if not isinstance(item, TestCaseFunction):  # for unittest, the name is that of the method to call
        item.name = _named(original.name, reading)
    _set_id(item, _named(original.nodeid, reading))
    stash = pytest.Stash()
    stash[READING] = reading
    vars(item).update(stash=stash, _report_sections=[])
    item._store = stash
    item.user_properties = [("mock_server_test", original.nodeid), ("mock_server_reading", text)]
    for bound in ("_obj", "_instance"):  # each run of a method has an instance of its own
        vars(item).pop(bound, None)
    item._initrequest()
    return item


def _named(name: str, reading: Reading) -> str:
    return f"{name[:-1]}-{reading.name}]" if name.endswith("]") else f"{name}[{reading.name}]"


def _set_id(item: pytest.Function, nodeid: str) -> None:
    node: Any = item
    if hasattr(node, "_id"):
        node._id = type(node._id).parse(nodeid)
    else:  # pytest before 9.2
        node._nodeid = nodeid


def _read_ids(config: pytest.Config) -> None:
    """Take an id that names a reading, as a report has it, for the test and `--mock-profiles` for that reading."""
    contract = load_contract(given_file(config, "document") or bundled("openapi.yaml"))
    for place, argument in enumerate(config.args):
        for found in re.finditer(r"[\[-](?=[^\[\]-][^\[\]]*\]$)", argument):
            text = argument[found.end() : -1]
            if "=" in text and _is_reading(text, contract):
                before = argument[: found.start()]
                config.args[place] = before if found[0] == "[" else f"{before}]"
                config.option.mock_profiles = [*(config.option.mock_profiles or []), text]
                break


def _is_reading(text: str, contract: Contract) -> bool:
    try:
        read_wanted([text], contract)
    except (FlawedInput, ValueError):
        return False
    return True
