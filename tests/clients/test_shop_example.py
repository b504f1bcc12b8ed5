"""The example of a shop is run as its users run it, and the contract tests hold the mock of its document to it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter

import pytest
from places import ROOT

from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import Budget, RunSettings
from contract_tests.transport.targets import HttpTarget
from contract_tests.transport.tenants import Tenant
from mock_server import running
from mock_server.engine.loading import load_contract
from mock_server.server.infer import InferOptions, infer

EXAMPLE = ROOT / "examples" / "shop"
DOCUMENT, FIXTURES = EXAMPLE / "shop.overlay.yaml", EXAMPLE / "fixtures.yaml"
README = (EXAMPLE / "README.md").read_text()
OTHERS = ("randomly", "asyncio", "cacheprovider", "schemathesis", "hypothesispytest")
SMALL = Budget("small", sequences=2, rounds=1, generated_bodies=1, thinning=150)
TENANTS = (Tenant("bookshop", "ck_books:cs_books"), Tenant("teashop", "ck_tea:cs_tea"))


def test_its_tests_pass_with_the_public_client():
    without = [option for name in OTHERS for option in ("-p", f"no:{name}")]
    told = subprocess.run([sys.executable, "-m", "pytest", *without, "-q"], cwd=EXAMPLE, text=True, capture_output=True)

    assert told.returncode == 0, told.stdout + told.stderr


def test_the_mock_conforms_also_a_second_time():
    """What the first run left is there when the second one begins; that one need not be whole."""
    contract = load_contract(DOCUMENT, strict=True)
    with running(document=DOCUMENT, seed=FIXTURES) as mock:
        for seed, most in ((1, None), (2, 900)):
            target = HttpTarget(mock.url, timeout=30)
            try:
                outcome = hold_to(contract, target, RunSettings(TENANTS, budget=SMALL, random_seed=seed, max_requests=most))
            finally:
                target.close()
            assert outcome.verdict == "conforms", outcome.findings


def test_it_is_served_without_a_warning(serve):
    served = serve("shop.overlay.yaml", "--seed", "fixtures.yaml", cwd=EXAMPLE)
    with served.client() as client:
        client.get("/wp-json/wc/v3/products", params={"consumer_key": "ck_books", "consumer_secret": "cs_books"})
    served.wait_for("GET /wp-json/wc/v3/products")

    assert served.errors[0].startswith("GET /wp-json/wc/v3/products 200")


def lines_of(overlay: str) -> list[str]:
    """Return the lines of an overlay that say something."""
    return [line for line in overlay.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def test_the_readme_says_about_how_many_lines_infer_proposes():
    proposed, declared = lines_of(infer(InferOptions(EXAMPLE / "openapi.yaml"))), lines_of(DOCUMENT.read_text())
    kept = Counter(declared) & Counter(proposed)
    (told,) = re.findall(r"proposed about (\d+) lines", README)

    assert len(proposed) == pytest.approx(int(told), rel=0.1)
    assert kept.total() > 100
    assert f"More than a hundred of them are among the {len(declared)} lines" in README
