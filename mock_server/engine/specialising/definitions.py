"""How functions are written: the syntax trees of their definitions."""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from collections.abc import Iterable, Iterator
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
        self._files: dict[str, _File] = {}
        self._found: dict[CodeType, Definition | None] = {}

    def of(self, function: FunctionType) -> Definition | None:
        """Return the definition of a function; None where there is no source, or not the one that the function is made of."""
        code = function.__code__
        if code not in self._found:
            self._found[code] = self._find(function)
        return self._found[code]

    def _find(self, function: FunctionType) -> Definition | None:
        code = function.__code__
        if code.co_filename not in self._files:
            self._files[code.co_filename] = _File(function)
        node = self._files[code.co_filename].definition(code)
        if node is None or code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS | inspect.CO_GENERATOR):
            return None
        statements: list[ast.stmt] = [ast.Return(node.body)] if isinstance(node, ast.Lambda) else node.body
        parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        loops = [one for part in statements for one in ast.walk(part) if isinstance(one, (ast.For, ast.While))]
        return Definition(parameters, statements, Counter([*parameters, *assigned_in(statements), *assigned_in(loops)]))


class _File:
    """The functions of the file that a function is in, by name and line."""

    def __init__(self, function: FunctionType) -> None:
        self._nodes: dict[tuple[str, int], list[ast.FunctionDef | ast.Lambda]] = {}
        self._codes: set[CodeType] = set()
        try:
            text = "".join(inspect.findsource(function)[0])
            tree = ast.parse(text)
            self._codes.update(_codes_in(compile(text, "", "exec", dont_inherit=True)))
        except (OSError, SyntaxError):
            return
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.Lambda)):
                self._nodes.setdefault((getattr(node, "name", "<lambda>"), node.lineno), []).append(node)

    def definition(self, code: CodeType) -> ast.FunctionDef | ast.Lambda | None:
        """Return the one definition that was compiled to `code`: a file may have changed since it was imported."""
        found = self._nodes.get((code.co_name, code.co_firstlineno), [])
        return found[0] if len(found) == 1 and code in self._codes else None


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes_in(constant)


def assigned_in(nodes: Iterable[ast.AST]) -> Iterable[str]:
    """Yield the names that are assigned, as often as they are."""
    for node in nodes:
        for one in ast.walk(node):
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
                yield one.id
