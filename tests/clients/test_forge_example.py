"""The forge example is run as its users run it, and the contract tests hold the mock of its document to it."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections import Counter

from places import ROOT

from contract_tests.cli.options import Options
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import Budget, RunSettings
from contract_tests.transport.targets import HttpTarget
from mock_server import running
from mock_server.engine.loading import load_contract
from mock_server.server.infer import InferOptions, infer

EXAMPLE = ROOT / "examples" / "forge"
DOCUMENT, FIXTURES = EXAMPLE / "forge.overlay.yaml", EXAMPLE / "fixtures.yaml"
OTHERS = ("randomly", "asyncio", "cacheprovider", "schemathesis", "hypothesispytest")
SMALL = Budget("small", sequences=2, rounds=1, generated_bodies=1, thinning=300)
TOKENS = {"token": "ada-token", "other_token": "eve-token", "user": "1", "other_user": "3", "known": ("User=2",)}


def test_its_tests_pass_with_the_vendors_own_package():
    without = [option for name in OTHERS for option in ("-p", f"no:{name}")]
    told = subprocess.run([sys.executable, "-m", "pytest", *without, "-q"], cwd=EXAMPLE, text=True, capture_output=True)

    assert told.returncode == 0, told.stdout + told.stderr


def test_the_mock_keeps_what_the_document_says_also_on_what_an_earlier_run_left():
    contract = load_contract(DOCUMENT)
    tenants = Options(**TOKENS).settings(contract).tenants
    with running(document=DOCUMENT, seed=FIXTURES) as server:
        for seed in (1, 2):
            target = HttpTarget(f"{server.url}/api/v4", timeout=30)
            try:
                outcome = hold_to(contract, target, RunSettings(tenants, budget=SMALL, random_seed=seed, races=seed == 1))
            finally:
                target.close()
            assert outcome.verdict == "conforms", outcome.findings
            assert outcome.limits == ()


README = (EXAMPLE / "README.md").read_text()


def block(kind: str, beginning: str) -> str:
    """Return the first block of the README of a kind that begins with a line."""
    return next(text for text in re.findall(rf"^```{kind}\n(.*?)^```", README, re.DOTALL | re.MULTILINE) if beginning in text)


def test_the_readme_s_command_serves_it_without_a_warning_and_its_program_prints_what_it_says(serve):
    command = block("sh", "mock-server serve").splitlines()[-1]
    served = serve(*shlex.split(command)[2:], cwd=EXAMPLE)
    program = block("python", "import gitlab").replace("http://127.0.0.1:4010", served.url)
    told = subprocess.run([sys.executable, "-c", program], text=True, capture_output=True)

    assert f"It prints `{told.stdout.strip()}`" in README, told.stderr
    served.wait_for("POST /api/v4/projects 201")
    assert served.errors[0] == "POST /api/v4/projects 201"  # and no warning before it


def lines_of(overlay: str) -> list[str]:
    """Return the lines of an overlay that say something."""
    return [line for line in overlay.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def test_the_readme_says_about_how_many_lines_infer_proposes():
    proposed, overlay = lines_of(infer(InferOptions(EXAMPLE / "openapi.yaml"))), lines_of(DOCUMENT.read_text())
    kept = (Counter(overlay) & Counter(proposed)).total()

    for told, count in (("proposed about", len(proposed)), ("Of them about", kept), ("it has about", len(overlay))):
        said = re.search(rf"{told} (\d+)", README)
        assert said is not None, told
        assert abs(int(said[1]) - count) <= 20, (told, count)
