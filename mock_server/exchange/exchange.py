"""A request's whole story. Start reading here: `Exchange.answer`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mock_server.contract.model import Contract, Operation, is_json
from mock_server.contract.problems import Refused
from mock_server.contract.samples import sample
from mock_server.contract.schemas import NoChoice, Schemas
from mock_server.contract.source import Json
from mock_server.engine.choices import Choices, Undecided
from mock_server.engine.engine import Engine, Performed
from mock_server.engine.making import Making
from mock_server.engine.run import ABSENT, Absent
from mock_server.engine.store import Store
from mock_server.exchange.messages import Answer, Request
from mock_server.exchange.refusals import Refusals
from mock_server.exchange.routing import Routes


@dataclass(frozen=True, slots=True)
class Credentials:
    """Which bearer token stands for which organization; `any_token` is the organization of all other tokens, if any."""

    tokens: Mapping[str, str]
    any_token: str | None = None


class Exchange:
    """Answers requests as a contract says. It holds no state of its own: store, choices and clock are passed in."""

    def __init__(self, contract: Contract, credentials: Credentials) -> None:
        self.contract = contract
        self.credentials = credentials
        self.engine = Engine(contract)
        self.routes = Routes(contract.operations)
        self._refusals = Refusals(contract)
        self._media_types = {
            (operation.id, int(response.status)): response.json_type
            for operation in contract.operations
            for response in operation.responses.values()
            if response.status.isdecimal()
        }
        self._prepared = _prepared_answers(contract)
        self._organizations = {f"Bearer {token}".encode(): owner for token, owner in credentials.tokens.items()}
        realm = "".join(c for c in contract.title if c.isascii() and c.isprintable() and c not in '"\\')
        self._challenge = f'Bearer realm="{realm}"'

    def answer(self, request: Request, store: Store, choices: Choices, making: Making) -> Answer:
        """Return the answer to `request`; a refusal leaves `store` as it was. Raise `Undecided` where a choice is open."""
        operation: Operation | None = None
        try:
            organization = self.authenticate(request) if self.contract.secured else None
            route = self.routes.find(request.method, request.path)
            operation = route.operation
            if operation.secured and organization is None:
                organization = self.authenticate(request)
            parameters, body = route.reader.read(request, route.path_values, route.parameters, choices)
            performed = self.perform(operation, store, choices, making, organization, parameters, body)
            return self.tell(operation, performed, choices)
        except Refused as refused:
            return self._refusals.answer(refused, operation, choices)

    def readings(
        self, request: Request, store: Store, made: Mapping[str, str], making: Making
    ) -> Iterator[tuple[Answer, Mapping[str, str]]]:
        """Yield every answer that some admissible choice leads to, with the choices it rests on; `store` stays as it is.

        `made` holds the choices that are settled already. To follow one of the answers, call `answer` with its choices.
        """
        before = store.snapshot()
        open_choices: list[dict[str, str]] = [{}]
        while open_choices:
            further = open_choices.pop()
            choices = Choices({**made, **further})
            try:
                answer = self.answer(request, store, choices, making)
            except Undecided as undecided:
                name = undecided.assumption
                for choice in reversed(list(self.contract.assumptions[name].choices)):
                    open_choices.append({**further, name: choice})
            else:
                if answer.changes:
                    store.restore(before)
                yield answer, dict(choices.rested_on)

    def authenticate(self, request: Request) -> str:
        """Return the organization that the bearer token stands for (RFC 6750); raise `Refused` without a usable token."""
        known = self._organizations.get(request.headers.get(b"authorization", b""))
        if known is not None:
            return known
        scheme, _, token = request.header(b"authorization").partition(" ")
        token = token.strip(" ")
        if scheme.lower() != "bearer" or not token:
            detail = "Send the header Authorization: Bearer <token>."
            raise Refused("unauthenticated", detail, headers=(("WWW-Authenticate", self._challenge),))
        organization = self.credentials.tokens.get(token, self.credentials.any_token)
        if organization is None:
            challenge = f'{self._challenge}, error="invalid_token"'
            raise Refused("unauthenticated", "The bearer token is not known.", headers=(("WWW-Authenticate", challenge),))
        return organization

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
        """Do what the operation's behaviour says; without one, take the answer that was prepared from the document."""
        if operation.behaviour:
            return self.engine.perform(operation, store, choices, making, organization, parameters, body)
        prepared = self._prepared.get(operation.id)
        if prepared is None:
            detail = f"{operation} declares no behaviour, and no valid example could be made of its schema."
            raise Refused("not-implemented", detail)
        return prepared

    def tell(self, operation: Operation, performed: Performed, choices: Choices) -> Answer:
        """Return what was performed as an answer."""
        status, body, changes = performed
        return Answer(status, body, self._media_types[operation.id, status], [], choices.rested_on, operation, changes)


def _prepared_answers(contract: Contract) -> dict[str, Performed]:
    """Return the answers of operations without a behaviour: their example, or a sample of their schema where that is valid."""
    schemas = Schemas(contract.document, contract.assumptions)
    answers = {}
    for operation in contract.operations:
        statuses = sorted(status for status in operation.responses if status.startswith("2") and status.isdecimal())
        if operation.behaviour or not statuses:
            continue
        response = operation.responses[statuses[0]]
        media = next((media for media in response.content if is_json(media.type)), None)
        if media is None:
            if not response.content:
                answers[operation.id] = Performed(int(statuses[0]), ABSENT, [])
        elif media.examples:
            answers[operation.id] = Performed(int(statuses[0]), next(iter(media.examples.values())), [])
        elif media.schema is None or not schemas.check(media.schema).violations(sample(media.schema), NoChoice()):
            body = {} if media.schema is None else sample(media.schema)
            answers[operation.id] = Performed(int(statuses[0]), body, [])
    return answers
