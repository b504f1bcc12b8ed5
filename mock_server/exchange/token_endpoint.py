"""OAuth 2 for the length of a test: a client's own login code gets tokens that the mock then knows (RFC 6749, RFC 7636).

Nobody is asked to log in: whoever is sent to the authorization endpoint comes back at once with a code. All is kept in memory.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote_plus, urlencode

from mock_server.contract.access.security import CHALLENGE_HEADER
from mock_server.contract.access.security_schemes import HttpBasic, credential_of_user
from mock_server.contract.access.token_urls import TokenPaths
from mock_server.contract.files.source import Json
from mock_server.contract.messages.content_types import FORM, JSON, content_type
from mock_server.engine.credentials import UNLIMITED, Limit
from mock_server.engine.fixtures import Fixtures
from mock_server.engine.generating import Generator
from mock_server.engine.values import ABSENT
from mock_server.exchange.messages import Answer, Request

LIFETIME = 3600
"""Seconds that a client is told that its token lasts. It lasts until the next reset."""

OWN_SCOPES = frozenset({"openid", "offline_access"})
"""Scopes that clients ask for which documents do not list."""

REDIRECT = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
NOT_STORED = [("Cache-Control", "no-store"), ("Pragma", "no-cache")]
CLIENTS = HttpBasic("clients", "clients")


class TokenRefused(Exception):  # noqa: N818 (it is an answer)
    """Raised where no token is given: with an error code of RFC 6749, and what is wrong in words."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True)
class Granted:
    """What a client was granted: on whose behalf it may do what."""

    organization: str
    client: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code: what it is worth, and what has to be shown with it."""

    granted: Granted
    redirect: str
    challenge: str
    method: str


@dataclass(slots=True)
class Issued:
    """What was handed out. `tokens` and `limits` are those of access tokens, in the words of credentials."""

    tokens: dict[str, str] = field(default_factory=dict)
    limits: dict[str, Limit] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    refreshing: dict[str, Granted] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget everything."""
        for held in (self.tokens, self.limits, self.codes, self.refreshing):
            held.clear()


class TokenEndpoint:
    """Answers requests for tokens at some paths, for the organizations of fixtures."""

    def __init__(self, paths: TokenPaths, fixtures: Fixtures, generator: Generator) -> None:
        self.paths = paths
        self.answers_at = paths.token | paths.authorization
        self.issued = Issued()
        self._fixtures = fixtures
        self._generator = generator
        self._users = {text.partition(":")[0]: text for text in fixtures.tokens if _is_user(text, fixtures)}
        self._grants: Mapping[str, Callable[[Mapping[str, str], str, str], Json]] = {
            "client_credentials": self._for_client,
            "password": self._for_password,
            "authorization_code": self._for_code,
            "refresh_token": self._for_refresh_token,
        }

    def answer(self, request: Request) -> Answer:
        """Return the answer to a request to one of the paths."""
        is_token = request.path in self.paths.token
        if is_token and request.method == "POST":
            return self._token(request)
        if request.path in self.paths.authorization and request.method in ("GET", "HEAD"):
            return self._authorization(dict(parse_qsl(request.query)))
        allowed = "POST" if is_token else "GET, HEAD"
        refusal = TokenRefused("invalid_request", f"This is where OAuth 2 clients send {allowed}.")
        return _refusal(405, refusal, ("Allow", allowed))

    def _token(self, request: Request) -> Answer:
        try:
            form = _form(request)
            client, secret = self._client(request, form)
            grant = self._grants.get(form.get("grant_type", ""))
            if grant is None:
                told = f"the grant_type is one of {', '.join(self._grants)}"
                raise TokenRefused("unsupported_grant_type" if "grant_type" in form else "invalid_request", told)
            return Answer(200, grant(form, client, secret), JSON, [*NOT_STORED], {})
        except TokenRefused as refused:
            if refused.error == "invalid_client":
                return _refusal(401, refused, (CHALLENGE_HEADER, CLIENTS.challenge()))
            return _refusal(400, refused)

    def _client(self, request: Request, form: Mapping[str, str]) -> tuple[str, str]:
        """Return the client that asks and its secret; any will do, unless the fixtures know another secret of it."""
        client, secret = form.get("client_id", ""), form.get("client_secret", "")
        shown = CLIENTS.credential(request.headers, "")
        if shown is not None:
            client, _, secret = shown.partition(":")
            if shown not in self._fixtures.tokens:
                client, secret = unquote_plus(client), unquote_plus(secret)
        elif b"authorization" in request.headers:
            raise TokenRefused("invalid_client", f"a client sends {CLIENTS.advice()}, or client_id in the form")
        known = self._users.get(client)
        if known is not None and secret and credential_of_user(client, secret) != known:
            raise TokenRefused("invalid_client", "the client is known by another secret")
        return client, secret

    def _for_client(self, form: Mapping[str, str], client: str, secret: str) -> Json:
        if not client:
            raise TokenRefused("invalid_client", f"send {CLIENTS.advice()}, or client_id in the form")
        credential = credential_of_user(client, secret)
        if self._users and credential not in self._users.values():
            raise TokenRefused("invalid_client", "the client is not one of the users of the fixtures")
        return self._given(self._granted(form, client, credential), is_for_user=False)

    def _for_password(self, form: Mapping[str, str], client: str, secret: str) -> Json:
        credential = credential_of_user(_member(form, "username"), _member(form, "password"))
        if self._users and credential not in self._users.values():
            raise TokenRefused("invalid_grant", "the user name and password are not in the fixtures")
        return self._given(self._granted(form, client, credential))

    def _for_code(self, form: Mapping[str, str], client: str, secret: str) -> Json:
        code = self.issued.codes.pop(_member(form, "code"), None)
        if code is None:
            raise TokenRefused("invalid_grant", "the code is unknown, or was used before")
        if client != code.granted.client:
            raise TokenRefused("invalid_grant", "the code was given to another client")
        if form.get("redirect_uri", code.redirect) != code.redirect:
            raise TokenRefused("invalid_grant", "the code was sent to another redirect_uri")
        if _challenge(form.get("code_verifier", ""), code.method) != code.challenge:
            raise TokenRefused("invalid_grant", "the code_verifier is not the one that the code_challenge was made of")
        return self._given(code.granted)

    def _for_refresh_token(self, form: Mapping[str, str], client: str, secret: str) -> Json:
        token = _member(form, "refresh_token")
        granted = self.issued.refreshing.get(token)
        if granted is None or client != granted.client:
            raise TokenRefused("invalid_grant", "the refresh token is unknown, or was given to another client")
        scopes = frozenset(form["scope"].split()) if "scope" in form else granted.scopes
        if not scopes <= granted.scopes:
            raise TokenRefused("invalid_scope", "a refresh token gives no more scopes than it was given with")
        return self._given(Granted(granted.organization, client, scopes), refresh_token=token)

    def _authorization(self, asked: Mapping[str, str]) -> Answer:
        """Send a user back to its client, who has to be trusted with the place to go to."""
        redirect, client = asked.get("redirect_uri", ""), asked.get("client_id", "")
        if not client or not REDIRECT.fullmatch(redirect) or "#" in redirect:
            told = "a client_id and an absolute redirect_uri without a fragment are needed"
            return _refusal(400, TokenRefused("invalid_request", told))
        told_back: dict[str, Json]
        kind = asked.get("response_type", "")
        try:
            if kind not in ("code", "token"):
                raise TokenRefused("unsupported_response_type", "the response_type is code or token")
            method = asked.get("code_challenge_method", "plain")
            if method not in ("S256", "plain"):
                raise TokenRefused("invalid_request", "the code_challenge_method is S256 or plain")
            user = self._users.get(asked.get("login_hint", ""), self._users.get(client, ""))
            granted = self._granted(asked, client, user)
            if kind == "token":
                told_back = self._given(granted, is_for_user=False)
            else:
                code = self._generator.text()
                self.issued.codes[code] = Code(granted, redirect, asked.get("code_challenge", ""), method)
                told_back = {"code": code}
        except TokenRefused as refused:
            told_back = {"error": refused.error, "error_description": refused.description}
        if "state" in asked:
            told_back["state"] = asked["state"]
        separator = "#" if kind == "token" else "&" if "?" in redirect else "?"
        location = f"{redirect}{separator}{urlencode(told_back)}"
        return Answer(302, ABSENT, "", [("Location", location), *NOT_STORED], {})

    def _granted(self, asked: Mapping[str, str], client: str, credential: str) -> Granted:
        """Return what a client is granted with a credential: what it asks for, as far as the credential is good for that."""
        known = self.paths.scopes
        scopes = frozenset(asked["scope"].split()) if asked.get("scope") else known
        if known and not scopes <= known | OWN_SCOPES:
            unknown = ", ".join(sorted(scopes - known - OWN_SCOPES))
            raise TokenRefused("invalid_scope", f"the document has no scope {unknown}")
        limit = self._fixtures.limits.get(credential, UNLIMITED).scopes
        organization = self._fixtures.tokens.get(credential, self._fixtures.organizations[0])
        return Granted(organization, client, scopes if limit is None else scopes & (limit | OWN_SCOPES))

    def _given(self, granted: Granted, *, is_for_user: bool = True, refresh_token: str = "") -> dict[str, Json]:
        """Hand out an access token, and to a client that acts for a user one to get others with."""
        token = self._generator.text()
        self.issued.tokens[token] = granted.organization
        self.issued.limits[token] = Limit("token", granted.scopes if self.paths.scopes else None)
        answer: dict[str, Json] = {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME}
        if is_for_user:
            answer["refresh_token"] = refresh_token or self._generator.text()
            self.issued.refreshing.setdefault(answer["refresh_token"], granted)
        if granted.scopes:
            answer["scope"] = " ".join(sorted(granted.scopes))
        return answer


def _is_user(credential: str, fixtures: Fixtures) -> bool:
    limit = fixtures.limits.get(credential, UNLIMITED)
    return limit.kind == "username" or (limit.kind is None and ":" in credential)


def _form(request: Request) -> dict[str, str]:
    if content_type(request.header(b"content-type")).essence != FORM or request.body is None:
        raise TokenRefused("invalid_request", f"send a form, as {FORM}")
    try:
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True)
    except ValueError:
        raise TokenRefused("invalid_request", "the form is not UTF-8") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise TokenRefused("invalid_request", "a parameter stands twice")
    return {name: value for name, value in form.items() if value}  # without a value, a parameter is as if left out


def _member(form: Mapping[str, str], name: str) -> str:
    if name not in form:
        raise TokenRefused("invalid_request", f"{name} is missing")
    return form[name]


def _challenge(verifier: str, method: str) -> str:
    """Return the code challenge that is made of a verifier (RFC 7636 section 4.2); nothing of nothing."""
    if method == "plain" or not verifier:
        return verifier
    from hashlib import sha256  # it takes time to import, and few clients log in

    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def _refusal(status: int, refused: TokenRefused, *headers: tuple[str, str]) -> Answer:
    body = {"error": refused.error, "error_description": refused.description}
    return Answer(status, body, JSON, [*NOT_STORED, *headers], {})
