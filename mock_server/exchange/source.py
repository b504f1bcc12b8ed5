"""Writing Python: the straight-line source of one function, compiled once and run for every request.

The source is what a person would write by hand for one operation, with its names, so that it can be read in a debugger, in
a traceback and in a test. What a request needs only rarely is left to ordinary functions and methods that the source calls.
"""

from __future__ import annotations

import builtins
import keyword
import linecache
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Source:
    """The body of one function while it is written. `bound` holds what its global names stand for."""

    def __init__(self, name: str, parameters: str) -> None:
        self.name = identifier(name)
        self.bound: dict[str, Any] = {}
        self._head = f"def {self.name}({parameters}):"
        self._beginning: dict[str, None] = {}
        self._lines: list[str] = []
        self._depth = 1
        self._taken = {self.name, *re.findall(r"\w+", parameters), *dir(builtins)}
        self._names: dict[int, str] = {}

    def line(self, text: str) -> None:
        """Add a statement."""
        self._lines.append("    " * self._depth + text)

    def at_start(self, text: str) -> None:
        """Have a statement run before all others; the same one is needed only once."""
        self._beginning[text] = None

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Add a compound statement; what is written meanwhile stands under it."""
        self.line(head)
        self._depth += 1
        before = len(self._lines)
        yield
        if len(self._lines) == before:
            self.line("pass")
        self._depth -= 1

    def variable(self, hint: str) -> str:
        """Return a name, like `hint`, that nothing else in the function has."""
        name, number = identifier(hint), 1
        while name in self._taken:
            number += 1
            name = f"{identifier(hint)}_{number}"
        self._taken.add(name)
        return name

    def bind(self, hint: str, value: Any) -> str:
        """Return the global name that stands for `value`."""
        if id(value) not in self._names:
            name = self.variable(hint)
            self._names[id(value)] = name
            self.bound[name] = value
        return self._names[id(value)]

    def constant(self, value: Any) -> str:
        """Return what stands for a JSON value."""
        return repr(value) if value is None or isinstance(value, (str, int)) else self.bind("constant", value)

    @property
    def text(self) -> str:
        """The source of the function."""
        return "\n".join([self._head, *("    " + line for line in self._beginning), *self._lines, ""])

    def function(self) -> Callable[..., Any]:
        """Return the function that was written; its attribute `source` is its text."""
        file = f"<compiled {self.name}>"
        exec(compile(self.text, file, "exec"), self.bound)
        function: Callable[..., Any] = self.bound[self.name]
        linecache.cache[file] = (len(self.text), None, self.text.splitlines(keepends=True), file)  # for tracebacks
        function.source = self.text  # type: ignore[attr-defined]
        return function


def identifier(text: str) -> str:
    """Return a Python name that is like `text`: InternalContact becomes internal_contact."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    name = re.sub(r"[^a-z0-9_]+", "_", words.lower()).strip("_") or "it"
    if name[0].isdigit():
        return f"_{name}"
    return f"{name}_" if keyword.iskeyword(name) or keyword.issoftkeyword(name) else name
