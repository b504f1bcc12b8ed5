"""A mock in the hands of a test: `Server`, which is reached over a socket, and `App`, which is called in the same process."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mock_server.contract.access.security import Carried
from mock_server.contract.behaviours.profile import Choice
from mock_server.contract.files.flaws import FlawedInput, did_you_mean, piece
from mock_server.contract.files.source import Json, Source
from mock_server.contract.model import Contract
from mock_server.engine.store import Snapshot
from mock_server.engine.values import ABSENT, Absent
from mock_server.exchange.handlers import Handler, check_handlers
from mock_server.exchange.messages import Answer
from mock_server.server.application import Application
from mock_server.server.differences import Wanted
from mock_server.server.faults import Planned, read_fault
from mock_server.server.journal import Entry
from mock_server.server.log import Log
from mock_server.server.mock import Mock
from mock_server.server.serving import address, listen
from mock_server.server.settings import Settings
from mock_server.server.stubs import Stub
from mock_server.testing.masking import Masking
from mock_server.testing.mocks import MOST_KEPT, Configuration, MockFactory, Seed, as_seed
from mock_server.testing.requests import Asked, Requests, as_asked
from mock_server.testing.state import State
from mock_server.testing.thread import ServerThread
from mock_server.testing.webhooks import WebhookInbox

if TYPE_CHECKING:
    import httpx
    from starlette.types import Receive, Scope, Send

T = TypeVar("T")


class Handle:
    """What a test may do with a mock, however it is reached."""

    def __init__(self, factory: MockFactory, configuration: Configuration, settings: Settings) -> None:
        self._factory = factory
        self._settings = replace(settings, journal_size=sys.maxsize, journal_body_size=sys.maxsize)  # until the next reset
        self._configuration = configuration
        self._profile = factory.profile(configuration)
        self._mocks: dict[tuple[int, int], Mock] = {}
        self._application = Application(self._mock_for(configuration), self._settings, Log(settings.log_level))
        self._client: httpx.Client | None = None
        self._making_client = threading.Lock()
        self._handlers: dict[str, Handler] = {}
        self._failures: list[Exception] = []
        self._async_client: httpx.AsyncClient | None = None
        self.requests = Requests(self._asked, self._forget, lambda: self.masking, self._check)
        """What was asked since the last reset; `filter` and `assert_requested` find what they describe."""

        self.webhooks = WebhookInbox(lambda: self._mock, lambda: self._call(lambda: self._mock.webhooks.deliveries()))
        """What the mock sent of itself; `url` is where a test may have it sent, `wait_for` waits for it."""

    @property
    def contract(self) -> Contract:
        """What the document says."""
        return self._mock.contract

    @property
    def profile(self) -> Mapping[str, Choice]:
        """The choices in force, each with its source."""
        return self._mock.profile

    @property
    def tokens(self) -> Mapping[str, str]:
        """A credential for each organization: a token, an API key, or `user:password`."""
        fixtures = self._mock.fixtures
        return {organization: fixtures.token_of(organization) for organization in fixtures.organizations}

    @property
    def token(self) -> str:
        """The credential of the first organization."""
        return next(iter(self.tokens.values()))

    @property
    def masking(self) -> Masking:
        """Masks the tokens of all organizations."""
        return Masking((*self._mock.fixtures.tokens, *self._mock.kept_secrets()))

    @property
    def state(self) -> State:
        """What the mock keeps now."""
        return State(self.snapshot(), self._mock.fixtures.organizations, self.contract.resources)

    def begin(self, configuration: Configuration) -> None:
        """Make everything as `configuration` has it; nothing that happened before leaves a trace."""
        mock, profile = self._mock_for(configuration), self._factory.profile(configuration)
        self._configuration, self._profile = configuration, profile
        self._call(lambda: self._begin(mock, profile))
        for client in (self._client, self._async_client):
            if client is not None:  # other fixtures have other tokens
                client.headers.update(self._credential.fields)
                client.params = client.params.merge(self._credential.query)

    def reset(self) -> None:
        """Make everything as it was when the test began: state, clock, choices; forget requests, faults and stubs."""
        self._call(lambda: self._begin(self._mock, self._profile))

    def seed(self, seed: Seed | str) -> None:
        """Begin again with other fixtures, a file or what stands in one; `reset` returns to these from now on."""
        __tracebackhide__ = True
        try:
            self.begin(replace(self._configuration, seed=as_seed(seed)))
        except FlawedInput as error:
            raise error.with_traceback(None) from None  # the test is shown its own line

    def snapshot(self) -> Snapshot:
        """Return the state, for `restore`."""
        return self._call(self._mock.store.snapshot)

    def restore(self, snapshot: Snapshot) -> None:
        """Make the state that of a snapshot."""
        self._call(lambda: self._mock.store.restore(snapshot))

    def answers(self) -> list[Answer]:
        """Return the answers since the last reset."""
        return [entry.answer for entry in self._entries()]

    def fail_next(
        self,
        status: int = 500,
        *,
        times: int = 1,
        operation: str | None = None,
        organization: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        """Answer the next requests with a status, performing nothing; `operation` and `organization` say which requests."""
        __tracebackhide__ = True
        fault = {"status": status, "times": times, "retry-after": retry_after}
        self.plan({**fault, "match": {"operation": operation, "organization": organization}})

    def delay(
        self, seconds: float, *, times: int | None = None, operation: str | None = None, organization: str | None = None
    ) -> None:
        """Hold answers back, until the next reset unless `times` are said."""
        __tracebackhide__ = True
        fault = {"delay": seconds * 1000, "times": times}
        self.plan({**fault, "match": {"operation": operation, "organization": organization}})

    def plan(self, fault: Mapping[str, Json]) -> None:
        """Plan a fault as a faults file has it: `{"break": "close", "times": 1}`; what is None is left out."""
        __tracebackhide__ = True
        declared = {name: value for name, value in fault.items() if value is not None}
        if "match" in declared:
            declared["match"] = {name: value for name, value in declared["match"].items() if value is not None}
        mock = self._mock
        name = f"fault-{len(mock.faults.list()) + 1}"
        planned = read_fault(Source(Path("fault"), json.dumps(declared)), self.contract, mock.fixtures.organizations, name)
        self._call(lambda: mock.faults.add(planned))

    def stub(
        self,
        *,
        status: int = 200,
        body: Json | Absent = ABSENT,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
        delay: float = 0,
        times: int | None = 1,
        **request: Json,
    ) -> Stub:
        """Answer the requests that match with this answer, once unless `times` says otherwise (None: until the next reset).

        Which requests: `operation`, `method`, `path`, `organization`, `query`, `json`, `containing` as `assert_requested` takes
        them, and `request_headers`. The document need not have them. `delay` is in seconds; `hits` of the stub counts.
        """
        __tracebackhide__ = True
        from mock_server.server.control.canned_answers import read_stub  # few tests need it

        if "request_headers" in request:
            request["headers"] = request.pop("request_headers")
        response: dict[str, Json] = {"status": status, "headers": dict(headers or {}), "text": text, "delay": delay * 1000}
        if body is not ABSENT:
            response["body"] = body
        declared = {"request": request, "response": response, "times": times}
        stub = read_stub(Source(Path("stub"), json.dumps(declared)), self._mock)
        self._call(lambda: self._mock.stubs.add(stub))
        return stub

    def handle(self, operation: str, handler: Handler) -> None:
        """Have a function answer an operation, until the end of the test: it gets the request and the engine (`Handled`)."""
        __tracebackhide__ = True
        check_handlers(self.contract, {operation: handler})
        self._handlers[operation] = handler
        self._call(lambda: self._mock.exchange.handle(self._handlers, self._failures))

    def end_handlers(self) -> None:
        """Have handlers answer no more; raise the first exception that one of them raised."""
        __tracebackhide__ = True
        failure, had = self.first_failure(), bool(self._handlers)
        self._handlers.clear()
        self._failures.clear()
        if had:
            for mock in self._mocks.values():
                self._call(lambda mock=mock: mock.exchange.handle({}, self._failures))  # type: ignore[misc]
        if failure is not None:
            raise failure

    def first_failure(self) -> Exception | None:
        """Return the first exception that a handler raised; None where none did."""
        return self._failures[0] if self._failures else None

    def stubs(self) -> list[Stub]:
        """Return the stubs that were added since the last reset, the latest first, with how often each answered."""
        return self._call(self._mock.stubs.list)

    def faults(self) -> list[Planned]:
        """Return the faults that were planned since the last reset, with how often each happened."""
        return self._call(self._mock.faults.list)

    def freeze_time(self, at: datetime | str | None = None) -> None:
        """Stop the clock of the mock until the next reset, at a time or at the present one; what has no zone is UTC."""
        __tracebackhide__ = True
        try:
            time = datetime.fromisoformat(at) if isinstance(at, str) else at
        except ValueError:
            raise ValueError(f"{piece(at)} is not a time such as 2026-01-15T09:30:00Z") from None
        if time is not None and time.tzinfo is None:
            time = time.replace(tzinfo=UTC)
        self._call(lambda: self._mock.clock.freeze(time))

    def advance_time(self, by: timedelta) -> None:
        """Let the clock of the mock be later by some time, frozen or not."""
        self._call(lambda: self._mock.clock.advance(by))

    def close_clients(self) -> None:
        """Close the clients that were handed out."""
        if self._client is not None:
            self._client.close()
        self._client = self._async_client = None
        self.webhooks.close()

    @property
    def _mock(self) -> Mock:
        return self._application.mock

    @property
    def _credential(self) -> Carried:
        """What a request has to carry to be one of the first organization, where the document says so for most operations."""
        contract, fixtures = self.contract, self._mock.fixtures
        securities = [contract.security, *(operation.security for operation in contract.operations)]
        usual = next((security for security in securities if security.is_required), None)
        if usual is None:
            return contract.schemes[0].carried(self.token)
        return fixtures.carried(fixtures.organizations[0], usual)

    def _call(self, function: Callable[[], T]) -> T:
        """Return what `function` returns, called when no request is being answered."""
        return function()

    def _mock_for(self, configuration: Configuration) -> Mock:
        """Return the mock for document and fixtures of a configuration. It is made once: that takes long."""
        place = (id(self._factory.contract(configuration.document)), id(self._factory.fixtures(configuration)))
        if place not in self._mocks:
            if len(self._mocks) >= MOST_KEPT:
                del self._mocks[next(iter(self._mocks))]
            self._mocks[place] = self._factory.mock(configuration, self._settings)
        return self._mocks[place]

    def _begin(self, mock: Mock, profile: Mapping[str, Choice]) -> None:
        if mock is not self._mock:
            self._application.replace(mock)
        mock.reset()
        if self._handlers:
            mock.exchange.handle(self._handlers, self._failures)
        self.webhooks.forget()
        mock.choose(profile)

    def _entries(self) -> list[Entry]:
        return self._call(lambda: list(self._mock.journal))

    def _asked(self) -> list[Asked]:
        return [as_asked(number, entry) for number, entry in enumerate(self._entries(), 1)]

    def _check(self, wanted: Wanted) -> None:
        """Raise `LookupError` for what the mock does not have: an assertion on it would say nothing."""
        __tracebackhide__ = True
        operations = [operation.id for operation in self.contract.operations]
        for name, known in (("operation", operations), ("organization", self._mock.fixtures.organizations)):
            value = getattr(wanted, name)
            if isinstance(value, str) and value not in known:
                raise LookupError(f"there is no {name} {piece(value)}; {did_you_mean(value, known)}")

    def _forget(self) -> None:
        self._call(self._mock.journal.clear)


class Server(Handle):
    """A mock that serves on a free port, from a thread of this process."""

    def __init__(self, factory: MockFactory, configuration: Configuration, settings: Settings) -> None:
        super().__init__(factory, configuration, settings)
        self._listener = listen(settings.host, settings.port)
        self.url = address(self._listener)
        """Where it is reached: http://127.0.0.1 with its port."""
        self._thread = ServerThread(self._application, self._listener)

    @property
    def client(self) -> httpx.Client:
        """A client with the token of the first organization; the same one for all of a test."""
        with self._making_client:  # threads of a test may ask at once
            if self._client is None:
                from mock_server.testing.clients import client

                self._client = client(self.url, self._credential)
            return self._client

    @property
    def async_client(self) -> httpx.AsyncClient:
        """The same for coroutines; it needs no closing."""
        if self._async_client is None:
            from mock_server.testing.clients import async_client

            self._async_client = async_client(self.url, self._credential)
        return self._async_client

    def __repr__(self) -> str:
        return f"<mock server at {self.url}>"

    def stop(self) -> None:
        """Stop serving, and free the port."""
        self._thread.stop()
        self.webhooks.close()
        self.close_clients()
        self._listener.close()
        for mock in self._mocks.values():
            mock.webhooks.close()

    def _call(self, function: Callable[[], T]) -> T:
        return self._thread.call(function)


class App(Handle):
    """A mock as an ASGI application, for clients in the same process: no socket, no thread."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as an ASGI server asks it to."""
        await self._application(scope, receive, send)

    @property
    def client(self) -> httpx.Client:
        """A client with the token of the first organization; the same one for all of a test."""
        with self._making_client:  # threads of a test may ask at once
            if self._client is None:
                from mock_server.testing.clients import client_of_app

                self._client = client_of_app(self, self._credential)
            return self._client

    @property
    def async_client(self) -> httpx.AsyncClient:
        """The same for coroutines; it needs no closing."""
        if self._async_client is None:
            from mock_server.testing.clients import async_client_of_app

            self._async_client = async_client_of_app(self, self._credential)
        return self._async_client
