"""Reading the operations of a document: parameters, bodies, documented answers, security."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from mock_server.contract.assumptions import Decisions
from mock_server.contract.behaviours import read_behaviour
from mock_server.contract.codecs import SUPPORTED_TYPES, codec_of
from mock_server.contract.document import Document, Node
from mock_server.contract.flaws import did_you_mean, piece
from mock_server.contract.model import Behaviour, Operation, Parameter, RequestBody, Resource, Response
from mock_server.contract.reachable import is_sound
from mock_server.contract.resources import refuse_dependent
from mock_server.contract.response_headers import read_headers
from mock_server.contract.schema import Schema, node_of
from mock_server.contract.schemas import Media, Schemas, Violation
from mock_server.contract.security import AUTHORIZATION, SUPPORTED_SCHEMES, SchemeUse, Security, SecurityScheme, scheme_of
from mock_server.contract.source import pointer_to
from mock_server.contract.steps import VerbReader
from mock_server.contract.surroundings import Surroundings, UnreadParts
from mock_server.contract.unread import EVERYTHING, Unread
from mock_server.contract.vocabulary import METHODS

READ_BY = ("parameters", "requestBody", "security")
"""The members of an operation, and of the path around it, that its requests are read by."""

TEMPLATE_PART = re.compile(r"\{([^{}]+)\}")


class OperationReader:
    """Reads every operation of a document; flaws are noted in the document."""

    def __init__(
        self,
        document: Document,
        schemas: Schemas,
        verbs: Mapping[str, VerbReader],
        resources: Mapping[str, Resource],
        decisions: Decisions,
        unread: Unread,
    ) -> None:
        self.document = document
        self.schemas = schemas
        self.verbs = verbs
        self.resources = resources
        self.decisions = decisions
        self.unread = unread
        self._responses_read: dict[tuple[str, str], Response] = {}
        self.security = self._security(document.root)
        """What the document asks of the callers of all operations that do not say so themselves; None if unreadable."""

    def read_all(self) -> tuple[Operation, ...]:
        """Return the operations in the order of the document."""
        operations: list[Operation] = []
        ids: set[str] = set()
        shapes: dict[str, str] = {}
        paths = self.document.root.get("paths")
        for path, entry in paths.items() if paths else ():
            item = entry.resolved()
            self._check_template(path, entry, shapes)
            if not isinstance(item.value, dict) or item.is_unsure:
                self.unread.operations = EVERYTHING
            for method in METHODS:
                if isinstance(item.value, dict) and isinstance(item.value.get(method), dict):
                    operation = self._read(path, method, item, entry)
                    if operation.id in ids:
                        item[method].warn(f"the operationId {piece(operation.id)} stands twice", key="operationId")
                        operation = replace(operation, id=f"{operation.method} {path}")
                    ids.add(operation.id)
                    operations.append(operation)
        if not operations and not self.unread.operations and not (paths or self.document.root).is_broken:
            self.document.root.warn("the document has no operations", key="paths" if paths else None)
        return tuple(operations)

    def _security(self, node: Node) -> Security | None:
        """Return what callers have to show at `node`: the document, or an operation; None where it cannot be read."""
        security = node.get("security")
        if security is None:
            return Security()
        if security.is_broken:
            return None
        alternatives = []
        is_readable = True
        for requirement in security.elements():
            uses = []
            for name, scopes in requirement.items():
                scheme = self._scheme(requirement, name)
                if scheme is None:
                    is_readable = False
                else:
                    uses.append(SchemeUse(scheme, tuple(map(str, scopes.value))))
            alternatives.append(tuple(uses))
        return Security(tuple(alternatives)) if is_readable else None

    def _scheme(self, requirement: Node, name: str) -> SecurityScheme | None:
        """Return the scheme that a requirement names; None where there is none, or none that is supported."""
        components = self.document.root.get("components")
        schemes = components.get("securitySchemes") if components else None
        scheme = schemes.get(name) if schemes else None
        if scheme is None and (self.document.root.is_unsure or (components and components.is_unsure)):
            return None
        if scheme is None:
            known = schemes.value if schemes else ()
            requirement.breaks(f"there is no security scheme {piece(name)}", did_you_mean(name, known), name)
            return None
        if scheme.is_broken or scheme.resolved().is_broken:
            return None
        read = scheme_of(name, scheme.resolved().value, title_of(self.document))
        if read is None:
            requirement.breaks(f"the security scheme {piece(name)} is not supported", SUPPORTED_SCHEMES, name)
        return read

    def _check_template(self, path: str, entry: Node, shapes: dict[str, str]) -> None:
        for segment in path.split("/"):
            if re.search("[{}]", segment) and not TEMPLATE_PART.fullmatch(segment):
                entry.breaks(f"{piece(segment)} is not a parameter", "{NAME} has to be a whole segment of the path")
        names = TEMPLATE_PART.findall(path)
        for name in {name for name in names if names.count(name) > 1}:
            entry.breaks(f"the path parameter {piece(name)} stands twice", "name each differently")
        shape = TEMPLATE_PART.sub("{}", path)
        if shape in shapes:
            entry.warn(f"the path is the same as {shapes[shape]}", "paths that differ in parameter names alone are one path")
        shapes[shape] = path

    def _read(self, path: str, method: str, item: Node, entry: Node) -> Operation:
        node = item[method]
        is_unsure = item.is_unsure or node.is_unsure
        unread = UnreadParts(parameters=is_unsure, body=is_unsure, responses=is_unsure)
        parameters = tuple(self._parameters(path, item, node, unread))
        body = self._body(node, unread)
        responses = self._responses(node, unread)
        security = self._security(node) if "security" in node.value else self.security
        # What cannot be read asks for something, and who does is told who calls.
        secured = security is None or security.is_required or is_unsure or self.document.root.is_unsure
        around = Surroundings(
            resources=self.resources,
            unread=self.unread,
            unread_parts=unread,
            decisions=self.decisions,
            schemas=self.schemas,
            parameters=parameters,
            body=body,
            responses=responses,
            secured=secured,
        )
        declaration = node.extension("x-behaviour")
        behaviour = read_behaviour(declaration, around, self.verbs) if declaration else None
        id = str(node.value.get("operationId") or f"{method.upper()} {path}")
        if node.is_unsure:
            self.unread.operations = EVERYTHING
        if unread.responses:
            self.unread.responses.add(id)
        return Operation(
            id=id,
            method=method.upper(),
            path=path,
            summary=str(node.value.get("summary", "")),
            pointer=node.pointer,
            own_security="security" in node.value,
            parameters=parameters,
            body=body,
            responses=responses,
            security=security or Security(),
            behaviour=behaviour,
            unsupported=self._unsupported([entry, item, node], unread, security, declaration, behaviour),
        )

    def _unsupported(
        self,
        around: list[Node],
        unread: UnreadParts,
        security: Security | None,
        declaration: Node | None,
        behaviour: Behaviour | None,
    ) -> tuple[str, ...]:
        """Return why an operation, which stands in a path item, cannot be answered; nothing where it can."""
        flaws, (entry, item, node) = self.document.flaws, around
        own = [owner[key] for owner in (item, node) for key in READ_BY if key in owner.value]
        why = list(flaws.breaking(*entry.place)) if entry.place in flaws.places else []
        why += [message for part in own for message in flaws.breaking_within(*part.place)]
        why += self.document.why_broken(*unread.broken)
        if security is None:
            why += self.document.why_broken(node if "security" in node.value else self.document.root["security"])
        if not why and (unread.broken or security is None or (declaration and not behaviour)):
            why.append("it uses parts of the document that cannot be read")
        return tuple(dict.fromkeys(why))

    def _parameters(self, path: str, item: Node, operation: Node, unread: UnreadParts) -> Iterator[Parameter]:
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
        in_template = TEMPLATE_PART.findall(path)
        for (location, name), node in declared.items():
            if location == "path" and name not in in_template:
                node.warn(f"the path {path} has no {{{name}}}", did_you_mean(name, in_template), "name")
                continue
            if location == "header" and name.lower() in ("accept", "content-type", AUTHORIZATION):
                continue  # OpenAPI 3.1, section 4.8.12.2.1: such definitions are ignored
            position = in_template.index(name) if name in in_template else 0
            read = self._parameter(node, location, name, position)
            if read:
                yield read
            else:
                unread.parameters = True
                unread.broken.append(node)
        for name in in_template if not unread.parameters else ():
            if ("path", name) not in declared:
                operation.warn(f"the path parameter {piece(name)} is not declared", "add it to `parameters`")

    def _parameter(self, node: Node, location: str, name: str, position: int) -> Parameter | None:
        found = node.get("schema")
        usual = "simple" if location in ("path", "header") else "form"
        if found is None or location == "cookie" or node.value.get("style", usual) != usual:
            node.breaks(
                f"the parameter {piece(name)} is not supported",
                "it has to be a path, query or header parameter with a `schema` and the default `style`",
            )
            return None
        if not is_sound(found):
            return None
        schema = Schema(found)
        kind, item_kind = _text_kind(schema), None
        if kind == "array":
            item_kind = _text_kind(schema.items) if schema.items else "string"
        if kind == "object" or item_kind in ("array", "object"):
            hint = "it has to be a text, a number, a boolean, or a list of them"
            node.breaks(f"the parameter {piece(name)} is not supported", hint)
            return None
        if kind == "array" and node.value.get("explode", location == "query") != (location == "query"):
            hint = "a list is repeated in a query, and separated by commas elsewhere"
            node.breaks("`explode` is not supported here", hint, "explode")
            return None
        check = self.schemas.check(schema)
        if "example" in node.value:
            self._fits(node["example"], check.violations(node.value["example"], Defaults(self.schemas)))
        return Parameter(
            name=name.lower() if location == "header" else name,
            pointer=pointer_to(name),
            position=position,
            location=location,
            required=bool(node.value.get("required", False)),
            kind=kind,
            item_kind=item_kind,
            check=check,
        )

    def _body(self, operation: Node, unread: UnreadParts) -> RequestBody | None:
        body = operation.get("requestBody")
        if body is None:
            return None
        if not _is_readable(body):
            unread.body = True
            unread.broken.append(body)
            return None
        body = body.resolved()
        content = {media.type: media for media in self._content(body)}
        for media_type in content:
            if codec_of(media_type) is None:
                body["content"].breaks(f"bodies of {piece(media_type)} are not supported", SUPPORTED_TYPES, media_type)
        if len({media.schema.target for media in content.values() if media.schema}) > 1:
            body.breaks("the media types of a body have to share one schema", "let their schemas refer to one", "content")
        checks = {media.type: self.schemas.check(media.schema) for media in content.values() if media.schema}
        return RequestBody(bool(body.value.get("required", False)), content, checks)

    def _responses(self, operation: Node, unread: UnreadParts) -> dict[str, Response]:
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
        content, headers = tuple(self._content(response)), read_headers(response)
        for schema in filter(None, [*(media.schema for media in content), *(header.schema for header in headers)]):
            refuse_dependent(node_of(schema))
        return Response(
            status=status,
            assumed=source is not None and source.value == "assumed",
            content=content,
            headers=headers,
        )

    def _content(self, owner: Node) -> Iterator[Media]:
        content = owner.get("content")
        for media_type, media in content.items() if content else ():
            found = media.get("schema")
            schema = Schema(found) if found else None
            yield Media(
                type=media_type.lower(),
                schema=schema,
                only_when=self._only_when(media),
                examples=self._examples(media, schema if codec_of(media_type) else None),
            )

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

    def _examples(self, media: Node, schema: Schema | None) -> dict[str, object]:
        """Return the examples of a media type by name; the nameless one is called `example`."""
        places = {"example": media["example"]} if "example" in media.value else {}
        named = media.get("examples")
        for name, entry in named.items() if named else ():
            example = entry.resolved()
            if "value" in example.value:
                places[name] = example["value"]
        if schema is not None:
            check = self.schemas.check(schema)
            for name, place in list(places.items()):
                if not self._fits(place, check.violations(place.value, Defaults(self.schemas))):
                    del places[name]
        return {name: place.value for name, place in places.items()}

    def _fits(self, place: Node, violations: tuple[Violation, ...]) -> bool:
        """Say whether an example has no violations; note them."""
        for violation in violations:
            where = f" ({violation.pointer})" if violation.pointer else ""
            place.warn(f"this example does not fit its schema{where}: {violation.message}")
        return not violations


def title_of(document: Document) -> str:
    """Return the title of the API; an empty text where it cannot be read."""
    title = document.root.get("info", "title")
    return str(title.value) if title else ""


def _is_named(parameter: Node) -> bool:
    return isinstance(parameter.value, dict) and all(isinstance(parameter.value.get(key), str) for key in ("in", "name"))


def _is_readable(owner: Node) -> bool:
    """Say whether a body or a response, and the schemas of its content, have no flaws."""
    whole = owner.resolved()
    if owner.is_broken or whole.is_broken:
        return False
    content = whole.get("content")
    schemas = [media.get("schema") for _, media in content.items()] if content else []
    return all(is_sound(schema) for schema in schemas if schema)


class Defaults:
    """The default choice of every assumption."""

    def __init__(self, schemas: Schemas) -> None:
        self._assumptions = schemas.assumptions

    def of(self, assumption: str) -> str:
        """Return the default choice of `assumption`."""
        return self._assumptions[assumption].default


def _text_kind(schema: Schema) -> str:
    """Return the JSON type that a parameter's text is read as; text wins where several are allowed."""
    types = schema.types - {"null"}
    if "string" in types or not types:
        return "string"
    if "number" in types:
        return "integer" if schema.whole else "number"
    return next(kind for kind in ("boolean", "array", "object") if kind in types)
