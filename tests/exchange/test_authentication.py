"""Who calls is asked of security schemes. Another scheme than today's one touches nothing but itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import parse_qs, quote

import pytest

from mock_server.contract.access.redaction import Redactor
from mock_server.contract.access.security import Carried, SchemeUse, Security
from mock_server.contract.access.security_schemes import HttpBearer
from mock_server.contract.problems import Refused
from mock_server.engine.choices import Choices
from mock_server.exchange.authentication import Authenticator, Credentials
from mock_server.exchange.exchange import Exchange
from mock_server.exchange.messages import Answer, Request

CREDENTIALS = Credentials({"acme-token": "acme", "globex-token": "globex"})


@dataclass(frozen=True)
class KeyInQuery:
    """A scheme that the kit does not have."""

    name: str = "key"
    noun: str = "key"
    kind: str = "api-key"
    word: str = "Key"
    is_taken_as_given: bool = False
    secret_headers: frozenset[str] = frozenset()
    secret_parameters: frozenset[str] = frozenset({"letmein"})

    def carried(self, credential):
        return Carried(query=(("letmein", credential),))

    def credential(self, headers, query):
        return parse_qs(query).get("letmein", [None])[0]

    def advice(self):
        return "the query parameter letmein=<key>"

    def challenge(self, *, is_unknown=False, scopes=()):
        return "Key"


BEARER = HttpBearer("bearer", "The API")
KEY = KeyInQuery()

EITHER = Security(((SchemeUse(BEARER),), (SchemeUse(KEY),)))
BOTH = Security(((SchemeUse(BEARER), SchemeUse(KEY)),))


def request(token: str | None = None, key: str | None = None) -> Request:
    headers = {} if token is None else {b"authorization": b"Bearer " + token.encode()}
    return Request("GET", "/", "" if key is None else f"letmein={quote(key)}", headers)


def answered(exchange: Exchange, api, request: Request) -> Answer:
    store = exchange.engine.new_store(api.store.snapshot())
    return exchange.answer(request, store, Choices(api.choices), api.generator)


@pytest.mark.parametrize("asked", [request("acme-token"), request(key="acme-token"), request("wrong", "acme-token")])
def test_one_of_several_alternatives_is_enough(asked):
    assert Authenticator(EITHER, CREDENTIALS).identify(asked) == "acme"


@pytest.mark.parametrize(
    "asked",
    [request("acme-token"), request(key="acme-token"), request("acme-token", "globex-token"), request("acme-token", "wrong")],
)
def test_all_schemes_of_an_alternative_have_to_tell_of_the_same_organization(asked):
    authenticator = Authenticator(BOTH, CREDENTIALS)

    assert authenticator.identify(request("acme-token", "acme-token")) == "acme"
    with pytest.raises(Refused):
        authenticator.identify(asked)


def test_nobody_is_asked_where_an_alternative_asks_for_nothing():
    assert Authenticator(Security(((SchemeUse(BEARER),), ())), CREDENTIALS).identify(request()) is None


def test_a_refusal_tells_every_way_to_be_let_in():
    with pytest.raises(Refused) as refused:
        Authenticator(EITHER, CREDENTIALS).identify(request())

    assert refused.value.detail == "Send the header Authorization: Bearer <token> or the query parameter letmein=<key>."
    assert refused.value.headers == (("WWW-Authenticate", 'Bearer realm="The API"'), ("WWW-Authenticate", "Key"))


def test_an_unknown_credential_is_told_apart_from_none():
    with pytest.raises(Refused) as refused:
        Authenticator(EITHER, CREDENTIALS).identify(request(key="wrong"))

    assert refused.value.detail == "The bearer token or key is unknown."


@pytest.mark.parametrize("security", [EITHER, BOTH])
def test_what_a_security_says_that_a_request_carries_lets_it_in(security):
    carried = security.carried("globex-token")
    headers = {name.lower().encode(): value.encode() for name, value in carried.headers}
    asked = Request("GET", "/", "&".join(f"{name}={value}" for name, value in carried.query), headers)

    assert Authenticator(security, CREDENTIALS).identify(asked) == "globex"


def test_an_operation_is_authenticated_as_its_own_security_says(talk):
    api = talk()
    keyed = [replace(operation, security=Security(((SchemeUse(KEY),),))) for operation in api.contract.operations]
    exchange = Exchange(replace(api.contract, operations=tuple(keyed)), CREDENTIALS)
    asked = api.request("PATCH", "/v2/internal-contacts/ict_grace", {"phone": None})
    statuses = [
        answered(exchange, api, replace(asked, headers={}, query=query)).status
        for query in ("letmein=acme-token", "letmein=wrong", "")
    ]

    assert answered(exchange, api, asked).status == 401
    assert statuses[0] != 401
    assert statuses[1:] == [401, 401]


def test_what_a_scheme_calls_secret_is_hidden():
    redactor = Redactor([BEARER, KEY])

    assert redactor.query("a=1&letmein=acme-token&b=2") == "a=1&letmein=***&b=2"
    assert redactor.headers({"authorization": "Bearer acme-token", "accept": "*/*"}) == {
        "authorization": "Bearer ***",
        "accept": "*/*",
    }
