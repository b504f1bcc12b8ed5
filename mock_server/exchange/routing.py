"""Finding the operation that a request means, and the path that it nearly meant."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TypeAlias
from urllib.parse import parse_qsl

from mock_server.contract.messages.path_templates import Segment, path_template
from mock_server.contract.messages.percent import decoded
from mock_server.contract.model import Operation
from mock_server.contract.problems import Refused
from mock_server.exchange.reading import PathValues, Reader

Pairs: TypeAlias = tuple[tuple[str, str], ...]

Missed: TypeAlias = tuple[str, list[str]]
"""A path that a request leads to, and the methods that it has there."""

NEAR = 0.6
"""How alike a path has to be to be named as the one that was meant."""


MOST_KNOWN = 4096
LONGEST_KNOWN = 256
"""How many paths, and how long ones, are kept with what they mean; clients tend to ask for the same ones again."""


class Route:
    """What method and path of a request mean: the operation, who reads its requests, and what the path says."""

    __slots__ = ("operation", "others", "path_values", "reader")

    def __init__(self, operation: Operation, reader: Reader, path_values: PathValues) -> None:
        self.operation = operation
        self.reader = reader
        self.path_values = path_values
        self.others: list[tuple[Pairs, Route]] | None = None
        """This one and others of the same path and method, each with the pairs of a query by which it is told from them."""

    def meant(self, query: str) -> Route:
        """Return the route whose pairs a query has, the most of them; else one without any, else the first."""
        given = set(parse_qsl(query, keep_blank_values=True))
        told = [(pairs, route) for pairs, route in self.others or () if given.issuperset(pairs)]
        return max(told, key=lambda one: len(one[0]))[1] if told else self


@dataclass(slots=True)
class _Branch:
    literal: dict[str, _Branch] = field(default_factory=dict)
    templates: list[tuple[Segment, _Branch]] = field(default_factory=list)
    """Segments with parameters and fixed text, those with most of it first."""

    parameter: _Branch | None = None
    path: str = ""
    operations: dict[str, list[Operation]] = field(default_factory=dict)
    """By method; several are told apart by the query."""

    def grown(self, segment: Segment) -> _Branch:
        """Return the branch that a segment of a template leads to."""
        if segment.is_literal:
            return self.literal.setdefault(segment.texts[0], _Branch())
        if segment.is_parameter:
            self.parameter = self.parameter or _Branch()
            return self.parameter
        for known, branch in self.templates:
            if known.texts == segment.texts:
                return branch
        branch = _Branch()
        self.templates.append((segment, branch))
        self.templates.sort(key=lambda template: -template[0].weight)
        return branch

    def beneath(self, base: str | None) -> dict[str, list[Operation]]:
        """Return the operations by method; of those, where there is one, beneath a path of a server."""
        if base is None:
            return self.operations
        beneath = {method: [one for one in there if base in one.base_paths] for method, there in self.operations.items()}
        return {method: there for method, there in beneath.items() if there}

    def ways(self, segment: str, plain: str) -> Iterator[tuple[_Branch, list[str]]]:
        """Yield the branches that a segment of a request leads to, and its values; `plain` is what it stands for.

        Fixed text goes before parameters: the more of it, the earlier.
        """
        literal = self.literal.get(plain)
        if literal is not None:
            yield literal, []
        for template, branch in self.templates:
            values = template.match(segment)
            if values is not None:
                yield branch, values
        if self.parameter is not None and segment:
            yield self.parameter, [segment]


class Routes:
    """The paths of a contract as a tree of segments; fixed text goes before a parameter.

    A path that is none of them may begin with the path of a server that the document names.
    """

    def __init__(self, operations: Collection[Operation], reader_of: Callable[[Operation], Reader]) -> None:
        self._root = _Branch()
        self._paths: dict[str, None] = {}
        self._readers: dict[str, Reader] = {}
        self._known: dict[tuple[str, str], Route] = {}
        for operation in operations:
            self._readers[operation.id] = reader_of(operation)
            branch = self._root
            for segment in path_template(operation.path).segments:
                branch = branch.grown(segment)
            branch.path = branch.path or operation.path
            there = branch.operations.setdefault(operation.method, [])
            pairs = path_template(operation.path).pairs
            if all(path_template(other.path).pairs != pairs for other in there):  # of two that are the same, the first answers
                there.append(operation)
            self._paths[operation.path] = None
        bases = {base for operation in operations for base in operation.base_paths if base}
        self._bases = sorted(bases, key=len, reverse=True)

    def find(self, method: str, path: str, query: str = "") -> Route:
        """Return the operation that is meant, and what its path says; raise `Refused` when there is none."""
        route = self._known.get((method, path))
        if route is None:
            route = self._find(method, path)
            if len(path) <= LONGEST_KNOWN:
                if len(self._known) >= MOST_KNOWN:
                    self._known.clear()
                self._known[method, path] = route
        return route if route.others is None else route.meant(query)

    def _find(self, method: str, path: str) -> Route:
        """Return the route of a path as it stands; where there is none, beneath the path of a server."""
        route, missed = self._search(method, path, None)
        for base in self._bases if route is None else ():
            if path == base or path.startswith(f"{base}/"):
                route, others = self._search(method, path[len(base) :] or "/", base)
                missed += others
                if route is not None:
                    break
        if route is not None:
            return route
        if not missed:
            raise Refused("unknown-path", self._told(path))
        documented = dict.fromkeys(method for _, methods in missed for method in methods)
        detail = f"{missed[0][0]} has no {method:.40}, only {', '.join(documented)}."
        raise Refused("method-not-allowed", detail, headers=(("Allow", ", ".join(_answered(documented))),))

    def _search(self, method: str, path: str, base: str | None) -> tuple[Route | None, list[Missed]]:
        """Return the route of a path, of operations beneath `base` only where there is one; and what else it leads to.

        It is that of the first branch that has the method; where a branch before has not, its parameters have to fit.
        """
        segments = path.split("/")[1:]
        plain = segments if path.isascii() and "%" not in path else list(map(_plain, segments))
        first = self._straight(segments, plain) if base is None else None
        if first is not None and (operations := _of_method(first[0].operations, method)) is not None:
            return self._route(operations, first[1]), []
        missed: list[Missed] = []
        for branch, values in self._reached(self._root, segments, plain, 0):
            there = branch.beneath(base)
            if (operations := _of_method(there, method)) is not None:
                route = self._route(operations, values)
                if not missed or route.path_values.parameters is not None:
                    return route, missed
            fitting = [one for one in there if not missed or self._route(there[one], values).path_values.parameters is not None]
            if fitting:
                missed.append((branch.path, fitting))
        return None, missed

    def _route(self, operations: list[Operation], values: list[str]) -> Route:
        """Return the route to the first of some operations, which holds those to the others."""
        operation, *others = operations
        reader = self._readers[operation.id]
        route = Route(operation, reader, reader.read_path(values))
        if others:
            routes = [route, *(self._route([other], values) for other in others)]
            route.others = [(path_template(one.operation.path).pairs, one) for one in routes]
        return route

    def _straight(self, segments: list[str], plain: list[str]) -> tuple[_Branch, list[str]] | None:
        """Return what `_reached` yields first, where no parameter on the way stands beside fixed text, as in most paths."""
        branch, values = self._root, []
        for position, segment in enumerate(plain):
            literal = branch.literal.get(segment)
            if literal is not None:
                branch = literal
            elif branch.parameter is not None and segment and not branch.templates:
                branch = branch.parameter
                values.append(segments[position])
            else:
                return None
        return branch, values

    def _reached(
        self, branch: _Branch, segments: list[str], plain: list[str], position: int
    ) -> Iterator[tuple[_Branch, list[str]]]:
        """Yield the branches with operations that a path leads to, the one with most fixed text first, and its values."""
        if position == len(segments):
            if branch.operations:
                yield branch, []
            return
        for following, values in branch.ways(segments[position], plain[position]):
            for end, others in self._reached(following, segments, plain, position + 1):
                yield end, [*values, *others]

    def _told(self, path: str) -> str:
        shown = path if len(path) <= 100 else path[:99] + "…"
        likeness, nearest = max(((_likeness(path, known), known) for known in self._paths), default=(0.0, ""))
        return f"There is no path {shown}." + (f" The nearest one is {nearest}." if likeness >= NEAR else "")


def _answered(documented: Iterable[str]) -> Iterable[str]:
    """Return the methods that are answered: those of the document, HEAD where there is GET, and OPTIONS."""
    methods = dict.fromkeys(documented)
    return dict.fromkeys([*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS"])


def _of_method(operations: Mapping[str, list[Operation]], method: str) -> list[Operation] | None:
    """Return the operations of a method; where HEAD is not documented, those of GET (RFC 9110 section 9.3.2)."""
    found = operations.get(method)
    return operations.get("GET") if found is None and method == "HEAD" else found


def _likeness(path: str, template: str) -> float:
    """Compare a path with a template whose parameters take whatever stands in their place."""
    given = path[1:300].split("/")
    expected = []
    for index, segment in enumerate(path_template(template).segments):
        fits = index < len(given) and not segment.is_literal and (segment.is_parameter or segment.match(given[index]))
        expected.append(given[index] if fits else "{}".join(segment.texts))
    return SequenceMatcher(None, "/".join(given), "/".join(expected), autojunk=False).ratio()


def _plain(segment: str) -> str:
    """Return what a segment stands for; itself where that is no text."""
    try:
        return decoded(segment)
    except ValueError:
        return segment
