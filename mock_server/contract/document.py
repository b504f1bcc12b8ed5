"""An OpenAPI document with the files it refers to: navigable nodes that know their place, and references that stay local."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote, unquote

import jsonschema_rs
import orjson

from mock_server.contract.flaws import Flaws, did_you_mean, piece
from mock_server.contract.source import Json, Source, pointer_to, pointer_tokens

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

SUBSCHEMA = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")
SUBSCHEMA += ("unevaluatedProperties", "unevaluatedItems", "contentSchema")
SUBSCHEMA_LIST = ("allOf", "anyOf", "oneOf", "prefixItems")
SUBSCHEMA_MAP = ("properties", "patternProperties", "$defs", "dependentSchemas")
SCHEMA_KEYWORDS = frozenset(
    """
    $id $schema $ref $anchor $dynamicRef $dynamicAnchor $vocabulary $comment type enum const multipleOf maximum
    exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems maxContains
    minContains maxProperties minProperties required dependentRequired title description default deprecated readOnly
    writeOnly examples format contentEncoding contentMediaType discriminator xml externalDocs example
    """.split()
).union(SUBSCHEMA, SUBSCHEMA_LIST, SUBSCHEMA_MAP)

EXTENSIONS = {
    "x-assumptions": "it stands at the top of the document",
    "x-problems": "it stands at the top of the document",
    "x-resource": "it stands in a schema under /components/schemas",
    "x-behaviour": "it stands in an operation",
    "x-when": "it stands in a schema of a request",
    "x-only-when": "it stands in a media type of a response",
    "x-source": "it stands in a response",
}
"""The extensions that a contract is read from, and where each belongs."""

PLAIN_VALUES = frozenset({"example", "value", "default", "enum", "const"})
"""Keys of a document whose values are plain data, in which a `schema` or a `$ref` means nothing."""


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
            place = (node.source.name, node.pointer)
            if target is None or place in seen:
                return node
            seen.add(place)
            node = target
        return node

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
        self.folder = main.path.parent.resolve()
        self.sources: dict[str, Source] = {main.path.name: main}
        self.flaws = Flaws()
        self.extensions_read: set[tuple[str, str]] = set()
        self.root = Node(self, main, "", main.value)

    @classmethod
    def from_path(cls, path: Path) -> Document:
        """Read the document at `path`; raise `FlawedInput` unless it is an OpenAPI 3.1 document whose references lead somewhere."""
        document = cls(Source.from_path(path))
        document._check_version()
        document.flaws.raise_if_any()
        document._check_structure()
        document._check_references(document.root, visited=set())
        for schema in document.schemas():
            schema_keywords(schema)
        document.flaws.raise_if_any()
        return document

    def uri(self, source: Source, pointer: str) -> str:
        """Return the address of a part within the registry of schemas; it names no machine and no network."""
        name = next(name for name, known in self.sources.items() if known is source)
        return f"contract:///{name}#{_fragment(pointer)}"

    def paths_read(self) -> list[Path]:
        """Return every file that the document consists of."""
        return [source.path for source in self.sources.values()]

    def target(self, node: Node) -> Node | None:
        """Return what a reference leads to; None, with a flaw noted, when it leads nowhere or out of the folder."""
        reference = node.value["$ref"]
        file, _, fragment = reference.partition("#")
        source = self._referred(node, file) if file else node.source
        if source is None:
            return None
        pointer = unquote(fragment)
        target = Node(self, source, "", source.value)
        for token in pointer_tokens(pointer):
            value = target.value
            if isinstance(value, dict) and token in value:
                target = target[token]
            elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
                target = target[int(token)]
            else:
                known = value if isinstance(value, dict) else ()
                node.flaw(f"{piece(reference)} leads nowhere: there is no {piece(token)}", did_you_mean(token, known), "$ref")
                return None
        return target

    def schemas(self) -> Iterator[Node]:
        """Yield every schema object of the document, each once, those inside other schemas included."""
        seen: set[tuple[str, str]] = set()
        for top in self._top_schemas(self.root, set()):
            yield from _with_subschemas(top, seen)

    def check_extensions(self) -> None:
        """Note extensions of ours that nothing has read: misspelt or misplaced, they would silently mean nothing."""
        for source in self.sources.values():
            self._check_extensions(Node(self, source, "", source.value))

    def _check_extensions(self, node: Node) -> None:
        for key, member in node.items():
            if key.startswith("x-"):
                if key in EXTENSIONS:
                    if (node.source.name, member.pointer) not in self.extensions_read:
                        node.flaw(f"{piece(key)} means nothing here", EXTENSIONS[key], key)
                elif near := difflib.get_close_matches(key, EXTENSIONS, n=1, cutoff=0.8):
                    node.flaw(f"{piece(key)} is not known", f"did you mean {near[0]!r}?", key)
            elif key not in PLAIN_VALUES:
                self._check_extensions(member)
        for element in node.elements():
            self._check_extensions(element)

    def _check_version(self) -> None:
        value = self.main.value
        if not isinstance(value, dict) or "openapi" not in value:
            hint = "Swagger 2.0 has to be converted to OpenAPI 3.1 first" if isinstance(value, dict) and "swagger" in value else ""
            self.flaws.add(self.main, "", "is not an OpenAPI document: there is no `openapi` at its top", hint)
        elif not str(value["openapi"]).startswith("3.1."):
            message = f"OpenAPI {value['openapi']} is not supported"
            self.flaws.add(self.main, "/openapi", message, "the document has to be OpenAPI 3.1")

    def _check_structure(self) -> None:
        """Hold the main file to the OpenAPI Initiative's own JSON Schema of OpenAPI 3.1."""
        schema = orjson.loads(files("mock_server.contract").joinpath("openapi-3.1.json").read_bytes())
        for error in jsonschema_rs.validator_for(schema, offline=True).iter_errors(self.main.value):
            if error.kind.name == "unevaluatedProperties":
                for name in error.kind.unexpected:
                    pointer = pointer_to(*error.instance_path, name)
                    self.flaws.add(self.main, pointer, f"{piece(name)} is not known here", "own keys begin with x-")
            else:
                self.flaws.add(self.main, pointer_to(*error.instance_path), shortened(error.message))

    def _check_references(self, node: Node, visited: set[tuple[str, str]]) -> None:
        """Follow every reference, files included, and note those that lead nowhere."""
        if (node.source.name, node.pointer) in visited:
            return
        visited.add((node.source.name, node.pointer))
        if isinstance(node.value, dict) and isinstance(node.value.get("$ref"), str):
            target = self.target(node)
            if target is not None:
                if self._is_circular(node):
                    node.flaw("this reference leads back to itself", key="$ref")
                else:
                    self._check_references(target, visited)
        for key, member in node.items():
            if key not in PLAIN_VALUES and not key.startswith("x-"):
                self._check_references(member, visited)
        for element in node.elements():
            self._check_references(element, visited)

    def _is_circular(self, node: Node) -> bool:
        end = node.resolved()
        return isinstance(end.value, dict) and isinstance(end.value.get("$ref"), str) and self.target(end) is not None

    def _referred(self, node: Node, file: str) -> Source | None:
        if "://" in file or file.startswith("//"):
            node.flaw(f"{piece(file)} is not read: a reference stays inside the document's folder", "copy the file there", "$ref")
            return None
        path = (node.source.path.parent / unquote(file)).resolve()
        if not path.is_relative_to(self.folder):
            node.flaw(f"{piece(file)} lies outside the document's folder", f"move it beneath {self.folder}", "$ref")
            return None
        name = path.relative_to(self.folder).as_posix()
        if name not in self.sources:
            if not path.is_file():
                siblings = [other.name for other in path.parent.glob("*")] if path.parent.is_dir() else []
                node.flaw(f"there is no file {piece(file)}", did_you_mean(path.name, siblings), "$ref")
                return None
            self.sources[name] = Source.from_path(self.main.path.parent / name)
        return self.sources[name]

    def _top_schemas(self, node: Node, visited: set[tuple[str, str]]) -> Iterator[Node]:
        node = node.resolved()
        if (node.source.name, node.pointer) in visited:
            return
        visited.add((node.source.name, node.pointer))
        for key, member in node.items():
            if key == "schema":
                yield member
            elif key == "schemas" and node.pointer == "/components":
                yield from (schema for _, schema in member.items())
            elif key not in PLAIN_VALUES and not key.startswith("x-"):
                yield from self._top_schemas(member, visited)
        for element in node.elements():
            yield from self._top_schemas(element, visited)


def subschemas(schema: Node) -> Iterator[Node]:
    """Yield the schemas directly inside `schema`, a referred one included."""
    if not isinstance(schema.value, dict):
        return
    if isinstance(schema.value.get("$ref"), str):
        target = schema.document.target(schema)
        if target is not None:
            yield target
    for keyword, member in schema.items():
        if keyword in SUBSCHEMA:
            yield member
        elif keyword in SUBSCHEMA_LIST:
            yield from member.elements()
        elif keyword in SUBSCHEMA_MAP:
            yield from (named for _, named in member.items())


def schema_keywords(schema: Node) -> None:
    """Note keywords that JSON Schema and OpenAPI 3.1 do not know: misspelt, they would silently check nothing."""
    for keyword, _ in schema.items():
        if keyword == "nullable":
            hint = "OpenAPI 3.1 writes type: [string, 'null'] instead"
            schema.flaw("OpenAPI 3.1 has no `nullable`; it would change nothing", hint, keyword)
        elif keyword not in SCHEMA_KEYWORDS and not keyword.startswith("x-"):
            schema.flaw(f"{piece(keyword)} is not a keyword of JSON Schema", did_you_mean(keyword, SCHEMA_KEYWORDS), keyword)


def reachable(schema: Node) -> Iterator[Node]:
    """Yield `schema` and every schema that it consists of or refers to, each once."""
    yield from _with_subschemas(schema, set())


def shortened(message: str, longest: int = 240) -> str:
    """Return `message`, cut when a quoted value makes it very long."""
    return message if len(message) <= longest else message[: longest - 1] + "…"


def _with_subschemas(schema: Node, seen: set[tuple[str, str]]) -> Iterator[Node]:
    stack = [schema]
    while stack:
        node = stack.pop()
        place = (node.source.name, node.pointer)
        if place not in seen:
            seen.add(place)
            yield node
            stack.extend(subschemas(node))


def _fragment(pointer: str) -> str:
    return quote(pointer, safe="/~!$&'()*+,;=:@-._")
