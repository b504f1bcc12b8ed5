"""Tools of the JavaScript world take openapi.yaml as it is: a linter, and a TypeScript client that works against the mock."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from places import PARTNER_API

HERE = Path(__file__).parent
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


@pytest.fixture(scope="session")
def packages() -> Path:
    """Install what package-lock.json lists, unless it is there already, and return the folder `node_modules`."""
    missing = [name for name in ("node", "npm") if not shutil.which(name)]
    if missing:
        pytest.skip(f"NOT TESTED: clients in TypeScript need Node.js with npm; there is no {' and no '.join(missing)} here")
    installed, lock = HERE / "node_modules" / "installed.json", HERE / "package-lock.json"
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        call("npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", cwd=HERE)
        shutil.copyfile(lock, installed)
    return HERE / "node_modules"


def call(*command: object, cwd: Path) -> str:
    """Return what a command writes to its output, once it ends well."""
    words = list(map(str, command))
    done = subprocess.run(words, cwd=cwd, env={**os.environ, **QUIET}, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, f"{words} exited with {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_redocly_finds_no_error_in_the_document(packages: Path, tmp_path: Path) -> None:
    told = json.loads(call(packages / ".bin" / "redocly", "lint", PARTNER_API, "--format", "json", cwd=tmp_path))

    assert told["totals"]["errors"] == 0
    assert {problem["ruleId"] for problem in told["problems"]} <= {
        "no-server-example.com",  # the published samples name that server
        "no-unused-components",  # a partner is looked up, and never answered
    }


def test_a_typescript_client_compiles_and_works(packages: Path, tmp_path: Path, serve: Callable[..., Any]) -> None:
    (tmp_path / "node_modules").symlink_to(packages)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    shutil.copy(HERE / "program.ts", tmp_path)
    served = serve()

    call(packages / ".bin" / "openapi-typescript", PARTNER_API, "-o", "api.d.ts", cwd=tmp_path)
    call(packages / ".bin" / "tsc", "--strict", "--target", "es2022", "--module", "nodenext", "program.ts", cwd=tmp_path)
    told = json.loads(call("node", "program.js", served.url, cwd=tmp_path))

    assert len(set(told["contacts"])) == 1
    assert len(set(told["assignments"])) == 2
    assert told["partners"] == ["ptn_northwind", "ptn_contoso"]
    assert (told["givenName"], told["jobTitle"]) == ("Ada", "Head of Customer Success")
    assert told["refused"]["status"] == 422
    assert sorted(told["refused"]["pointers"]) == ["/email", "/internal_role"]
    assert told["unknown"] == 422
