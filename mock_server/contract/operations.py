"""Reading the operations of a document: parameters, bodies, documented answers, security."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from mock_server.contract.assumptions import Decisions
from mock_server.contract.behaviours import read_behaviour
from mock_server.contract.bodies import BodyReader, Defaults, fits
from mock_server.contract.document import Document, Node
from mock_server.contract.flaws import did_you_mean, piece
from mock_server.contract.model import Behaviour, Operation, Parameter, Resource
from mock_server.contract.reachable import is_sound
from mock_server.contract.schema import Schema
from mock_server.contract.schemas import Schemas
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
        self.bodies = BodyReader(document, schemas, decisions)
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
        body = self.bodies.request_body(node, unread)
        responses = self.bodies.responses(node, unread)
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
            fits(node["example"], check.violations(node.value["example"], Defaults(self.schemas)))
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


def title_of(document: Document) -> str:
    """Return the title of the API; an empty text where it cannot be read."""
    title = document.root.get("info", "title")
    return str(title.value) if title else ""


def _is_named(parameter: Node) -> bool:
    return isinstance(parameter.value, dict) and all(isinstance(parameter.value.get(key), str) for key in ("in", "name"))


def _text_kind(schema: Schema) -> str:
    """Return the JSON type that a parameter's text is read as; text wins where several are allowed."""
    types = schema.types - {"null"}
    if "string" in types or not types:
        return "string"
    if "number" in types:
        return "integer" if schema.whole else "number"
    return next(kind for kind in ("boolean", "array", "object") if kind in types)
