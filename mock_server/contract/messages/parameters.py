"""Reading the parameters of operations, and the templates of the paths that they are part of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mock_server.contract.access.security import AUTHORIZATION
from mock_server.contract.decisions import Chooser
from mock_server.contract.documents.document import Node
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.files.source import Json, pointer_to
from mock_server.contract.messages.bodies import fits
from mock_server.contract.messages.codecs import Codec, codec_of
from mock_server.contract.messages.content_types import content_type
from mock_server.contract.messages.model import Parameter
from mock_server.contract.messages.parameter_styles import EXPLODED, STYLES, Location, ParameterStyle, location_of, style_of
from mock_server.contract.messages.path_templates import path_template
from mock_server.contract.messages.request_head import Fields, RequestHead
from mock_server.contract.messages.text_types import NotInStyle, TextType, repeated
from mock_server.contract.model import Operation
from mock_server.contract.schemas.checks import SchemaCheck, Schemas
from mock_server.contract.schemas.schema import Schema
from mock_server.contract.unread import UnreadParts

IGNORED_HEADERS = ("accept", "content-type", AUTHORIZATION)
"""Headers that are said elsewhere: their declarations are ignored (OpenAPI 3.1.1, section 4.8.12.2.1)."""

LIKE = {"form": "simple", "simple": "form"}
"""What a style is where it belongs to another location: a list is separated by commas in both."""

CARRIED_AS_JSON = "OpenAPI does not say how lists or objects within a list are written here; they are read as JSON"


class Paths:
    """The paths of a document, which have to differ in more than the names of their parameters."""

    def __init__(self) -> None:
        self._paths: dict[object, str] = {}
        self._operations: dict[object, str] = {}

    def check(self, path: str, entry: Node) -> None:
        """Note what is wrong with a path."""
        template = path_template(path)
        for text in (text for segment in template.segments for text in segment.texts if re.search("[{}]", text)):
            entry.warn(f"{piece(text)} is not a parameter", "a parameter is written {NAME}; this is taken as it stands")
        for name in {name for name in template.names if template.names.count(name) > 1}:
            entry.warn(f"the path parameter {piece(name)} stands twice", "name each differently; the first one counts")
        first = self._paths.setdefault(template.shape, path)
        if first != path:
            entry.warn(f"the path is the same as {first}", "paths that differ in parameter names alone are one path")

    def checked(self, operation: Operation, node: Node) -> Operation:
        """Return an operation; as one that is not supported where no request reaches it, which is noted."""
        place = operation.method, path_template(operation.path).shape
        first = self._operations.setdefault(place, str(operation))
        if first == str(operation):
            return operation
        node.warn(f"no request reaches this operation: it is the same as {first}", "the first one answers")
        return replace(operation, unsupported=(*operation.unsupported, f"it is the same as {first}, which answers"))


@dataclass(frozen=True, slots=True, eq=False)
class InMediaType:
    """The value is written as a body of a media type is: parameters with `content`."""

    location: Location
    media_type: str

    @property
    def codec(self) -> Codec:
        """What reads and writes such a body."""
        return codec_of(self.media_type)

    def find(self, head: RequestHead) -> Fields:
        """Return what is sent by the name of the parameter."""
        return self.location.find(head)

    def read(self, found: Fields, *, leniently: bool = False) -> Json:
        """Return the value of a text."""
        if len(set(found)) > 1:
            raise repeated(found)
        content = self.location.decode(found[0][1]).encode()
        try:
            return self.codec.read(content, content_type(self.media_type))
        except ValueError as error:
            raise NotInStyle(f"is not {self.codec.name}: {error}") from None

    def write(self, value: Json) -> str:
        """Return the text of a value."""
        return self.location.field(self.location.encode(self.codec.write(value).decode()))


class ParameterReader:
    """Reads the parameters of operations; what is wrong with them is noted in the document.

    Examples are held to their schemas under the choices of `chooser`.
    """

    def __init__(self, schemas: Schemas, chooser: Chooser) -> None:
        self.schemas = schemas
        self.chooser = chooser

    def read(
        self, path: str, item: Node, operation: Node, unread: UnreadParts, credentials: Iterable[str] = ()
    ) -> Iterator[Parameter]:
        """Yield the parameters of an operation of a path item; what cannot be read is noted in `unread`.

        `credentials` are the names of query parameters that security schemes read.
        """
        template = path_template(path)
        declared = self._declared(item, operation, unread)
        names = frozenset(name for location, name in declared if location in ("query", "cookie")).union(credentials)
        for (location, name), node in declared.items():
            if location == "path" and name not in template.names:
                node.warn(f"the path {path} has no {{{name}}}", did_you_mean(name, template.names), "name")
                continue
            if location == "header" and name.lower() in IGNORED_HEADERS:
                continue
            read = self._parameter(node, location, name, names)
            if read:
                yield read
            else:
                unread.parameters = True
                unread.broken.append(node)
        for name in dict.fromkeys(template.names) if not unread.parameters else ():
            if ("path", name) not in declared:
                hint = "add it to `parameters`; any text is taken in its place"
                operation.warn(f"the path parameter {piece(name)} is not declared", hint)

    def _declared(self, item: Node, operation: Node, unread: UnreadParts) -> dict[tuple[str, str], Node]:
        """Return what path item and operation declare, by location and name; the operation goes before."""
        declared: dict[tuple[str, str], Node] = {}
        for owner in (item, operation):
            entries = owner.get("parameters")
            here: dict[tuple[str, str], Node] = {}
            for entry in entries.elements() if entries else ():
                parameter = entry.resolved()
                if entry.is_broken or parameter.is_broken or not _is_named(parameter):
                    unread.parameters = True
                    unread.broken.append(entry)
                    continue
                location, name = parameter.value["in"], parameter.value["name"]
                if (location, name) in here:
                    entry.warn(f"the {location} parameter {piece(name)} stands here a second time")
                here[(location, name)] = parameter
            declared.update(here)
        return declared

    def _parameter(self, node: Node, location: str, name: str, names: frozenset[str]) -> Parameter | None:
        if location not in STYLES:
            node.breaks(f"{piece(location)} is not a place of parameters", did_you_mean(location, STYLES), "in")
            return None
        media_type, found = self._schema(node)
        if found is None or not found.is_sound:
            return None
        schema = Schema(found)
        name_sent = name.lower() if location == "header" else name
        style = self._style(node, location, name_sent, schema, media_type, names)
        if style is None:
            return None
        check = self.schemas.check(schema)
        required = location == "path" or node.value.get("required") is True
        has_default = schema.has_default and self._fits(node, schema, check)
        return Parameter(
            name=name_sent,
            pointer=pointer_to(name),
            location=location,
            required=required,
            may_be_empty=location == "query" and node.value.get("allowEmptyValue") is True,
            has_default=has_default and not required,
            default=schema.default if has_default else None,
            style=style,
            check=check,
            examples=self._examples(node, check),
        )

    def _schema(self, node: Node) -> tuple[str, Node | None]:
        """Return the media type of a parameter, empty where it has none, and its schema."""
        content = node.get("content")
        if "schema" in node.value or content is None:
            return "", node.get("schema")
        media_type = next(iter(content.value), "") if isinstance(content.value, dict) else ""
        if media_type and len(content.value) > 1:
            node.warn(f"a parameter has one media type; it is read as {media_type}", key="content")
        return media_type, content.get(media_type, "schema") if media_type else None

    def _style(
        self, node: Node, location: str, name: str, schema: Schema, media_type: str, names: frozenset[str]
    ) -> ParameterStyle | None:
        where = location_of(location, name, allows_reserved=node.value.get("allowReserved") is True)
        if media_type and codec_of(media_type).is_structured:
            return InMediaType(where, media_type)
        if media_type and not media_type.startswith("text/"):
            node.warn(f"parameters of {piece(media_type)} are not read: any text is taken", key="content")
        type = TextType(schema)
        usual = STYLES[location][0]
        style = usual if media_type else str(node.value.get("style", usual))
        explode = node.value.get("explode")
        if not isinstance(explode, bool):
            explode = style in EXPLODED
        if style not in STYLES[location]:
            hint = f"parameters in {location} are written as {' or '.join(STYLES[location])}"
            like = LIKE.get(style, "")
            if not type.is_scalar and like not in STYLES[location]:
                node.breaks(f"the parameter {piece(name)} cannot be written in the style {piece(style)}", hint, "style")
                return None
            style = like if like in STYLES[location] else usual
        if style != "deepObject" and type.is_array and not (type.is_scalar or type.items.is_scalar):
            node.warn(CARRIED_AS_JSON, key="schema")
        return style_of(where, type, style, explode=explode, others=names - {name})

    def _examples(self, node: Node, check: SchemaCheck) -> tuple[Json, ...]:
        """Return the examples of a parameter that fit its schema; note the others."""
        places = [node["example"]] if "example" in node.value else []
        named = node.get("examples")
        places += [value for _, entry in named.items() if (value := entry.get("value"))] if named else []
        return tuple(place.value for place in places if fits(place, check.violations(place.value, self.chooser)))

    def _fits(self, node: Node, schema: Schema, check: SchemaCheck) -> bool:
        """Say whether the default of a parameter is valid under every choice; note where it is not."""
        if check.strictest.is_valid(schema.default):
            return True
        node.warn(f"the default {piece(schema.default)} does not fit its schema", "nothing stands for this parameter", "schema")
        return False


def _is_named(parameter: Node) -> bool:
    return isinstance(parameter.value, dict) and all(isinstance(parameter.value.get(key), str) for key in ("in", "name"))
