"""Callers are let in by credentials of every kind, as the document asks for them; each test sends real requests."""

from __future__ import annotations

import base64
import shlex
import subprocess

import httpx
import pytest

HEAD = """\
openapi: 3.0.3
info: {title: Parcels, version: '2'}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Parcel-Key}
    queryKey: {type: apiKey, in: query, name: parcel_key}
    session: {type: apiKey, in: cookie, name: sid}
    rawHeader: {type: apiKey, in: header, name: Authorization}
    bearer: {type: http, scheme: bearer, bearerFormat: JWT}
    basic: {type: http, scheme: Basic}
    digest: {type: http, scheme: digest}
    named: {type: http, scheme: token}
    certificate: {type: mutualTLS}
    login:
      type: oauth2
      flows:
        clientCredentials: {tokenUrl: 'https://login.example/token', scopes: {'parcels:read': Look., 'parcels:write': Send.}}
    oidc: {type: openIdConnect, openIdConnectUrl: 'https://login.example/.well-known/openid-configuration'}
    odd: {type: apiKey, in: header, name: Not a header}
paths:
"""
OPERATION = """\
  /{name}:
    get:
      operationId: {name}
      security: {security}
      responses: {{'200': {{description: Fine., content: {{application/json: {{example: {{sent: true}}}}}}}}}}
"""
SECURITIES = {
    "key": "[{key: []}]",
    "query-key": "[{queryKey: []}]",
    "session": "[{session: []}]",
    "raw-header": "[{rawHeader: []}]",
    "bearer": "[{bearer: []}]",
    "basic": "[{basic: []}]",
    "digest": "[{digest: []}]",
    "named": "[{named: []}]",
    "certificate": "[{certificate: []}]",
    "login": "[{login: ['parcels:read']}]",
    "send": "[{login: ['parcels:read', 'parcels:write']}]",
    "oidc": "[{oidc: []}]",
    "either": "[{login: ['parcels:write']}, {key: []}, {session: []}]",
    "both": "[{key: [], bearer: []}]",
    "with-certificate": "[{certificate: [], key: []}]",
    "optional": "[{key: []}, {}]",
    "open": "[]",
    "odd": "[{odd: []}]",
    "nameless": "[{nobody: []}]",
}
PARCELS = HEAD + "".join(OPERATION.format(name=name, security=security) for name, security in SECURITIES.items())

FIXTURES = """\
organizations:
  acme:
    tokens:
      - acme-token
      - {username: ann, password: 's3cret: of ann'}
      - {api-key: acme-key}
      - {token: acme-reader, scopes: ['parcels:read']}
  globex:
    tokens:
      - 'bob:builder'
      - globex-token
      - {api-key: globex-key, scopes: []}
"""


def basic(pair: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class Parcels:
    """The parcel service as it is mocked: what it answers, and on whose behalf."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=url, verify=False)

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return self.client.get(path, headers=headers or {})

    def caller(self, path: str, headers: dict[str, str] | None = None) -> int | str | None:
        """Return the organization that a request is made for, or the status that it is refused with."""
        response = self.get(path, headers)
        if response.status_code != 200:
            return response.status_code
        return self.latest()["organization"]

    def latest(self) -> dict:
        return self.client.get("/__admin/requests").json()["requests"][-1]


@pytest.fixture
def parcels(serve_in_thread, tmp_path):
    """Serve the parcel service with fixtures, or without."""
    (tmp_path / "parcels.yaml").write_text(PARCELS)
    clients = []

    def parcels(fixtures: str = FIXTURES, *options: str) -> Parcels:
        if fixtures:
            (tmp_path / "fixtures.yaml").write_text(fixtures)
            options = ("--seed", "fixtures.yaml", *options)
        served = Parcels(serve_in_thread("parcels.yaml", *options).url)
        clients.append(served.client)
        return served

    yield parcels
    for client in clients:
        client.close()


LET_IN = [
    ("/key", {"X-Parcel-Key": "acme-key"}, "acme"),
    ("/key", {"x-parcel-key": "globex-token"}, "globex"),
    ("/query-key?parcel_key=acme-key", {}, "acme"),
    ("/query-key?other=1&parcel_key=bob%3Abuilder", {}, "globex"),
    ("/session", {"Cookie": "theme=dark; sid=acme-key"}, "acme"),
    ("/session", {"Cookie": "sid=globex-key"}, "globex"),
    ("/raw-header", {"Authorization": "globex-token"}, "globex"),
    ("/raw-header", bearer("globex-token"), "globex"),
    ("/bearer", bearer("acme-token"), "acme"),
    ("/bearer", {"Authorization": "bearer  globex-token"}, "globex"),
    ("/basic", basic("ann:s3cret: of ann"), "acme"),
    ("/basic", basic("bob:builder"), "globex"),
    ("/basic", basic("globex-token:"), "globex"),
    ("/digest", {"Authorization": 'Digest username="bob", response="6629"'}, "acme"),
    ("/named", {"Authorization": "Token globex-token"}, "globex"),
    ("/named", {"Authorization": "Token of-somebody"}, "acme"),
    ("/certificate", {}, "acme"),
    ("/login", bearer("globex-token"), "globex"),
    ("/login", bearer("acme-reader"), "acme"),
    ("/oidc", bearer("acme-reader"), "acme"),
    ("/either", {"X-Parcel-Key": "acme-key"}, "acme"),
    ("/either", {"Cookie": "sid=globex-token"}, "globex"),
    ("/either", {**bearer("acme-reader"), "X-Parcel-Key": "acme-key"}, "acme"),
    ("/either", {**bearer("nobodys"), "X-Parcel-Key": "globex-token"}, "globex"),
    ("/both", {**bearer("acme-token"), "X-Parcel-Key": "acme-key"}, "acme"),
    ("/with-certificate", {"X-Parcel-Key": "globex-key"}, "globex"),
    ("/optional", {}, None),
    ("/optional", {"X-Parcel-Key": "globex-key"}, "globex"),
    ("/open", {}, None),
]


@pytest.mark.parametrize(("path", "headers", "organization"), LET_IN)
def test_a_caller_is_known_by_what_it_shows(parcels, path, headers, organization):
    served = parcels()

    assert served.get(path, headers).status_code == 200
    assert served.latest()["organization"] == organization


KEPT_OUT = [
    ("/key", {}, "Send the header X-Parcel-Key: <key>."),
    ("/key", {"X-Parcel-Key": ""}, "Send the header X-Parcel-Key: <key>."),
    ("/key", {"X-Parcel-Key": "nobodys"}, "The API key is unknown."),
    ("/key", {"X-Parcel-Key": "acme-reader"}, "The API key is unknown."),
    ("/query-key", {"parcel_key": "acme-key"}, "Send the query parameter parcel_key=<key>."),
    ("/session", {"Cookie": "xsid=acme-key; sidx=acme-key"}, "Send the cookie sid=<key>."),
    ("/bearer", bearer("acme-key"), "The bearer token is unknown."),
    ("/bearer", basic("acme-token:"), "Send the header Authorization: Bearer <token>."),
    ("/bearer", bearer("acme-token acme-token"), "Send the header Authorization: Bearer <token>."),
    ("/basic", {}, "Send the header Authorization: Basic <user name:password in Base64>."),
    ("/basic", {"Authorization": "Basic acme-token"}, "Send the header Authorization: Basic <user name:password in Base64>."),
    ("/basic", basic("ann:wrong"), "The user name and password is unknown."),
    ("/basic", basic("acme-key:"), "The user name and password is unknown."),
    ("/digest", {}, "Send the header Authorization: Digest <credential>."),
    ("/digest", bearer("acme-token"), "Send the header Authorization: Digest <credential>."),
    (
        "/both",
        {"X-Parcel-Key": "acme-key"},
        "Send the header X-Parcel-Key: <key> and the header Authorization: Bearer <token>.",
    ),
    ("/both", {**bearer("globex-token"), "X-Parcel-Key": "acme-key"}, "The API key or bearer token is unknown."),
    ("/with-certificate", {}, "Send the header X-Parcel-Key: <key>."),
    ("/optional", {"X-Parcel-Key": "nobodys"}, "The API key is unknown."),
]


@pytest.mark.parametrize(("path", "headers", "detail"), KEPT_OUT)
def test_who_is_kept_out_is_told_what_to_send(parcels, path, headers, detail):
    response = parcels().get(path, headers)

    assert (response.status_code, response.json()["detail"]) == (401, detail)
    assert response.json()["title"] == "A valid credential is required"


CHALLENGES = {
    "/key": ['ApiKey realm="Parcels", in="header", name="X-Parcel-Key"'],
    "/query-key": ['ApiKey realm="Parcels", in="query", name="parcel_key"'],
    "/session": ['ApiKey realm="Parcels", in="cookie", name="sid"'],
    "/basic": ['Basic realm="Parcels", charset="UTF-8"'],
    "/bearer": ['Bearer realm="Parcels"'],
    "/login": ['Bearer realm="Parcels"'],
    "/oidc": ['Bearer realm="Parcels"'],
    "/digest": ['Digest realm="Parcels", qop="auth", nonce="mock"'],
    "/named": ['Token realm="Parcels"'],
    "/either": ['Bearer realm="Parcels"', 'ApiKey realm="Parcels", in="header", name="X-Parcel-Key"', 'ApiKey realm="Parcels", in="cookie", name="sid"'],
    "/both": ['ApiKey realm="Parcels", in="header", name="X-Parcel-Key"', 'Bearer realm="Parcels"'],
}  # fmt: skip


@pytest.mark.parametrize(("path", "challenges"), CHALLENGES.items(), ids=CHALLENGES)
def test_a_refusal_challenges_the_caller_for_each_scheme(parcels, path, challenges):
    assert parcels().get(path).headers.get_list("www-authenticate") == challenges


def test_an_unknown_token_is_called_invalid(parcels):
    assert parcels().get("/oidc", bearer("x")).headers["www-authenticate"] == 'Bearer realm="Parcels", error="invalid_token"'


def test_a_credential_that_lacks_a_scope_is_forbidden(parcels):
    response = parcels().get("/send", bearer("acme-reader"))

    assert (response.status_code, response.headers["content-type"]) == (403, "application/problem+json")
    assert response.json()["detail"] == "The bearer token lacks a scope: this operation needs parcels:read and parcels:write."
    assert response.headers["www-authenticate"] == (
        'Bearer realm="Parcels", error="insufficient_scope", scope="parcels:read parcels:write"'
    )
    assert parcels().get("/send", bearer("acme-token")).status_code == 200


def test_a_document_tells_a_missing_scope_in_its_own_words(serve_in_thread, tmp_path):
    own = "{description: No., content: {application/json: {schema: {type: object, required: [error], properties: {error: {type: string}}}}}}"
    text = PARCELS.replace("      security: [{login: ['parcels:read', 'parcels:write']}]\n      responses: {", f"      security: [{{login: ['parcels:read', 'parcels:write']}}]\n      responses: {{4XX: {own}, ")  # fmt: skip
    assert text != PARCELS
    (tmp_path / "own.yaml").write_text(text)
    (tmp_path / "fixtures.yaml").write_text(FIXTURES)
    served = serve_in_thread("own.yaml", "--seed", "fixtures.yaml")
    response = httpx.get(f"{served.url}/send", headers=bearer("acme-reader"))

    assert response.status_code == 403
    assert response.json() == {"error": "The bearer token lacks a scope: this operation needs parcels:read and parcels:write."}


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/key", {"X-Parcel-Key": "whatever"}),
        ("/query-key?parcel_key=whatever", {}),
        ("/session", {"Cookie": "sid=whatever"}),
        ("/bearer", bearer("whatever")),
        ("/basic", basic("me:whatever")),
        ("/digest", {"Authorization": "Digest whatever"}),
        ("/send", bearer("whatever")),
        ("/both", {**bearer("this"), "X-Parcel-Key": "that"}),
        ("/certificate", {}),
    ],
)
def test_without_fixtures_any_credential_stands_for_the_one_organization(parcels, path, headers):
    served = parcels("")

    assert served.caller(path, headers) == "mock"


@pytest.mark.parametrize("path", ["/key", "/query-key", "/session", "/bearer", "/basic", "/digest", "/both"])
def test_without_fixtures_a_credential_is_needed_all_the_same(parcels, path):
    served = parcels("")

    assert (served.caller(path), served.caller(path, basic(":")), served.caller("/open")) == (401, 401, None)


def test_with_any_token_an_unknown_credential_stands_for_the_first_organization(parcels):
    served = parcels(FIXTURES, "--any-token")

    assert served.caller("/key", {"X-Parcel-Key": "whatever"}) == "acme"
    assert served.caller("/key", {"X-Parcel-Key": "globex-key"}) == "globex"


def test_an_operation_with_a_scheme_that_is_not_supported_says_so(parcels):
    served = parcels("")

    assert [served.get(path).status_code for path in ("/odd", "/nameless", "/open")] == [501, 501, 200]
    assert "the security scheme 'odd' is not supported" in served.get("/odd").json()["detail"]
    assert "there is no security scheme 'nobody'" in served.get("/nameless").json()["detail"]


def test_no_credential_is_seen_in_the_journal(parcels):
    served = parcels()
    asked = [
        ("/key", {"X-Parcel-Key": "acme-key"}),
        ("/query-key?parcel_key=acme-key&parcel%5Fkey=globex-key", {}),
        ("/session", {"Cookie": "sid=acme-key"}),
        ("/basic", basic("bob:builder")),
        ("/raw-header", {"Authorization": "acme-token"}),
        ("/digest", {"Authorization": 'Digest username="bob", response="acme-token"'}),
    ]
    for path, headers in asked:
        assert served.get(path, headers).status_code == 200
    noted = served.client.get("/__admin/requests")

    secrets = ("acme-key", "globex-key", "acme-token", "bob", basic("bob:builder")["Authorization"][6:])
    assert not [secret for secret in secrets if secret in noted.text]
    assert [entry["query"] for entry in noted.json()["requests"]][1] == "parcel_key=***&parcel%5Fkey=***"


@pytest.mark.parametrize("fixtures", [FIXTURES, ""], ids=["fixtures", "none"])
def test_every_command_that_is_shown_at_the_start_works(parcels, fixtures):
    served = parcels(fixtures)
    listed = served.client.get("/__admin/operations").json()["operations"]
    commands = {operation["id"]: operation["example"]["curl"] for operation in listed if operation["example"]}

    assert set(SECURITIES) - set(commands) == {"odd", "nameless"}
    for command in commands.values():
        told = subprocess.run([*shlex.split(command), "-s"], capture_output=True, text=True, check=True)
        assert told.stdout == '{"sent":true}'


def test_fixtures_are_shown_as_they_were_written_and_can_be_loaded_again(parcels):
    served = parcels()
    shown = served.client.get("/__admin/fixtures").json()

    assert shown["organizations"]["acme"]["tokens"] == [
        "acme-token",
        {"username": "ann", "password": "s3cret: of ann"},
        {"api-key": "acme-key"},
        {"token": "acme-reader", "scopes": ["parcels:read"]},
    ]
    assert served.client.put("/__admin/fixtures", json=shown).status_code == 204
    assert served.client.get("/__admin/fixtures").json() == shown
    assert served.caller("/basic", basic("ann:s3cret: of ann")) == "acme"
