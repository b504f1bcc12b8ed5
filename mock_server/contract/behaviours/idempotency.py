"""Reading `x-idempotency`: which requests may be sent again without being done again, by a key that the client makes."""

from __future__ import annotations

from collections.abc import Iterable

from mock_server.contract.behaviours.assumptions import Decisions
from mock_server.contract.behaviours.declarations import declared, kind_of
from mock_server.contract.behaviours.durations import FORM, parse_duration
from mock_server.contract.documents.document import Document, Node
from mock_server.contract.documents.vocabulary import SAFE_METHODS
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.messages.model import Parameter
from mock_server.contract.model import Idempotency

EXTENSION = "x-idempotency"


class IdempotencyReader:
    """Reads what a document, and each of its operations, says of keys of requests."""

    def __init__(self, document: Document, decisions: Decisions) -> None:
        self._decisions = decisions
        self._node = document.root.extension(EXTENSION)
        self._of_all = self._read(self._node) if self._node else None
        self._is_used = False

    def of(self, operation: Node, method: str, parameters: Iterable[Parameter]) -> Idempotency | None:
        """Return what holds for an operation; None where its requests have no keys."""
        node = operation.extension(EXTENSION)
        found = self._read(node) if node else self._of_all
        headers = [one.name for one in parameters if one.location == "header"]
        if found is None or (method not in SAFE_METHODS and found.header.lower() in map(str.lower, headers)):
            self._is_used |= found is not None
            return found
        if node and method in SAFE_METHODS:
            node.flaw("this operation changes nothing that could be done twice", "remove it")
        elif node:
            hint = did_you_mean(found.header, headers) if headers else "add it to the parameters of the operation"
            node.flaw(f"the operation has no header parameter {piece(found.header)}", hint)
        return None

    def check_used(self) -> None:
        """Note a flaw where no operation takes the header of the whole document."""
        if self._node and self._of_all and not self._is_used:
            hint = "declare it as a header parameter of each operation that takes it"
            self._node.flaw(f"no operation that changes anything has the header parameter {piece(self._of_all.header)}", hint)

    def _read(self, node: Node) -> Idempotency | None:
        declaration = declared("idempotency", node)
        if declaration is None:
            return None
        try:
            expires = parse_duration(declaration["expires"])
        except ValueError:
            node.flaw(f"{piece(declaration['expires'])} is not a span of time", FORM, "expires")
            return None
        different, missing = (
            self._decisions.outcome(kind_of("idempotency"), node, key) for key in ("when-different", "when-missing")
        )
        return Idempotency(declaration["header"], different, missing, expires)
