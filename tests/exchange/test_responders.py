"""Each operation has a responder; whoever it is, the rest of a request's story stays the same."""

from __future__ import annotations

from dataclasses import replace

from mock_server.contract.problems import Refused
from mock_server.engine.choices import Choices
from mock_server.engine.execution import Execution
from mock_server.engine.values import ABSENT
from mock_server.exchange.authentication import Credentials
from mock_server.exchange.documented import StatusResponder
from mock_server.exchange.exchange import Exchange
from mock_server.exchange.messages import Answer, Request

ASSIGN = "/v2/partners/ptn_northwind/internal-contacts"
ADA = {"email": "ada@acme.example", "internal_role": "account_manager"}


class Around:
    """A responder that the kit does not have: it stands around another one."""

    def __init__(self, inner):
        self.inner = inner
        self.seen = []

    def respond(self, operation, execution):
        answer = self.inner.respond(operation, execution)
        self.seen.append((operation.id, execution.organization, execution.body, answer.status))
        return Answer(203, {"instead": True}, answer.media_type, [], answer.rested_on, operation)


class Refusing:
    """Another one: it refuses everything."""

    def respond(self, operation, execution):
        raise Refused("conflict", "Not today.")


def exchange_with(api, responder_around) -> Exchange:
    class Own(Exchange):
        def responder(self, operation):
            return responder_around(super().responder(operation))

    return Own(api.contract, Credentials({"acme-token": "acme"}))


def answered(exchange: Exchange, api, request: Request) -> Answer:
    store = exchange.engine.new_store(api.store.snapshot())
    return exchange.answer(request, store, Choices(api.choices), api.generator)


def test_a_responder_is_given_what_was_read_and_for_whom(talk):
    api, made = talk(), []
    exchange = exchange_with(api, lambda inner: made.append(Around(inner)) or made[-1])
    answer = answered(exchange, api, api.request("POST", ASSIGN, ADA))

    assert (answer.status, answer.body) == (203, {"instead": True})
    assert [seen for around in made for seen in around.seen] == [(answer.operation.id, "acme", ADA, 200)]


def test_a_responder_is_not_asked_for_what_is_refused_before(talk):
    api, made = talk(), []
    exchange = exchange_with(api, lambda inner: made.append(Around(inner)) or made[-1])
    requests = [api.request("POST", ASSIGN, ADA, "wrong"), api.request("POST", ASSIGN, {}), api.request("GET", "/nowhere")]
    statuses = [answered(exchange, api, asked).status for asked in requests]

    assert all(status >= 400 for status in statuses)
    assert [seen for around in made for seen in around.seen] == []


def test_what_a_responder_refuses_is_told_in_the_shape_of_the_document(talk):
    api = talk(**{"error-format": "detail"})
    exchange = exchange_with(api, lambda inner: Refusing())
    answer = answered(exchange, api, api.request("POST", ASSIGN, ADA))

    assert (answer.status, answer.body) == (409, {"detail": "Not today."})


def test_an_operation_without_a_behaviour_is_answered_from_the_document(talk):
    api = talk()
    silent = tuple(replace(operation, behaviour=None) for operation in api.contract.operations)
    exchange = Exchange(replace(api.contract, operations=silent), Credentials({"acme-token": "acme"}))
    answers = [answered(exchange, api, api.request("POST", ASSIGN, ADA)) for _ in range(2)]

    assert answers[0] == answers[1]
    assert answers[0].status == 200
    assert answers[0].changes == []


def test_an_answer_with_a_status_performs_nothing(talk):
    api = talk()
    operation = api.exchange.operation_of(api.request("POST", ASSIGN))
    unread = Execution(api.store, Choices(api.choices), api.generator, None, {}, ABSENT)
    answers = [
        api.exchange.answer_by(StatusResponder(api.exchange.documented, status, "The weather"), operation, unread)
        for status in (200, 503)
    ]

    assert [answer.status for answer in answers] == [200, 503]
    assert answers[0].headers == [("X-Mock-Made", "example=assignment")]
    assert "The weather" in answers[1].detail
    assert api.store.snapshot() == talk().store.snapshot()
