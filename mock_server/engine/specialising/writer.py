"""Writing one function: its statements, and those of the calls that are written out in it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from mock_server.engine.specialising.definitions import assigned_in
from mock_server.engine.specialising.expressions import Expressions
from mock_server.engine.specialising.frames import Unable
from mock_server.engine.specialising.syntax import Constant, assign, function_of, read

LONGEST = 100
"""How many turns of a loop are written out."""


class FunctionWriter(Expressions):
    """Writes one function."""

    def function(self) -> Callable[..., Any]:
        """Return the function that was written."""
        frame = self._frame
        self._forget(frame.parameters)
        self._block(frame.statements)
        held = [assign(held, ast.Attribute(read(of), attribute, ast.Load())) for (of, attribute), held in self._held.items()]
        name = self._new_name(f"{frame.function.__name__}_at_once")
        file = f"<specialised {frame.function.__qualname__} {id(frame.function):x}>"
        parameters = [frame.variables[one] for one in frame.parameters]
        return function_of(name, parameters, [*held, *self._written], self._new_name, file)

    # Statements: each method says whether what follows can be reached

    def _block(self, statements: Sequence[ast.stmt]) -> bool:
        for statement in statements:
            write = getattr(self, f"_write_{type(statement).__name__.lower()}", None)
            if write is None:
                raise Unable
            if not write(statement):
                return False
        return True

    def _write_pass(self, statement: ast.Pass) -> bool:
        return True

    def _write_expr(self, statement: ast.Expr) -> bool:
        value = self._expression(statement.value)
        if not isinstance(value, Constant):
            self._written.append(ast.Expr(value))
        return True

    def _write_delete(self, statement: ast.Delete) -> bool:
        self._written.append(self._operation(statement))
        return True

    def _write_raise(self, statement: ast.Raise) -> bool:
        self._written.append(self._operation(statement))
        return False

    def _write_return(self, statement: ast.Return) -> bool:
        value, frame = self._expression(statement.value or Constant(None)), self._frame
        if frame.result is None:
            self._written.append(ast.Return(value))
        elif frame.loops:
            raise Unable
        else:
            frame.returns += 1
            self._written += [assign(frame.result, value), ast.Break()]
        return False

    def _write_continue(self, statement: ast.Break | ast.Continue) -> bool:
        self._written.append(statement)
        return False

    _write_break = _write_continue

    def _write_annassign(self, statement: ast.AnnAssign) -> bool:
        if statement.value is not None:
            self._store(statement.target, self._expression(statement.value))
        return True

    def _write_assign(self, statement: ast.Assign) -> bool:
        if len(statement.targets) > 1:
            raise Unable
        self._store(statement.targets[0], self._expression(statement.value))
        return True

    def _store(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self._set(target.id, value)
        elif isinstance(target, ast.Tuple):
            if isinstance(value, ast.Tuple):
                parts = [part if self._is_lasting(part) else self._temporary(part) for part in value.elts]
            elif isinstance(value, Constant):
                parts = [Constant(part) for part in value.value]
            else:
                raise Unable
            for one, part in zip(target.elts, parts, strict=True):
                self._store(one, part)
        else:
            value, place = self._in_order([lambda: value, partial(self._operation, target)])
            self._written.append(ast.Assign([place], value))

    def _write_if(self, statement: ast.If) -> bool:
        test = self._expression(statement.test)
        if isinstance(test, Constant):
            return self._block(statement.body if test.value else statement.orelse)
        with self._aside() as body:
            goes_on = self._block(statement.body)
        with self._aside() as orelse:
            other_goes_on = self._block(statement.orelse)
        self._written.append(ast.If(test, body, orelse))
        return goes_on or other_goes_on

    def _write_for(self, statement: ast.For) -> bool:
        iterated = self._expression(statement.iter)
        leaves = any(isinstance(node, (ast.Break, ast.Continue)) for node in ast.walk(statement))
        if isinstance(iterated, Constant) and not leaves and len(items := list(iterated.value)) <= LONGEST:
            for item in items:
                self._store(statement.target, Constant(item))
                if not self._block(statement.body):
                    return False
            return self._block(statement.orelse)
        return self._write_loop(statement, lambda body: ast.For(self._variables(statement.target), iterated, body, []))

    def _write_while(self, statement: ast.While) -> bool:
        def loop(body: list[ast.stmt]) -> ast.stmt:
            with self._aside() as before:
                test = self._expression(statement.test)
            if before:
                raise Unable
            return ast.While(test, body, [])

        return self._write_loop(statement, loop)

    def _write_loop(self, statement: ast.For | ast.While, loop: Callable[[list[ast.stmt]], ast.stmt]) -> bool:
        if statement.orelse:
            raise Unable
        self._forget(set(assigned_in([statement])))
        self._frame.loops += 1
        with self._aside() as body:
            self._block(statement.body)
        self._frame.loops -= 1
        self._written.append(loop(body))
        return True

    def _variables(self, target: ast.expr) -> ast.expr:
        if isinstance(target, ast.Tuple):
            return ast.Tuple([self._variables(one) for one in target.elts], ast.Store())
        if not isinstance(target, ast.Name):
            raise Unable
        return ast.Name(self._frame.variables[target.id], ast.Store())
