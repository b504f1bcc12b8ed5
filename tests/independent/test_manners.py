"""Every manner of answering that is legal conforms, whatever the API; what looks alike and is wrong is caught."""

from __future__ import annotations

import pytest
from places import ROOT

from contract_tests.runner.settings import Budget

from .manners import FAULTS, MANNERS
from .sayings import OTHER, SAME
from .three_apis import APIS, judged

ALL = Budget("all", sequences=0, rounds=0, generated_bodies=0)
SHOWN_BY = {"boards": "getBoard", "tickets": "changeTicket", "partners": "updateInternalContact"}
"""An operation of each API in whose scenarios most is shown."""


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("manner", MANNERS)
def test_a_legal_manner_conforms(manner, api):
    outcome = judged(api, MANNERS[manner], operations=frozenset({SHOWN_BY[api]}), max_requests=150)

    assert outcome.verdict == "conforms", outcome.findings or outcome.reason


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_no_legal_manner_is_caught(fault):
    """What shows only in texts of every kind is tried with all of them."""
    manner = FAULTS[fault]
    outcome = judged(manner.api, manner, stop_at_first=True, operations=frozenset({SHOWN_BY[manner.api]}), budget=ALL)

    assert outcome.verdict == "broken"


def test_the_manual_has_a_row_for_each_manner():
    lines = (ROOT / "docs" / "contract-tests.md").read_text().split("### Ways of answering")[1].split("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")][2:]

    assert {row for row, legal, _ in rows if legal == "yes"} == {manner.row for manner in MANNERS.values()} | {
        row for row, *_ in SAME
    }
    assert {row for row, legal, _ in rows if legal == "no"} == {manner.row for manner in FAULTS.values()} | {
        row for row, *_ in OTHER
    }
