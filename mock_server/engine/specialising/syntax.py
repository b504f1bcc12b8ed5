"""Pieces of syntax: making them, tidying them up, and making a function of them."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable, Sequence
from typing import Any


class Constant(ast.Constant):
    """A value that is known when a function is written: any object, not only those that Python has literals for."""

    value: Any

    def __init__(self, value: Any) -> None:
        super().__init__(value)


def read(name: str) -> ast.Name:
    """Return what reads a variable."""
    return ast.Name(name, ast.Load())


def assign(name: str, value: ast.expr) -> ast.Assign:
    """Return what assigns a variable."""
    return ast.Assign([ast.Name(name, ast.Store())], value)


def function_of(
    name: str, parameters: Sequence[str], statements: list[ast.stmt], new_name: Callable[[str], str], file: str
) -> Callable[..., Any]:
    """Return the function that does what the statements say; its attribute `source` is its text, which tracebacks show."""
    arguments = ast.arguments([], [ast.arg(one) for one in parameters], None, [], [], None, [])
    bound: dict[str, Any] = {}
    definition = _Binding(bound, new_name).visit(ast.FunctionDef(name, arguments, without_idle(statements), []))
    text = ast.unparse(ast.fix_missing_locations(definition))
    exec(compile(text, file, "exec"), bound)
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    function: Callable[..., Any] = bound[name]
    function.source = text  # type: ignore[attr-defined]
    return function


def without_idle(statements: list[ast.stmt]) -> list[ast.stmt]:
    """Return statements without the assignments that nothing reads, as far as to leave them out changes nothing."""
    while True:
        nodes = [node for statement in statements for node in ast.walk(statement)]
        read = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        cleaner = _Cleaner(read)
        statements = [kept for one in statements if (kept := cleaner.visit(one)) is not None]
        if not cleaner.removed:
            return statements


class _Cleaner(ast.NodeTransformer):
    def __init__(self, read: set[str]) -> None:
        self._read = read
        self.removed = 0

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | None:
        match node:
            case ast.Assign([ast.Name(name)], ast.Constant() | ast.Name()) if name not in self._read:
                self.removed += 1
                return None
        return node

    def generic_visit(self, node: Any) -> Any:
        super().generic_visit(node)
        if isinstance(node, (ast.If, ast.For, ast.While)) and not node.body:
            node.body = [ast.Pass()]
        return node


class _Binding(ast.NodeTransformer):
    """Gives names to the constants that cannot be written."""

    def __init__(self, bound: dict[str, Any], new_name: Callable[[str], str]) -> None:
        self._bound = bound
        self._new_name = new_name
        self._names: dict[int, str] = {}

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        value = node.value
        if _is_literal(value):
            return node
        if id(value) not in self._names:
            hint = getattr(value, "__name__", None) or getattr(value, "name", None)
            hint = hint if isinstance(hint, str) and hint.isidentifier() else f"a_{type(value).__name__}"
            self._names[id(value)] = self._new_name(hint)
            self._bound[self._names[id(value)]] = value
        return read(self._names[id(value)])


def _is_literal(value: Any) -> bool:
    return type(value) in (type(None), bool, int, str) or (type(value) is tuple and all(map(_is_literal, value)))
