"""Findings as people read them: real bugs of two independent APIs, each with the text that it is told with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from independent import boards_api, partner_api
from independent.faults import FAULTS
from independent.variants import VARIANTS
from places import DOCUMENTS, PARTNER_API

from contract_tests.reports.wording import address, answered
from contract_tests.runner import shrinking
from contract_tests.runner.outcome import Finding, Outcome
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import Budget, RunSettings
from contract_tests.transport.targets import AppTarget
from contract_tests.transport.tenants import Tenant
from mock_server.engine.loading import load_contract

SMALL = Budget("small", sequences=0, rounds=0, generated_bodies=0, thinning=8)
PARTNERS = (
    Tenant("acme", "acme-token", {"Partner": ("ptn_northwind", "ptn_contoso")}),
    Tenant("globex", "globex-token", {"Partner": ("ptn_initech",)}),
)
SHOWN_BY = {
    "boards: state ignored": "listCards",
    "boards: cursor skips": "listCards",
    "boards: sort ignored": "listCards",
    "boards: total of page": "listBoards",
}
"""The operation that a run is narrowed to, so that it does not take long."""

VARYING = {
    r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|\+00:00))?": "TIME",
    r"\b(ict|ica)_[0-9a-f]{8,}": r"\1_ID",
    r"cursor=\w+": "cursor=CURSOR",
    r"r\d{9}(x\d+)?": "TAG",
}
"""What differs from run to run, and what stands for it."""

KEPT_OR_ID = r"(?P<kept>Request \d+ of \d+|^\d+\.|(record|page|Request|v|ann) ?\d+|Name \d|(→|answered with|fails with|,) [2-5]\d\d\b|[a-z]+=\d\b|(?<= )\d\.|“\d+)|\b\d+\b"
"""Numbers that say something, and those that are ids of the run."""

TOLD = dict(
    section.split("\n", 1) for section in Path(__file__).with_name("told_findings.txt").read_text("utf-8").split("\n## ")[1:]
)


def judged(bug: str, **more) -> Outcome:
    """Judge an API that has a bug; `partners: NAME` is a fault of the one, `boards: NAME` one of the other."""
    api, _, name = bug.partition(": ")
    if api == "partners":
        document, app = PARTNER_API, partner_api.create_app(VARIANTS[FAULTS[name].base], name)
        tenants: tuple[Tenant, ...] = PARTNERS
    else:
        document, app = DOCUMENTS / "boards.yaml", boards_api.create_app(name)
        tenants = tuple(Tenant(organization, token, {}) for token, organization in boards_api.TOKENS.items())
    target = AppTarget(app)
    try:
        return hold_to(load_contract(document), target, RunSettings(tenants, budget=SMALL, random_seed=1, **more))
    finally:
        target.close()


def told(finding: Finding) -> str:
    """A finding as text, without what differs from run to run."""
    lines = [finding.title, f"Promised: {finding.promised}", f"Look at: {finding.look_at}", finding.detail]
    lines += [
        f"{number}. {step.note}: {address(step.call)} → {answered(step.reply)}" for number, step in enumerate(finding.steps, 1)
    ]
    text = "\n".join(lines) + "\n"
    for pattern, shown in VARYING.items():
        text = re.sub(pattern, shown, text, flags=re.MULTILINE)
    return re.sub(KEPT_OR_ID, lambda match: match["kept"] or "N", text, flags=re.MULTILINE)


@pytest.mark.parametrize("bug", TOLD)
def test_a_finding_reads_like_a_good_bug_report(bug, monkeypatch):
    monkeypatch.setattr(shrinking, "MOST_SECONDS", 600.0)  # a busy machine shrinks as far as any other

    (finding,) = judged(bug, stop_at_first=True, operations=frozenset(SHOWN_BY.get(bug, "").split())).findings

    assert told(finding) == TOLD[bug].rstrip("\n") + "\n"


class Bugs(str):
    """Several bugs at once: a text that is each of their names."""

    names: frozenset[str]

    def __new__(cls, *names: str) -> Bugs:
        bugs = super().__new__(cls, " and ".join(names))
        bugs.names = frozenset(names)
        return bugs

    def __eq__(self, other: object) -> bool:
        return other in self.names

    def __ne__(self, other: object) -> bool:
        return other not in self.names

    __hash__ = str.__hash__


@pytest.mark.parametrize(
    ("one", "other", "operation"),
    [
        ("unknown assignee_id", "unknown label", "addCard"),
        ("points fixed", "unknown label", "addCard"),
        ("state ignored", "max ignored", "listCards"),
        ("sort ignored", "prefix anywhere", "listCards"),
    ],
)
def test_two_bugs_of_one_operation_are_two_findings(one, other, operation):
    target = AppTarget(boards_api.create_app(Bugs(one, other)))
    tenants = tuple(Tenant(organization, token, {}) for token, organization in boards_api.TOKENS.items())
    settings = RunSettings(tenants, budget=SMALL, random_seed=1, operations=frozenset({operation}))
    try:
        outcome = hold_to(load_contract(DOCUMENTS / "boards.yaml"), target, settings)
    finally:
        target.close()

    assert len(outcome.findings) >= 2, [finding.title for finding in outcome.findings]
