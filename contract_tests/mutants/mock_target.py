"""A mock in this process, as a target for the contract tests: unbroken, or with one mutant."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, ReadInput, ReadResult
from contract_tests.mutants.setup import MockSetup
from contract_tests.oracle.hypotheses import as_request
from contract_tests.transport.inbox import Arrived, HandedInbox
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.access.security import Security
from mock_server.contract.messages.codecs import write_json
from mock_server.contract.model import Contract, Operation
from mock_server.engine.choices import Choices
from mock_server.engine.credentials import Limit
from mock_server.engine.engine import Performed
from mock_server.engine.execution import Execution
from mock_server.engine.generating import SECOND, Generator
from mock_server.engine.outgoing import Outgoing
from mock_server.engine.store import Record, Store
from mock_server.engine.values import ABSENT
from mock_server.exchange.authentication import Authenticator, Credentials
from mock_server.exchange.exchange import Exchange
from mock_server.exchange.messages import Answer, Request
from mock_server.exchange.reading import PathValues, Reader
from mock_server.exchange.responders import BehaviourResponder, Responder
from mock_server.exchange.signing import signed_headers

UNBROKEN = Mutant("unbroken", "", "Nothing is broken.")


class MockTarget:
    """A target that follows the contract under the choices of `profile`, but for what `mutant` breaks.

    It answers one request after the other, as a server with one thread does.
    """

    local = True
    connections = 1

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
        self._generator = Generator(clock=clock, random_seed=random_seed)
        self._exchange = _MutantExchange(contract, _credentials(setup), self._mutant)
        self.context = MutantContext(
            contract=contract,
            setup=setup,
            store=self._exchange.engine.new_store(setup.seed),
            generator=self._generator,
            choices=self._choices,
            routes=self._exchange.routes,
            layout=self._exchange.engine.layout,
        )
        self._exchange.context = self.context
        self.inbox = HandedInbox()
        self._delivery = contract.delivery
        self.context.deliver = self._deliver

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

    def _deliver(self, message: Outgoing) -> None:
        """Hand a message over, if it is for this run."""
        self.context.sent.append(message)
        if message.problem or not message.url.startswith(self.inbox.url):
            return
        body, form, headers = write_json(message.body), self._delivery.signature, dict[str, str]()
        if form is not None and message.secret is not None:
            id = f"msg_{len(self.context.sent)}"
            headers = signed_headers(form, message.secret, id, self._clock() // SECOND, body)
        shown = {name.lower(): value for name, value in headers.items()}
        self.inbox.put(Arrived(message.url.removeprefix(self.inbox.url), shown, body))

    def _answer(self, call: WireRequest) -> WireResponse:
        with self.context.lock:
            try:
                answer = self._exchange.answer(as_request(call), self.context.store, Choices(self._choices), self._generator)
                for message in answer.messages:
                    self._deliver(message)
                return _as_reply(answer, self._clock() / SECOND)
            except Exception as error:  # a target never raises; what a mutant did not foresee is for its author to see
                self.context.mistakes.append(error)
                return WireResponse(500, (("content-type", "text/plain"),), b"Internal Server Error")


def _credentials(setup: MockSetup) -> Credentials:
    return Credentials(setup.tokens, limits={token: Limit(user=user) for token, user in setup.users.items()})


class _MutantExchange(Exchange):
    """An exchange with the hooks of a mutant around identifying, reading and performing."""

    context: MutantContext

    def __init__(self, contract: Contract, credentials: Credentials, mutant: Mutant) -> None:
        self.mutant = mutant
        super().__init__(contract, credentials)

    def authenticator(self, security: Security, credentials: Credentials) -> Authenticator:
        is_usual = self.mutant.identify is None or not security.is_required
        usual = super().authenticator(security, credentials)
        return usual if is_usual else _MutantAuthenticator(usual, self)

    def reader(self, operation: Operation) -> Reader:
        return super().reader(operation) if self.mutant.read is None else _MutantReader(operation, self)

    def responder(self, operation: Operation) -> Responder:
        is_usual = self.mutant.perform is None or operation.behaviour is None
        if is_usual:
            return super().responder(operation)
        return BehaviourResponder(_MutantEngine(self).perform, self.contract, self.documented_headers)


class _MutantAuthenticator(Authenticator):
    """Finds out who calls with the hook of a mutant around it."""

    def __init__(self, usual: Authenticator, exchange: _MutantExchange) -> None:
        self._usual = usual
        self._exchange = exchange

    def identify(self, request: Request, store: Store | None = None, generator: Generator | None = None) -> str | None:
        def usual(asked: Request) -> str | None:
            return self._usual.identify(asked, store, generator)

        hook = self._exchange.mutant.identify
        return hook(self._exchange.context, request, usual) if hook else usual(request)

    def caller(self, request: Request, store: Store, generator: Generator | None) -> Record | None:
        return self._usual.caller(request, store, generator)


class _MutantReader(Reader):
    """A reader with the hook of a mutant around it."""

    def __init__(self, operation: Operation, exchange: _MutantExchange) -> None:
        super().__init__(operation)
        self._operation = operation
        self._exchange = exchange

    def read(self, request: Request, path_values: PathValues, choices: Choices) -> ReadResult:
        def proceed(read_input: ReadInput) -> ReadResult:
            return super(_MutantReader, self).read(read_input.request, path_values, choices)

        read_input, hook = ReadInput(self._operation, request), self._exchange.mutant.read
        return hook(self._exchange.context, read_input, proceed) if hook else proceed(read_input)


class _MutantEngine:
    """An engine with the hook of a mutant around it."""

    def __init__(self, exchange: _MutantExchange) -> None:
        self._exchange = exchange

    def perform(self, operation: Operation, execution: Execution) -> Performed:
        def proceed(given: MutantExecution) -> Performed:
            own = given.but()
            performed = self._exchange.engine.perform(given.operation, own)
            own.tell()
            return performed

        given, hook = MutantExecution(operation, execution), self._exchange.mutant.perform
        return hook(self._exchange.context, given, proceed) if hook else proceed(given)


def _as_reply(answer: Answer, now: float) -> WireResponse:
    """Return an answer as it goes over the wire."""
    headers = [("date", formatdate(now, usegmt=True)), *((name.lower(), value) for name, value in answer.headers)]
    content = answer.content()
    if answer.body is not ABSENT:
        headers.append(("content-type", answer.media_type))
    if answer.status != 204:
        headers.append(("content-length", str(len(content))))
    return WireResponse(answer.status, tuple(headers), content)


def _timed(reply: WireResponse, sent_at: float, received_at: float) -> WireResponse:
    return WireResponse(reply.status, reply.headers, reply.body, sent_at, received_at, reply.trouble)
