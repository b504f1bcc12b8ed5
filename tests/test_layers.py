"""Imports point down: contract, engine, exchange, server, testing."""

from __future__ import annotations

import ast
import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest
from places import ROOT

PACKAGE = ROOT / "mock_server"
CONTRACT_TESTS = ROOT / "contract_tests"
LAYERS = ["contract", "engine", "exchange", "server", "testing"]
FRAMEWORKS = {"starlette", "uvicorn", "httptools", "uvloop", "asyncio", "socket", "watchfiles", "argparse"}

ROOMS = ["transport", "oracle", "scenarios", "runner", "reports", "mutants", "cli"]
"""The packages of the contract tests; each imports from itself and from those before it."""

FACES = {"__init__", "__main__", "extra", "plugin", "test_contract"}
"""The modules beside them, which users meet; no room imports them."""


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
        ("mock_server.contract.files.flaws", "mock_server.contract.files.source"),
        ("mock_server.contract.schemas.checks", "mock_server.contract.model"),
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


def test_every_module_of_the_contract_tests_is_in_a_room():
    outside = {file.stem for file in CONTRACT_TESTS.glob("*.py")}
    folders = {folder.name for folder in CONTRACT_TESTS.iterdir() if folder.is_dir() and folder.name != "__pycache__"}

    assert outside == FACES
    assert folders == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_of_the_contract_tests_imports_nothing_above_it(room):
    above = [*ROOMS[ROOMS.index(room) + 1 :], *FACES]
    forbidden = {f"contract_tests.{name}" for name in above}
    wrong = [
        (name, other)
        for name, file in modules_of(CONTRACT_TESTS / room).items()
        for other in imported(file)
        if any(other == module or other.startswith(module + ".") for module in forbidden)
    ]

    assert modules_of(CONTRACT_TESTS / room)
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


READS_DOCUMENTS = {f"mock_server.contract.schemas.{name}" for name in ("keywords", "equality", "disjointness", "value_sets")}
NODES = {"Node", "node_of", "subschemas", "reachable", "is_sound", "dependent_parts", "properties_of", "required_of"}


def test_only_the_contract_looks_into_schemas():
    """Others ask a `Schema`: how a document writes its schemas is nobody else's business."""
    wrong = []
    for file in [*PACKAGE.rglob("*.py"), *CONTRACT_TESTS.rglob("*.py")]:
        place = str(file.relative_to(ROOT))
        if place.startswith("mock_server/contract/"):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mock_server.contract"):
                names = {alias.name for alias in node.names}
                whole = (
                    names & {"document", "schema"}
                    if node.module in ("mock_server.contract.documents", "mock_server.contract.schemas")
                    else set()
                )
                wrong += [(place, name) for name in names & NODES | whole]
                wrong += [(place, node.module)] * (
                    node.module in READS_DOCUMENTS or node.module == "mock_server.contract.schemas.inclusion"
                )
            elif isinstance(node, ast.Attribute) and node.attr in ("_node", "_parts"):
                wrong.append((place, node.attr))
            elif isinstance(node, ast.Attribute) and node.attr == "root" and ast.unparse(node.value).endswith("document"):
                wrong.append((place, "document.root"))

    assert wrong == []


def test_what_a_contract_hands_out_holds_no_raw_schemas():
    from mock_server.contract import model
    from mock_server.contract.documents import document
    from mock_server.contract.messages import media
    from mock_server.contract.schemas import checks, schema

    told = {name: value for module in (model, checks, schema, document, media) for name, value in vars(module).items()}
    handed = [one for one in vars(model).values() if dataclasses.is_dataclass(one) and one.__module__ == model.__name__]
    hints = {
        f"{one.__name__}.{name}": hint for one in [*handed, media.Media] for name, hint in get_type_hints(one, told).items()
    }
    asked = {name: part for name, part in vars(schema.Schema).items() if not name.startswith("_")}
    for name, part in asked.items():
        function = getattr(part, "func", None) or getattr(part, "fget", None) or part
        hints[f"Schema.{name}"] = get_type_hints(function, told).get("return")

    assert len(hints) > 100
    assert [name for name, hint in hints.items() if "Node" in str(hint)] == []
