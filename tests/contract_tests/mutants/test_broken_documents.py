"""The suite against mocks of documents that are about some words of the language each: quiet over honest ones alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from places import BASKETS, DESK, DOCUMENTS, EMBEDDING, FIXTURES, STOCKROOM

from contract_tests.mutants.hooks import Mutant
from contract_tests.mutants.prove import try_mutant, try_profile
from contract_tests.mutants.setup import MockSetup, setup_for
from contract_tests.mutants.table import mutants_for
from contract_tests.runner.settings import BUDGETS, Budget
from mock_server.contract.model import Contract
from mock_server.engine.loading import load_contract

QUICK = BUDGETS["quick"]
SMALL = Budget("small", sequences=3, rounds=2, generated_bodies=3, thinning=6)
LEAST = Budget("least", sequences=1, rounds=1, generated_bodies=1, thinning=12)


@dataclass(frozen=True)
class About:
    """A document, the families of mutants that it is about, and how much a run tries, over an honest mock and over a broken one.

    Of mutants that differ only in where they are, `one_of_a_sort` takes one; `contract-tests prove` tries them all.
    """

    document: Path
    families: tuple[str, ...]
    fixtures: Path | None = None
    honest: Budget = LEAST
    broken: Budget = LEAST
    one_of_a_sort: bool = False


ABOUT = (
    About(DOCUMENTS / "notices.yaml", ("selections",)),
    About(DOCUMENTS / "timeline.yaml", ("selections",)),
    About(DOCUMENTS / "hooks.yaml", ("webhooks",), one_of_a_sort=True),
    About(DOCUMENTS / "workshop.yaml", ("guards", "conditional", "idempotency"), one_of_a_sort=True),
    About(STOCKROOM, ("replacing", "identity", "bulk"), FIXTURES[STOCKROOM], honest=SMALL, broken=QUICK, one_of_a_sort=True),
    About(DESK, ("occasions", "lists"), FIXTURES[DESK], one_of_a_sort=True),
    About(EMBEDDING, ("embedding",), FIXTURES[EMBEDDING], honest=QUICK, broken=QUICK),
    About(BASKETS, ("bulk",), FIXTURES[BASKETS]),
)


@cache
def contract_of(about: About) -> Contract:
    return load_contract(about.document, strict=True)


@cache
def setup_of(about: About) -> MockSetup:
    return setup_for(contract_of(about), about.fixtures)


def breaks_of(about: About) -> dict[str, Mutant]:
    breaks = [one for one in mutants_for(contract_of(about)) if one.family in about.families]
    return {sort_of(one) if about.one_of_a_sort else one.name: one for one in breaks}


def sort_of(broken: Mutant) -> str:
    """Return what a mutant has in common with those that differ in where they are only."""
    return ".".join(broken.name.split(".")[:2])


BREAKS = {f"{about.document.stem} {name}": (about, one) for about in ABOUT for name, one in breaks_of(about).items()}
MEASURED = {sort_of(one): name for name, (_, one) in reversed(BREAKS.items())}
"""Of each sort, the one whose run is measured: to measure takes long."""


@pytest.mark.parametrize("about", ABOUT, ids=lambda about: about.document.stem)
def test_an_honest_mock_conforms(about):
    trial = try_profile(contract_of(about), setup_of(about), "honest", {}, about.honest, 1)

    assert trial.right, (trial.outcome.findings, trial.outcome.reason)


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=[] if one in MEASURED.values() else [pytest.mark.no_cover]) for one in BREAKS]
)
def test_a_break_is_caught(name):
    about, broken = BREAKS[name]

    trial = try_mutant(contract_of(about), setup_of(about), broken, about.broken, 1)

    assert trial.right, trial.about


@pytest.mark.parametrize("family", [family for about in ABOUT for family in about.families])
def test_each_family_has_breaks(family):
    assert [one for _, one in BREAKS.values() if one.family == family]
