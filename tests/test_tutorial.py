"""The tutorial is followed, step by step."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from itertools import pairwise

import pytest
from places import ROOT

PAGE = (ROOT / "docs" / "tutorial.md").read_text()
BLOCKS = [*re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE), ("", "")]
FILES = ("books.yaml", "mine.overlay.yaml", "books-seed.yaml")


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
def test_every_step_of_the_tutorial_does_what_it_shows(serve, tmp_path):
    texts = [text for kind, text in BLOCKS if kind == "yaml"]
    for name, text in zip(FILES, texts, strict=True):
        (tmp_path / name).write_text(text)
    url, answered = "", 0

    for (kind, text), (next_kind, shown) in pairwise(BLOCKS):
        command = shlex.split(text) if kind == "sh" else [""]
        if command[:2] == ["mock-server", "infer"]:
            subprocess.run([sys.executable, "-m", "mock_server", *command[1:]], cwd=tmp_path, check=True)
        elif command[0] == "mock-server":
            url = serve(*command[2:]).url
        elif command[0] == "curl":
            there = text.replace("http://127.0.0.1:4010", url).replace("curl ", "curl -sS ", 1)
            told = subprocess.run(["bash", "-c", there], capture_output=True, text=True, check=True).stdout
            assert next_kind in ("json", "text")
            assert json.loads(told) == json.loads(shown), text
            answered += 1
        elif command[0] == "contract-tests":
            asked = [*(word.replace("http://127.0.0.1:4010", url) for word in command[1:]), "--max-requests", "400"]
            told = subprocess.run(
                [sys.executable, "-m", "contract_tests", *asked], cwd=tmp_path, check=True, capture_output=True, text=True
            ).stdout
            assert "Conforms" in told

    assert answered == 7
