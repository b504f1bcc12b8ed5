"""The forge example is run as its users run it, and the contract tests hold the mock of its document to it."""

from __future__ import annotations

import subprocess
import sys

from places import ROOT

EXAMPLE = ROOT / "examples" / "forge"
OTHERS = ("randomly", "asyncio", "cacheprovider", "schemathesis", "hypothesispytest")


def test_its_tests_pass_with_the_vendors_own_package():
    without = [option for name in OTHERS for option in ("-p", f"no:{name}")]
    told = subprocess.run([sys.executable, "-m", "pytest", *without, "-q"], cwd=EXAMPLE, text=True, capture_output=True)

    assert told.returncode == 0, told.stdout + told.stderr
