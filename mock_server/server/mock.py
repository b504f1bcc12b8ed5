"""A mock: a contract, the state it keeps, the choices in force, what goes wrong and what happened so far. Each has its own."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mock_server.contract.access.redaction import Redactor
from mock_server.contract.access.token_urls import token_paths
from mock_server.contract.behaviours.profile import Choice, read_choices
from mock_server.contract.behaviours.secret_members import secret_members
from mock_server.contract.files.flaws import Flaws
from mock_server.contract.files.source import Json, Source
from mock_server.contract.model import Contract
from mock_server.contract.problems import Refused
from mock_server.engine.choices import Choices, Made
from mock_server.engine.execution import Execution
from mock_server.engine.fixtures import Fixtures, no_fixtures, read_fixtures
from mock_server.engine.generating import Generator
from mock_server.engine.loading import read_contract
from mock_server.engine.state import read_state, state_of
from mock_server.engine.values import ABSENT
from mock_server.exchange.authentication import Credentials
from mock_server.exchange.documented import StatusResponder
from mock_server.exchange.exchange import Exchange
from mock_server.exchange.messages import Answer, Request
from mock_server.exchange.refusals import Refusals
from mock_server.exchange.token_endpoint import TokenEndpoint
from mock_server.server.clock import Clock, nanoseconds
from mock_server.server.events import Event, Events
from mock_server.server.faults import Break, Fault, Faults, read_faults
from mock_server.server.journal import Journal
from mock_server.server.settings import Settings
from mock_server.server.stubs import Stub, Stubs
from mock_server.server.webhooks import Webhooks

PARTS = ("fixtures", "state", "requests", "faults", "stubs", "assumptions", "clock")
"""What a reset can make as it was at the start."""


@dataclass(frozen=True, slots=True)
class Failing:
    """An answer that meets a fault, its body as JSON, and how long it is held back."""

    answer: Answer
    content: bytes
    fault: Fault | None
    seconds: float


class Mock:
    """Answers requests and remembers them. `profile` tells each choice with its source."""

    def __init__(
        self,
        contract: Contract,
        fixtures: Fixtures,
        profile: Mapping[str, Choice],
        settings: Settings,
        faults: Iterable[Fault] = (),
    ) -> None:
        self.contract = contract
        self.profile = profile
        self.generator = make_generator(settings)
        self.clock = Clock(self.generator, settings.freeze_time)
        self.events = Events()
        self.faults = Faults(settings.random_seed)
        self.faults.add(*faults)
        self.stubs = Stubs()
        self.webhooks = Webhooks(
            contract.delivery,
            settings.allow_webhooks,
            settings.journal_size,
            settings.journal_body_size,
            lambda: self.generator.clock(),
        )
        self.journal = Journal(settings.journal_size, settings.journal_body_size)
        self._choices = Made({name: entry.choice for name, entry in profile.items()})
        self.redactor = Redactor(contract.schemes, secret_members(contract))
        self._any_token = settings.any_token
        self._longest_body = settings.max_body_size
        self._at_start = (fixtures, dict(profile), tuple(faults))
        self._token_paths = token_paths(contract.document, of_all_hosts=settings.token_endpoint)
        self._take(fixtures)

    @classmethod
    def from_settings(cls, settings: Settings) -> Mock:
        """Return the mock that `settings` describe; raise `FlawedInput` or `ValueError` with all that is wrong."""
        contract = read_contract(*settings.documents, infer=settings.infer)
        flaws, generator, seed, faults = Flaws(), make_generator(settings), settings.seed_path, settings.faults
        unread = contract.unread.assumptions
        profile = flaws.gather(lambda: read_choices(contract.assumptions, settings.profile, settings.assume, unread))
        fixtures = flaws.gather(lambda: read_fixtures(seed, contract, generator)) if seed else no_fixtures()
        organizations = fixtures.organizations if fixtures else None
        planned = flaws.gather(lambda: read_faults(Source.from_path(faults), contract, organizations)) if faults else []
        if settings.strict:
            Refusals(contract).find_all()  # notes error bodies that cannot be filled in
        flaws.gather(lambda: contract.document.flaws.raise_if_any(strict=settings.strict))
        flaws.raise_if_any()
        if profile is None or fixtures is None or planned is None:
            raise LookupError("what could not be read has a flaw")
        return cls(contract, fixtures, profile, settings, planned)

    def answer(self, request: Request) -> tuple[Answer, bytes]:
        """Answer `request` under the profile, and note the exchange in the journal. Return the answer and its body as JSON.

        Faults and stubs are left out; where there are some, or the request asks for a fault, `answer_or_fail` is what to call.
        """
        answer = self.exchange.answer(request, self.store, Choices(self._choices), self.generator)
        content = answer.content()
        noted = self.journal.note(request, answer, content, self._organization_of)
        if self.events.listeners:
            self.events.tell(Event("exchange", self.journal.latest(noted)))
        return answer, content

    def answer_or_fail(self, request: Request) -> Failing:
        """Answer `request` as `answer` does, unless a stub or a fault comes first; what breaks is left to the caller."""
        choices = Choices(self._choices)
        operation, fault = self.exchange.operation_of(request), None
        if self.stubs.added:
            stub = self.stubs.choose(request, operation, self.exchange.organization_of(request))
            if stub is not None:
                return self._stubbed(stub, request, stub.answer(operation, choices.rested_on))
        try:
            fault = self.faults.choose(request, operation, self._organization_of(request))
        except Refused as refused:
            answer = self.exchange.refuse(refused, operation, choices)
        else:
            if fault is None:
                return Failing(*self.answer(request), None, 0)
            if fault.break_ is Break.CLOSE:
                answer = Answer(0, ABSENT, "", [], choices.rested_on, operation, detail=f"The fault {fault.name} closed it.")
            elif fault.status is not None and operation is not None:
                responder = StatusResponder(self.exchange.documented, fault.status, f"The fault {fault.name}")
                unread = Execution(self.store, choices, self.generator, None, {}, ABSENT, request)
                answer = self.exchange.answer_by(responder, operation, unread)
            else:
                answer = self.exchange.answer(request, self.store, choices, self.generator)
        content = answer.content()
        if fault is not None:
            if fault.retry_after is not None:
                others = [(name, value) for name, value in answer.headers if name.lower() != "retry-after"]
                answer.headers = [*others, ("Retry-After", str(fault.retry_after))]
            answer.headers = [*answer.headers, ("X-Mock-Fault", fault.name)]
        noted = self.journal.note(request, answer, content, self._organization_of, fault.name if fault else None)
        if self.events.listeners:
            self.events.tell(Event("exchange", self.journal.latest(noted)))
        return Failing(answer, content, fault, self.faults.seconds(fault.delay) if fault and fault.delay else 0)

    def _stubbed(self, stub: Stub, request: Request, answer: Answer) -> Failing:
        """Return the answer of a stub, which is noted as any other."""
        noted = self.journal.note(request, answer, stub.content, self._organization_of)
        if self.events.listeners:
            self.events.tell(Event("exchange", self.journal.latest(noted)))
        return Failing(answer, stub.content, Fault(stub.id) if stub.seconds else None, stub.seconds)

    def state(self) -> Json:
        """Return the whole state as JSON, for `restore`."""
        return state_of(self.store.snapshot())

    def kept_secrets(self) -> list[str]:
        """Return the secrets that are stored just now: passwords, and what authenticates."""
        snapshot, found = self.store.snapshot(), []
        for resource in self.contract.resources.values():
            names = resource.stored | ({resource.credential.secret} if resource.credential else set())
            records = snapshot.records.get(resource.name, {}).values() if names else ()
            found += [value for held in records for record in held.values() for name in names if (value := record.get(name))]
        return [secret for secret in found if isinstance(secret, str)]

    def restore(self, source: Source) -> None:
        """Make the state what `source` holds; raise `FlawedInput`, and change nothing, when it does not fit the contract."""
        self.store.restore(read_state(source, self.contract, self.fixtures.organizations))
        self.events.changed("state")

    def load(self, fixtures: Fixtures) -> None:
        """Take other fixtures: their organizations and tokens, and their state as the seed."""
        self._take(fixtures)
        self.events.changed("fixtures")

    def choose(self, profile: Mapping[str, Choice]) -> None:
        """Have other choices in force, from the next request on; those that `profile` leaves out stay."""
        self.profile = {**self.profile, **profile}
        self._choices = Made({name: entry.choice for name, entry in self.profile.items()})
        self.events.changed("assumptions")

    @property
    def profile_at_start(self) -> Mapping[str, Choice]:
        """The choices that were in force at the start."""
        return self._at_start[1]

    def reset(self, parts: Collection[str] = PARTS) -> None:
        """Make the named parts as they were at the start; `state` alone is that of the fixtures that were loaded last."""
        fixtures, profile, faults = self._at_start
        if "fixtures" in parts and self.fixtures is not fixtures:
            self.load(fixtures)
        if "state" in parts:
            self.store.reset()
            self.token_endpoint.issued.clear()
            self.generator.restart()
        if "requests" in parts:
            self.journal.clear()
            self.webhooks.clear()
        if "faults" in parts:
            self.faults.clear()
            self.faults.add(*faults)
        if "stubs" in parts:
            self.stubs.clear()
        if "assumptions" in parts:
            self.choose(profile)
        if "clock" in parts:
            self.clock.reset()
        for part in PARTS:
            if part in parts and part not in ("fixtures", "assumptions"):
                self.events.changed(part)

    def files(self) -> list[Path]:
        """Return the files of the document."""
        return self.contract.document.paths_read()

    def _take(self, fixtures: Fixtures) -> None:
        self.fixtures = fixtures
        self.token_endpoint = TokenEndpoint(self._token_paths, fixtures, self.generator)
        self.exchange = Exchange(self.contract, self._credentials(fixtures), longest_body=self._longest_body)
        self.store = self.exchange.engine.new_store(fixtures.seed)
        self._organization_of = partial(self.exchange.organization_of, store=self.store)

    def _credentials(self, fixtures: Fixtures) -> Credentials:
        """Return the credentials of fixtures, and all those that will be handed out."""
        issued, takes_any = self.token_endpoint.issued, self._any_token or fixtures.takes_any
        tokens, limits = ChainMap(issued.tokens, dict(fixtures.tokens)), ChainMap(issued.limits, dict(fixtures.limits))
        return Credentials(tokens, fixtures.organizations[0] if takes_any else None, limits)


def make_generator(settings: Settings) -> Generator:
    """Return the clock and the randomness that `settings` ask for."""
    if settings.freeze_time is None:
        return Generator(random_seed=settings.random_seed)
    frozen = nanoseconds(settings.freeze_time)
    return Generator(clock=lambda: frozen, random_seed=settings.random_seed)
