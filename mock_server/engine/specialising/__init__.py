"""Specialising: one flat function that does what a function does that calls others, for what is performed often.

A compiled behaviour is a function that calls functions; they and what they hold are known before there is a request. Here
such calls are written out in one function: what is known stands in its place, loops over what is known are unrolled,
conditions that are settled disappear. All of it is read from the source of the functions, so that nothing is said twice, and
nothing here knows what they are about. Whatever cannot be written out stays an ordinary call.

It relies on this: what the functions of one package hold (in closures, in globals, in attributes of the package's objects and
of frozen dataclasses) does not change once they are called.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from types import FunctionType
from typing import Any

from mock_server.engine.specialising.definitions import Definitions
from mock_server.engine.specialising.frames import Unable
from mock_server.engine.specialising.writer import FunctionWriter

__all__ = ["Definitions", "specialise"]


def specialise(function: Callable[..., Any], definitions: Definitions, steady: Collection[str] = ()) -> Callable[..., Any]:
    """Return a function that does what `function` does, in one piece, its text as `source`; else `function` itself.

    `steady` names attributes that keep their values during a call, in its arguments and in those values themselves.
    """
    if not isinstance(function, FunctionType) or function.__defaults__ or function.__kwdefaults__:
        return function
    try:
        return FunctionWriter(function, definitions, steady).function()
    except (Unable, SyntaxError):
        return function
