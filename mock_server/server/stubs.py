"""Stubs: canned answers for the requests that they describe, whatever the document says. The last one added goes first.

They say which requests are meant as an assertion on the journal does (`Wanted`). A fault bends an answer of the document; a
stub takes its place, and may answer where the document has nothing at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from mock_server.contract.files.source import Json
from mock_server.contract.model import Operation
from mock_server.engine.values import ABSENT, Absent
from mock_server.exchange.messages import Answer, Request
from mock_server.server.differences import Wanted, differences

HEADER = "X-Mock-Stub"


@dataclass(slots=True)
class Stub:
    """A canned answer: for which requests, how often still (None: always), and how often it was given.

    `headers` are without the type of the body, `content` is the body as it is sent, and `seconds` is how long it is held back.
    """

    id: str
    wanted: Wanted
    status: int
    headers: tuple[tuple[str, str], ...]
    media_type: str
    body: Json | Absent
    content: bytes
    seconds: float = 0
    left: int | None = 1
    hits: int = 0
    declared: Mapping[str, Json] = field(default_factory=dict)

    def answer(self, operation: Operation | None, rested_on: Mapping[str, str]) -> Answer:
        """Return the answer, told apart by a header that names the stub."""
        headers = [*self.headers, (HEADER, self.id)]
        detail = f"The stub {self.id} answered it."
        return Answer(self.status, self.body, self.media_type, headers, rested_on, operation, detail=detail)


class Stubs:
    """The stubs that were added, the latest first. `added` is all that a request looks at when there is none."""

    def __init__(self) -> None:
        self.added: list[Stub] = []
        self._number = 0

    def next_id(self) -> str:
        """Return an id that no stub had since the last reset."""
        self._number += 1
        return f"stub-{self._number}"

    def add(self, stub: Stub) -> None:
        """Have a stub answer from now on, before all others."""
        self.added = [stub, *self.added]

    def list(self) -> list[Stub]:
        """Return the stubs, the latest first; those that are used up are among them."""
        return list(self.added)

    def remove(self, id: str) -> bool:
        """Remove a stub; return whether it was there."""
        before = len(self.added)
        self.added = [stub for stub in self.added if stub.id != id]
        return len(self.added) < before

    def clear(self) -> None:
        """Remove all stubs, and count from one again."""
        self.added = []
        self._number = 0

    def choose(self, request: Request, operation: Operation | None, organization: str | None) -> Stub | None:
        """Return the stub that answers a request, if any; it has answered once more."""
        asked = _Asked(request, operation, organization)
        for stub in self.added:
            if stub.left != 0 and not any(differences(stub.wanted, asked)):
                stub.hits += 1
                stub.left = None if stub.left is None else stub.left - 1
                return stub
        return None


class _Asked:
    """A request that is not answered yet, as `differences` compares it."""

    status = None

    def __init__(self, request: Request, operation: Operation | None, organization: str | None) -> None:
        self.method, self.path, self.organization = request.method, request.path, organization
        self.operation = operation.id if operation else None
        self.query: Mapping[str, str] = dict(parse_qsl(request.query, keep_blank_values=True))
        self.headers: Mapping[str, str] = {name.decode("latin-1"): request.header(name) for name in request.headers}
        self.json: Json = _value(request, operation)


def _value(request: Request, operation: Operation | None) -> Json | Absent:
    try:
        return request.value(operation) if request.body else ABSENT
    except ValueError:
        return ABSENT


def shown(stub: Stub) -> Mapping[str, Json]:
    """Return a stub as JSON: as it was declared, how often it was given, and how often it still will be."""
    return {"id": stub.id, **stub.declared, "hits": stub.hits, "left": stub.left}
