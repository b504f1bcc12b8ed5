"""Writing expressions, and calls in them: each is returned, and the statements that it needs before it are written."""

from __future__ import annotations

import ast
import dataclasses
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any

from mock_server.engine.specialising.definitions import Definitions
from mock_server.engine.specialising.frames import Frame, Unable, arguments_of
from mock_server.engine.specialising.syntax import Constant, assign, read

DEEPEST = 9
"""How many calls are written out within each other: each may need a loop, and Python nests twenty of them."""

PURE = frozenset({len, type, isinstance, tuple, frozenset})
PURE_METHODS = frozenset({"items", "keys", "values"})
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda one, several: one in several,
    ast.NotIn: lambda one, several: one not in several,
}
OPERATIONS = (
    *(ast.Attribute, ast.Subscript, ast.Slice, ast.BinOp, ast.UnaryOp, ast.Compare),
    *(ast.Dict, ast.List, ast.Tuple, ast.Starred, ast.JoinedStr, ast.FormattedValue, ast.Raise, ast.Delete),
)
"""What is done with the values of its parts, one after the other."""


class Expressions(ABC):
    """Writes what the expressions of a function need, and what the calls in them do."""

    def __init__(self, function: FunctionType, definitions: Definitions, steady: Collection[str]) -> None:
        self._package = function.__globals__.get("__package__") or function.__module__
        self._definitions = definitions
        self._steady = steady
        self._held: dict[tuple[str, str], str] = {}
        """The variables that have the steady attributes of others."""
        self._written: list[ast.stmt] = []
        self._taken: set[str] = set()
        self._changing: set[str] = set()
        """The variables that are assigned more than once in a call that is not yet written."""
        self._frames = [Frame(function, definitions, None)]

    # Names

    @property
    def _frame(self) -> Frame:
        return self._frames[-1]

    def _new_name(self, hint: str) -> str:
        number, name = 1, hint
        while name in self._taken:
            number += 1
            name = f"{hint}_{number}"
        self._taken.add(name)
        return name

    def _forget(self, names: Collection[str]) -> None:
        """Note that names stand for their variables."""
        frame = self._frame
        for name in names:
            frame.known.pop(name, None)
            if name not in frame.variables:
                frame.variables[name] = self._new_name(name)
                if frame.assigned[name] > 1:
                    self._changing.add(frame.variables[name])

    def _set(self, name: str, value: ast.expr) -> None:
        self._forget([name])
        self._written.append(assign(self._frame.variables[name], value))
        if self._is_lasting(value):
            self._frame.known[name] = value

    def _is_lasting(self, value: ast.expr) -> bool:
        return isinstance(value, Constant) or (isinstance(value, ast.Name) and value.id not in self._changing)

    def _temporary(self, value: ast.expr) -> ast.Name:
        """Return a variable that has the value of an expression from here on."""
        if not isinstance(value, ast.expr) or isinstance(value, (ast.Starred, ast.Slice, ast.FormattedValue)):
            raise Unable
        name = self._new_name("value")
        self._written.append(assign(name, value))
        return read(name)

    @contextmanager
    def _aside(self) -> Iterator[list[ast.stmt]]:
        """Write into a list of its own what may not be run: nothing that is known only there is known afterwards."""
        before, self._written = self._written, []
        frame, known = self._frame, dict(self._frame.known)
        try:
            yield self._written
        finally:
            self._written = before
            frame.known = {name: value for name, value in known.items() if frame.known.get(name) is value}

    @abstractmethod
    def _block(self, statements: Sequence[ast.stmt]) -> bool:
        """Write statements; say whether what follows them can be reached."""

    @abstractmethod
    def _write_return(self, statement: ast.Return) -> bool:
        """Write what returns a value; say that nothing that follows can be reached."""

    # Expressions: each method returns one with the same value, a constant where that is known

    def _expression(self, node: ast.expr) -> ast.expr:
        reduce: Callable[[Any], ast.expr] = getattr(self, f"_reduce_{type(node).__name__.lower()}", self._operation)
        return reduce(node)

    def _in_order(self, several: Sequence[Callable[[], Any]]) -> list[Any]:
        """Return expressions that are evaluated one after the other, also where some need statements before them."""
        values: list[Any] = []
        for reduce in several:
            length = len(self._written)
            value = reduce()
            before = self._written[length:]
            del self._written[length:]
            if before:
                values = [one if self._is_lasting(one) else self._temporary(one) for one in values]
                self._written += before
            values.append(value)
        return values

    def _operation(self, node: Any) -> Any:
        if not isinstance(node, OPERATIONS):
            raise Unable
        parts = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
        if isinstance(node, ast.Dict):
            parts = [part for pair in zip(node.keys, node.values, strict=True) for part in pair if part is not None]
        length = len(self._written)
        values = self._in_order([partial(self._expression, part) for part in parts])
        if len(self._written) > length and (isinstance(node, ast.JoinedStr) or len(getattr(node, "ops", ())) > 1):
            raise Unable
        new = {id(part): value for part, value in zip(parts, values, strict=True)}
        fields = {
            name: [new.get(id(one), one) for one in value] if isinstance(value, list) else new.get(id(value), value)
            for name, value in ast.iter_fields(node)
        }
        make: Any = type(node)
        return self._folded(make(**fields))

    def _folded(self, node: Any) -> Any:
        """Return the constant that an operation comes to; the operation where there is none."""
        match node:
            case ast.Attribute(Constant(value), name, ast.Load()) if self._is_fixed(value, name):
                return Constant(getattr(value, name))
            case ast.Attribute(ast.Name(of), name, ast.Load()) if name in self._steady and self._is_steady(of):
                if (of, name) not in self._held:
                    self._held[of, name] = self._new_name(name)
                return read(self._held[of, name])
            case ast.Subscript(Constant(dict() as value), Constant(key), ast.Load()) if key in value:
                return Constant(value[key])
            case ast.Compare(Constant(one), [operation], [Constant(other)]) if type(operation) in COMPARISONS:
                return Constant(COMPARISONS[type(operation)](one, other))
            case ast.UnaryOp(ast.Not(), Constant(value)):
                return Constant(not value)
            case ast.Tuple(parts, ast.Load()):
                values = [part.value for part in parts if isinstance(part, Constant)]
                return Constant(tuple(values)) if len(values) == len(parts) else node
        return node

    def _is_fixed(self, value: Any, name: str) -> bool:
        kind = type(value)
        if isinstance(getattr(kind, name, None), property) or not hasattr(value, name):
            return False
        frozen = dataclasses.is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
        return kind.__module__ == "builtins" or frozen or self._is_ours(kind.__module__)

    def _is_ours(self, module: str) -> bool:
        return f"{module}.".startswith(f"{self._package}.")

    def _is_steady(self, variable: str) -> bool:
        first = self._frames[0]
        return variable in self._held.values() or any(
            first.variables[one] == variable and first.assigned[one] == 1 for one in first.parameters
        )

    def _reduce_constant(self, node: ast.Constant) -> ast.expr:
        return Constant(node.value)

    def _reduce_name(self, node: ast.Name) -> ast.expr:
        name, frame = node.id, self._frame
        if name in frame.known:
            return frame.known[name]
        if name in frame.variables:
            return read(frame.variables[name])
        if name not in frame.outside:
            raise Unable
        return Constant(frame.outside[name])

    def _reduce_boolop(self, node: ast.BoolOp) -> ast.expr:
        first, *others = node.values
        rest = ast.BoolOp(node.op, others) if len(others) > 1 else others[0]
        value, is_or = self._expression(first), isinstance(node.op, ast.Or)
        if isinstance(value, Constant):
            return value if bool(value.value) is is_or else self._expression(rest)
        with self._aside() as written:
            other = self._expression(rest)
        if not written:
            return ast.BoolOp(node.op, [value, other])
        result = self._temporary(value)
        written.append(assign(result.id, other))
        self._written.append(ast.If(ast.UnaryOp(ast.Not(), result) if is_or else result, written, []))
        return result

    def _reduce_ifexp(self, node: ast.IfExp) -> ast.expr:
        test = self._expression(node.test)
        if isinstance(test, Constant):
            return self._expression(node.body if test.value else node.orelse)
        with self._aside() as body:
            value = self._expression(node.body)
        with self._aside() as orelse:
            other = self._expression(node.orelse)
        if not body and not orelse:
            return ast.IfExp(test, value, other)
        name = self._new_name("value")
        body.append(assign(name, value))
        orelse.append(assign(name, other))
        self._written.append(ast.If(test, body, orelse))
        return read(name)

    # Calls

    def _reduce_call(self, node: ast.Call) -> ast.expr:
        parts = [node.func, *node.args, *(keyword.value for keyword in node.keywords)]
        function, *values = self._in_order([partial(self._expression, part) for part in parts])
        arguments, named = values[: len(node.args)], values[len(node.args) :]
        keywords = [ast.keyword(one.arg, value) for one, value in zip(node.keywords, named, strict=True)]
        call = ast.Call(function, arguments, keywords)
        if not isinstance(function, Constant) or any(isinstance(one, ast.Starred) for one in arguments):
            return call
        known = function.value
        constants = [one.value for one in arguments if isinstance(one, Constant)]
        if not keywords and len(constants) == len(arguments) and _is_pure(known):
            return Constant(known(*constants))
        try:
            return self._written_out(known, arguments, keywords)
        except Unable:
            return call

    def _written_out(self, function: Any, arguments: list[ast.expr], keywords: list[ast.keyword]) -> ast.expr:
        """Write a call out and return what it returns: where it can return early, in a loop that is run once."""
        if isinstance(function, MethodType):
            function, arguments = function.__func__, [Constant(function.__self__), *arguments]
        if not isinstance(function, FunctionType) or not self._is_ours(function.__module__) or len(self._frames) > DEEPEST:
            raise Unable
        if any(frame.function is function for frame in self._frames):  # a recursion
            raise Unable
        frame = Frame(function, self._definitions, self._new_name(function.__name__.strip("<_>")))
        before, self._written = self._written, []
        self._frames.append(frame)
        try:
            for name, value in arguments_of(function, frame.parameters, arguments, keywords):
                if self._is_lasting(value) and frame.assigned[name] == 1:
                    frame.known[name] = value
                else:
                    self._set(name, value)
            if self._block(frame.statements):
                self._write_return(ast.Return(None))
            written = self._written
        finally:
            self._frames.pop()
            self._changing.difference_update(frame.variables.values())
            self._written = before
        *others, last, end = written
        if frame.returns == 1 and isinstance(end, ast.Break):
            self._written += others
            return last.value  # type: ignore[attr-defined,no-any-return]  # it is the assignment of the result
        self._written.append(ast.While(Constant(True), written, []))
        return read(str(frame.result))


def _is_pure(function: Any) -> bool:
    if isinstance(function, BuiltinMethodType) and type(function.__self__) is dict:
        return function.__name__ in PURE_METHODS
    return isinstance(function, (type, BuiltinMethodType)) and function in PURE
