"""Reading a YAML or JSON file into plain data, safely, and finding the line of any part of it again.

YAML is read by the core schema of YAML 1.2, whose values are those of JSON: `no`, `on`, `12:30` and `2026-01-01` are text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from yaml.constructor import ConstructorError

from mock_server.contract.flaws import Flaw, FlawedInput, piece

Json: TypeAlias = Any  # JSON as Python has it: dict, list, str, int, float, bool, None

LARGEST_EXPANSION = 1_000_000
"""How many nodes a file may have once its aliases are written out; a bomb of nested aliases has billions."""

DEEPEST_NESTING = 100
"""How many levels a file may have. Readers call themselves for each level, the one written in C without a limit."""

CORE_SCHEMA = (
    # YAML 1.2.2, section 10.3.2. Anything else that is written plain is text.
    ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", "~nN\0"),
    ("tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("tag:yaml.org,2002:int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("tag:yaml.org,2002:float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
)


LIMIT_OF_LIBYAML = "exceeded maximum nesting depth"
"""What newer versions of the reader written in C say where they give up; they read ahead of where we are."""

TOO_DEEP = f"is nested more than {DEEPEST_NESTING} levels deep"


class Source:
    """A file, its text, and the plain data in it: `value`, read from the text unless it is given.

    Unless it `is_located`, lines of JSON are not looked for.
    """

    def __init__(self, path: Path, text: str, *, is_located: bool = True, value: Json = None) -> None:
        self.path = path
        self.is_located = is_located
        self.name = str(path)
        self.text = text
        self._root: yaml.Node | None = None
        self._has_aliases = False
        self.value: Json = self._parse() if value is None else value

    @classmethod
    def from_path(cls, path: Path) -> Source:
        """Read the file at `path`; raise `FlawedInput` when it cannot be read or is neither YAML nor JSON."""
        try:
            return cls(path, path.read_bytes().decode("utf-8-sig"))
        except OSError as error:
            raise FlawedInput([Flaw(str(path), 0, 0, "", f"cannot be read: {error.strerror or error}")]) from error
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise FlawedInput([Flaw(str(path), line, 1, "", "is not UTF-8", "save the file as UTF-8")]) from error

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files that it was read from."""
        return (self.path,)

    def flaw(self, pointer: str, message: str, hint: str = "") -> Flaw:
        """Return a flaw of the part that `pointer` names."""
        return Flaw(self.name, *self.locate(pointer), pointer, message, hint)

    def locate(self, pointer: str) -> tuple[int, int]:
        """Return line and column, from 1, of the part that `pointer` names, or of the nearest part around it."""
        if self._root is None and not self.is_located:
            return (1, 1)
        try:
            node = self._compose()
        except FlawedInput:
            return (1, 1)  # JSON that YAML cannot read, as for its escapes of characters beyond U+FFFF
        mark = node.start_mark if node else None
        for token in pointer_tokens(pointer):
            found = _child(node, token)
            if found is None:
                break
            mark, node = found
        return (mark.line + 1, mark.column + 1) if mark else (1, 1)

    def _parse(self) -> Json:
        if self.text.lstrip()[:1] in ("{", "["):
            # Twenty times faster than YAML, for the large documents that vendors publish as JSON.
            try:
                value = json.loads(
                    self.text, object_pairs_hook=_without_duplicates, parse_float=_finite, parse_constant=_refuse_constant
                )
                if not _is_deep(value) and _is_text(value):
                    return value
            except (ValueError, RecursionError):
                pass  # A YAML flow mapping may begin so too; and if not, the YAML reader tells where it fails.
        root = self._compose()
        if root is None:
            return None
        try:
            if self._has_aliases:
                _refuse_bomb(root)
            return _Constructor().construct_document(root)
        except yaml.MarkedYAMLError as error:
            raise FlawedInput([self._flaw(error)]) from error

    def _compose(self) -> yaml.Node | None:
        if self._root is None:
            try:
                self._has_aliases = _refuse_deep(self.text)
                self._root = yaml.compose(self.text, Loader=_Loader)
            except yaml.MarkedYAMLError as error:
                raise FlawedInput([self._flaw(error)]) from error
            except yaml.reader.ReaderError as error:
                line = self.text[: error.position].count("\n") + 1
                raise FlawedInput([Flaw(self.name, line, 1, "", f"is not YAML: {error.reason}")]) from error
        return self._root

    def _flaw(self, error: yaml.MarkedYAMLError) -> Flaw:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = TOO_DEEP if error.problem == LIMIT_OF_LIBYAML else error.problem or "is not YAML"
        return Flaw(self.name, line, column, "", message, error.note or "")


def pointer_tokens(pointer: str) -> list[str]:
    """Return the unescaped steps of a JSON Pointer (RFC 6901, section 4)."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def pointer_to(*tokens: str | int) -> str:
    """Return the JSON Pointer that goes through `tokens`."""
    return "".join(["/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens])


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """The YAML 1.1 reader of PyYAML with the plain scalars of YAML 1.2."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in CORE_SCHEMA:
    _Loader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), [c if c != "\0" else "" for c in _first])


class _Constructor(yaml.constructor.SafeConstructor):
    """Builds JSON values only; refuses duplicate keys and tags that JSON has no value for."""

    def construct_json_mapping(self, node: yaml.MappingNode) -> dict[str, Json]:
        mapping: dict[str, Json] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise ConstructorError(None, None, "a key has to be text", key_node.start_mark)
            key = key_node.value  # as written: the status 200 and the text "200" are one key, as in JSON
            if key == "<<" and not key_node.style:
                note = "write the keys out, or name the whole mapping by an alias"
                raise ConstructorError(None, None, "`<<` merges nothing in YAML 1.2", key_node.start_mark, note)
            if key in mapping:
                raise ConstructorError(None, None, f"the key {piece(key)} stands here a second time", key_node.start_mark)
            mapping[key] = self.construct_object(value_node, deep=True)
        return mapping

    def construct_json_sequence(self, node: yaml.SequenceNode) -> list[Json]:
        return self.construct_sequence(node, deep=True)

    def construct_json_int(self, node: yaml.ScalarNode) -> int:
        text = node.value
        try:
            number = int(text, 0) if text[:2] in ("0o", "0x") else int(text, 10)
            str(number)
        except ValueError as error:  # Python refuses to read or write more than 4,300 digits
            raise ConstructorError(None, None, "the number has too many digits", node.start_mark) from error
        return number

    def construct_json_float(self, node: yaml.ScalarNode) -> float:
        try:
            return _finite(node.value)
        except ValueError as error:
            raise ConstructorError(None, None, str(error), node.start_mark) from error

    def refuse(self, node: yaml.Node) -> Json:
        raise ConstructorError(None, None, f"the tag {node.tag} has no value in JSON", node.start_mark)


_Constructor.yaml_constructors = {
    "tag:yaml.org,2002:null": yaml.constructor.SafeConstructor.construct_yaml_null,
    "tag:yaml.org,2002:bool": yaml.constructor.SafeConstructor.construct_yaml_bool,
    "tag:yaml.org,2002:int": _Constructor.construct_json_int,
    "tag:yaml.org,2002:float": _Constructor.construct_json_float,
    "tag:yaml.org,2002:str": yaml.constructor.SafeConstructor.construct_yaml_str,
    "tag:yaml.org,2002:seq": _Constructor.construct_json_sequence,
    "tag:yaml.org,2002:map": _Constructor.construct_json_mapping,
    None: _Constructor.refuse,
}


def _refuse_deep(text: str) -> bool:
    """Raise when `text` has too many levels, before anything is built from it; return whether it has aliases."""
    depth, has_aliases = 0, False
    for event in yaml.parse(text, Loader=_Loader):
        has_aliases = has_aliases or isinstance(event, yaml.AliasEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST_NESTING:
            raise ConstructorError(None, None, TOO_DEEP, event.start_mark)  # type: ignore[arg-type]  # a mark of the C reader
    return has_aliases


def _is_deep(value: Json) -> bool:
    level = [value]
    for _ in range(DEEPEST_NESTING):
        level = [part for whole in level for part in _parts(whole)]
    return any(isinstance(whole, (dict, list)) for whole in level)


def _parts(whole: Json) -> Iterable[Json]:
    if isinstance(whole, dict):
        return whole.values()
    return whole if isinstance(whole, list) else ()


def _refuse_bomb(root: yaml.Node) -> None:
    """Raise when the aliases of a document, written out, would make it recursive, very large or very deep."""
    sizes: dict[int, int] = {}
    heights: dict[int, int] = {}
    open_nodes: set[int] = set()
    stack: list[tuple[yaml.Node, bool]] = [(root, False)]
    while stack:
        node, seen_children = stack.pop()
        parts = _children(node)
        children = [part for part in parts if not isinstance(part, yaml.ScalarNode)]
        if seen_children:
            open_nodes.discard(id(node))
            sizes[id(node)] = 1 + len(parts) - len(children) + sum(sizes[id(child)] for child in children)
            heights[id(node)] = 1 + max((heights[id(child)] for child in children), default=0)
            if sizes[id(node)] > LARGEST_EXPANSION:
                message = f"aliases make this more than {LARGEST_EXPANSION:,} nodes large"
                raise ConstructorError(None, None, message, node.start_mark)
            if heights[id(node)] > DEEPEST_NESTING:
                raise ConstructorError(None, None, TOO_DEEP, node.start_mark)
        elif id(node) in open_nodes:
            raise ConstructorError(None, None, "an alias stands inside the node it names", node.start_mark)
        elif id(node) not in sizes:
            open_nodes.add(id(node))
            stack.append((node, True))
            for child in children:
                if id(child) in open_nodes:
                    raise ConstructorError(None, None, "an alias stands inside the node it names", child.start_mark)
                if id(child) not in sizes:
                    stack.append((child, False))


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _child(node: yaml.Node | None, token: str) -> tuple[yaml.Mark, yaml.Node] | None:
    """Return where the part `token` of `node` starts (its key, in a mapping), and the part."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == token:
                return key.start_mark, value
    if isinstance(node, yaml.SequenceNode) and token.isdecimal() and int(token) < len(node.value):
        item = node.value[int(token)]
        return item.start_mark, item
    return None


def _without_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        raise ValueError("duplicate key")
    return mapping


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("the number is too large")
    return number


def _is_text(value: Json) -> bool:
    """Say whether no text in `value` holds half of a pair of surrogates, which JSON can escape and nothing can write."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")
