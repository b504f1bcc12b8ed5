"""How functions are written: the syntax trees of their definitions."""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from collections.abc import Iterable
from types import CodeType, FunctionType
from typing import NamedTuple


class Definition(NamedTuple):
    """What a function does, and how often it assigns each of its names, parameters included: in a loop, at least twice."""

    parameters: tuple[str, ...]
    statements: list[ast.stmt]
    assigned: Counter[str]


class Definitions:
    """Finds the definitions of functions. It reads each file once."""

    def __init__(self) -> None:
        self._files: dict[str, dict[tuple[str, int], list[ast.FunctionDef | ast.Lambda]]] = {}
        self._found: dict[CodeType, Definition | None] = {}

    def of(self, function: FunctionType) -> Definition | None:
        """Return the definition of a function; None where its source is not there, or leaves open which one is meant."""
        code = function.__code__
        if code not in self._found:
            self._found[code] = self._find(function)
        return self._found[code]

    def _find(self, function: FunctionType) -> Definition | None:
        code = function.__code__
        if code.co_filename not in self._files:
            self._files[code.co_filename] = _functions_in(function)
        found = self._files[code.co_filename].get((code.co_name, code.co_firstlineno), [])
        if len(found) != 1 or code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS | inspect.CO_GENERATOR):
            return None
        node = found[0]
        statements: list[ast.stmt] = [ast.Return(node.body)] if isinstance(node, ast.Lambda) else node.body
        parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        loops = [one for part in statements for one in ast.walk(part) if isinstance(one, (ast.For, ast.While))]
        return Definition(parameters, statements, Counter([*parameters, *assigned_in(statements), *assigned_in(loops)]))


def assigned_in(nodes: Iterable[ast.AST]) -> Iterable[str]:
    """Yield the names that are assigned, as often as they are."""
    for node in nodes:
        for one in ast.walk(node):
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
                yield one.id


def _functions_in(function: FunctionType) -> dict[tuple[str, int], list[ast.FunctionDef | ast.Lambda]]:
    """Return the functions of the file that a function is in, by name and line."""
    try:
        lines, _ = inspect.findsource(function)
    except OSError:
        return {}
    found: dict[tuple[str, int], list[ast.FunctionDef | ast.Lambda]] = {}
    for node in ast.walk(ast.parse("".join(lines))):
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            found.setdefault((getattr(node, "name", "<lambda>"), node.lineno), []).append(node)
    return found
