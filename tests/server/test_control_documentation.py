"""What docs/control.md says is run and compared."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess

import httpx
import pytest
from places import ROOT

from mock_server.contract.behaviours.declarations import members
from mock_server.server.faults import Break
from mock_server.server.journal import Filter

PAGE = (ROOT / "docs" / "control.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
def test_the_page_s_requests_are_answered_as_it_shows(serve, tmp_path):
    served = serve()
    commands = [(place, text) for place, (kind, text) in enumerate(BLOCKS) if kind == "sh" and text.startswith("curl")]
    assert len(commands) == 10

    for place, command in commands:
        command = command.replace("http://127.0.0.1:4010", served.url).replace("curl ", "curl -S ")
        told = subprocess.run(["bash", "-ec", command], capture_output=True, text=True, check=True, cwd=tmp_path).stdout
        kind, shown = BLOCKS[place + 1] if place + 1 < len(BLOCKS) else ("", "")
        if kind == "json":
            assert json.loads(told) == json.loads(shown)
        elif kind == "text":
            assert told.strip() == shown.strip()
        else:
            assert told == ""


def test_the_page_s_faults_are_faults(serve, tmp_path):
    (tmp_path / "faults.yaml").write_text(next(text for kind, text in BLOCKS if kind == "yaml"))
    served = serve("--faults", "faults.yaml")

    assert len(httpx.get(f"{served.url}/__admin/faults").json()["faults"]) == 2


def test_the_page_s_command_starts(serve):
    command = next(text for kind, text in BLOCKS if kind == "sh" and text.startswith("mock-server"))
    served = serve(*shlex.split(command.replace("$ADMIN_TOKEN", "s3cret"))[2:])

    assert httpx.get(f"{served.url}/__admin/state").status_code == 401


def test_every_path_is_on_the_page(serve):
    document = httpx.get(f"{serve().url}/__admin/openapi.json").json()

    for path, methods in document["paths"].items():
        row = next(line for line in PAGE.splitlines() if line.startswith("| `") and path.removeprefix("/__admin") + "`" in line)
        assert all(method.upper() in row or path == "/__admin/requests/{number}" for method in methods), path


@pytest.mark.parametrize(
    "word",
    [
        *members("fault"),
        *(way.value for way in Break),
        *Filter.__dataclass_fields__,
    ],
)
def test_every_word_is_on_the_page(word):
    assert re.search(rf"`(?:break: )?{word}`", PAGE) or f'"{word}"' in PAGE
