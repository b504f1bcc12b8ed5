"""A mock in this process, as a target for the contract tests: unbroken, or with one break."""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import orjson

from contract_tests.messages import Call, Reply
from contract_tests.rehearsal.hooks import Break, Deed, Performed, Read, Reading, Stage
from contract_tests.rehearsal.seed import Rehearsal
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

UNBROKEN = Break("unbroken", "", "Nothing is broken.")


class MockTarget:
    """A target that follows the contract under the choices of `profile`, but for what `break_` breaks.

    It answers one request after the other, as a server with one thread does.
    """

    local = True

    def __init__(
        self,
        contract: Contract,
        rehearsal: Rehearsal,
        profile: Mapping[str, str] | None = None,
        break_: Break | None = None,
        *,
        random_seed: int | None = None,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._break = break_ or UNBROKEN
        self.name = f"mock, {self._break.name}"
        self._clock = clock
        self._choices = {**contract.defaults(), **(profile or {})}
        self._making = Making(clock=clock, random_seed=random_seed)
        self._exchange = _BreakableExchange(contract, Credentials(rehearsal.tokens), self._break)
        self.stage = Stage(
            contract=contract,
            rehearsal=rehearsal,
            store=self._exchange.engine.new_store(rehearsal.seed),
            making=self._making,
            choices=self._choices,
            routes=self._exchange.routes,
        )
        self._exchange.stage = self.stage

    def send(self, call: Call) -> Reply:
        """Answer one call."""
        sent_at = self._clock() / SECOND
        hook = self._break.exchange
        reply = hook(self.stage, call, self._answer) if hook else self._answer(call)
        return _timed(reply, sent_at, self._clock() / SECOND)

    def send_together(self, calls: list[Call]) -> list[Reply]:
        """Answer calls that come at the same time, each in a thread of its own."""
        barrier = threading.Barrier(len(calls))

        def send(call: Call) -> Reply:
            barrier.wait()
            return self.send(call)

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(send, calls))

    def close(self) -> None:
        """There is nothing to let go of."""

    def _answer(self, call: Call) -> Reply:
        headers = {name.lower().encode("latin-1"): value.encode("latin-1", "replace") for name, value in call.headers}
        request = Request(call.method, call.path, call.query, headers, call.body)
        with self.stage.lock:
            try:
                answer = self._exchange.answer(request, self.stage.store, Choices(self._choices), self._making)
                return _as_reply(answer, self._clock() / SECOND)
            except Exception as error:  # a target never raises; what a break did not foresee is for its author to see
                self.stage.mistakes.append(error)
                return Reply(500, (("content-type", "text/plain"),), b"Internal Server Error")


class _BreakableExchange(Exchange):
    """An exchange with the hooks of a break around identifying, reading and performing."""

    stage: Stage

    def __init__(self, contract: Contract, credentials: Credentials, break_: Break) -> None:
        super().__init__(contract, credentials)
        self._break = break_

    def find(self, request: Request) -> Route:
        route = super().find(request)
        if self._break.read is not None:
            route = copy.copy(route)  # the routes keep theirs for the next request
            route.reader = _BreakableReader(route, self.stage, self._break)
        return route

    def authenticate(self, request: Request) -> str:
        hook = self._break.identify
        return hook(self.stage, request, super().authenticate) if hook else super().authenticate(request)

    def perform(
        self,
        operation: Operation,
        store: Store,
        choices: Choices,
        making: Making,
        organization: str | None,
        parameters: Mapping[tuple[str, str], Json],
        body: Json | Absent,
    ) -> Performed:
        hook = self._break.perform
        if hook is None or operation.behaviour is None:
            return Performed(*super().perform(operation, store, choices, making, organization, parameters, body))
        deed = Deed(operation, store, choices, making, organization, parameters, body)
        return hook(self.stage, deed, self._perform)

    def _perform(self, deed: Deed) -> Performed:
        performed = super().perform(
            deed.operation, deed.store, deed.choices, deed.making, deed.organization, deed.parameters, deed.body
        )
        return Performed(*performed)


class _BreakableReader(Reader):
    """A reader with the hook of a break around it."""

    def __init__(self, route: Route, stage: Stage, break_: Break) -> None:
        super().__init__(route.operation)
        self._operation = route.operation
        self._stage = stage
        self._break = break_

    def read(
        self, request: Request, path_values: list[str], path_parameters: Parameters | None, choices: Choices
    ) -> tuple[Parameters, Json | Absent]:
        def proceed(reading: Reading) -> Read:
            return super(_BreakableReader, self).read(reading.request, path_values, path_parameters, choices)

        reading, hook = Reading(self._operation, request), self._break.read
        return hook(self._stage, reading, proceed) if hook else proceed(reading)


def _as_reply(answer: Answer, now: float) -> Reply:
    """Return an answer as it goes over the wire."""
    headers = [("date", formatdate(now, usegmt=True)), *((name.lower(), value) for name, value in answer.headers)]
    content = b""
    if answer.body is not ABSENT:
        content = _written(answer.body)
        headers.append(("content-type", answer.media_type))
    if answer.status != 204:
        headers.append(("content-length", str(len(content))))
    return Reply(answer.status, tuple(headers), content)


def _written(body: Json) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # a whole number of more than 64 bits
        return json.dumps(body, ensure_ascii=False).encode()


def _timed(reply: Reply, sent_at: float, received_at: float) -> Reply:
    return Reply(reply.status, reply.headers, reply.body, sent_at, received_at, reply.trouble)
