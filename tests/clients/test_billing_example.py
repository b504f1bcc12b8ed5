"""The billing example is run as its users run it, and the contract tests hold the mock of its document to it."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import replace

from places import ROOT

from contract_tests.mutants.mock_target import MockTarget
from contract_tests.mutants.prove import settings_for
from contract_tests.mutants.setup import setup_for
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import Budget
from mock_server.engine.loading import load_contract

EXAMPLE = ROOT / "examples" / "billing"
OVERLAY, FIXTURES = EXAMPLE / "billing.overlay.yaml", EXAMPLE / "fixtures.yaml"
OTHERS = ("randomly", "asyncio", "cacheprovider", "schemathesis", "hypothesispytest")
SMALL = Budget("small", sequences=1, rounds=1, generated_bodies=1, thinning=60)


def test_its_tests_pass_with_the_vendors_own_package():
    without = [option for name in OTHERS for option in ("-p", f"no:{name}")]
    told = subprocess.run([sys.executable, "-m", "pytest", *without, "-q"], cwd=EXAMPLE, text=True, capture_output=True)

    assert told.returncode == 0, told.stdout + told.stderr


def test_its_document_has_no_mistakes_and_no_warnings():
    told = subprocess.run([sys.executable, "-m", "mock_server", "check", OVERLAY], text=True, capture_output=True, check=True)

    assert told.stdout.splitlines()[1:] == ["  24 with a behaviour, 0 answered from examples and schemas, 0 not supported"]
    assert told.stderr == ""


def test_the_program_of_its_page_prints_what_the_page_says(serve):
    blocks = dict(re.findall(r"^```(\w+)\n(.*?)^```", (EXAMPLE / "README.md").read_text(), re.DOTALL | re.MULTILINE))
    command = shlex.split(blocks["sh"].splitlines()[1])[2:]
    served = serve(*(str(EXAMPLE / one) if one.endswith(".yaml") else one for one in command))
    program = blocks["python"].replace("http://127.0.0.1:4010", served.url)
    told = subprocess.run([sys.executable, "-c", program], text=True, capture_output=True)

    assert told.stdout == blocks["text"], told.stderr


def test_its_mock_conforms_also_when_it_is_judged_once_more():
    contract = load_contract(OVERLAY, strict=True)
    setup = setup_for(contract, FIXTURES)
    target = MockTarget(contract, setup)
    for seed in (1, 2):
        outcome = hold_to(contract, target, replace(settings_for(setup, SMALL, seed), races=False, generated_bodies=False))
        assert outcome.verdict == "conforms", outcome.findings
        assert outcome.limits == ()
