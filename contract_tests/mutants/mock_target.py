"""A mock in this process, as a target for the contract tests: unbroken, or with one mutant."""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import orjson

from contract_tests.mutants.hooks import Mutant, MutantContext, PerformInput, PerformResult, ReadInput, ReadResult
from contract_tests.mutants.setup import MockSetup
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.model import Contract, Operation
from mock_server.contract.source import Json
from mock_server.engine.choices import Choices
from mock_server.engine.making import SECOND, Making
from mock_server.engine.run import ABSENT, Absent
from mock_server.engine.store import Store
from mock_server.exchange.exchange import Credentials, Exchange
from mock_server.exchange.messages import Answer, Request
from mock_server.exchange.reading import Parameters, Reader
from mock_server.exchange.routing import Route

UNBROKEN = Mutant("unbroken", "", "Nothing is broken.")


class MockTarget:
    """A target that follows the contract under the choices of `profile`, but for what `mutant` breaks.

    It answers one request after the other, as a server with one thread does.
    """

    local = True

    def __init__(
        self,
        contract: Contract,
        setup: MockSetup,
        profile: Mapping[str, str] | None = None,
        mutant: Mutant | None = None,
        *,
        random_seed: int | None = None,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._mutant = mutant or UNBROKEN
        self.name = f"mock, {self._mutant.name}"
        self._clock = clock
        self._choices = {**contract.defaults(), **(profile or {})}
        self._making = Making(clock=clock, random_seed=random_seed)
        self._exchange = _MutantExchange(contract, Credentials(setup.tokens), self._mutant)
        self.context = MutantContext(
            contract=contract,
            setup=setup,
            store=self._exchange.engine.new_store(setup.seed),
            making=self._making,
            choices=self._choices,
            routes=self._exchange.routes,
        )
        self._exchange.context = self.context

    def send(self, call: WireRequest) -> WireResponse:
        """Answer one call."""
        sent_at = self._clock() / SECOND
        hook = self._mutant.exchange
        reply = hook(self.context, call, self._answer) if hook else self._answer(call)
        return _timed(reply, sent_at, self._clock() / SECOND)

    def send_together(self, calls: list[WireRequest]) -> list[WireResponse]:
        """Answer calls that come at the same time, each in a thread of its own."""
        barrier = threading.Barrier(len(calls))

        def send(call: WireRequest) -> WireResponse:
            barrier.wait()
            return self.send(call)

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(send, calls))

    def close(self) -> None:
        """There is nothing to let go of."""

    def _answer(self, call: WireRequest) -> WireResponse:
        headers = {name.lower().encode("latin-1"): value.encode("latin-1", "replace") for name, value in call.headers}
        request = Request(call.method, call.path, call.query, headers, call.body)
        with self.context.lock:
            try:
                answer = self._exchange.answer(request, self.context.store, Choices(self._choices), self._making)
                return _as_reply(answer, self._clock() / SECOND)
            except Exception as error:  # a target never raises; what a mutant did not foresee is for its author to see
                self.context.mistakes.append(error)
                return WireResponse(500, (("content-type", "text/plain"),), b"Internal Server Error")


class _MutantExchange(Exchange):
    """An exchange with the hooks of a mutant around identifying, reading and performing."""

    context: MutantContext

    def __init__(self, contract: Contract, credentials: Credentials, mutant: Mutant) -> None:
        super().__init__(contract, credentials)
        self._mutant = mutant

    def find(self, request: Request) -> Route:
        route = super().find(request)
        if self._mutant.read is not None:
            route = copy.copy(route)  # the routes keep theirs for the next request
            route.reader = _MutantReader(route, self.context, self._mutant)
        return route

    def authenticate(self, request: Request) -> str:
        hook = self._mutant.identify
        return hook(self.context, request, super().authenticate) if hook else super().authenticate(request)

    def perform(
        self,
        operation: Operation,
        store: Store,
        choices: Choices,
        making: Making,
        organization: str | None,
        parameters: Mapping[tuple[str, str], Json],
        body: Json | Absent,
    ) -> PerformResult:
        hook = self._mutant.perform
        if hook is None or operation.behaviour is None:
            return PerformResult(*super().perform(operation, store, choices, making, organization, parameters, body))
        execution = PerformInput(operation, store, choices, making, organization, parameters, body)
        return hook(self.context, execution, self._perform)

    def _perform(self, execution: PerformInput) -> PerformResult:
        performed = super().perform(
            execution.operation,
            execution.store,
            execution.choices,
            execution.making,
            execution.organization,
            execution.parameters,
            execution.body,
        )
        return PerformResult(*performed)


class _MutantReader(Reader):
    """A reader with the hook of a mutant around it."""

    def __init__(self, route: Route, context: MutantContext, mutant: Mutant) -> None:
        super().__init__(route.operation)
        self._operation = route.operation
        self._context = context
        self._mutant = mutant

    def read(
        self, request: Request, path_values: list[str], path_parameters: Parameters | None, choices: Choices
    ) -> tuple[Parameters, Json | Absent]:
        def proceed(read_input: ReadInput) -> ReadResult:
            return super(_MutantReader, self).read(read_input.request, path_values, path_parameters, choices)

        read_input, hook = ReadInput(self._operation, request), self._mutant.read
        return hook(self._context, read_input, proceed) if hook else proceed(read_input)


def _as_reply(answer: Answer, now: float) -> WireResponse:
    """Return an answer as it goes over the wire."""
    headers = [("date", formatdate(now, usegmt=True)), *((name.lower(), value) for name, value in answer.headers)]
    content = b""
    if answer.body is not ABSENT:
        content = _written(answer.body)
        headers.append(("content-type", answer.media_type))
    if answer.status != 204:
        headers.append(("content-length", str(len(content))))
    return WireResponse(answer.status, tuple(headers), content)


def _written(body: Json) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # a whole number of more than 64 bits
        return json.dumps(body, ensure_ascii=False).encode()


def _timed(reply: WireResponse, sent_at: float, received_at: float) -> WireResponse:
    return WireResponse(reply.status, reply.headers, reply.body, sent_at, received_at, reply.trouble)
