"""Imports point down: contract, engine, exchange, server, testing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT

PACKAGE = ROOT / "mock_server"
CONTRACT_TESTS = ROOT / "contract_tests"
LAYERS = ["contract", "engine", "exchange", "server", "testing"]
FRAMEWORKS = {"starlette", "uvicorn", "httptools", "uvloop", "asyncio", "socket", "watchfiles", "argparse"}

STOREYS = {
    "what it takes": "extra",
    "what is sent, and what is said": "messages outcome moves settings shapes placeholders",
    "getting there and back": "targets courier secrets knowledge profiles reports",
    "what an answer has to be": "matching judging worlds",
    "what is tried": "forms scripts values near learning refusing trials races",
    "trying it": "playing machine shape findings vigil known_ids",
    "a run": "running",
    "asking for one": "options calling rehearsal prove planning",
    "faces": "__init__ __main__ cli plugin test_contract",
}
"""Every module and package of the contract tests; each imports from its own storey and from those before it."""


def imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
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


@pytest.mark.parametrize("layer", LAYERS[:3])
def test_only_the_server_knows_frameworks_and_sockets(layer):
    wrong = [(f.name, n) for f in (PACKAGE / layer).rglob("*.py") for n in imported(f) if n.partition(".")[0] in FRAMEWORKS]

    assert wrong == []


def modules_of(package: Path) -> dict[str, Path]:
    named = {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in package.rglob("*.py")}
    return {name.removesuffix(".__init__"): file for name, file in named.items()}


@pytest.mark.parametrize("package", [PACKAGE, CONTRACT_TESTS], ids=lambda package: package.name)
def test_modules_import_each_other_in_no_circle(package):
    modules = modules_of(package)
    graph = {name: {other for other in imported(file) if other in modules} for name, file in modules.items()}
    packages = {name for name, file in modules.items() if file.name == "__init__.py"}
    graph = {name: others - {name} if name in packages else others for name, others in graph.items()}
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


def test_every_module_of_the_contract_tests_has_a_storey():
    listed = [name for names in STOREYS.values() for name in names.split()]
    modules = {file.stem for file in CONTRACT_TESTS.glob("*.py")}
    folders = {folder.name for folder in CONTRACT_TESTS.iterdir() if (folder / "__init__.py").exists()}

    assert sorted(listed) == sorted(modules | folders)


def test_a_module_of_the_contract_tests_imports_nothing_above_it():
    storeys = list(STOREYS)
    storey = {name: number for number, names in enumerate(STOREYS.values()) for name in names.split()}
    wrong = []
    for name, file in modules_of(CONTRACT_TESTS).items():
        part = name.split(".")[1] if "." in name else "__init__"
        for other in imported(file):
            package, _, rest = other.partition(".")
            if package == "contract_tests" and storey[rest.split(".")[0] or "__init__"] > storey[part]:
                wrong.append((name, storeys[storey[part]], other))

    assert wrong == []


def test_the_contract_tests_know_nothing_of_the_server():
    wrong = [
        (name, other)
        for name, file in modules_of(CONTRACT_TESTS).items()
        for other in imported(file)
        if other.split(".")[:1] == ["mock_server"] and other.split(".")[1:2] not in (["contract"], ["engine"], ["exchange"])
    ]

    assert wrong == []


def test_naming_the_contract_tests_imports_nothing_heavy():
    code = (
        "import sys, contract_tests, contract_tests.plugin;"
        "print({'hypothesis', 'schemathesis', 'httpx', 'rich', 'mock_server'} & set(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert told.strip() == "set()"


def test_a_mock_starts_without_what_only_the_control_api_and_pages_need():
    code = (
        "import sys; from mock_server.server import cli, serving; from mock_server.server.settings import Settings;"
        "serving.Mock.from_settings(Settings());"
        "print({'pydantic', 'starlette.applications', 'starlette.middleware.cors'} & set(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert told.strip() == "set()"


def test_importing_the_mock_does_not_import_test_tools():
    code = "import sys, mock_server.server.serving; print({'hypothesis', 'schemathesis', 'pytest', 'httpx'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert told.strip() == "set()"
