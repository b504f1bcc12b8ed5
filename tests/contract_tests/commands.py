"""The command line as a user has it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

UNHURRIED = {"CONTRACT_TESTS_MAX_SECONDS": "0"}
"""What the tests are about is tried on a slow machine as well."""


@dataclass(frozen=True)
class Said:
    code: int
    output: str
    errors: str

    @property
    def everything(self) -> str:
        return self.output + self.errors


def started(*arguments: object, cwd: Path, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CONTRACT_TESTS_")}
    return subprocess.Popen(
        [sys.executable, "-m", "contract_tests", *map(str, arguments)],
        cwd=cwd,
        env={**clean, **UNHURRIED, "COLUMNS": "120", **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def command(*arguments: object, cwd: Path, environment: dict[str, str] | None = None, timeout: float = 120) -> Said:
    process = started(*arguments, cwd=cwd, environment=environment)
    output, errors = process.communicate(timeout=timeout)
    return Said(process.returncode, output, errors)
