"""An OpenAPI document with the files it refers to: navigable nodes that know their place, and references that stay local."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote, unquote

from mock_server.contract.documents.dialects import DIALECTS, Dialect, dialect_of, unsupported_version
from mock_server.contract.documents.vocabulary import (
    EXTENSIONS,
    NAMES,
    OBJECT,
    PARTS,
    PLAIN_VALUES,
    SCHEMA,
    SUBSCHEMA,
    SUBSCHEMA_LIST,
    SUBSCHEMA_MAP,
    UNUSED_PARTS,
)
from mock_server.contract.files.flaws import FlawedInput, Flaws, Severity, did_you_mean, is_misspelt, piece
from mock_server.contract.files.graph import Graph
from mock_server.contract.files.local import NotLocal, local_file
from mock_server.contract.files.pointers import enclosing_pointers, file_uri, in_order, pointer_fragment, remove_at
from mock_server.contract.files.source import Json, Source, pointer_to, pointer_tokens

Place: TypeAlias = tuple[str, str]
"""A file of a document by its name, and a JSON Pointer into it."""

MOST_REASONS = 3
"""How many reasons are told why something is broken: to find all of them in a large document takes long."""


class Node:
    """A value in a document together with its place."""

    __slots__ = ("document", "pointer", "source", "value")

    def __init__(self, document: Document, source: Source, pointer: str, value: Json) -> None:
        self.document = document
        self.source = source
        self.pointer = pointer
        self.value = value

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
        while refers(node):
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
        return self.place not in self.document.unsound

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
        """Note that this node (or its part `key`) is wrong, so that nothing can be served: our extensions have to be right."""
        self.note(message, hint, key, Severity.ERROR)

    def breaks(self, message: str, hint: str = "", key: str | int | None = None) -> None:
        """Note that nothing can be built on this node, as it (or its part `key`) is wrong or not supported."""
        self.note(message, hint, key, Severity.BREAKS)

    def warn(self, message: str, hint: str = "", key: str | int | None = None) -> None:
        """Note that this node (or its part `key`) is wrong, and that this changes nothing of what is served."""
        self.note(message, hint, key, Severity.WARNING)

    def note(self, message: str, hint: str, key: str | int | None, severity: Severity) -> None:
        """Note that this node (or its part `key`) is wrong, with what follows from that."""
        pointer = self.pointer if key is None else self.pointer + pointer_to(key)
        self.document.flaws.add(self.source, pointer, message, hint, severity)


class Document:
    """The main file and the files beneath its folder that it refers to. Nothing else is ever read."""

    def __init__(self, main: Source, dialect: Dialect = DIALECTS[0]) -> None:
        self.main = main
        self.dialect = dialect
        self.sources: dict[str, Source] = {main.path.name: main}
        self.flaws = Flaws()
        self.extensions_read: set[tuple[str, str]] = set()
        self.root = Node(self, main, "", main.value)
        self.answers: dict[Place, Any] = {}
        self.types: dict[Place, frozenset[str]] = {}
        """Schemas that were asked something, and the types of their values: the same for all who ask."""

        self._flawed: set[Place] = set()
        """What is wrong in schemas."""

        self._dropped: dict[Place, Source] = {}
        self._unreadable: dict[str, FlawedInput] = {}
        self._targets: dict[tuple[str, str], Node] = {}
        self._broken: set[Place] = set()
        self._unsure: set[Place] = set()

    @classmethod
    def from_source(cls, main: Source) -> Document:
        """Return the document in `main`, brought to OpenAPI 3.1, its flaws noted; raise `FlawedInput` unless it is an OpenAPI
        document."""
        dialect = dialect_of(main.value)
        if dialect is None:
            raise FlawedInput([unsupported_version(main)])
        document = cls(dialect.converted(main), dialect)
        document.note_duplicates(main)
        parts = []
        for node, kind in parts_of(document.root):  # which looks into a part after it was given here
            if kind == SCHEMA and isinstance(node.value, dict):
                dialect.convert_schema(node.value)
            parts.append((node, kind))
        document.parts = parts
        return document

    @cached_property
    def parts(self) -> list[tuple[Node, str]]:
        """Every object and schema of the document, files included, each once, and what kind it is of."""
        return list(parts_of(self.root))

    def note_duplicates(self, source: Source) -> None:
        """Note the keys of a file that stand in their mappings again: the last one counts."""
        for flaw in source.duplicates:
            is_ours = not EXTENSIONS.keys().isdisjoint(pointer_tokens(flaw.pointer))
            self.flaws.include(FlawedInput([flaw]), Severity.ERROR if is_ours else Severity.WARNING)

    def drop(self, source: Source, pointer: str, message: str, hint: str = "") -> None:
        """Note a warning about a keyword of a schema, and that the schema is to be read without it."""
        self.flaws.add(source, pointer, message, hint, Severity.WARNING)
        self._dropped[source.name, pointer] = source

    def break_parts(self) -> None:
        """Take all parts with a flaw for broken from now on: what is read next is not built on them, and the rest is read.

        Keywords that were dropped, and those of schemas that are broken, are removed from the document.
        """
        if not (self.flaws.places or self._dropped):
            return
        self.__dict__.pop("unsound", None)
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
        by_name = {source.name: source for source in self.sources.values()}
        for file, pointer in sorted(self._flawed | self._dropped.keys(), key=in_order, reverse=True):
            tokens = pointer_tokens(pointer)
            may_be_referred = (file, pointer) in schemas and tokens[-2:-1] != ["patternProperties"]
            remove_at(by_name[file].value, tokens, is_schema=may_be_referred)
        self._dropped.clear()

    def why_broken(self, *nodes: Node) -> list[str]:
        """Return what is wrong in `nodes` and in what they refer to, each once; of much, the first."""
        if not self.flaws.places:
            return []
        why: dict[str, None] = {}
        for part in (part for node in nodes for part, _ in parts_of(node)):
            why.update(dict.fromkeys(self.flaws.breaking(part.source.name, part.pointer)))
            if len(why) >= MOST_REASONS:
                break
        return list(why)

    @cached_property
    def unsound(self) -> set[Place]:
        """The places of the schemas that no value can be held to: something that they consist of is broken."""
        return self.graph.leading_to(part.place for part in self.schemas() if part.is_broken) if self._broken else set()

    @cached_property
    def graph(self) -> Graph[Place]:
        """Which of its schemas are reached from which, by their places."""
        return Graph((schema.place, inner.place) for schema in self.schemas() for inner in subschemas(schema))

    @cached_property
    def conditional(self) -> set[Place]:
        """The places of its schemas that depend on choices: an `x-when` is in what they consist of."""
        ends = [schema.place for schema in self.schemas() if isinstance(schema.value, dict) and "x-when" in schema.value]
        return self.graph.leading_to(ends) if ends else set()

    def is_broken(self, node: Node) -> bool:
        """Say whether a flaw was noted in `node` before its parts were broken, or it leads nowhere."""
        if not self._broken:
            return False
        file = node.source.name
        is_within = any((file, place) in self._flawed for place in enclosing_pointers(node.pointer))
        return is_within or (file, node.pointer) in self._broken or refers(node.resolved())

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

    def target(self, node: Node, severity: Severity = Severity.BREAKS) -> Node | None:
        """Return what a reference leads to; None, with a flaw noted, when it leads nowhere or out of the folder."""
        place = (node.source.name, node.value["$ref"])
        target = self._targets.get(place)
        if target is None:
            target = self._find_target(node, severity)
            if target is not None:
                self._targets[place] = target
        return target

    def _find_target(self, node: Node, severity: Severity) -> Node | None:
        reference = node.value["$ref"]
        file, _, fragment = reference.partition("#")
        source = self._referred(node, file, severity) if file else node.source
        if source is None:
            return None
        pointer = unquote(fragment)
        if pointer and not pointer.startswith("/"):
            hint = "as in #/components/schemas/NAME"
            node.note(f"{piece(reference)} leads nowhere: behind # stands a JSON Pointer", hint, "$ref", severity)
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
                message = f"{piece(reference)} leads nowhere: there is no {piece(token)}"
                node.note(message, did_you_mean(token, known), "$ref", severity)
                return None
        return target

    def schemas(self) -> Iterator[Node]:
        """Yield every schema object of the document, each once, those inside other schemas included."""
        return (node for node, kind in self.parts if kind == SCHEMA)

    def _referred(self, node: Node, file: str, severity: Severity) -> Source | None:
        try:
            path = local_file(file, node.source.path.parent, self.main.path.parent)
        except NotLocal as error:
            node.note(str(error), error.hint, "$ref", severity)
            return None
        name = path.relative_to(self.main.path.parent).as_posix()
        if name not in self.sources and name not in self._unreadable:
            try:
                self.sources[name] = Source.from_path(path, allows_duplicates=True)
                self.note_duplicates(self.sources[name])
            except FlawedInput as error:
                self._unreadable[name] = error
        if name in self._unreadable:
            self.flaws.include(self._unreadable[name], severity)
            node.note(f"{name} cannot be read", "", "$ref", severity)
            return None
        return self.sources[name]


def parts_of(root: Node) -> Iterator[tuple[Node, str]]:
    """Yield every object and schema beneath `root` and in what these refer to, each once, and what kind it is of.

    References that lead nowhere are noted: as a warning where no answer depends on what they stand for.
    """
    stack = [(root, OBJECT)]
    seen = set()
    while stack:
        node, kind = stack.pop()
        if (node.place, kind) in seen:
            continue
        seen.add((node.place, kind))
        yield node, kind
        if kind == SCHEMA:
            stack.extend((schema, SCHEMA) for schema in subschemas(node))
        elif kind != NAMES:
            if refers(node):
                severity = Severity.WARNING if kind in UNUSED_PARTS else Severity.BREAKS
                if (target := node.document.target(node, severity)) is not None:
                    stack.append((target, kind))
            stack.extend(_members(node))


def subschemas(schema: Node) -> Iterator[Node]:
    """Yield the schemas directly inside `schema`, a referred one included."""
    if not isinstance(schema.value, dict):
        return
    if refers(schema):
        target = schema.document.target(schema)
        if target is not None and isinstance(target.value, (dict, bool)):
            yield target
        elif target is not None:
            schema.breaks(f"{piece(schema.value['$ref'])} leads to no schema, but to {piece(target.value)}", key="$ref")
    for keyword in schema.value:
        if keyword in SUBSCHEMA:
            yield schema[keyword]
        elif keyword in SUBSCHEMA_LIST:
            yield from schema[keyword].elements()
        elif keyword in SUBSCHEMA_MAP:
            yield from (named for _, named in schema[keyword].items())
        elif keyword == "x-when":
            yield from (keywords for _, choices in schema[keyword].items() for _, keywords in choices.items())


def refers(node: Node) -> bool:
    """Say whether `node` is a reference."""
    return isinstance(node.value, dict) and isinstance(node.value.get("$ref"), str)


def _members(node: Node) -> Iterator[tuple[Node, str]]:
    """Yield the objects and schemas directly inside the object `node`, and what kind each is of."""
    for key, member in node.items():
        if key in ("schema", "itemSchema"):
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
