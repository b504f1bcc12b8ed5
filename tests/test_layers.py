"""Imports point down: contract, engine, exchange, server."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "mock_server"
LAYERS = ["contract", "engine", "exchange", "server"]
FRAMEWORKS = {"starlette", "uvicorn", "httptools", "uvloop", "asyncio", "socket", "watchfiles", "argparse"}


def imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_nothing_above_it(layer):
    above = LAYERS[LAYERS.index(layer) + 1 :]
    forbidden = {f"mock_server.{name}" for name in above}
    wrong = [
        (file.name, name)
        for file in (PACKAGE / layer).rglob("*.py")
        for name in imported(file)
        if any(name == module or name.startswith(module + ".") for module in forbidden)
    ]

    assert list((PACKAGE / layer).glob("*.py"))
    assert wrong == []


@pytest.mark.parametrize("layer", LAYERS[:-1])
def test_only_the_server_knows_frameworks_and_sockets(layer):
    wrong = [(f.name, n) for f in (PACKAGE / layer).rglob("*.py") for n in imported(f) if n.partition(".")[0] in FRAMEWORKS]

    assert wrong == []


def test_modules_import_each_other_in_no_circle():
    modules = {".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts): file for file in PACKAGE.rglob("*.py")}
    graph = {name: {other for other in imported(file) if other in modules} for name, file in modules.items()}
    typed_only = {
        ("mock_server.contract.flaws", "mock_server.contract.source"),
        ("mock_server.contract.schemas", "mock_server.contract.model"),
    }
    graph = {name: {other for other in others if (name, other) not in typed_only} for name, others in graph.items()}
    while leaves := {name for name, others in graph.items() if not others}:
        graph = {name: others - leaves for name, others in graph.items() if name not in leaves}

    assert graph == {}


def test_every_module_is_in_a_layer():
    outside = {file.name for file in PACKAGE.glob("*.py")}
    folders = {folder.name for folder in PACKAGE.iterdir() if folder.is_dir() and folder.name not in ("__pycache__", "data")}

    assert outside == {"__init__.py", "__main__.py"}
    assert folders == set(LAYERS)


def test_importing_the_mock_does_not_import_test_tools():
    code = "import sys, mock_server.server.serving; print({'hypothesis', 'schemathesis', 'pytest', 'httpx'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert told.strip() == "set()"
