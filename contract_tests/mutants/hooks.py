"""Where a mutant reaches into a mock: four places on the way of a request, and what there is to work with.

The way of a request is `exchange` (from the call to the reply), and within it `identify` (whose token is it), `read`
(parameters and body, held to their schemas) and `perform` (what the behaviour does). A hook stands around its place: it gets
what goes in, and `proceed`, which does what an unbroken mock does there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from contract_tests.mutants.setup import MockSetup
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Operation, Resource
from mock_server.contract.problems import Refused
from mock_server.engine.engine import Performed
from mock_server.engine.execution import Execution
from mock_server.engine.generating import Generator
from mock_server.engine.outgoing import Outgoing
from mock_server.engine.store import Layout, Owner, Record, Store
from mock_server.engine.values import Absent
from mock_server.exchange.messages import Request
from mock_server.exchange.reading import Parameters
from mock_server.exchange.routing import Route, Routes

GAP = 0.006
"""How many seconds a careless server lets pass between looking and acting, where a mutant is about just that."""


GIVEN = ("store", "choices", "generator", "organization", "parameters", "body", "request", "caller")
"""What an execution is given at its beginning."""


@dataclass(slots=True)
class MutantContext:
    """What a hook can reach beside what passes through it. `memory` is the mutant's own, empty at first."""

    contract: Contract
    setup: MockSetup
    store: Store
    generator: Generator
    choices: Mapping[str, str]
    routes: Routes
    layout: Layout
    lock: threading.Lock = field(default_factory=threading.Lock)
    memory: dict[str, Any] = field(default_factory=dict)
    deliver: Callable[[Outgoing], None] = lambda message: None
    """Sends a message to whom it is for."""

    sent: list[Outgoing] = field(default_factory=list)
    """The messages that were sent."""

    mistakes: list[Exception] = field(default_factory=list)
    """What a request ran into that the mutant did not foresee; it was answered with 500."""

    _counting: threading.Lock = field(default_factory=threading.Lock)

    def route(self, call: WireRequest) -> Route | None:
        """Return what the method and the path of a call mean; None when there is no such operation."""
        try:
            return self.routes.find(call.method, call.path, call.query)
        except Refused:
            return None

    def operation_of(self, call: WireRequest) -> str:
        """Return the id of the operation that a call is for; an empty text when there is none."""
        route = self.route(call)
        return route.operation.id if route else ""

    def count(self, name: str) -> int:
        """Return how often this was asked under `name`, this time included."""
        with self._counting:
            self.memory[name] = number = self.memory.get(name, 0) + 1
        return int(number)

    def pause(self) -> None:
        """Let other requests be answered meanwhile, as a server does that waits for its database."""
        self.lock.release()
        try:
            time.sleep(GAP)
        finally:
            self.lock.acquire()

    def amend(self, resource: Resource, owner: Owner, id: Json, changes: Mapping[str, Json]) -> Record:
        """Change fields of a stored record behind everybody's back, and return what it is now."""
        record = {**self.store.held(resource.name, owner, id), **changes}
        self.store.put(resource.name, owner, id, record)
        self.store.commit()
        return record


@dataclass(slots=True)
class ReadInput:
    """A request that is about to be read, and held to the schemas of its operation."""

    operation: Operation
    request: Request


class MutantExecution(Execution):
    """A request that was read and found valid: the execution that its operation is about to be performed with."""

    __slots__ = ("operation", "origin")

    def __init__(self, operation: Operation, given: Execution, **changes: Any) -> None:
        values = {name: getattr(given, name) for name in GIVEN}
        super().__init__(**{**values, **changes})
        self.operation = operation
        self.origin: Execution = given.origin if isinstance(given, MutantExecution) else given

    def tell(self) -> None:
        """Give the headers of this execution's answer to the answer of the request."""
        self.origin.headers = self.headers

    def but(self, **changes: Any) -> MutantExecution:
        """Return another execution of the operation, which differs in what is given."""
        return MutantExecution(self.operation, self, **changes)


ReadResult: TypeAlias = tuple[Parameters, "Json | Absent"]

ExchangeHook: TypeAlias = Callable[[MutantContext, WireRequest, Callable[[WireRequest], WireResponse]], WireResponse]
Identify: TypeAlias = Callable[[Request], "str | None"]
IdentifyHook: TypeAlias = Callable[[MutantContext, Request, Identify], "str | None"]
ReadHook: TypeAlias = Callable[[MutantContext, ReadInput, Callable[[ReadInput], ReadResult]], ReadResult]


Proceed: TypeAlias = Callable[[MutantExecution], Performed]
PerformHook: TypeAlias = Callable[[MutantContext, MutantExecution, Proceed], Performed]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One way in which a mock breaks the contract. `about` says it in a sentence.

    `together` tells that only simultaneous calls show it.
    """

    name: str
    family: str
    about: str
    exchange: ExchangeHook | None = None
    identify: IdentifyHook | None = None
    read: ReadHook | None = None
    perform: PerformHook | None = None
    together: bool = False
