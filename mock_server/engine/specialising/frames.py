"""A call that is written out: what its names stand for, and what its parameters get."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from types import FunctionType

from mock_server.engine.specialising.definitions import Definitions
from mock_server.engine.specialising.syntax import Constant


class Unable(Exception):  # noqa: N818 (nothing is wrong: a call stays a call)
    """Raised for what cannot be written out."""


class Frame:
    """A call that is written out: what the names of the function stand for."""

    def __init__(self, function: FunctionType, definitions: Definitions, result: str | None) -> None:
        definition = definitions.of(function)
        if definition is None:
            raise Unable
        self.parameters, self.statements, self.assigned = definition
        self.function = function
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        self.outside = {**vars(builtins), **function.__globals__, **{name: cell.cell_contents for name, cell in cells}}
        self.known: dict[str, ast.expr] = {}
        """Names that stand, where the writer is, for a constant or for a variable that keeps its value."""
        self.variables: dict[str, str] = {}
        """The variables that names have in the function that is written."""
        self.result = result
        """The variable for what the call returns; None in the function that is written itself."""
        self.returns = self.loops = 0
        """How often it returns, and how many loops are around the writer."""


def arguments_of(
    function: FunctionType, parameters: Sequence[str], positional: list[ast.expr], keywords: list[ast.keyword]
) -> Iterator[tuple[str, ast.expr]]:
    """Yield the values of the parameters in the order in which the call has them, then those that it leaves out."""
    given = dict(zip(parameters, positional, strict=False)) | {str(one.arg): one.value for one in keywords}
    yield from given.items()
    count = function.__code__.co_argcount
    defaults = dict(zip(parameters[:count][::-1], (function.__defaults__ or ())[::-1], strict=False))
    for name in parameters:
        if name not in given:
            yield name, Constant((defaults | (function.__kwdefaults__ or {}))[name])
