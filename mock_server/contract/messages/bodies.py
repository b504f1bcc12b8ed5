"""Reading the bodies that an operation takes and gives: media types, schemas, examples, how forms are written."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace

from mock_server.contract.behaviours.assumptions import Decisions
from mock_server.contract.behaviours.resources import refuse_dependent
from mock_server.contract.decisions import Chooser
from mock_server.contract.documents.document import Document, Node
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.files.local import NotLocal, local_file
from mock_server.contract.files.source import Json
from mock_server.contract.messages.codecs import Codec, codec_of
from mock_server.contract.messages.content_types import content_type
from mock_server.contract.messages.media import Encoding, Media
from mock_server.contract.messages.model import RequestBody, Response
from mock_server.contract.messages.response_headers import read_headers
from mock_server.contract.schemas.checks import SchemaCheck, Schemas, Violation
from mock_server.contract.schemas.keywords import Direction
from mock_server.contract.schemas.schema import Schema, node_of
from mock_server.contract.unread import UnreadParts

LARGEST_EXAMPLE = 1_000_000
"""How many bytes of a file are read as an example."""


class BodyReader:
    """Reads the bodies of every operation of a document; flaws are noted in the document."""

    def __init__(self, document: Document, schemas: Schemas, decisions: Decisions) -> None:
        self.document = document
        self.schemas = schemas
        self.decisions = decisions
        self._responses_read: dict[tuple[str, str], Response] = {}

    def request_body(self, operation: Node, unread: UnreadParts) -> RequestBody | None:
        """Return the body that an operation takes; None where it takes none, or none that can be read."""
        body = operation.get("requestBody")
        if body is None:
            return None
        if not _is_readable(body):
            unread.body = True
            unread.broken.append(body)
            return None
        body = body.resolved()
        content = {media.type: media for media in self._content(body, "request")}
        checks = {
            media.type: self.schemas.check(media.schema, "request")
            for media in content.values()
            if media.schema and codec_of(media.type).holds(media.schema)
        }
        return RequestBody(bool(body.value.get("required", False)), content, checks)

    def responses(self, operation: Node, unread: UnreadParts) -> dict[str, Response]:
        """Return what an operation answers, by status."""
        responses = {}
        entries = operation.get("responses")
        for status, entry in entries.items() if entries else ():
            if status.startswith("x-"):
                continue
            if not _is_readable(entry):
                unread.responses = True
                responses[status] = Response(status, False, (), (), tuple(self.document.why_broken(entry)))
                continue
            response = entry.resolved()
            place = response.place
            if place not in self._responses_read:  # operations tend to share those of their refusals
                self._responses_read[place] = self._response(status, response)
            responses[status] = replace(self._responses_read[place], status=status)
        return responses

    def _response(self, status: str, response: Node) -> Response:
        source = response.extension("x-source")
        if source and source.value not in ("documented", "assumed"):
            hint = did_you_mean(str(source.value), ("documented", "assumed"))
            source.flaw(f"{piece(source.value)} is not a source", hint)
        content, headers = tuple(self._content(response, "response")), read_headers(response)
        for schema in filter(None, [*(media.schema for media in content), *(header.schema for header in headers)]):
            refuse_dependent(node_of(schema))
        return Response(
            status=status,
            assumed=source is not None and source.value == "assumed",
            content=content,
            headers=headers,
        )

    def _content(self, owner: Node, direction: Direction) -> Iterator[Media]:
        content = owner.get("content")
        for media_type, node in content.items() if content else ():
            found = _schema_of(node)
            media = Media(
                type=media_type.lower(),
                schema=Schema(found) if found else None,
                only_when=self._only_when(node),
                encoding=dict(_encodings(node)),
            )
            yield replace(media, examples=self._examples(node, media, direction))

    def _only_when(self, media: Node) -> tuple[str, str] | None:
        node = media.extension("x-only-when")
        if node is None:
            return None
        if not isinstance(node.value, dict) or len(node.value) != 1:
            node.flaw("has to be a mapping of one assumption to one of its choices")
            return None
        name, choice = next(iter(node.value.items()))
        assumption = self.decisions.assumption(name, node, name)
        if assumption is None:
            return None
        if not isinstance(choice, str) or choice not in assumption.choices:
            node.flaw(f"{piece(choice)} is not a choice of {name}", did_you_mean(str(choice), assumption.choices), name)
            return None
        return name, choice

    def _examples(self, node: Node, media: Media, direction: Direction) -> dict[str, Json]:
        """Return the examples of a media type that fit its schema, by name; the nameless one is called `example`."""
        codec = codec_of(media.type)
        examples = {}
        for name, place, value in self._example_values(node, media, codec):
            read = self._value_of(value, media, codec, place)
            if media.schema is None or not codec.holds(media.schema):
                examples[name] = read
                continue
            check = self.schemas.check(media.schema, direction)
            if fits(place, violations_of(read, check, codec, Defaults(self.schemas))):
                examples[name] = read
        return examples

    def _example_values(self, node: Node, media: Media, codec: Codec) -> Iterator[tuple[str, Node, Json]]:
        """Yield the examples of a media type by name, each with its place."""
        if "example" in node.value:
            yield "example", node["example"], node.value["example"]
        named = node.get("examples")
        for name, entry in named.items() if named else ():
            example = entry.resolved()
            if not isinstance(example.value, dict):
                continue
            if "value" in example.value:
                yield name, example["value"], example.value["value"]
            elif isinstance(example.value.get("externalValue"), str):
                place = example["externalValue"]
                try:
                    yield name, place, self._value_in_file(place, media, codec)
                except ValueError as error:
                    place.warn(f"this example is not read: {error}", error.hint if isinstance(error, NotLocal) else "")

    def _value_in_file(self, place: Node, media: Media, codec: Codec) -> Json:
        """Return the value of a file in the document's folder; raise `ValueError` where there is none."""
        path = local_file(place.value, place.source.path.parent, self.document.main.path.parent)
        with path.open("rb") as file:
            content = file.read(LARGEST_EXAMPLE + 1)
        if len(content) > LARGEST_EXAMPLE:
            raise ValueError(f"{path.name} has more than {LARGEST_EXAMPLE:,} bytes")
        if media.schema and "base64" in media.schema.content_encodings and not codec.is_structured:
            return base64.b64encode(content).decode()
        return codec.read(content, content_type(media.type), media)

    def _value_of(self, value: Json, media: Media, codec: Codec, place: Node) -> Json:
        """Return the value of an example, which may be written out: as a form, or as lines of JSON."""
        is_written = isinstance(value, str) and codec.is_structured and codec is not codec_of("application/json")
        if is_written and media.schema and "string" not in media.schema.types:
            try:
                return codec.read(value.encode(), content_type(media.type), media)
            except ValueError as error:
                place.warn(f"this example is not {codec.name}: {error}")
        return value


def violations_of(value: Json, check: SchemaCheck, codec: Codec, chooser: Chooser) -> tuple[Violation, ...]:
    """Return all that the value of a body breaks of its schema under the choices that hold."""
    elements = codec.elements(value, check.schema)
    if elements is None:
        return check.violations(value, chooser)
    found = (check.violations(element, chooser, "body", f"/{index}") for index, element in enumerate(elements))
    return tuple(violation for violations in found for violation in violations)


def fits(place: Node, violations: tuple[Violation, ...]) -> bool:
    """Say whether an example has no violations; note them."""
    if violations:
        first, more = violations[0], len(violations) - 1
        where = f" ({first.pointer})" if first.pointer else ""
        place.warn(f"this example does not fit its schema{where}: {first.message}" + (f" (and {more} more)" if more else ""))
    return not violations


class Defaults:
    """The default choice of every assumption."""

    def __init__(self, schemas: Schemas) -> None:
        self._assumptions = schemas.assumptions

    def of(self, assumption: str) -> str:
        """Return the default choice of `assumption`."""
        return self._assumptions[assumption].default


def _schema_of(media: Node) -> Node | None:
    """Return the schema of a media type; that of its items, where it is a sequence (OpenAPI 3.2)."""
    return media.get("schema") or media.get("itemSchema")


def _encodings(media: Node) -> Iterator[tuple[str, Encoding]]:
    """Yield how the properties of a form are written."""
    encodings = media.get("encoding")
    for name, said in encodings.value.items() if encodings and isinstance(encodings.value, dict) else ():
        if not isinstance(said, dict):
            continue
        style, explode, kinds = said.get("style"), said.get("explode"), said.get("contentType")
        if style is None and ("explode" in said or "allowReserved" in said):
            style = "form"
        headers = encodings[name].get("headers") if encodings and "headers" in said else None  # few have any
        needed = [header for header, node in headers.items() if _is_required(node)] if headers else []
        yield (
            name,
            Encoding(
                style=style if isinstance(style, str) else None,
                explode=explode
                if isinstance(explode, bool)
                else False
                if style in ("spaceDelimited", "pipeDelimited")
                else None,
                content_types=tuple(kind.strip() for kind in kinds.split(",")) if isinstance(kinds, str) and kinds else (),
                required_headers=tuple(header.lower() for header in needed if header.lower() != "content-type"),
            ),
        )


def _is_required(header: Node) -> bool:
    value = header.resolved().value
    return isinstance(value, dict) and value.get("required") is True


def _is_readable(owner: Node) -> bool:
    """Say whether a body or a response, and the schemas of its content, have no flaws."""
    whole = owner.resolved()
    if owner.is_broken or whole.is_broken:
        return False
    content = whole.get("content")
    schemas = [_schema_of(media) for _, media in content.items()] if content else []
    return all(schema.is_sound for schema in schemas if schema)
