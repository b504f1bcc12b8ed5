"""A request's whole story. Start reading here: `Exchange.answer`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from mock_server.contract.access.security import SchemeUse, Security
from mock_server.contract.model import Contract, Operation
from mock_server.contract.problems import Refused
from mock_server.engine.choices import Choices, Undecided
from mock_server.engine.credential_records import CredentialRecords
from mock_server.engine.engine import Engine
from mock_server.engine.execution import Execution, SentRequest
from mock_server.engine.generating import Generator
from mock_server.engine.store import Store
from mock_server.engine.values import ABSENT
from mock_server.exchange.authentication import Authenticator, Credentials
from mock_server.exchange.body_reading import LONGEST_BODY
from mock_server.exchange.documented import DocumentedAnswers, DocumentResponder, WishResponder
from mock_server.exchange.documented_headers import DocumentedHeaders
from mock_server.exchange.handlers import Handler, HandlerResponder
from mock_server.exchange.idempotency import IdempotentResponder
from mock_server.exchange.messages import Answer, Request
from mock_server.exchange.reading import Reader
from mock_server.exchange.record_authentication import CallerResponder, RecordAuthenticator
from mock_server.exchange.refusals import Refusals
from mock_server.exchange.responders import BehaviourResponder, Responder, not_supported
from mock_server.exchange.routing import Route, Routes
from mock_server.exchange.wishes import TWIN, Wish


class Exchange:
    """Answers requests as a contract says. It holds no state of its own: store, choices and clock are passed in.

    Without `checks_answers`, it also gives answers that break their schemas, where a behaviour leads to them. A compressed body
    has at most `longest_body` bytes once it is decompressed.
    """

    def __init__(
        self,
        contract: Contract,
        credentials: Credentials,
        *,
        checks_answers: bool = True,
        longest_body: int = LONGEST_BODY,
    ) -> None:
        self.contract = contract
        self._longest_body = longest_body
        self.engine = Engine(contract, checks_answers=checks_answers)
        self.routes = Routes(contract.operations, self.reader)
        self._refusals = Refusals(contract)
        self.documented_headers = DocumentedHeaders(contract)
        self.documented = DocumentedAnswers(contract, self.documented_headers)
        self._by_behaviour = BehaviourResponder(self.engine.perform, contract, self.documented_headers)
        self._from_document = DocumentResponder(self.documented)
        self._records = CredentialRecords(contract.resources, self.engine.layout)
        securities = {contract.security, *(operation.security for operation in contract.operations)}
        authenticators = {security: self.authenticator(security, credentials) for security in securities}
        self._authenticators = {operation.id: authenticators[operation.security] for operation in contract.operations}
        self._responders = {operation.id: self._responder(operation) for operation in contract.operations}
        self._authenticator = authenticators[contract.security]
        shown = [scheme for scheme in contract.schemes if scheme.advice()]
        self._callers = Exchange.authenticator(self, Security(tuple((SchemeUse(scheme),) for scheme in shown)), credentials)

    def authenticator(self, security: Security, credentials: Credentials) -> Authenticator:
        """Return what finds out who calls where `security` is asked for; called once at the start, as are the next two."""
        if any(scheme.name in self._records for scheme in security.schemes):
            return RecordAuthenticator(security, credentials, self._records)
        return Authenticator(security, credentials)

    def reader(self, operation: Operation) -> Reader:
        """Return what reads the requests of an operation."""
        return Reader(operation, self._longest_body)

    def responder(self, operation: Operation) -> Responder:
        """Return who answers the requests of an operation."""
        return self._by_behaviour if operation.behaviour else self._from_document

    def handle(self, handlers: Mapping[str, Handler], failures: list[Exception]) -> None:
        """Have handlers answer these operations, and all others be answered as usual; what they raise goes to `failures`."""
        self._responders = {operation.id: self._responder(operation) for operation in self.contract.operations}
        for id, handler in handlers.items():
            inner = self._responders[id]
            self._responders[id] = HandlerResponder(handler, inner, self.engine, self.documented_headers, failures)

    def _once(self, operation: Operation) -> Responder:
        """Return who answers the requests of an operation, those with a key once."""
        usual = self.responder(operation)
        return IdempotentResponder(usual, operation.idempotency, self._refused) if operation.idempotency else usual

    def _responder(self, operation: Operation) -> Responder:
        responder = self._once(operation)
        if operation.behaviour is None or not operation.behaviour.uses_caller:
            return responder
        return CallerResponder(responder, self._authenticators[operation.id])

    def answer(self, request: Request, store: Store, choices: Choices, generator: Generator) -> Answer:
        """Return the answer to `request`; a refusal leaves `store` as it was. Raise `Undecided` where a choice is open."""
        operation: Operation | None = None
        try:
            route = self.find(request, store, generator)
            operation = route.operation
            organization = self._authenticators[operation.id].identify(request, store, generator)
            if operation.unsupported:
                raise not_supported(operation)  # what it sends may not be readable either
            if (b"prefer" in request.headers or TWIN in request.query) and (wish := Wish.of(request, operation)):
                unread = Execution(store, choices, generator, organization, {}, ABSENT, request)
                return WishResponder(self.documented, wish).respond(operation, unread)
            parameters, body = route.reader.read(request, route.path_values, choices)
            execution = Execution(store, choices, generator, organization, parameters, body, request)
            return self._responders[operation.id].respond(operation, execution)
        except Refused as refused:
            if _asks_for_methods(request, refused):
                return Answer(204, ABSENT, "", list(refused.headers), choices.rested_on)
            return self._refuse(refused, operation, choices, request, generator)

    def readings(
        self, request: Request, store: Store, admissible: Mapping[str, Collection[str]], new_generator: Callable[[], Generator]
    ) -> Iterator[tuple[Answer, Mapping[str, str]]]:
        """Yield every answer that some admissible choice leads to, with the choices it rests on; `store` stays as it is.

        `admissible` holds the choices of each assumption that are still open; all are where it says nothing. Each reading
        has what the server makes from a generator of its own. To follow one of the answers, call `answer` with its choices.
        """
        before = store.snapshot()
        settled = {name: next(iter(choices)) for name, choices in admissible.items() if len(choices) == 1}
        open_choices: list[dict[str, str]] = [settled]  # what is not open has no other reading
        while open_choices:
            made = open_choices.pop()
            choices = Choices(made)
            try:
                answer = self.answer(request, store, choices, new_generator())
            except Undecided as undecided:
                name = undecided.assumption
                for choice in reversed(list(admissible.get(name) or self.contract.assumptions[name].choices)):
                    open_choices.append({**made, name: choice})
            else:
                if answer.changes:
                    store.restore(before)
                yield answer, dict(choices.rested_on)

    def find(self, request: Request, store: Store | None = None, generator: Generator | None = None) -> Route:
        """Return the operation that is meant; raise `Refused` where there is none, which a secured API tells nobody unknown."""
        try:
            return self.routes.find(request.method, request.path, request.query)
        except Refused as refused:
            if not _asks_for_methods(request, refused):
                self._authenticator.identify(request, store, generator)
            raise

    def organization_of(self, request: Request, store: Store | None = None) -> str | None:
        """Return the organization that a request is made for, wherever it goes; None where its credential stands for none.

        Those that are records are looked for in `store`, whether or not they have expired.
        """
        operation = self.operation_of(request)
        own = [self._authenticators[operation.id]] if operation else []
        for authenticator in (self._callers, *own):
            try:
                organization = authenticator.identify(request, store)
            except Refused:
                continue
            if organization is not None:
                return organization
        return None

    def operation_of(self, request: Request) -> Operation | None:
        """Return the operation that a request means; None where there is none."""
        try:
            return self.routes.find(request.method, request.path, request.query).operation
        except Refused:
            return None

    def answer_by(self, responder: Responder, operation: Operation, execution: Execution) -> Answer:
        """Return the answer that a responder has for an operation, whoever usually answers it."""
        try:
            return responder.respond(operation, execution)
        except Refused as refused:
            return self._refused(refused, operation, execution)

    def _refused(self, refused: Refused, operation: Operation, execution: Execution) -> Answer:
        return self._refuse(refused, operation, execution.choices, execution.request, execution.generator)

    def refuse(self, refused: Refused, operation: Operation | None, choices: Choices) -> Answer:
        """Return the answer to a request that is refused before anything else is looked at."""
        return self._refusals.answer(refused, operation, choices)

    def _refuse(
        self, refused: Refused, operation: Operation | None, choices: Choices, request: SentRequest | None, generator: Generator
    ) -> Answer:
        """Return the answer to a request that is refused, with the headers that are documented for it."""
        accept = request.headers.get(b"accept", b"") if request else b""
        answer = self._refusals.answer(refused, operation, choices, accept.decode("latin-1"))
        response = operation.response(answer.status) if operation else None
        if response is not None and response.headers:
            self.documented_headers.add(answer, response, request, generator)
        return answer


def _asks_for_methods(request: Request, refused: Refused) -> bool:
    """Say whether a request asks which methods a path has, and the document leaves that to the mock."""
    return request.method == "OPTIONS" and refused.kind == "method-not-allowed"
