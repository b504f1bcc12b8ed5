"""The house rules that a reader relies on: one name for one thing, files and functions that can be taken in at a glance."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from places import ROOT

MOST_LINES, MOST_LINES_OF_A_FUNCTION = 400, 60
FILES = sorted(file for package in ("contract_tests", "mock_server") for file in (ROOT / package).rglob("*.py"))


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


def parts(file: Path, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    return (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, kinds))


def test_no_class_has_the_name_of_another_one():
    places = defaultdict(list)
    for file in FILES:
        for node in parts(file, ast.ClassDef):
            places[node.name].append(f"{named(file)}:{node.lineno}")

    assert {name for name, where in places.items() if len(where) > 1} == set()


def test_no_file_and_no_function_is_too_long_to_take_in():
    files = {named(file): len(file.read_text().splitlines()) for file in FILES}
    functions = {
        f"{named(file)}: {node.name}": node.end_lineno - node.lineno + 1
        for file in FILES
        for node in parts(file, ast.FunctionDef, ast.AsyncFunctionDef)
    }
    too_long = {name for name, lines in files.items() if lines > MOST_LINES}

    assert too_long | {name for name, lines in functions.items() if lines > MOST_LINES_OF_A_FUNCTION} == set()
