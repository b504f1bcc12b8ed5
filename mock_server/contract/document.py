"""An OpenAPI document with the files it refers to: navigable nodes that know their place, and references that stay local."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote, unquote

from mock_server.contract.flaws import FlawedInput, Flaws, did_you_mean, is_misspelt, piece
from mock_server.contract.local import NotLocal, local_file
from mock_server.contract.pointers import enclosing_pointers, file_uri, pointer_fragment, remove_at
from mock_server.contract.reachable import SchemaGraph, subschemas
from mock_server.contract.source import Json, Source, pointer_to, pointer_tokens
from mock_server.contract.structure import hold_to_structure
from mock_server.contract.vocabulary import (
    EXTENSIONS,
    IDENTIFYING,
    METHODS,
    NAMES,
    OBJECT,
    PARTS,
    PLAIN_VALUES,
    SCHEMA,
    SCHEMA_KEYWORDS,
)

Place: TypeAlias = tuple[str, str]
"""A file of a document by its name, and a JSON Pointer into it."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a document together with its place."""

    document: Document = field(repr=False)
    source: Source = field(repr=False)
    pointer: str
    value: Json

    def __getitem__(self, key: str | int) -> Node:
        return Node(self.document, self.source, self.pointer + pointer_to(key), self.value[key])

    def get(self, *keys: str) -> Node | None:
        """Return the part behind `keys`, each read through references; None where there is none."""
        node: Node | None = self
        for key in keys:
            node = node.resolved() if node else None
            node = node[key] if node and isinstance(node.value, dict) and key in node.value else None
        return node

    def items(self) -> Iterator[tuple[str, Node]]:
        """Yield the members of a mapping, in order; nothing for another value."""
        if isinstance(self.value, dict):
            for key in self.value:
                yield key, self[key]

    def elements(self) -> Iterator[Node]:
        """Yield the elements of a list; nothing for another value."""
        if isinstance(self.value, list):
            for index in range(len(self.value)):
                yield self[index]

    def extension(self, name: str) -> Node | None:
        """Return the extension `name` of this node, and note that it was read; None where there is none."""
        if not isinstance(self.value, dict) or name not in self.value:
            return None
        self.document.extensions_read.add((self.source.name, self.pointer + pointer_to(name)))
        return self[name]

    def resolved(self) -> Node:
        """Return what this node refers to, or the node itself when it is no reference."""
        node, seen = self, set()
        while isinstance(node.value, dict) and isinstance(node.value.get("$ref"), str):
            target = self.document.target(node)
            if target is None or node.place in seen:
                return node
            seen.add(node.place)
            node = target
        return node

    @property
    def place(self) -> Place:
        """Where this node stands."""
        return (self.source.name, self.pointer)

    @property
    def is_broken(self) -> bool:
        """Whether a flaw was noted in this node, or it leads nowhere: then nothing is built on it."""
        return self.document.is_broken(self)

    @property
    def is_sound(self) -> bool:
        """Whether values can be held to this schema: nothing that it consists of is broken."""
        return self.document.is_sound(self)

    @property
    def is_unsure(self) -> bool:
        """Whether a flaw was noted at this node or at a member: then what seems to be missing may be misspelt."""
        return self.document.is_unsure(self)

    def distrust(self) -> None:
        """Have nothing built on this node: it depends on something else that has a flaw."""
        self.document.flaws.places.add(self.place)

    @property
    def uri(self) -> str:
        """The node's address within the document's registry of schemas."""
        return self.document.uri(self.source, self.pointer)

    def flaw(self, message: str, hint: str = "", key: str | int | None = None) -> None:
        """Note that this node (or its part `key`) is wrong."""
        pointer = self.pointer if key is None else self.pointer + pointer_to(key)
        self.document.flaws.add(self.source, pointer, message, hint)


class Document:
    """The main file and the files beneath its folder that it refers to. Nothing else is ever read."""

    def __init__(self, main: Source) -> None:
        self.main = main
        self.sources: dict[str, Source] = {main.path.name: main}
        self.flaws = Flaws()
        self.extensions_read: set[tuple[str, str]] = set()
        self.root = Node(self, main, "", main.value)
        self._flawed: set[Place] = set()
        """What is wrong in schemas."""

        self._broken: set[Place] = set()
        self._unsound: set[Place] | None = None
        self._unsure: set[Place] = set()

    @classmethod
    def from_source(cls, main: Source) -> Document:
        """Return the document in `main`, its flaws noted; raise `FlawedInput` unless it is an OpenAPI 3.1 document."""
        document = cls(main)
        document._check_version()
        document.flaws.raise_if_any()
        document._check_structure()
        document._check_references()
        for node, kind in document._parts:
            extension_names(node)
            if kind == SCHEMA:
                schema_keywords(node)
        return document

    def break_parts(self) -> None:
        """Take all parts with a flaw for broken from now on: what is read next is not built on them, and the rest is read."""
        if not self.flaws.places:
            return
        self._unsound = None
        schemas = {schema.place for schema in self.schemas()}
        for file, pointer in self.flaws.places:
            around = [(file, place) for place in enclosing_pointers(pointer)]
            self._broken.update(around)
            if not schemas.isdisjoint(around):
                self._flawed.add((file, pointer))
            whole, _, member = pointer.rpartition("/")
            self._unsure.add((file, pointer))
            if not member.startswith("x-"):
                self._unsure.add((file, whole))

    def repaired(self, source: Source) -> Json:
        """Return the value of `source` without those parts of schemas that a flaw was noted in before parts were broken."""
        if (source.name, "") not in self._broken:
            return source.value
        value = copy.deepcopy(source.value)
        for file, pointer in self._flawed:
            if file == source.name:
                remove_at(value, pointer_tokens(pointer))
        return value

    def is_sound(self, schema: Node) -> bool:
        """Say whether values can be held to `schema`: nothing that it consists of is broken."""
        if not self._broken:
            return True
        if self._unsound is None:
            self._unsound = self.graph.leading_to(part.place for part in self.schemas() if part.is_broken)
        return schema.place not in self._unsound

    @cached_property
    def graph(self) -> SchemaGraph:
        """Which of its schemas are reached from which."""
        return SchemaGraph(self.schemas())

    @cached_property
    def conditional(self) -> set[Place]:
        """The places of its schemas that depend on choices: an `x-when` is in what they consist of."""
        ends = [schema.place for schema in self.schemas() if "x-when" in _keys(schema.value)]
        return self.graph.leading_to(ends) if ends else set()

    def is_broken(self, node: Node) -> bool:
        """Say whether a flaw was noted in `node` before its parts were broken, or it leads nowhere."""
        if not self._broken:
            return False
        file = node.source.name
        is_within = any((file, place) in self._flawed for place in enclosing_pointers(node.pointer))
        return is_within or (file, node.pointer) in self._broken or _refers(node.resolved())

    def is_unsure(self, node: Node) -> bool:
        """Say whether a flaw was noted at `node`, or at a member that is no extension, before parts were broken."""
        return node.place in self._unsure

    def uri(self, source: Source, pointer: str) -> str:
        """Return the address of a part within the registry of schemas; it names no machine and no network."""
        return f"{file_uri(self._name_of(source))}#{pointer_fragment(pointer)}"

    def reference(self, source: Source, node: Node) -> str:
        """Return the reference by which `source`, at the top of the document's folder, refers to `node`."""
        file = "" if node.source is source else quote(self._name_of(node.source))
        return f"{file}#{pointer_fragment(node.pointer)}"

    def _name_of(self, source: Source) -> str:
        return next(name for name, known in self.sources.items() if known is source)

    def paths_read(self) -> list[Path]:
        """Return every file that the document consists of."""
        return [path for source in self.sources.values() for path in source.paths]

    def target(self, node: Node) -> Node | None:
        """Return what a reference leads to; None, with a flaw noted, when it leads nowhere or out of the folder."""
        reference = node.value["$ref"]
        file, _, fragment = reference.partition("#")
        source = self._referred(node, file) if file else node.source
        if source is None:
            return None
        pointer = unquote(fragment)
        if pointer and not pointer.startswith("/"):
            hint = "as in #/components/schemas/NAME"
            node.flaw(f"{piece(reference)} leads nowhere: behind # stands a JSON Pointer", hint, "$ref")
            return None
        target = Node(self, source, "", source.value)
        for token in pointer_tokens(pointer):
            value = target.value
            if isinstance(value, dict) and token in value:
                target = target[token]
            elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
                target = target[int(token)]
            else:
                known = value if isinstance(value, dict) else ()
                if is_misspelt(token, (key for key in known if (source.name, target[key].pointer) in self.flaws.places)):
                    return None  # the misspelt key is told already
                node.flaw(f"{piece(reference)} leads nowhere: there is no {piece(token)}", did_you_mean(token, known), "$ref")
                return None
        return target

    def schemas(self) -> Iterator[Node]:
        """Yield every schema object of the document, each once, those inside other schemas included."""
        return (node for node, kind in self._parts if kind == SCHEMA)

    def check_extensions(self) -> None:
        """Note extensions of ours that nothing has read, and would silently mean nothing.

        In a document with other flaws, not all was read: then those are noted that stand where they are never read.
        """
        has_flaws = len(self.flaws) > 0
        for node, kind in self._parts:
            for key in EXTENSIONS.keys() & _keys(node.value):
                is_read = (node.source.name, node[key].pointer) in self.extensions_read
                if not is_read and not (has_flaws and _may_be_read(key, node, kind)):
                    node.flaw(f"{piece(key)} means nothing here", EXTENSIONS[key], key)

    @cached_property
    def _parts(self) -> list[tuple[Node, str]]:
        """Every object and schema of the document, files included, each once, and what kind it is of."""
        parts = []
        stack = [(self.root, OBJECT)]
        seen = set()
        while stack:
            node, kind = stack.pop()
            if (node.place, kind) in seen:
                continue
            seen.add((node.place, kind))
            parts.append((node, kind))
            if kind == SCHEMA:
                stack.extend((schema, SCHEMA) for schema in subschemas(node))
            if kind in (SCHEMA, NAMES):
                continue
            if _refers(node) and (target := self.target(node)) is not None:
                stack.append((target, kind))
            stack.extend(_parts_of(node))
        return parts

    def _check_version(self) -> None:
        value = self.main.value
        if not isinstance(value, dict) or "openapi" not in value:
            is_swagger = isinstance(value, dict) and "swagger" in value
            hint = "Swagger 2.0 has to be converted to OpenAPI 3.1 first" if is_swagger else ""
            self.flaws.add(self.main, "", "is not an OpenAPI document: there is no `openapi` at its top", hint)
        elif not str(value["openapi"]).startswith("3.1."):
            message = f"OpenAPI {value['openapi']} is not supported"
            self.flaws.add(self.main, "/openapi", message, "the document has to be OpenAPI 3.1, as in openapi: 3.1.0")

    def _check_structure(self) -> None:
        """Hold the main file to the OpenAPI Initiative's own JSON Schema of OpenAPI 3.1."""
        hold_to_structure("", self.main, "", self.main.value, self.flaws)

    def _check_references(self) -> None:
        """Follow every reference, files included; note those that lead nowhere, or to something of another kind."""
        for node, kind in self._parts:
            target = self.target(node) if _refers(node) else None
            if target is None:
                continue
            if self._is_circular(node):
                node.flaw("this reference leads back to itself", key="$ref")
            elif kind in PARTS.values() and kind != SCHEMA and not self._is_component(target, kind):
                part = f"#/$defs/{kind}" + "-or-reference" * (kind != "media-type")
                hold_to_structure(part, target.source, target.pointer, target.value, self.flaws)

    def _is_component(self, node: Node, kind: str) -> bool:
        """Say whether a part stands where the check of the main file has held it to what its kind has to be."""
        place, _, section = node.pointer.rpartition("/")[0].rpartition("/")
        return node.source is self.main and place == "/components" and PARTS.get(section) == kind

    def _is_circular(self, node: Node) -> bool:
        end = node.resolved()
        return isinstance(end.value, dict) and isinstance(end.value.get("$ref"), str) and self.target(end) is not None

    def _referred(self, node: Node, file: str) -> Source | None:
        try:
            path = local_file(file, node.source.path.parent, self.main.path.parent)
        except NotLocal as error:
            node.flaw(str(error), error.hint, "$ref")
            return None
        name = path.relative_to(self.main.path.parent).as_posix()
        if name not in self.sources:
            try:
                self.sources[name] = Source.from_path(path)
            except FlawedInput as error:
                self.flaws.include(error)
                return None
        return self.sources[name]


def schema_keywords(schema: Node) -> None:
    """Note keywords that JSON Schema and OpenAPI 3.1 do not know: misspelt, they would silently check nothing."""
    for keyword in schema.value if isinstance(schema.value, dict) else ():
        if keyword == "nullable":
            hint = "OpenAPI 3.1 writes type: [string, 'null'] instead"
            schema.flaw("OpenAPI 3.1 has no `nullable`; it would change nothing", hint, keyword)
        elif keyword in IDENTIFYING:
            schema.flaw(f"{piece(keyword)} is not supported", "a reference names a file and a JSON Pointer", keyword)
        elif keyword not in SCHEMA_KEYWORDS and not keyword.startswith("x-"):
            schema.flaw(f"{piece(keyword)} is not a keyword of JSON Schema", did_you_mean(keyword, SCHEMA_KEYWORDS), keyword)


def extension_names(node: Node) -> None:
    """Note extensions that are nearly ours: misspelt, they would silently mean nothing."""
    for key in _keys(node.value):
        if key.startswith("x-") and key not in EXTENSIONS:
            near = difflib.get_close_matches(key, EXTENSIONS, n=1, cutoff=0.8)
            if near:
                node.flaw(f"{piece(key)} is not known", f"did you mean {near[0]!r}?", key)


def _keys(value: Json) -> Collection[str]:
    return value.keys() if isinstance(value, dict) else ()


def _refers(node: Node) -> bool:
    return isinstance(node.value, dict) and isinstance(node.value.get("$ref"), str)


def _may_be_read(extension: str, node: Node, kind: str) -> bool:
    match extension:
        case "x-assumptions" | "x-problems":
            return node.pointer == ""
        case "x-behaviour":
            return kind == OBJECT and node.pointer.rpartition("/")[2] in METHODS
        case "x-only-when":
            return kind == "media-type"
        case "x-source":
            return kind == "response"
    return kind == SCHEMA


def _parts_of(node: Node) -> Iterator[tuple[Node, str]]:
    """Yield the objects and schemas directly inside the object `node`, and what kind each is of."""
    for key, member in node.items():
        if key == "schema":
            yield member, SCHEMA
        elif key == "requestBody":
            yield member, "request-body"
        elif key in PARTS:
            extensible = key in ("paths", "responses")  # the keys x-… of the others are names
            if extensible:
                yield member, NAMES
            yield from ((part, PARTS[key]) for name, part in member.items() if not (extensible and name.startswith("x-")))
            yield from ((part, PARTS[key]) for part in member.elements())
        elif key not in PLAIN_VALUES and not key.startswith("x-"):
            yield member, OBJECT
    for element in node.elements():
        yield element, OBJECT
