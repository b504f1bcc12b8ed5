"""A client's login code runs against the mock: OAuth 2 tokens are issued where the document has clients ask for them."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

MAILS = """\
openapi: 3.0.3
info: {title: Mails, version: '1'}
servers: [{url: 'https://api.mails.example/v2'}]
security: [{login: ['mails:read']}]
components:
  securitySchemes:
    login:
      type: oauth2
      flows:
        clientCredentials: {tokenUrl: TOKEN, scopes: {'mails:read': Read., 'mails:send': Send.}}
        authorizationCode:
          authorizationUrl: 'https://api.mails.example/oauth/authorize'
          tokenUrl: TOKEN
          refreshUrl: /oauth/refresh
          scopes: {'mails:read': Read.}
paths:
  /mails:
    get: {operationId: listMails, responses: {'204': {description: Mails.}}}
    post: {operationId: sendMail, security: [{login: ['mails:send']}], responses: {'204': {description: Sent.}}}
  /oauth/documented:
    post: {operationId: ownToken, security: [], responses: {'204': {description: The operation itself.}}}
"""
FIXTURES = """\
organizations:
  acme: {tokens: [{username: ann, password: s3cret}, {username: reader, password: r, scopes: ['mails:read']}]}
  globex: {tokens: [{username: bob, password: builder}, 'batch-job:k3y']}
"""
TOKEN = "/oauth/token"
CALLBACK = "http://localhost:3000/callback?from=mock"


class Mails:
    """The API as a client sees it."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, verify=False)

    def ask(self, path: str = TOKEN, auth: tuple[str, str] | None = None, **form: str) -> httpx.Response:
        return self.client.post(path, data=form, auth=auth or httpx.USE_CLIENT_DEFAULT)

    def error(self, **form: str) -> tuple[int, str]:
        response = self.ask(**form)
        return response.status_code, response.json()["error"]

    def calls(self, token: str) -> tuple[int, int, str | None]:
        """Return how reading and sending are answered with a token, and on whose behalf."""
        headers = {"Authorization": f"Bearer {token}"}
        statuses = [self.client.request(method, "/mails", headers=headers).status_code for method in ("GET", "POST")]
        noted = self.client.get("/__admin/requests").json()["requests"][-1]
        return statuses[0], statuses[1], noted["organization"]

    def code(self, **more: str) -> dict[str, list[str]]:
        asked = {"response_type": "code", "client_id": "app", "redirect_uri": CALLBACK, "state": "xyz", **more}
        response = self.client.get("/oauth/authorize", params=asked)
        assert response.status_code == 302
        return parse_qs(urlsplit(response.headers["location"]).query)


@pytest.fixture
def mails(serve_in_thread, tmp_path):
    """Serve the API with fixtures or without, its token URL where the test has it."""
    clients = []

    def mails(*options: str, token_url: str = TOKEN, fixtures: str = "") -> Mails:
        (tmp_path / "mails.yaml").write_text(MAILS.replace("TOKEN", f"'{token_url}'"))
        if fixtures:
            (tmp_path / "fixtures.yaml").write_text(fixtures)
            options = ("--seed", "fixtures.yaml", *options)
        served = Mails(serve_in_thread("mails.yaml", *options).url)
        clients.append(served.client)
        return served

    yield mails
    for client in clients:
        client.close()


def test_a_client_gets_a_token_that_the_mock_knows(mails):
    api = mails(fixtures=FIXTURES)
    response = api.ask(auth=("batch-job", "k3y"), grant_type="client_credentials", scope="mails:read")
    given = response.json()

    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    assert given == {**given, "token_type": "Bearer", "expires_in": 3600, "scope": "mails:read"}
    assert "refresh_token" not in given
    assert api.calls(given["access_token"]) == (204, 403, "globex")
    assert api.calls("another")[:2] == (401, 401)


def test_a_token_that_asks_for_no_scopes_has_those_that_its_user_may_have(mails):
    api = mails(fixtures=FIXTURES)
    ann = api.ask(client_id="app", grant_type="password", username="ann", password="s3cret").json()
    reader = api.ask(client_id="app", grant_type="password", username="reader", password="r").json()

    assert (ann["scope"], reader["scope"]) == ("mails:read mails:send", "mails:read")
    assert api.calls(ann["access_token"]) == (204, 204, "acme")
    assert api.calls(reader["access_token"]) == (204, 403, "acme")


def test_a_user_comes_back_with_a_code_that_is_good_for_one_token(mails):
    api = mails(fixtures=FIXTURES)
    verifier = "a-verifier-that-is-long-enough-for-the-specification"
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    told = api.code(code_challenge=challenge, code_challenge_method="S256", login_hint="bob")
    form = {"grant_type": "authorization_code", "client_id": "app", "redirect_uri": CALLBACK, "code": told["code"][0]}
    given = api.ask(**form, code_verifier=verifier).json()

    assert (told["state"], told["from"]) == (["xyz"], ["mock"])
    assert api.calls(given["access_token"]) == (204, 204, "globex")
    assert api.error(**form, code_verifier=verifier) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "wrong",
    [{"code_verifier": "another"}, {"code_verifier": ""}, {"client_id": "other"}, {"redirect_uri": "http://localhost:3000/"}],
)
def test_a_code_is_good_for_nobody_else(mails, wrong):
    api = mails()
    challenge = base64.urlsafe_b64encode(hashlib.sha256(b"verifier").digest()).decode().rstrip("=")
    code = api.code(code_challenge=challenge, code_challenge_method="S256")["code"][0]
    form = {"grant_type": "authorization_code", "client_id": "app", "code": code, "code_verifier": "verifier", **wrong}

    assert api.error(**form) == (400, "invalid_grant")


def test_a_refresh_token_gives_another_token_and_no_more_scopes(mails):
    api = mails()
    given = api.ask(client_id="app", grant_type="password", username="any", password="body", scope="mails:read").json()
    form = {"grant_type": "refresh_token", "client_id": "app", "refresh_token": given["refresh_token"]}
    again = api.ask("/oauth/refresh", **form).json()

    assert again["access_token"] != given["access_token"]
    assert (again["refresh_token"], again["scope"]) == (given["refresh_token"], "mails:read")
    assert api.calls(again["access_token"]) == (204, 403, "mock")
    assert api.error(**form, scope="mails:send") == (400, "invalid_scope")
    assert api.error(**{**form, "client_id": "other"}) == (400, "invalid_grant")
    assert api.error(**{**form, "refresh_token": "x"}) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "telepathy"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "batch-job", "client_secret": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "x"}, 401, "invalid_client"),
        (
            {"grant_type": "client_credentials", "client_id": "ann", "client_secret": "s3cret", "scope": "all"},
            400,
            "invalid_scope",
        ),
        ({"grant_type": "password", "username": "ann", "password": "wrong"}, 400, "invalid_grant"),
        ({"grant_type": "password", "username": "ann"}, 400, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "made-up"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token"}, 400, "invalid_request"),
    ],
)
def test_what_gets_no_token_is_told_why(mails, form, status, error):
    response = mails(fixtures=FIXTURES).ask(**form)

    assert (response.status_code, response.json()["error"]) == (status, error)
    assert response.headers["cache-control"] == "no-store"
    assert response.headers.get("www-authenticate") == ('Basic realm="clients", charset="UTF-8"' if status == 401 else None)


def test_what_is_no_form_or_no_post_is_refused(mails):
    api = mails()
    as_json = api.client.post(TOKEN, json={"grant_type": "client_credentials"})
    twice = api.client.post(
        TOKEN, content="grant_type=password&grant_type=password", headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    got = api.client.get(TOKEN)

    assert [response.status_code for response in (as_json, twice, got)] == [400, 400, 405]
    assert got.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
    ],
)
def test_a_client_is_told_of_its_mistakes_where_the_user_comes_back(mails, asked, told):
    assert mails().code(**asked)["error"] == [told]


@pytest.mark.parametrize("redirect", ["", "/here", "http://localhost/#there", "http://localhost/\r\nX-Evil: 1"])
def test_nobody_is_sent_to_what_is_no_address(mails, redirect):
    api = mails()
    response = api.client.get(
        "/oauth/authorize", params={"response_type": "code", "client_id": "app", "redirect_uri": redirect}
    )

    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_an_implicit_grant_comes_back_in_the_fragment(mails):
    api = mails()
    asked = {"response_type": "token", "client_id": "app", "redirect_uri": "http://localhost:3000/", "state": "s"}
    location = urlsplit(api.client.get("/oauth/authorize", params=asked).headers["location"])
    told = parse_qs(location.fragment)

    assert (location.query, told["state"], told["token_type"]) == ("", ["s"], ["Bearer"])
    assert api.calls(told["access_token"][0])[0] == 204


@pytest.mark.parametrize(
    ("url", "path", "served"),
    [
        ("/oauth/token", "/oauth/token", True),
        ("/oauth/token", "/v2/oauth/token", True),
        ("oauth/token", "/v2/oauth/token", True),
        ("oauth/token", "/oauth/token", True),
        ("https://api.mails.example/v2/oauth/token", "/oauth/token", True),
        ("https://api.mails.example/login", "/login", True),
        ("http://localhost:4010/login", "/login", True),
        ("https://login.example/token", "/token", False),
        ("https://login.example", "/", False),
    ],
)
def test_tokens_are_issued_where_the_api_is(mails, url, path, served):
    response = mails(token_url=url).ask(path, grant_type="client_credentials", client_id="app")

    assert (response.status_code == 200) == served


def test_tokens_are_issued_in_place_of_other_hosts_where_that_is_asked_for(mails):
    api = mails("--token-endpoint", token_url="https://login.example/as/token")

    assert api.ask("/as/token", grant_type="client_credentials", client_id="app").status_code == 200


def test_a_documented_operation_goes_before(mails):
    response = mails(token_url="/oauth/documented").ask("/oauth/documented", grant_type="client_credentials", client_id="app")

    assert response.status_code == 204


def test_the_same_seed_gives_the_same_tokens_and_a_reset_forgets_them(mails):
    api = mails("--random-seed", "7", fixtures=FIXTURES)
    form = {"grant_type": "client_credentials", "client_id": "ann", "client_secret": "s3cret"}
    first = api.ask(**form).json()["access_token"]
    assert api.calls(first)[0] == 204
    api.client.post("/__admin/reset")

    assert api.calls(first)[0] == 401
    assert api.ask(**form).json()["access_token"] == first


def test_no_token_is_seen_in_the_journal(mails):
    api = mails()
    token = api.ask(grant_type="client_credentials", client_id="app", client_secret="hidden").json()["access_token"]
    api.calls(token)

    noted = api.client.get("/__admin/requests").text
    assert token not in noted
    assert "hidden" not in noted


def test_a_page_of_another_origin_may_ask_for_a_token(mails):
    api = mails()
    response = api.client.post(
        TOKEN, data={"grant_type": "client_credentials", "client_id": "app"}, headers={"Origin": "http://localhost:5173"}
    )

    assert (response.status_code, response.headers["access-control-allow-origin"]) == (200, "http://localhost:5173")
