"""Targets of tests, closed after each."""

from __future__ import annotations

import pytest

from contract_tests.transport.targets import HttpTarget


@pytest.fixture
def target():
    made = []

    def make(url, **more):
        made.append(HttpTarget(url, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()
