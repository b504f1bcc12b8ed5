"""What a schema asks of values, as answers to questions: whichever of its parts says it, and in whatever dialect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from mock_server.contract.documents.document import Node, Place
from mock_server.contract.files.source import Json
from mock_server.contract.schemas.keywords import (
    BRANCHES,
    Direction,
    asserting_keywords,
    conjuncts,
    listed_values,
    not_sent,
    properties_of,
    required_of,
    type_names,
    types_of,
)


class Schema:
    """One schema of a document. What it refers to and its `allOf` count as its own. Two are equal that stand at one place."""

    def __init__(self, node: Node) -> None:
        self._node = node

    @classmethod
    def of(cls, node: Node) -> Schema:
        """Return the schema at a place, the same for all who ask."""
        known: Schema = node.document.answers.setdefault(node.place, cls(node))
        return known

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and other.place == self.place

    def __hash__(self) -> int:
        return hash(self.place)

    def __repr__(self) -> str:
        return f"Schema({self.pointer!r})"

    @property
    def place(self) -> Place:
        """The file and the JSON Pointer at which it stands."""
        return self._node.place

    @property
    def pointer(self) -> str:
        """The JSON Pointer at which it stands."""
        return self._node.pointer

    @property
    def file(self) -> str:
        """The name of the file in which it stands."""
        return self._node.source.path.name

    def flaw(self, message: str, hint: str = "") -> None:
        """Note in the document that it is wrong."""
        self._node.flaw(message, hint)

    def warn(self, message: str, hint: str = "") -> None:
        """Note in the document that it is wrong, and that everything else can be served."""
        self._node.warn(message, hint)

    @cached_property
    def target(self) -> Schema:
        """What it refers to, or itself where it is no reference."""
        return Schema.of(self._node.resolved())

    @cached_property
    def types(self) -> frozenset[str]:
        """The JSON types of the values that it may let through; an integer is a `number`."""
        return types_of(self._node)

    @cached_property
    def whole(self) -> bool:
        """Whether the numbers that it lets through are whole."""
        return any("number" not in names and "integer" in names for names in map(type_names, self._with("type")))

    @property
    def nullable(self) -> bool:
        """Whether it may let null through."""
        return "null" in self.types

    @cached_property
    def values(self) -> tuple[Json, ...] | None:
        """The only values that it lets through, where it lists them; else None."""
        lists = (listed_values(part) for part in self._parts)
        return next((tuple(values) for values in lists if values is not None), None)

    @cached_property
    def rules(self) -> frozenset[str]:
        """The rules that a value may break, by the names that violations have."""
        return frozenset(keyword for part in self._parts for keyword in asserting_keywords(part)) - {
            "$ref",
            "allOf",
            "discriminator",
        }

    @cached_property
    def formats(self) -> frozenset[str]:
        """The formats that it asks for, whether or not values are held to them."""
        return frozenset(self._said("format"))

    @cached_property
    def content_media_types(self) -> frozenset[str]:
        """The media types of what a text stands for."""
        return frozenset(self._said("contentMediaType"))

    @cached_property
    def content_encodings(self) -> frozenset[str]:
        """The ways in which a text stands for octets: base64."""
        return frozenset(self._said("contentEncoding"))

    @cached_property
    def xml(self) -> Mapping[str, Json]:
        """How it is written as XML, by the words of OpenAPI: name, attribute, wrapped."""
        said = [one for one in self._said("xml") if isinstance(one, dict)]
        return {key: value for one in reversed(said) for key, value in one.items()}

    @property
    def component(self) -> str:
        """The name that it has among the components of the document; an empty text where it has none."""
        around, _, name = self.target.pointer.rpartition("/")
        return name if around == "/components/schemas" else ""

    @cached_property
    def patterns(self) -> tuple[str, ...]:
        """The regular expressions that a text has to match."""
        return tuple(self._said("pattern"))

    @cached_property
    def min_length(self) -> Any:
        """How many characters a text has at least."""
        return self._strictest("minLength", max) or 0

    @cached_property
    def max_length(self) -> Any:
        """How many characters a text has at most."""
        return self._strictest("maxLength", min)

    @cached_property
    def minimum(self) -> Any:
        """The least number; None where there is none."""
        return self._strictest("minimum", max)

    @cached_property
    def maximum(self) -> Any:
        """The largest number; None where there is none."""
        return self._strictest("maximum", min)

    @cached_property
    def items(self) -> Schema | None:
        """The schema of the elements of a list; None where there is none."""
        return next((Schema.of(part["items"]) for part in self._with("items")), None)

    @cached_property
    def is_set(self) -> bool:
        """Whether no two elements of a list are equal."""
        return any(self._said("uniqueItems"))

    @cached_property
    def properties(self) -> Mapping[str, Schema]:
        """The schemas of the properties of an object, by name."""
        return {name: Schema.of(node) for name, node in properties_of(self._node).items()}

    @cached_property
    def required(self) -> frozenset[str]:
        """The properties that an object has to have."""
        return frozenset(required_of(self._node))

    def required_in(self, direction: Direction) -> frozenset[str]:
        """The properties that an object has to have where it is sent in a direction."""
        return self.required - not_sent(self._node, direction)

    @cached_property
    def unnamed(self) -> tuple[Schema, ...]:
        """The schemas of the properties of an object that are not named; none where a pattern may name them."""
        if any("patternProperties" in part.value for part in self._parts):
            return ()
        keyword = "additionalProperties"
        return tuple(Schema.of(part[keyword]) for part in self._with(keyword))

    @cached_property
    def closed(self) -> bool:
        """Whether an object may have no properties but those that are named."""
        return any(part.value.get("additionalProperties") is False for part in self._parts)

    @cached_property
    def variants(self) -> tuple[Schema, ...]:
        """The schemas of which a value fits at least one; none where there is no choice."""
        lists = (part[keyword].elements() for part in self._parts for keyword in sorted(BRANCHES & part.value.keys()))
        return tuple(map(Schema.of, next(lists, ())))

    @cached_property
    def read_only(self) -> bool:
        """Whether it is shown only, and not taken from a request."""
        return any(self._said("readOnly"))

    @cached_property
    def write_only(self) -> bool:
        """Whether it is taken from requests only, and not shown."""
        return any(self._said("writeOnly"))

    @cached_property
    def has_default(self) -> bool:
        """Whether it says what stands for a value that is not there."""
        return bool(list(self._said("default")))

    @cached_property
    def default(self) -> Json:
        """What stands for a value that is not there; None where it says nothing of it."""
        return next(self._said("default"), None)

    @cached_property
    def examples(self) -> tuple[Json, ...]:
        """Its examples, in their order."""
        return (*self._said("example"), *(value for values in self._said("examples") for value in values))

    @cached_property
    def conditions(self) -> Mapping[str, Mapping[str, Schema]]:
        """What it asks for beside under each choice of an assumption."""
        found: dict[str, dict[str, Schema]] = {}
        for part in self._with("x-when"):
            for name, choices in part["x-when"].items():
                found.setdefault(name, {}).update((choice, Schema.of(keywords)) for choice, keywords in choices.items())
        return found

    @cached_property
    def _parts(self) -> list[Node]:
        return conjuncts(self._node) or []

    def _with(self, keyword: str) -> Iterator[Node]:
        return (part for part in self._parts if keyword in part.value)

    def _said(self, keyword: str) -> Iterator[Any]:
        return (part.value[keyword] for part in self._with(keyword))

    def _strictest(self, keyword: str, choose: Callable[[list[Any]], Any]) -> Any:
        said = list(self._said(keyword))
        return choose(said) if said else None


def node_of(schema: Schema) -> Node:
    """Return the part of the document that a schema is, for those modules that read documents."""
    return schema._node
