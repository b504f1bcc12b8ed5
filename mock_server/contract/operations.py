"""Reading the operations of a document: parameters, bodies, documented answers, security."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mock_server.contract.access.requirements import RequirementReader
from mock_server.contract.access.security import Security
from mock_server.contract.behaviours.assumptions import Decisions
from mock_server.contract.behaviours.entity_tags import parameters_left
from mock_server.contract.behaviours.idempotency import IdempotencyReader
from mock_server.contract.behaviours.reading import read_behaviour
from mock_server.contract.behaviours.steps import VerbReader
from mock_server.contract.behaviours.surroundings import Surroundings
from mock_server.contract.behaviours.unused_parameters import UnusedParameters
from mock_server.contract.documents.document import Document, Node
from mock_server.contract.documents.servers import base_paths
from mock_server.contract.documents.vocabulary import METHODS
from mock_server.contract.files.flaws import piece
from mock_server.contract.messages.bodies import BodyReader, Defaults
from mock_server.contract.messages.parameters import ParameterReader, Paths
from mock_server.contract.model import Behaviour, Operation, Resource, View
from mock_server.contract.schemas.checks import Schemas
from mock_server.contract.unread import EVERYTHING, Unread, UnreadParts

READ_BY = ("parameters", "requestBody", "security")
"""The members of an operation, and of the path around it, that its requests are read by."""


class OperationReader:
    """Reads every operation of a document; flaws are noted in the document."""

    def __init__(
        self,
        document: Document,
        schemas: Schemas,
        verbs: Mapping[str, VerbReader],
        resources: Mapping[str, Resource],
        views: Mapping[str, View],
        decisions: Decisions,
        unread: Unread,
    ) -> None:
        self.document = document
        self.schemas = schemas
        self.verbs = verbs
        self.resources = resources
        self.views = views
        self.decisions = decisions
        self.unread = unread
        self.bodies = BodyReader(document, schemas, decisions)
        self.parameters = ParameterReader(schemas, Defaults(schemas))
        self.requirements = RequirementReader(document, title_of(document))
        self.idempotency = IdempotencyReader(document, decisions)
        self.security = self.requirements.read(document.root)
        """What the document asks of the callers of all operations that do not say so themselves; None if unreadable."""

    def read_all(self) -> tuple[Operation, ...]:
        """Return the operations in the order of the document."""
        operations: list[Operation] = []
        ids: set[str] = set()
        known = Paths()
        paths = self.document.root.get("paths")
        for path, entry in paths.items() if paths else ():
            item = entry.resolved()
            known.check(path, entry)
            if not isinstance(item.value, dict) or item.is_unsure:
                self.unread.operations = EVERYTHING
            unused = UnusedParameters()
            for method in METHODS:
                if isinstance(item.value, dict) and isinstance(item.value.get(method), dict):
                    operation = known.checked(self._read(path, method, item, entry, unused), item[method])
                    if operation.id in ids:
                        item[method].warn(f"the operationId {piece(operation.id)} stands twice", key="operationId")
                        operation = replace(operation, id=f"{operation.method} {path}")
                    ids.add(operation.id)
                    operations.append(operation)
            unused.warn()
        self.idempotency.check_used()
        if not operations and not self.unread.operations and not (paths or self.document.root).is_broken:
            self.document.root.warn("the document has no operations", key="paths" if paths else None)
        return tuple(operations)

    def _read(self, path: str, method: str, item: Node, entry: Node, unused: UnusedParameters) -> Operation:
        node = item[method]
        is_unsure = item.is_unsure or node.is_unsure
        unread = UnreadParts(parameters=is_unsure, body=is_unsure, responses=is_unsure)
        security = self.requirements.read(node) if "security" in node.value else self.security
        credentials = security.parameters if security else ()
        parameters = tuple(self.parameters.read(path, item, node, unread, credentials))
        body = self.bodies.request_body(node, unread)
        responses = self.bodies.responses(node, unread)
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
            views=self.views,
            callers=self._callers(security),
        )
        declaration = node.extension("x-behaviour")
        behaviour = read_behaviour(declaration, around, self.verbs) if declaration else None
        if declaration and behaviour:
            shown = [embedded for step in behaviour.steps for embedded in step.resource.embedded]
            asking = {("query", embedded.asked_by) for embedded in shown if embedded.asked_by is not None}
            unused.note(declaration, parameters, around.used_parameters | asking, credentials)
        id = str(node.value.get("operationId") or f"{method.upper()} {path}")
        if node.is_unsure:
            self.unread.operations = EVERYTHING
        if unread.responses:
            self.unread.responses.add(id)
        unsupported = self._unsupported([entry, item, node], unread, security, declaration, behaviour)
        return Operation(
            id=id,
            method=method.upper(),
            path=path,
            summary=str(node.value.get("summary", "")),
            pointer=node.pointer,
            own_security="security" in node.value,
            parameters=parameters_left(parameters, behaviour),
            body=body,
            responses=responses,
            security=security or Security(),
            behaviour=behaviour if not unsupported else None,
            idempotency=self.idempotency.of(node, method, parameters) if behaviour else None,
            base_paths=base_paths(node, item, self.document.root),
            unsupported=unsupported,
        )

    def _callers(self, security: Security | None) -> tuple[Resource, ...]:
        """Return the resources whose records authenticate where `security` is asked for."""
        schemes = {scheme.name for scheme in security.schemes} if security else set()
        kept = (resource for resource in self.resources.values() if resource.credential)
        return tuple(resource for resource in kept if resource.credential and resource.credential.scheme in schemes)

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


def title_of(document: Document) -> str:
    """Return the title of the API; an empty text where it cannot be read."""
    title = document.root.get("info", "title")
    return str(title.value) if title else ""
