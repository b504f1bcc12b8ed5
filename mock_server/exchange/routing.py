"""Finding the operation that a request means, and the path that it nearly meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from urllib.parse import unquote_to_bytes

from mock_server.contract.model import Operation
from mock_server.contract.problems import Refused
from mock_server.exchange.reading import PathValues, Reader

NEAR = 0.6
"""How alike a path has to be to be named as the one that was meant."""


MOST_KNOWN = 4096
LONGEST_KNOWN = 256
"""How many paths, and how long ones, are kept with what they mean; clients tend to ask for the same ones again."""


class Route:
    """What method and path of a request mean: the operation, who reads its requests, and what the path says."""

    __slots__ = ("operation", "path_values", "reader")

    def __init__(self, operation: Operation, reader: Reader, path_values: PathValues) -> None:
        self.operation = operation
        self.reader = reader
        self.path_values = path_values


@dataclass(slots=True)
class _Branch:
    literal: dict[str, _Branch] = field(default_factory=dict)
    parameter: _Branch | None = None
    path: str | None = None
    operations: dict[str, Operation] = field(default_factory=dict)

    def operation(self, method: str) -> Operation | None:
        """Return the operation of a method; where HEAD is not documented, it is that of GET (RFC 9110 section 9.3.2)."""
        found = self.operations.get(method)
        return self.operations.get("GET") if found is None and method == "HEAD" else found

    def methods(self) -> list[str]:
        """Return the methods that are answered: those of the document, HEAD where there is GET, and OPTIONS."""
        implied = ["HEAD", "OPTIONS"] if "GET" in self.operations else ["OPTIONS"]
        return list(dict.fromkeys([*self.operations, *implied]))


class Routes:
    """The paths of a contract as a tree of segments; a literal segment goes before a parameter."""

    def __init__(self, operations: Iterable[Operation], reader_of: Callable[[Operation], Reader]) -> None:
        self._root = _Branch()
        self._paths: dict[str, None] = {}
        self._readers: dict[str, Reader] = {}
        self._known: dict[tuple[str, str], Route] = {}
        for operation in operations:
            self._readers[operation.id] = reader_of(operation)
            branch = self._root
            for segment in operation.path.split("/")[1:]:
                if segment.startswith("{"):
                    branch.parameter = branch.parameter or _Branch()
                    branch = branch.parameter
                else:
                    branch = branch.literal.setdefault(segment, _Branch())
            branch.path = operation.path
            branch.operations[operation.method] = operation
            self._paths[operation.path] = None

    def find(self, method: str, path: str) -> Route:
        """Return the operation that is meant, and what its path says; raise `Refused` when there is none."""
        route = self._known.get((method, path))
        if route is None:
            operation, values = self._find(method, path)
            reader = self._readers[operation.id]
            route = Route(operation, reader, reader.read_path(values))
            if len(path) <= LONGEST_KNOWN:
                if len(self._known) >= MOST_KNOWN:
                    self._known.clear()
                self._known[method, path] = route
        return route

    def _find(self, method: str, path: str) -> tuple[Operation, list[str]]:
        """Return the operation and the decoded values of its path parameters in order."""
        segments = path.split("/")[1:]
        values: list[str] = []
        branch = self._straight(segments, values) or self._walk(self._root, segments, 0, values)
        if branch is None:
            raise Refused("unknown-path", self._told(path))
        operation = branch.operation(method)
        if operation is None:
            allowed = ", ".join(branch.methods())
            detail = f"{branch.path} has no {method:.40}, only {allowed}."
            raise Refused("method-not-allowed", detail, headers=(("Allow", allowed),))
        return operation, [_decoded(value) for value in values]

    def _straight(self, segments: list[str], values: list[str]) -> _Branch | None:
        """Return the branch that is reached without ever turning back; None when there is none, with `values` empty."""
        branch = self._root
        for segment in segments:
            literal = branch.literal.get(segment)
            if literal is not None:
                branch = literal
            elif branch.parameter is not None and segment:
                values.append(segment)
                branch = branch.parameter
            else:
                values.clear()
                return None
        if branch.operations:
            return branch
        values.clear()
        return None

    def _walk(self, branch: _Branch, segments: list[str], position: int, values: list[str]) -> _Branch | None:
        if position == len(segments):
            return branch if branch.operations else None
        segment = segments[position]
        literal = branch.literal.get(segment)
        if literal is not None:
            found = self._walk(literal, segments, position + 1, values)
            if found is not None:
                return found
        if branch.parameter is None or not segment:
            return None
        values.append(segment)
        found = self._walk(branch.parameter, segments, position + 1, values)
        if found is None:
            values.pop()
        return found

    def _told(self, path: str) -> str:
        shown = path if len(path) <= 100 else path[:99] + "…"
        likeness, nearest = max(((_likeness(path, known), known) for known in self._paths), default=(0.0, ""))
        return f"There is no path {shown}." + (f" The nearest one is {nearest}." if likeness >= NEAR else "")


def _likeness(path: str, template: str) -> float:
    """Compare a path with a template whose parameters take whatever stands in their place."""
    given = path[:300].split("/")
    expected = [
        given[index] if segment.startswith("{") and index < len(given) else segment
        for index, segment in enumerate(template.split("/"))
    ]
    return SequenceMatcher(None, "/".join(given), "/".join(expected), autojunk=False).ratio()


def _decoded(segment: str) -> str:
    if "%" not in segment:
        return segment
    try:
        return unquote_to_bytes(segment).decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("malformed", f"The path segment {segment:.80} is not percent-encoded UTF-8.") from None
